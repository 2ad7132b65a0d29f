import Foundation
import LLMService

/// A value and its lock.
final class Locked<Value>: @unchecked Sendable {
    private var value: Value
    private let lock = NSLock()

    init(_ value: Value) { self.value = value }

    func with<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try self.lock.withLock { try body(&self.value) }
    }
}

/// Something that happens once, on a thread, and that a task waits for.
final class Happening<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    init() { (self.stream, self.continuation) = AsyncStream.makeStream() }

    func tell(_ value: Value) {
        self.continuation.yield(value)
        self.continuation.finish()
    }

    var value: Value? {
        get async { await self.stream.first { _ in true } }
    }
}

/// The error that `body` throws.
func failure<Result>(of body: () async throws -> Result) async -> LLMError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? LLMError
    }
}

/// Reads a stream to its end.
func pieces(of stream: AsyncThrowingStream<ChatChunk, any Error>) async throws -> [ChatChunk] {
    var pieces: [ChatChunk] = []
    for try await piece in stream { pieces.append(piece) }
    return pieces
}
