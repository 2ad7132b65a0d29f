import Health
import Vocabulary

/// Says where each request goes: which backends have its model and are usable, which of their slots are free, and who
/// is next when all are taken. One value for the whole fleet; it learns of backends through views.
///
/// A place is one backend with one model. Its slots bound what is in flight there, because a loaded Ollama queues
/// without limit or time-out (`ollama.md` 1.8) and tells nobody. Of several free places the one whose model is loaded
/// goes first, then the least busy for its slots, then the least busy backend, then the one chosen longest ago, then
/// the one configured first. A place that takes a trial goes before all others: it would never come back without one.
///
/// A place whose breaker is open, or that of its backend, gets nothing but trials: `Breaker` says which.
///
/// Functions that may free a slot return what became of others by it; the caller passes that on.
public struct Dispatcher: Sendable {
    /// What a request asks for.
    public struct Order: Equatable, Sendable {
        /// Whose order it is; a request has one at a time.
        public let request: RequestID
        /// The models that may answer, in order of preference.
        public let models: [ModelName]
        /// How urgent it is.
        public let priority: RequestPriority
        /// When the request began; the queues are in this order, so that a retry has its old turn.
        public let arrivedAt: Instant
        /// Where it must not go.
        public let excluding: [Exclusion]
        /// The one backend outside that it may go to; `nil` for all others and none outside.
        public let external: BackendID?
        /// True if the request was admitted before: also a node that takes nothing new still serves it.
        public let isContinued: Bool

        /// An order for one seat.
        public init(
            request: RequestID, models: [ModelName], priority: RequestPriority = .interactive, arrivedAt: Instant,
            excluding: [Exclusion] = [], external: BackendID? = nil, isContinued: Bool = false
        ) {
            self.request = request
            self.models = models
            self.priority = priority
            self.arrivedAt = arrivedAt
            self.excluding = excluding
            self.external = external
            self.isContinued = isContinued
        }

        func excludes(_ backend: BackendID, _ model: ModelName) -> Bool {
            self.excluding.contains { $0.backend == backend && ($0.model == nil || $0.model == model) }
        }
    }

    /// A place in a queue.
    public struct QueuePlace: Equatable, Sendable {
        /// The model of the queue; of several queues the one with the shortest expected wait.
        public let model: ModelName
        /// From 1; all before it are seated first.
        public let position: Int
        /// How long it is likely to wait; `nil` until the first requests of the model have been timed.
        public let predictedWait: Duration?
    }

    /// What becomes of an order at once.
    public enum Entry: Equatable, Sendable {
        /// A slot was free.
        case seated(Seat)
        /// It waits; a `Notice` will come, unless it is abandoned.
        case queued(QueuePlace)
        /// It cannot be served now.
        case refused(DispatchRefusal)
    }

    /// What becomes of a waiting request, or of a breaker.
    public enum Notice: Equatable, Sendable {
        /// A slot became free for it.
        case seated(Seat)
        /// The last backend that could have served it has gone.
        case refused(RequestID, DispatchRefusal)
        /// Nobody's turn, but news for the log and the count.
        case breakerChanged(BreakerChange)
        /// The model is loaded there and answers nobody any more (`SilentRow`).
        case slotsLost(BackendID, ModelName)
        /// The backend says again and again that it is busy (`SlotLimit.pausesMax`).
        case oftenBusy(BackendID, ModelName)
    }

    /// Numbers to be counted with; tests make them small.
    public struct Limits: Equatable, Sendable {
        /// Requests waiting per model.
        public var queuePerModel: Int

        /// The bounds of the program, or others.
        public init(queuePerModel: Int = Bounds.queuePerModel) {
            self.queuePerModel = queuePerModel
        }
    }

    struct Backend: Sendable {
        var view: BackendView
        var breaker: Breaker
        var inFlight = 0
        /// The number of the last choice that fell on it; 0 for never.
        var lastChosen: UInt64 = 0
        /// True after `remove`: it is forgotten when its last request has left.
        var isRemoved = false

        init(view: BackendView) {
            self.view = view
            self.breaker = Breaker(options: view.breaker)
        }

        var takesWork: Bool { self.view.availability == .usable && !self.view.isDraining && !self.isRemoved }
    }

    struct Place: Sendable {
        let backend: Int
        var breaker: Breaker
        var inFlight = 0
        var slots = 1
        var isLoaded = false
        var silence = SilentRow()
        var limit = SlotLimit()
        /// False when the inventory no longer has the model; the place goes when its last request has left.
        var isOffered = false

        /// How many requests may be there now.
        var openSlots: Int { self.limit.open(of: self.slots) }

        // In place, since a place is not small, and each request that ends comes here.
        mutating func answered() { self.limit.answered(slots: self.slots) }
        mutating func recovered() { self.limit.recovered(slots: self.slots) }
        mutating func paused(at now: Instant) -> Bool { self.limit.paused(slots: self.slots, at: now) }
    }

    struct Model: Sendable {
        var places: [Place] = []
        var queue = ModelQueue()
        var service = ServiceTime()
    }

    struct Waiter: Sendable {
        let order: Order
        /// The models in whose queues it waits.
        let models: [ModelName]
    }

    /// A seat that is taken, with the permission of the two breakers that let its request go.
    struct Taken: Sendable {
        let seat: Seat
        let since: Instant
        let backendPass: Breaker.Pass
        let placePass: Breaker.Pass
    }

    /// May be set at any time. Whoever waits already stays, also where a new bound is lower.
    public var limits: Limits
    /// In the order of configuration. A removed one stays as an empty entry, since places name backends by index.
    var backends: [Backend] = []
    var indexOf: [BackendID: Int] = [:]
    var models: [ModelName: Model] = [:]
    var waiting: [RequestID: Waiter] = [:]
    var seated: [RequestID: Taken] = [:]
    var choices: UInt64 = 0
    /// True while nothing new is admitted; retries of what was admitted still are.
    public private(set) var isClosed = false
    /// All inventories together.
    public internal(set) var catalogue = Catalogue()
    /// When to call `due`; `nil` while no breaker waits for anything. Any call may change it.
    public internal(set) var wakeAt: Instant?
    /// Spreads the times of breakers.
    var generator: SeededGenerator

    /// A fleet without backends.
    public init(limits: Limits = Limits(), generator: SeededGenerator = SeededGenerator(seed: 0)) {
        self.limits = limits
        self.generator = generator
    }

    /// Takes in what is now known of a backend. New ones go last.
    public mutating func update(_ view: BackendView, at now: Instant) -> [Notice] {
        let index = self.indexOf[view.id] ?? self.backends.count
        if index == self.backends.count {
            self.backends.append(Backend(view: view))
            self.indexOf[view.id] = index
        } else {
            self.backends[index].view = view
            self.backends[index].breaker.options = view.breaker
            self.backends[index].isRemoved = false
        }
        self.placesChanged(of: index)
        return self.settle(at: now)
    }

    /// Forgets a backend that is no longer configured. What runs there may finish.
    public mutating func remove(_ backend: BackendID, at now: Instant) -> [Notice] {
        guard let index = self.indexOf[backend] else { return [] }
        self.backends[index].isRemoved = true
        self.backendMoved(backend)
        self.placesChanged(of: index)
        return self.settle(at: now)
    }

    /// From now on new requests are refused as `draining`; waiting ones stay, and retries of running ones pass.
    public mutating func close() {
        self.isClosed = true
    }

    /// Asks for a seat.
    public mutating func enter(_ order: Order, at now: Instant) -> Entry {
        precondition(!order.models.isEmpty, "\(order.request) asks for a seat with no model")
        precondition(self.seated[order.request] == nil, "\(order.request) asks for a seat and has one")
        precondition(self.waiting[order.request] == nil, "\(order.request) asks for a seat and waits for one")
        if self.isClosed && !order.isContinued { return .refused(self.refusal(of: order, .draining, at: now)) }
        for model in order.models {
            if let place = self.freePlace(for: order, model) {
                return .seated(self.seat(order.request, model, place, at: now))
            }
        }
        if order.external != nil { return self.enterOutside(order, at: now) }
        let possible = order.models.filter { self.couldServe(order, $0, at: now) }
        if possible.isEmpty {
            if let (model, place) = self.lastResort(for: order, at: now) {
                return .seated(self.seat(order.request, model, place, at: now))
            }
            return .refused(self.refusal(of: order, self.reasonForNone(of: order), at: now))
        }
        let open = possible.filter { (self.models[$0]?.queue.count ?? 0) < self.limits.queuePerModel }
        if open.isEmpty { return .refused(self.refusal(of: order, .queueFull, at: now)) }
        for model in open {
            self.models[model]?.queue.add(order.request, arrivedAt: order.arrivedAt, priority: order.priority)
        }
        self.waiting[order.request] = Waiter(order: order, models: open)
        return .queued(self.bestPlace(of: order.request, in: open))
    }

    /// Nobody waits for a place outside: where none is free, there are other ways (`Rung`).
    private mutating func enterOutside(_ order: Order, at now: Instant) -> Entry {
        if let (model, place) = self.lastResort(for: order, at: now) {
            return .seated(self.seat(order.request, model, place, at: now))
        }
        let isFull = order.models.contains { self.isFull(for: order, $0) }
        return .refused(self.refusal(of: order, isFull ? .queueFull : self.reasonForNone(of: order), at: now))
    }

    /// Gives a seat back. Whoever gives back a seat that is not taken has lost count: that traps.
    public mutating func leave(_ seat: Seat, _ outcome: SeatOutcome, at now: Instant) -> [Notice] {
        guard let taken = self.seated.removeValue(forKey: seat.request), taken.seat == seat else {
            preconditionFailure("\(seat.request) gives back a seat at \(seat.backend) that it does not have")
        }
        let changes = self.free(taken, outcome, at: now)
        switch outcome {
        case .success, .slow:
            if !seat.isExternal { self.models[seat.model]?.service.observe(now - taken.since) }
        case .modelMissing:
            self.modelIsMissing(seat)
        case .failure, .busy, .neutral:
            break  // Says nothing of how long an answer takes.
        }
        if taken.seat.isTrial || !changes.isEmpty {
            self.reviewWake()
            return changes + self.settle(at: now)  // It may concern every model of the backend.
        }
        return outcome == .modelMissing ? self.settle(at: now) : self.seatWaiters(for: [seat.model], at: now)
    }

    /// Ends an order wherever it stands: out of its queue, or off the seat that it was given and has not heard of.
    public mutating func abandon(_ request: RequestID, at now: Instant) -> [Notice] {
        if self.removeWaiter(request) != nil { return [] }
        guard let taken = self.seated[request] else { return [] }
        return self.leave(taken.seat, .neutral, at: now)
    }
}
