import Routing
import Vocabulary

func id(_ number: UInt64) -> RequestID {
    var generator = SeededGenerator(seed: number)
    return RequestID(at: WallTime(microseconds: Int64(number) * 1000), using: &generator)
}

func seconds(_ count: Double) -> Instant { Instant(nanoseconds: UInt64(count * 1e9)) }

let start = seconds(1_000)

func installed(_ names: String..., context: Int? = nil) -> [InstalledModel] {
    names.map { InstalledModel(name: ModelName(canonical: $0), context: context.map { Tokens($0) }) }
}

func backend(
    _ id: BackendID, _ models: [InstalledModel]? = installed("a"), loaded: Set<ModelName> = [], slots: Int = 1,
    availability: BackendView.Availability = .usable, isDraining: Bool = false
) -> BackendView {
    BackendView(
        id: id, availability: availability, models: models, loaded: loaded, slots: SlotPolicy(perModel: slots),
        isDraining: isDraining)
}

/// A dispatcher that knows `views`.
func fleet(_ views: BackendView..., queuePerModel: Int = 64) -> Dispatcher {
    var dispatcher = Dispatcher(limits: Dispatcher.Limits(queuePerModel: queuePerModel))
    for view in views { _ = dispatcher.update(view, at: start) }
    return dispatcher
}

extension Dispatcher {
    mutating func enter(
        _ request: UInt64, _ models: [ModelName] = ["a:latest"], priority: RequestPriority = .interactive,
        excluding: [Exclusion] = [], external: BackendID? = nil, isContinued: Bool = false, at now: Instant = start,
        arrivedAt: Instant? = nil
    ) -> Entry {
        self.enter(
            Order(
                request: id(request), models: models, priority: priority, arrivedAt: arrivedAt ?? now,
                excluding: excluding, external: external, isContinued: isContinued), at: now)
    }
}

extension Dispatcher.Entry {
    var seat: Seat? { if case .seated(let seat) = self { seat } else { nil } }
    var place: Dispatcher.QueuePlace? { if case .queued(let place) = self { place } else { nil } }
    var refusal: DispatchRefusal? { if case .refused(let refusal) = self { refusal } else { nil } }
}

extension Dispatcher.Notice {
    var seat: Seat? { if case .seated(let seat) = self { seat } else { nil } }
}
