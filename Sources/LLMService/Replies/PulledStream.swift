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
final class PulledStream<Source: Sendable>: Sendable {
    private enum State {
        case idle(Source)  // Next: busy.
        case busy  // A reader waits. Next: idle or over.
        case over
    }

    private let state: Protected<State>
    private let next: @Sendable (inout Source) async throws(LLMError) -> ChatChunk?

    private init(_ source: Source, _ next: @escaping @Sendable (inout Source) async throws(LLMError) -> ChatChunk?) {
        self.state = Protected(.idle(source))
        self.next = next
    }

    static func stream(
        from source: Source, _ next: @escaping @Sendable (inout Source) async throws(LLMError) -> ChatChunk?
    ) -> AsyncThrowingStream<ChatChunk, any Error> {
        let pulled = PulledStream(source, next)
        return AsyncThrowingStream { try await pulled.pull() }
    }

    private func pull() async throws(LLMError) -> ChatChunk? {
        let taken: Source? = self.state.withLock { state in
            switch state {
            case .idle(let source):
                state = .busy
                return source
            case .busy: preconditionFailure("two tasks read one stream at once")
            case .over: return nil
            }
        }
        guard var source = taken else { return nil }
        do throws(LLMError) {
            let chunk = try await self.next(&source)
            self.state.withLock { [source] in $0 = chunk == nil ? .over : .idle(source) }
            return chunk
        } catch {
            self.state.withLock { $0 = .over }
            throw error
        }
    }
}
