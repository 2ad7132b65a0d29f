import Dialects

/// The lines of a stream joined are its bytes, the same lines however it is cut.
struct Reading: Equatable {
    var lines: [[UInt8]] = []
    var isTooLong = false
}

func check(_ bytes: [UInt8]) {
    _ = expectSame(bytes) { pieces in
        var splitter = NDJSONSplitter()
        var reading = Reading()
        for piece in pieces where !reading.isTooLong {
            splitter.append(piece)
            do {
                while let line = try splitter.next() { reading.lines.append(Array(line)) }
            } catch {
                reading.isTooLong = true
            }
        }
        if !reading.isTooLong {
            precondition(Array(reading.lines.joined()) + splitter.rest() == bytes, "bytes were lost or invented")
        }
        return reading
    }
}
