import Dialects
import EventLoop
import HTTPServer
import Outbound
import Residency
import Routing
import Vocabulary

/// Lives through one inference request: tells each event to the `RequestMachine` and runs the actions that come back.
/// It decides nothing.
///
/// What the backend sends is told from within the transfer's callback; a task resumed for every piece of an answer
/// would cost more than all that is done with it. Everything else comes through the inbox, one event at a time, since
/// it is told while others are being dealt with.
@LoopActor
final class RequestRun {
    private enum Event: Sendable {
        case seated(Seat)
        case refused(DispatchRefusal)
        case clientGone
        case clientCaughtUp
        case queueWaitOver
        case deadlineReached
        case cancelled
        case stopped
        /// The request has ended outside of the task.
        case ended
    }

    let record: RequestRecord
    private let node: Node
    private let client: Client
    private let body: RequestBody
    private let resolution: Resolution
    private let deadline: Instant?

    private var machine: RequestMachine
    private let inbox = Inbox<Event>()
    private var timers: [TimerToken] = []

    /// The backend of the attempt under way: after a reload another may have its name.
    private var asked: Backend?
    private var transfer: Transfer?
    private var reader: AnswerReader?
    private var head: AnswerHead?
    private var held: [UInt8] = []
    private var isEnded = false
    /// One wait at a time: chunks that were already on their way find it under way.
    private var isWaitingForClient = false

    init(
        _ record: RequestRecord, node: Node, client: Client, order: RequestOrder
    ) {
        self.record = record
        self.node = node
        self.client = client
        self.body = order.body
        self.resolution = order.resolution
        self.deadline = order.deadline
        self.machine = RequestMachine(
            request: record.id, models: order.resolution.models, priority: order.priority, deadline: order.deadline,
            holding: order.body.streams ? .stream : .whole,
            slowAfter: node.configuration.limits.firstByte / 2)
    }

    /// From the beginning to the end.
    func run() async {
        self.client.exchange.onClientGone = { [weak self] in self?.inbox.push(.clientGone) }
        if let deadline { self.schedule(.deadlineReached, at: deadline) }
        self.perform(self.machine.begun(budget: &self.node.fleet.budget, at: self.node.now))
        while !self.isEnded { self.handle(await self.inbox.next()) }
        for timer in self.timers { timer.cancel() }
    }

    /// An operator ends it.
    func cancel() {
        self.inbox.push(.cancelled)
    }

    /// The node stops and waits no longer.
    func stop() {
        self.inbox.push(.stopped)
    }

    private func schedule(_ event: Event, at instant: Instant) {
        self.timers.append(
            self.node.timers.schedule(after: instant - self.node.now) { [weak self] in self?.inbox.push(event) })
    }

    // MARK: Events

    private func handle(_ event: Event) {
        let now = self.node.now
        switch event {
        case .seated(let seat):
            self.perform(self.machine.seated(seat, budget: &self.node.fleet.budget, at: now))
        case .refused(let refusal):
            self.perform(self.machine.refused(refusal, at: now))
        case .clientGone where self.client.exchange.goneReason == .clientTooSlow:
            self.perform(self.machine.clientTooSlow(at: now))
        case .clientGone:
            self.perform(self.machine.clientLeft(at: now))
        case .clientCaughtUp:
            self.transfer?.resume()
        case .queueWaitOver:
            self.perform(self.machine.queueWaitOver(retryAfter: self.retryAfter, at: now))
        case .deadlineReached:
            self.perform(self.machine.deadlineReached(retryAfter: self.retryAfter, at: now))
        case .cancelled:
            self.perform(self.machine.operatorCancelled(at: now))
        case .stopped:
            self.perform(self.machine.drainDeadlineReached(at: now))
        case .ended:
            break
        }
    }

    private var retryAfter: Duration {
        self.node.fleet.dispatcher.retryAfter(for: self.resolution.models)
    }

    /// Nothing comes after the end, or from a transfer that was cancelled. What comes for a client that has gone is of
    /// no use: the inbox has that news, which ends the request.
    private func handle(_ event: TransferEvent) {
        if self.client.exchange.isClientGone { return }
        let now = self.node.now
        switch event {
        case .head(let head):
            self.head = head
            self.perform(
                self.machine.answerBegan(
                    status: head.status, retryAfter: head.retryAfterSeconds.map { .seconds($0) },
                    budget: &self.node.fleet.budget, at: now))
        case .body(let bytes):
            self.received(bytes, at: now)
        case .end(let end):
            self.transfer = nil
            self.perform(self.machine.attemptEnded(self.judged(end), budget: &self.node.fleet.budget, at: now))
        }
    }

    /// The path of every chunk.
    private func received(_ bytes: [UInt8], at now: Instant) {
        self.record.bytesIn += bytes.count
        var out: [UInt8] = []
        var signs: AnswerSigns = []
        if self.isRefusal { out = bytes } else { signs = self.reader?.consume(bytes, into: &out) ?? [] }
        switch self.machine.answerContinued(
            signs, bytes: bytes.count, budget: &self.node.fleet.budget, at: now)
        {
        case .hold:
            self.held += out
        case .commit:
            self.held += out
            self.begin()
        case .relay:
            self.relay(out)
        case .discard:
            break
        case .fail(let actions):
            self.perform(actions)
        }
    }

    /// Sends the head and what was held; more follows.
    private func begin() {
        self.client.begin(streamed: self.body.streams, self.record)
        self.relay(self.held)
        self.held = []
    }

    /// Sends an answer in one piece, which is all here.
    private func answerWhole() {
        self.client.answer(self.held, self.record)
        self.held = []
    }

    private func relay(_ bytes: [UInt8]) {
        if bytes.isEmpty { return }
        self.client.exchange.write(bytes)
        guard self.client.exchange.bytesQueued > Bounds.streamBuffer.count, let transfer, !self.isWaitingForClient
        else { return }
        self.isWaitingForClient = true
        transfer.pause()
        _ = startTask { [weak self] in await self?.waitForClient() }
    }

    /// A client that has gone tells so itself.
    private func waitForClient() async {
        let hasCaughtUp = await self.client.exchange.drained()
        self.isWaitingForClient = false
        if hasCaughtUp { self.inbox.push(.clientCaughtUp) }
    }

    /// The backend answers with an error, whose body is not an answer of the endpoint.
    private var isRefusal: Bool { (self.head?.status ?? 200) >= 400 }

    /// What the reader makes of the answer's end.
    private func judged(_ end: TransferEnd) -> AttemptEnd {
        switch end {
        case .failed(let failure):
            return .failed(failure.reason, detail: failure.detail)
        case .completed where self.isRefusal:
            // A path that an older server does not know is a 404 in plain text; one in JSON means the model
            // (`ollama.md` 2, and 3 "Errors").
            let isMissing = self.head?.status == 404 && OllamaAnswers.errorMessage(self.held) != nil
            return .completed(isMissing ? .modelMissing : [], detail: nil)
        case .completed:
            let signs = self.reader?.finish(into: &self.held) ?? []
            return .completed(signs, detail: self.reader?.errorMessage)
        }
    }

    // MARK: Actions

    private func perform(_ actions: [RequestMachine.Action]) {
        let isWhole = actions.contains { if case .finish = $0 { true } else { false } }
        for action in actions { self.perform(action, endsHere: isWhole) }
    }

    private func perform(_ action: RequestMachine.Action, endsHere: Bool) {
        switch action {
        case .enterQueue(let order): self.enter(order)
        case .awaitSeat(let until): self.schedule(.queueWaitOver, at: until)
        case .leaveQueue: self.node.fleet.abandon(self.record.id)
        case .attempt(let seat, let number): self.begin(seat, number)
        case .cancelTransfer: self.cancelTransfer()
        case .discardHeld:
            self.held = []
            self.head = nil
        case .releaseSeat(let seat, let outcome):
            self.noteUsage()
            self.node.fleet.leave(seat, outcome, asked: self.asked)
            self.asked = nil
        case .quarantine(let backend):
            self.node.fleet.quarantine(backend, "an answer for request \(self.record.id) came from outside")
        case .commit:
            if endsHere, !self.body.streams { self.answerWhole() } else { self.begin() }
        case .passOn(let status): self.client.passOn(status: status, self.held, self.record)
        case .answer(let failure): self.client.refuse(failure, self.record)
        case .finish:
            self.relay(self.held)
            self.client.exchange.finish()
        case .breakOff(let failure): self.client.breakOff(failure, self.body.endpoint, streamed: self.body.streams)
        case .cutClient: self.client.exchange.abort()
        case .end(let ending): self.end(ending)
        }
    }

    private func enter(_ order: Dispatcher.Order) {
        let now = self.node.now
        switch self.node.fleet.enter(order, for: self) {
        case .seated(let seat): self.perform(self.machine.seated(seat, budget: &self.node.fleet.budget, at: now))
        case .queued: self.perform(self.machine.queued(at: now))
        case .refused(let refusal): self.perform(self.machine.refused(refusal, at: now))
        }
    }

    /// Makes the body for this backend, gets the grant and sends it.
    private func begin(_ seat: Seat, _ number: Int) {
        self.record.seat = seat
        self.record.attemptsBegun = number
        do throws(Refusal) {
            let prepared = try self.node.prepare(self.body, for: seat, self.resolution)
            let grant = try self.node.grant(prepared, for: seat, self.record.id, attempt: number)
            self.record.dropped = prepared.dropped
            self.reader = AnswerReader(
                endpoint: self.body.endpoint, streamed: self.body.streams,
                options: .init(
                    hidesUsage: !self.body.wantsUsage, sentModel: prepared.plan.sentModel,
                    shownModel: prepared.plan.servedModel))
            self.asked = self.node.fleet[seat.backend]
            self.transfer = self.node.outbound.send(grant, limits: self.node.transferLimits) { [weak self] event in
                self?.handle(event)
            }
        } catch {
            self.perform(
                self.machine.attemptRefused(
                    error.reason, error.message, budget: &self.node.fleet.budget, at: self.node.now))
        }
    }

    private func cancelTransfer() {
        self.transfer?.cancel()
        self.transfer = nil
    }

    private func noteUsage() {
        if let usage = self.reader?.usage { self.record.usage = usage }
    }

    private func end(_ ending: RequestMachine.Ending) {
        self.isEnded = true
        self.inbox.push(.ended)
        self.record.ending = ending
        self.record.seat = nil
        self.record.bytesOut = self.client.exchange.bodyBytesSent
        self.node.settle(self.record)
    }
}

extension RequestRun: Fleet.Waiting {
    func seated(_ seat: Seat) { self.inbox.push(.seated(seat)) }
    func refused(_ refusal: DispatchRefusal) { self.inbox.push(.refused(refusal)) }
}
