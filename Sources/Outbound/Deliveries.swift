import EventLoop

/// Hands events to those who wait for them, outside of libcurl: inside one of its callbacks a transfer could be
/// neither begun nor ended (CURLM_RECURSIVE_API_CALL), and whoever gets an event may want to do both.
@LoopActor
final class Deliveries {
    private var ready: [Transfer] = []
    /// Takes turns with `ready`, so that neither is allocated anew.
    private var telling: [Transfer] = []
    private var resumed: [Transfer] = []
    private var isDelivering = false
    private var isScheduled = false
    private var isWaitingForTurn = false
    private let loopTimers = LoopTimers()

    /// `transfer` has something to tell.
    func add(_ transfer: Transfer) {
        if transfer.isReady { return }
        transfer.isReady = true
        self.ready.append(transfer)
    }

    /// Tells what is ready now. What becomes ready meanwhile is told soon: a chain of transfers that answer at once
    /// must not keep the loop from everything else.
    func deliver() {
        if self.isDelivering { return }
        self.isDelivering = true
        swap(&self.ready, &self.telling)
        for transfer in self.telling {
            transfer.isReady = false
            transfer.deliver()
        }
        self.telling.removeAll(keepingCapacity: true)
        self.isDelivering = false
        self.deliverSoon()
    }

    /// For callers who must not be called back before they have returned.
    func deliverSoon() {
        if self.isScheduled || self.ready.isEmpty && self.resumed.isEmpty { return }
        self.isScheduled = true
        startTask {
            self.isScheduled = false
            self.catchUp()
        }
    }

    /// `transfer` goes on, soon: libcurl hands over what it kept from within `curl_easy_pause`.
    func resumeSoon(_ transfer: Transfer) {
        self.resumed.append(transfer)
        self.deliverSoon()
    }

    /// The same after the loop has looked at everything else.
    func resumeNextTurn(_ transfer: Transfer) {
        self.resumed.append(transfer)
        if self.isWaitingForTurn { return }
        self.isWaitingForTurn = true
        self.loopTimers.schedule(after: .zero) {
            self.isWaitingForTurn = false
            self.catchUp()
        }
    }

    private func catchUp() {
        let resumed = self.resumed
        self.resumed.removeAll(keepingCapacity: true)
        for transfer in resumed { transfer.goOn() }
        self.deliver()
    }
}
