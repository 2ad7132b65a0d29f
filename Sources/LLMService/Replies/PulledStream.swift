import Foundation

/// A value and the lock that guards it; `Mutex` would ask for macOS 15.
final class Protected<Value>: @unchecked Sendable {
    private var value: Value
    private let lock = NSLock()

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try self.lock.withLock { try body(&self.value) }
    }
}

/// A stream that is made while it is read: nothing happens before somebody reads, and nothing piles up behind a reader
/// that is slow. The source is let go of with the stream, so that its `deinit` ends what is under way.
final class PulledStream<Source: Sendable>: @unchecked Sendable {
    private enum State {
        case idle  // Next: busy.
        case busy  // A reader waits. Next: idle or over.
        case over
    }

    private let state = Protected(State.idle)
    /// Belongs to whoever has made the state busy; changed in place, since a copy would cost more than the change.
    private var source: Source?
    private let next: @Sendable (inout Source) async throws(LLMError) -> ChatChunk?

    private init(_ source: Source, _ next: @escaping @Sendable (inout Source) async throws(LLMError) -> ChatChunk?) {
        self.source = source
        self.next = next
    }

    static func stream(
        from source: Source, _ next: @escaping @Sendable (inout Source) async throws(LLMError) -> ChatChunk?
    ) -> AsyncThrowingStream<ChatChunk, any Error> {
        let pulled = PulledStream(source, next)
        return AsyncThrowingStream { try await pulled.pull() }
    }

    private func pull() async throws(LLMError) -> ChatChunk? {
        guard self.begin() else { return nil }
        do throws(LLMError) {
            let chunk = try await self.next(&self.source!)
            self.end(isOver: chunk == nil)
            return chunk
        } catch {
            self.end(isOver: true)
            throw error
        }
    }

    /// False: it is over.
    private func begin() -> Bool {
        self.state.withLock { state in
            switch state {
            case .idle:
                state = .busy
                return true
            case .busy: preconditionFailure("two tasks read one stream at once")
            case .over: return false
            }
        }
    }

    private func end(isOver: Bool) {
        if isOver { self.source = nil }
        self.state.withLock { $0 = isOver ? .over : .idle }
    }
}

/// Reads the stream of another service, piece by piece. Its errors are ours.
final class ChunkReader: @unchecked Sendable {
    // Only one task at a time gets here: a `PulledStream` sees to it.
    private var iterator: AsyncThrowingStream<ChatChunk, any Error>.Iterator

    init(_ stream: AsyncThrowingStream<ChatChunk, any Error>) { self.iterator = stream.makeAsyncIterator() }

    /// The next piece; `nil` is the end.
    func next() async throws(LLMError) -> ChatChunk? {
        nonisolated(unsafe) var iterator = self.iterator
        defer { self.iterator = iterator }
        do { return try await iterator.next() } catch { throw LLMError(wrapping: error) }
    }
}
