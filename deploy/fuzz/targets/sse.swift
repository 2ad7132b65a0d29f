import Dialects

/// The slices of a stream joined are its bytes, and its events have the same data however it is cut.
struct Reading: Equatable {
    var events: [[UInt8]] = []
    var isTooLong = false
}

func check(_ bytes: [UInt8]) {
    _ = expectSame(bytes) { pieces in
        var splitter = SSESplitter()
        var reading = Reading()
        var joined: [UInt8] = []
        for piece in pieces where !reading.isTooLong {
            splitter.append(piece)
            do {
                while let slice = try splitter.next() {
                    joined += slice
                    let event = SSEEvent(slice)
                    if event.hasData { reading.events.append(Array(event.data)) }
                }
            } catch {
                reading.isTooLong = true
            }
        }
        if !reading.isTooLong { precondition(joined + splitter.rest() == bytes, "bytes were lost or invented") }
        return reading
    }
}
