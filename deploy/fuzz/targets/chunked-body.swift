import HTTPServer

/// A chunked body is decoded or refused alike however it is cut, and never grows past its bound.
struct Reading: Equatable {
    var body: [UInt8]?
    var failure: HTTPFailure?
    var rest: [UInt8] = []
}

func check(_ bytes: [UInt8]) {
    _ = expectSame(bytes) { pieces in
        var decoder = ChunkedDecoder(bodyMax: 1000)
        var reading = Reading()
        var body: [UInt8] = []
        for piece in pieces where reading.failure == nil {
            do throws(HTTPFailure) {
                let taken = try decoder.consume(piece.span, into: &body)
                precondition(taken == piece.count || decoder.isComplete)
                reading.rest += piece[taken...]
            } catch {
                reading.failure = error
            }
        }
        precondition(body.count == decoder.decodedCount && body.count <= 1000)
        if decoder.isComplete, reading.failure == nil { reading.body = body }
        return reading
    }
}
