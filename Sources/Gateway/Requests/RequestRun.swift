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
        case firstTokenDue
        case deadlineReached
        case cancelled
        case stopped
        /// The request has ended outside of the task.
        case ended

        /// Is it the dispatcher's answer to an order?
        var answersOrder: Bool {
            switch self {
            case .seated, .refused: true
            case .clientGone, .clientCaughtUp, .queueWaitOver, .firstTokenDue, .deadlineReached, .cancelled, .stopped,
                .ended:
                false
            }
        }
    }

    let record: RequestRecord
    let node: Node
    let order: RequestOrder
    private let client: Client
    private var body: RequestBody { self.order.body }

    var machine: RequestMachine
    private let inbox = Inbox<Event>()
    private var timers: [TimerToken] = []

    /// The backend of the attempt under way: after a reload another may have its name.
    private var asked: Backend?
    /// The body for the place outside that is being weighed.
    var candidate: Node.Prepared?
    /// The send outside that is under way.
    var departure: Departure?
    /// The policy that the request was classified under.
    var classifier: Verdict.Source?
    private var transfer: Transfer?
    /// The transfer of the attempt, also when it is over.
    private(set) var sent: Transfer?
    /// The status of its answer, if one came.
    private(set) var statusSeen: Int?
    private var reader: AnswerReader?
    /// The backend of the attempt speaks another dialect than the client.
    private var isTranslated = false
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
        self.order = order
        self.classifier = node.departures.policy.source
        self.machine = order.machine(record.id, limits: node.configuration.limits.machine)
    }

    /// From the beginning to the end.
    func run() async {
        self.client.exchange.onClientGone = { [weak self] in self?.inbox.push(.clientGone) }
        if let deadline = self.order.deadline { self.schedule(.deadlineReached, at: deadline) }
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
        case .firstTokenDue:
            let since = self.machine.seat.flatMap { self.node.fleet[$0.backend]?.loadedSince[$0.model] }
            self.perform(
                self.machine.firstTokenDue(loadedSince: since, budget: &self.node.fleet.budget, at: now))
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
        self.node.fleet.dispatcher.retryAfter(for: self.order.resolution.models)
    }

    /// Nothing comes after the end, or from a transfer that was cancelled. What comes for a client that has gone is of
    /// no use: the inbox has that news, which ends the request.
    private func handle(_ event: TransferEvent) {
        if self.client.exchange.isClientGone { return }
        let now = self.node.now
        switch event {
        case .head(let head):
            self.head = head
            self.statusSeen = head.status
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
            if Self.breaksOff(actions) { self.relay(out) }
            self.perform(actions)
        }
    }

    /// Does the client, whose answer has begun, get its end now? What came before the fault in the same bytes is its own,
    /// unless it came from outside.
    private static func breaksOff(_ actions: [RequestMachine.Action]) -> Bool {
        actions.contains { if case .breakOff(let failure) = $0 { failure.reason != .remoteModel } else { false } }
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
            return self.refused(self.head?.status ?? 0)
        case .completed:
            let signs = self.reader?.finish(into: &self.held) ?? []
            return .completed(signs, detail: self.reader?.errorMessage)
        }
    }

    /// What the body of an error answer tells beside its status.
    private func refused(_ status: Int) -> AttemptEnd {
        switch status {
        case 400 where self.record.isExternal:
            return .completed(ProviderErrors.refusesKey(self.held) ? .keyRefused : [], detail: nil)
        case 404 where !self.record.isExternal:
            // A path that an older server does not know is a 404 in plain text; one in JSON means the model
            // (`ollama.md` 2, and 3 "Errors").
            return .completed(ProviderErrors.message(self.held) == nil ? [] : .modelMissing, detail: nil)
        case 429, 503:
            let seconds = ProviderErrors.retryDelaySeconds(self.held)
            return .completed([], detail: nil, retryAfter: seconds.map { .seconds($0) })
        default:
            return .completed([], detail: nil)
        }
    }

    // MARK: Actions

    func perform(_ actions: [RequestMachine.Action]) {
        let isWhole = actions.contains { if case .finish = $0 { true } else { false } }
        var ending: RequestMachine.Ending?
        if case .end(let found)? = actions.last { ending = found }
        for action in actions { self.perform(action, endsHere: isWhole, ending) }
    }

    private func perform(_ action: RequestMachine.Action, endsHere: Bool, _ ending: RequestMachine.Ending?) {
        switch action {
        case .enterQueue(let order): self.enter(order)
        case .awaitSeat(let until): self.schedule(.queueWaitOver, at: until)
        case .leaveQueue:
            self.node.fleet.abandon(self.record.id)
            self.inbox.forget(where: \.answersOrder)
        case .attempt(let seat, let number): self.begin(seat, number)
        case .awaitFirstToken(let until): self.schedule(.firstTokenDue, at: until)
        case .weigh(let backend, let model, let trigger): self.weigh(backend, model, trigger)
        case .recordIntent(let seat, let verdict, let number): self.recordIntent(seat, verdict, number)
        case .cancelTransfer: self.cancelTransfer()
        case .discardHeld:
            self.held = []
            self.head = nil
        case .releaseSeat(let seat, let outcome):
            self.noteUsage()
            self.settleDeparture(outcome, ending)
            self.node.fleet.leave(seat, outcome, asked: self.asked)
            self.asked = nil
            self.sent = nil
            self.statusSeen = nil
        case .quarantine(let backend):
            self.node.fleet.quarantine(backend, "an answer for request \(self.record.id) came from outside")
        case .commit:
            if endsHere, !self.body.streams { self.answerWhole() } else { self.begin() }
        case .passOn(let status): self.client.passOn(status: status, self.refusal(status), self.record)
        case .reply(let text): self.reply(text)
        case .answer(let failure): self.client.refuse(failure, self.record)
        case .finish:
            self.relay(self.held)
            self.client.exchange.finish()
        case .breakOff(let failure):
            self.client.breakOff(
                failure, self.body.endpoint, streamed: self.body.streams, number: self.reader?.nextNumber ?? 0)
        case .cutClient: self.client.exchange.abort()
        case .end(let ending): self.end(ending)
        }
    }

    private func enter(_ order: Dispatcher.Order) {
        let now = self.node.now
        switch self.node.fleet.enter(order, for: self) {
        case .seated(let seat): self.perform(self.machine.seated(seat, budget: &self.node.fleet.budget, at: now))
        case .queued(let place):
            self.perform(self.machine.queued(predictedWait: place.predictedWait, at: now))
        case .refused(let refusal): self.perform(self.machine.refused(refusal, at: now))
        }
    }

    /// Makes the body for this backend, gets the grant and sends it.
    private func begin(_ seat: Seat, _ number: Int) {
        if seat.isExternal { return self.depart(seat) }
        self.record.seat = seat
        self.record.attemptsBegun = number
        guard let backend = self.node.fleet[seat.backend] else {
            return self.refuseAttempt(.grantInvalid, "backend `\(seat.backend)` is no longer configured")
        }
        do throws(Refusal) {
            let prepared = try self.node.prepare(self.order, seat.model, at: backend)
            let grant = try self.node.grant(prepared, at: backend, self.record.id, attempt: number)
            self.asked = backend
            self.send(grant, prepared)
        } catch {
            self.refuseAttempt(error.reason, error.message)
        }
    }

    /// Nothing can be sent there.
    func refuseAttempt(_ reason: Reason, _ message: String) {
        self.perform(
            self.machine.attemptRefused(reason, message, budget: &self.node.fleet.budget, at: self.node.now))
    }

    /// Sends what was granted, and reads the answer.
    func send(_ grant: consuming Grant, _ prepared: Node.Prepared) {
        self.record.dropped = prepared.outgoing.dropped
        self.isTranslated = prepared.outgoing.isTranslated
        self.reader = AnswerReader(
            for: self.body, prepared.outgoing, plan: prepared.plan,
            AnswerContext(
                id: self.record.id.description, model: prepared.plan.servedModel,
                createdAt: self.node.timers.wallNow, wantsUsage: self.body.wantsUsage))
        let transfer = self.node.outbound.send(grant, limits: self.node.transferLimits) { [weak self] event in
            self?.handle(event)
        }
        self.transfer = transfer
        self.sent = transfer
    }

    /// A backend's refusal in the client's own shape.
    private func refusal(_ status: Int) -> [UInt8] {
        guard self.isTranslated else { return self.held }
        let message = ProviderErrors.message(self.held) ?? "the backend refuses the request with status \(status)"
        return ErrorShape.body(
            dialect: self.body.endpoint.dialect, reason: .upstreamRefused, status: status, message: message,
            requestID: self.record.id)
    }

    /// Sends the reply that somebody has written.
    private func reply(_ text: String) {
        let answer = FallbackAnswer(text, to: self.record.id, at: self.node.timers.wallNow)
        guard let body = answer.body(of: self.body.endpoint, streamed: self.body.streams) else {
            return self.client.refuse(.internalError, "this call has no reply in words", self.record)
        }
        self.client.reply(body, streamed: self.body.streams, self.record)
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
        self.node.learnTokens(of: self.record, ending, self.order.resolution)
        self.node.settle(self.record)
    }
}

extension RequestRun: Fleet.Waiting {
    func seated(_ seat: Seat) { self.inbox.push(.seated(seat)) }
    func refused(_ refusal: DispatchRefusal) { self.inbox.push(.refused(refusal)) }
}
