import Foundation

/// A POST.
struct HTTPRequest: Sendable {
    var url: URL
    var headers: [String: String]
    var body: Data
    /// Is a streamed answer wanted? A whole one begins when it is complete, so that its beginning has no bound.
    var streams: Bool
    /// The caller's patience.
    var timeout: Duration?

    func limits(_ options: ConnectionOptions) -> ExchangeState.Limits {
        let whole = min(self.timeout ?? options.wholeMax, options.wholeMax)
        return ExchangeState.Limits(
            firstByte: self.streams ? options.firstByteMax : whole, silence: options.silenceMax, whole: whole,
            bytesMax: options.answerBytesMax)
    }
}

/// An answer that has begun. Letting go of it ends its request.
final class HTTPAnswer: Sendable {
    let head: AnswerHead
    private let exchange: Exchange
    /// It lasts as long as its answers.
    private let transport: any Transport

    init(_ head: AnswerHead, _ exchange: Exchange, over transport: any Transport) {
        self.head = head
        self.exchange = exchange
        self.transport = transport
    }

    deinit { self.exchange.leave() }

    /// More of the body; `nil` is its end.
    func next() async throws(LLMError) -> Data? { try await self.exchange.next() }

    /// The whole body, or its first `most` bytes.
    func body(most: Int = .max) async throws(LLMError) -> Data {
        var body = Data()
        while body.count < most, let more = try await self.exchange.next() { body.append(more) }
        return body.prefix(most)
    }

    /// All that counts has come: the server may end its answer in peace.
    func settle() { self.exchange.settle() }
}
