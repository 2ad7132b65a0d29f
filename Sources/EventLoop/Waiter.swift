/// One task that waits on the loop for one value, which a callback brings.
///
/// A continuation resumed twice corrupts memory; here the second `resume` finds nobody and says so. In debug builds
/// the checked continuation also tells of one that is never resumed.
@LoopActor
public final class Waiter<Value: Sendable> {
    @usableFromInline var continuation: Continuation<Value>?
    @usableFromInline var early: Value?

    /// Nobody waits yet.
    @inlinable
    public init() {}

    /// Suspends until `resume`; at once if that has come first. One task at a time.
    @inlinable
    public func wait() async -> Value {
        precondition(self.continuation == nil, "two tasks wait for one value")
        if let value = self.early {
            self.early = nil
            return value
        }
        return await Continuation.suspend { self.continuation = $0 }
    }

    /// Hands `value` to the waiting task, which goes on after the present callback; without one it is kept for the
    /// next `wait`, a later value replacing an earlier. Says whether a task was waiting.
    @discardableResult @inlinable
    public func resume(_ value: Value) -> Bool {
        guard let waiting = self.continuation else {
            self.early = value
            return false
        }
        self.continuation = nil
        waiting.resume(value)
        return true
    }
}

/// The checked continuation in debug builds, the unsafe one in release, which costs a quarter less (`runtime.md` 2).
/// Both types here are inlinable, so that the modules above specialize them: a task waits several times per request.
@safe @usableFromInline
struct Continuation<Value: Sendable> {
    #if DEBUG
        @usableFromInline typealias Base = CheckedContinuation<Value, Never>
    #else
        @usableFromInline typealias Base = UnsafeContinuation<Value, Never>
    #endif

    @usableFromInline let base: Base

    #if DEBUG
        @inlinable
        init(_ base: Base) { self.base = base }

        @inlinable
        static func suspend(_ body: (Continuation) -> Void) async -> Value {
            await withCheckedContinuation { body(Continuation($0)) }
        }

        @inlinable
        func resume(_ value: Value) { self.base.resume(returning: value) }
    #else
        @inlinable
        init(_ base: Base) { unsafe self.base = base }

        @inlinable
        static func suspend(_ body: (Continuation) -> Void) async -> Value {
            unsafe await withUnsafeContinuation { unsafe body(Continuation($0)) }
        }

        @inlinable
        func resume(_ value: Value) { unsafe self.base.resume(returning: value) }
    #endif
}
