import HTTPServer

/// A head is read or refused alike however it is cut; what is read keeps the rules that its readers rely on.
struct Reading: Equatable {
    var head: RequestHead?
    var failure: HTTPFailure?
    var rest: [UInt8] = []
}

func check(_ bytes: [UInt8]) {
    let reading = expectSame(bytes) { pieces in
        var parser = RequestHeadParser()
        var reading = Reading()
        for piece in pieces where reading.failure == nil {
            if reading.head != nil {
                reading.rest += piece
                continue
            }
            let step = parser.consume(piece.span)
            switch step.outcome {
            case .incomplete: precondition(step.consumed == piece.count)
            case .refused(let failure): reading.failure = failure
            case .complete(let head):
                reading.head = head
                reading.rest = Array(piece[step.consumed...])
            }
        }
        return reading
    }
    guard let head = reading.head else { return }
    precondition(head.bytes + reading.rest == bytes)
    precondition(head.bytes.suffix(4) == [13, 10, 13, 10])
    for (index, byte) in head.bytes.enumerated() where byte < 0x20 || byte == 0x7F {
        switch byte {
        case 9: break
        case 13: precondition(head.bytes[index + 1] == 10)
        case 10: precondition(index > 0 && head.bytes[index - 1] == 13)
        default: preconditionFailure("a control character was let in")
        }
    }
    precondition(head.headers(named: "host").count == 1 || head.version == .http10)
    precondition(head.headers(named: "content-length").count <= 1)
    switch head.framing {
    case .chunked: precondition(head.version == .http11 && head.header("content-length") == nil)
    case .none, .length: precondition(head.header("transfer-encoding") == nil)
    }
    precondition(head.path.first == UInt8(ascii: "/") || head.isMethod("OPTIONS"))
}
