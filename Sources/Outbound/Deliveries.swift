import EventLoop

/// Hands events to those who wait for them, outside of libcurl: inside one of its callbacks a transfer could be
/// neither begun nor ended (CURLM_RECURSIVE_API_CALL), and whoever gets an event may want to do both.
@LoopActor
final class Deliveries {
    private var ready: [Transfer] = []
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

    /// Tells everything that is ready, and what becomes ready meanwhile. Inside itself it leaves that to the outer one.
    func deliver() {
        if self.isDelivering { return }
        self.isDelivering = true
        var index = 0
        while index < self.ready.count {
            let transfer = self.ready[index]
            transfer.isReady = false
            transfer.deliver()
            index += 1
        }
        self.ready.removeAll(keepingCapacity: true)
        self.isDelivering = false
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
