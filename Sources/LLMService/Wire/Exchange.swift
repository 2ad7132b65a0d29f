import Foundation

/// One request under way, between the transport that hears of it and the one task that waits for its answer.
final class Exchange: Sendable {
    private struct Inner {
        var state: ExchangeState
        var reader: CheckedContinuation<Void, Never>?
        var cancel: (@Sendable () -> Void)?
        /// Not a sleeping task: one that is cancelled stays in memory until it would have woken.
        var timer: (any DispatchSourceTimer)?
    }

    private static let timers = DispatchQueue(label: "LLMService.timers")

    private let inner: Protected<Inner>

    init(_ limits: ExchangeState.Limits) {
        self.inner = Protected(Inner(state: ExchangeState(limits, startedAt: .now)))
    }

    deinit { self.inner.withLock { $0.timer?.cancel() } }

    /// Watches the time from now on. `cancel` ends the transfer.
    func start(cancelling cancel: @escaping @Sendable () -> Void) {
        self.inner.withLock { inner in
            let timer = DispatchSource.makeTimerSource(queue: Self.timers)
            timer.setEventHandler { [weak self] in self?.timerFired() }
            timer.activate()
            inner.timer = timer
            inner.cancel = cancel
        }
        self.setTimer()
    }

    /// Each byte moves the deadline back, and the timer looks only when an earlier one has come. What brings it forward
    /// sets the timer.
    private func setTimer() {
        self.inner.withLock { inner in
            guard let deadline = inner.state.deadline else {
                inner.timer?.cancel()
                inner.timer = nil
                return
            }
            let wait = ContinuousClock.now.duration(to: deadline) / .nanoseconds(1)
            inner.timer?.schedule(deadline: .now() + .nanoseconds(max(Int(wait), 0)))
        }
    }

    private func timerFired() {
        self.change { $0.timePassed(to: .now) }
        self.setTimer()
    }

    // MARK: What the transport tells

    func headCame(_ head: AnswerHead) {
        self.change { state in
            state.headCame(head, at: .now)
            return false
        }
        self.setTimer()
    }

    func bytesCame(_ bytes: Data) {
        self.change { !$0.bytesCame(bytes, at: .now) }
    }

    func ended(_ error: LLMError?) {
        self.change { state in
            state.ended(error)
            return false
        }
        self.inner.withLock { $0.cancel = nil }
        self.setTimer()
    }

    /// Does anybody know status and headers?
    var hasBegun: Bool { self.inner.withLock { $0.state.head != nil } }

    // MARK: What the reader does

    /// Waits for status and headers.
    func head() async throws(LLMError) -> AnswerHead {
        while true {
            if let head = self.inner.withLock(\.state.head) { return try head.get() }
            await self.news { $0.head != nil }
        }
    }

    /// Waits for more of the body; `nil` is its end.
    func next() async throws(LLMError) -> Data? {
        while true {
            let taken = self.inner.withLock { inner in
                Result { () throws(LLMError) in try inner.state.take() }
            }
            guard let data = try taken.get() else { return nil }
            if !data.isEmpty { return data }
            await self.news { $0.hasNews }
        }
    }

    /// Nobody reads any more.
    func leave() {
        self.change { state in
            let isUnderWay = state.isUnderWay
            state.fail(LLMError(.cancelled, "the task was cancelled"))
            return isUnderWay
        }
    }

    /// All that counts has been read.
    func settle() {
        self.inner.withLock { $0.state.settle(at: .now) }
        self.setTimer()
    }

    private func news(_ isThere: @escaping @Sendable (ExchangeState) -> Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = self.inner.withLock { inner in
                    if isThere(inner.state) { return true }
                    precondition(inner.reader == nil, "two tasks wait for one answer")
                    inner.reader = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            self.leave()
        }
    }

    /// Something happened; `event` says whether the transfer is to be ended.
    private func change(_ event: (inout ExchangeState) -> Bool) {
        let (cancel, reader) = self.inner.withLock { inner in
            let cancel = event(&inner.state) ? inner.cancel : nil
            let reader = inner.reader
            inner.reader = nil
            return (cancel, reader)
        }
        reader?.resume()
        cancel?()
    }
}
