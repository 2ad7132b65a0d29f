import Vocabulary

/// Takes one request's body off the connection, however it is delimited.
struct BodyDecoder: Sendable {
    private enum Kind {
        case length(left: Int)
        case chunked(ChunkedDecoder)
    }

    private var kind: Kind

    /// `bodyMax` bounds a chunked body; one with a length is known beforehand.
    init(_ framing: BodyFraming, bodyMax: Int) {
        switch framing {
        case .none: self.kind = .length(left: 0)
        case .length(let length): self.kind = .length(left: length)
        case .chunked: self.kind = .chunked(ChunkedDecoder(bodyMax: bodyMax))
        }
    }

    var isComplete: Bool {
        switch self.kind {
        case .length(let left): left == 0
        case .chunked(let decoder): decoder.isComplete
        }
    }

    /// The bytes that are still to come; `nil` if only the end of a chunked body will tell.
    var bytesLeft: Int? {
        switch self.kind {
        case .length(let left): left
        case .chunked(let decoder): decoder.isComplete ? 0 : nil
        }
    }

    /// Takes what belongs to the body, hands its data to `take`, and returns how many bytes of `input` it took.
    mutating func consume(_ input: Span<UInt8>, _ take: (Span<UInt8>) -> Void) throws(HTTPFailure) -> Int {
        switch self.kind {
        case .length(let left):
            let run = min(left, input.count)
            if run > 0 { take(input.extracting(0..<run)) }
            self.kind = .length(left: left - run)
            return run
        case .chunked(var decoder):
            let taken = try decoder.consume(input, take)
            self.kind = .chunked(decoder)
            return taken
        }
    }
}
