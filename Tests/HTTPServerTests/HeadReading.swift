import Testing

@testable import HTTPServer

/// What came of one input: the head or the refusal, and what followed the head.
struct Reading: Hashable, CustomStringConvertible {
    var head: RequestHead?
    var failure: HTTPFailure?
    var rest: [UInt8] = []

    var description: String {
        if let failure { return "refused: \(failure.reason) \(failure.message)" }
        return head == nil ? "incomplete" : "a head and \(rest.count) bytes"
    }

    /// Hands the pieces over one after the other.
    init(pieces: [ArraySlice<UInt8>]) {
        var parser = RequestHeadParser()
        for piece in pieces {
            if self.failure != nil { continue }
            if self.head != nil {
                self.rest += piece
                continue
            }
            let step = parser.consume(Array(piece).span)
            switch step.outcome {
            case .incomplete: #expect(step.consumed == piece.count)
            case .complete(let head):
                self.head = head
                self.rest = Array(piece.dropFirst(step.consumed))
            case .refused(let failure): self.failure = failure
            }
        }
    }

    init(_ bytes: [UInt8]) {
        self.init(pieces: [bytes[...]])
    }

    init(_ text: String) {
        self.init(Array(text.utf8))
    }
}

/// Reads the bytes whole, in two pieces for every place to cut, and byte by byte: all must agree.
@discardableResult
func expectSameForEverySplit(_ bytes: [UInt8], _ note: Comment? = nil) -> Reading {
    let whole = Reading(bytes)
    for cut in bytes.indices {
        let split = Reading(pieces: [bytes[..<cut], bytes[cut...]])
        if split != whole {
            Issue.record("cut at \(cut): \(split), whole: \(whole). \(note ?? "")")
            return whole
        }
    }
    #expect(Reading(pieces: bytes.indices.map { bytes[$0...$0] }) == whole, note)
    return whole
}

func text(_ bytes: (some Collection<UInt8>)?) -> String? {
    bytes.map { String(decoding: $0, as: UTF8.self) }
}
