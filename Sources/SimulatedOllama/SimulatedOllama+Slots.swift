import EventLoop
import HTTPServer
import Vocabulary

extension SimulatedOllama {
    /// A place at a loaded model.
    struct Slot {
        let ticket: Scheduler.Ticket
        /// How long the model was waited for; a wait for a slot of a loaded one is not in it (`ollama.md` 3).
        let load: Duration
    }

    /// Waits for a slot, as long as it takes; no answer begins meanwhile (`ollama.md` 1.7).
    func slot(for model: SimulatedModel, _ job: Job, _ context: Int, _ answering: Answering) async throws -> Slot {
        let shiftHash: UInt64 = job.shifts ? 0 : 1
        return try await self.slot(
            .init(
                file: model.name.lowercased(),
                options: .init(contextLength: context, rest: job.options.loadHash ^ shiftHash),
                slots: model.can(.completion) ? self.options.slots : 1, keepAlive: job.keepAlive,
                loadTime: answering.faults.loadTime ?? self.options.loadTime, failsToLoad: model.isDamaged),
            answering.exchange)
    }

    private func slot(_ need: Scheduler.Need, _ exchange: HTTPExchange) async throws -> Slot {
        let began = self.timers.now
        self.ticketNumber += 1
        let ticket = Scheduler.Ticket(number: self.ticketNumber)
        let admission = self.scheduler.submit(ticket, need, at: began)
        switch admission {
        case .running:
            self.schedulerHasMoved()
            return Slot(ticket: ticket, load: .zero)
        case .refused: throw Failure.serverBusy
        case .waiting: break
        }
        let waiter = Waiter<SlotOutcome>()
        self.slotWaiters[ticket] = waiter
        exchange.onClientGone = { [weak self] in self?.abandon(ticket) }
        self.schedulerHasMoved()
        let outcome = await waiter.wait()
        exchange.onClientGone = nil
        switch outcome {
        case .started(let afterLoad): return Slot(ticket: ticket, load: afterLoad ? self.timers.now - began : .zero)
        case .loadFailed: throw Failure.loadFailed("blk.1.ffn_down.weight")
        case .clientGone: throw Gone()
        }
    }

    private func abandon(_ ticket: Scheduler.Ticket) {
        self.scheduler.abandoned(ticket, at: self.timers.now)
        self.slotWaiters.removeValue(forKey: ticket)?.resume(.clientGone)
        self.schedulerHasMoved()
    }

    func release(_ slot: Slot) {
        self.scheduler.finished(slot.ticket, at: self.timers.now)
        self.schedulerHasMoved()
    }

    /// Lets `time` pass. Throws if the client leaves meanwhile.
    func pause(_ time: Duration, _ exchange: HTTPExchange) async throws {
        guard time > .zero else { return }
        let waiter = Waiter<Bool>()
        let timer = self.timers.schedule(after: time) { waiter.resume(true) }
        exchange.onClientGone = { waiter.resume(false) }
        guard await waiter.wait() else {
            timer.cancel()
            throw Gone()
        }
        exchange.onClientGone = nil
    }
}
