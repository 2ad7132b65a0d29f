import EventLoop
import Testing

/// Runs `body` as the daemon runs its handlers: as a task that prefers the loop. Afterwards as many handles are open as
/// before.
func onLoop<T: Sendable>(
    _ body: @escaping @LoopActor @Sendable () async throws -> T,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> T {
    UVLoop.main.runOnOwnThread()
    return try await withCheckedThrowingContinuation { continuation in
        startTask {
            let before = UVLoop.main.liveHandles
            let result: Result<T, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            await handlesClosed()
            #expect(UVLoop.main.liveHandles == before, "handles leaked", sourceLocation: sourceLocation)
            continuation.resume(with: result)
        }
    }
}

/// Waits for libuv to call back for what has been closed, which it does at the end of a turn; a sleep takes at least one.
@LoopActor func handlesClosed() async {
    for _ in 0..<2 { await LoopTimers().sleep(for: .zero) }
}

/// A variable of the loop that several tasks share.
@LoopActor final class Box<Value> {
    var value: Value
    init(_ value: Value) { self.value = value }
}

/// All tests that use the loop stand in this suite, one after another, so that counts of handles mean something.
@Suite(.serialized, .timeLimit(.minutes(2))) struct OnTheLoop {}
