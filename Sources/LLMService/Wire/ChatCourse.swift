import Foundation

/// A streamed chat as it goes on.
struct ChatCourse<API: Dialect>: Sendable {
    private enum Stage {
        case asking
        case reading(HTTPAnswer)
        case failed(LLMError)  // To be thrown when all that was said before has been told.
        case over
    }

    private let service: HTTPService<API>
    private let request: ChatRequest
    private var stage = Stage.asking
    private var dropped: [String] = []
    private var splitter: RecordSplitter
    private var reading = API.Reading()
    private var chunks: ArraySlice<ChatChunk> = []

    init(_ service: HTTPService<API>, _ request: ChatRequest) {
        self.service = service
        self.request = request
        self.splitter = RecordSplitter(API.framing, lineBytesMax: service.lineBytesMax)
    }

    mutating func next() async throws(LLMError) -> ChatChunk? {
        while true {
            if let chunk = self.chunks.popFirst() { return chunk }
            switch self.stage {
            case .asking: try await self.ask()
            case .reading(let answer):
                do throws(LLMError) { try await self.read(answer) } catch {
                    self.chunks = self.reading.draft.takeChunks()[...]
                    self.stage = .failed(error.asked(answer.head.origin))
                }
            case .failed(let error): throw error
            case .over: return nil
            }
        }
    }

    private mutating func ask() async throws(LLMError) {
        let wire = try self.service.dialect.chat(self.request, streams: true)
        self.dropped = wire.dropped
        self.stage = .reading(
            try await self.service.send(wire, self.request.tags, self.request.timeout, streams: true))
    }

    /// Reads until there is something to tell.
    private mutating func read(_ answer: HTTPAnswer) async throws(LLMError) {
        guard let bytes = try await answer.next() else {
            if let last = self.splitter.last() { _ = try self.record(last) }
            return try self.finish(answer)
        }
        self.splitter.append(bytes)
        while let record = try self.splitter.next() {
            if try self.record(record) { return try self.finish(answer) }
        }
        self.chunks = self.reading.draft.takeChunks()[...]
    }

    private mutating func record(_ data: Data) throws(LLMError) -> Bool {
        do { return try self.reading.record(data) } catch { throw LLMError(reading: error) }
    }

    /// The stream is over: with a whole answer, or without.
    private mutating func finish(_ answer: HTTPAnswer) throws(LLMError) {
        guard self.reading.draft.stop != nil else {
            throw LLMError(.malformedAnswer, "the stream ended before the answer did")
        }
        answer.settle()
        let reply = self.reading.draft.finish(from: answer.head.origin.dropping(self.dropped))
        self.chunks = (self.reading.draft.takeChunks() + [.done(reply)])[...]
        self.stage = .over
    }
}
