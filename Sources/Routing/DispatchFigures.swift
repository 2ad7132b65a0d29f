import Health
import Vocabulary

/// The dispatcher in numbers, for `status` and metrics.
public struct DispatchFigures: Equatable, Sendable {
    /// One backend with one model.
    public struct Place: Equatable, Sendable {
        /// The backend.
        public let backend: BackendID
        /// The model.
        public let model: ModelName
        /// Requests there now.
        public let inFlight: Int
        /// Requests that may be there.
        public let slots: Int
        /// How many of these may be taken now: fewer after the server was busy or away.
        public let slotsOpen: Int
        /// True while nobody has configured `slots`.
        public let slotsAssumed: Bool
        /// True if the model is in the backend's memory.
        public let isLoaded: Bool
        /// True if it is, and has answered nobody for some requests in a row (`ollama.md` 1.12).
        public let hasLostSlots: Bool
    }

    /// The queue of one model.
    public struct Queue: Equatable, Sendable {
        /// The model.
        public let model: ModelName
        /// Interactive requests waiting.
        public let interactive: Int
        /// Batch requests waiting.
        public let batch: Int
        /// When the first of them arrived; `nil` if none waits.
        public let oldestArrival: Instant?
        /// What a newcomer would wait if no slot is free; `nil` without experience.
        public let predictedWait: Duration?
        /// How long a request of this model takes, as a moving average; `nil` without experience.
        public let serviceTime: Duration?
    }

    /// One breaker.
    public struct Guard: Equatable, Sendable {
        /// The backend that it guards.
        public let backend: BackendID
        /// The model there, if it guards only one.
        public let model: ModelName?
        /// Its state.
        public let state: Breaker.Label
        /// Why it is not closed, for a person; `nil` if it is.
        public let why: String?
        /// Until when it keeps requests away; `nil` if it does not.
        public let until: Instant?
    }

    /// Every breaker: those of the backends in the order of configuration, then those of the places.
    public let breakers: [Guard]
    /// Every place, by model, then in the order of configuration.
    public let places: [Place]
    /// Every model's queue, by model, also the empty ones.
    public let queues: [Queue]
    /// Requests in flight anywhere.
    public let inFlight: Int
    /// Requests waiting; each counted once, even if it waits for several models.
    public let waiting: Int
}

extension Dispatcher {
    /// The numbers as they are now.
    public var figures: DispatchFigures {
        let names = self.models.keys.sorted()
        return DispatchFigures(
            breakers: self.breakerFigures(names), places: names.flatMap(self.placeFigures),
            queues: names.map(self.queueFigures), inFlight: self.seated.count, waiting: self.waiting.count)
    }

    private func breakerFigures(_ names: [ModelName]) -> [DispatchFigures.Guard] {
        func figures(_ breaker: Breaker, _ backend: Backend, _ model: ModelName?) -> DispatchFigures.Guard {
            DispatchFigures.Guard(
                backend: backend.view.id, model: model, state: breaker.label, why: breaker.why,
                until: breaker.keepsAwayUntil)
        }
        let shared = self.backends.filter { !$0.isRemoved }.map { figures($0.breaker, $0, nil) }
        return shared
            + names.flatMap { name in
                (self.models[name]?.places ?? []).filter(\.isOffered).map {
                    figures($0.breaker, self.backends[$0.backend], name)
                }
            }
    }

    private func placeFigures(_ name: ModelName) -> [DispatchFigures.Place] {
        (self.models[name]?.places ?? []).map { place in
            let view = self.backends[place.backend].view
            return DispatchFigures.Place(
                backend: view.id, model: name, inFlight: place.inFlight, slots: place.slots,
                slotsOpen: place.openSlots,
                slotsAssumed: view.slots.isAssumed(for: name), isLoaded: place.isLoaded,
                hasLostSlots: place.silence.hasLostSlots)
        }
    }

    private func queueFigures(_ name: ModelName) -> DispatchFigures.Queue {
        let model = self.models[name] ?? Model()
        let arrivals = [model.queue.interactive.first?.arrivedAt, model.queue.batch.first?.arrivedAt]
        return DispatchFigures.Queue(
            model: name, interactive: model.queue.interactive.count, batch: model.queue.batch.count,
            oldestArrival: arrivals.compactMap { $0 }.min(),
            predictedWait: self.predictedWait(name, position: model.queue.count + 1),
            serviceTime: model.service.meanNanoseconds.map { .nanoseconds($0) })
    }
}
