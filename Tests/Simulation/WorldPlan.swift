import Health
import Routing
import Vocabulary

/// What a world is like and what will befall it, all from its seed.
struct WorldPlan {
    struct Backend {
        let id: BackendID
        let host: String
        let slots: Int
        let models: [ModelName]
        /// Of a hundred attempts, so many fail in one way or another.
        let faultPercent: Int
        /// When it goes down and up again, in turn.
        let flips: [Instant]
        /// When an operator drains it and lets it back, in turn.
        let drains: [Instant]
        /// When it loses or gets back a model.
        let inventoryChanges: [Instant]
        /// What its name resolves to, from then on.
        let addresses: [(Instant, AddressKind)]
    }

    enum AddressKind: CaseIterable {
        case inside, outside, mixed, none
    }

    struct Request {
        let arrivesAt: Instant
        let asksFor: String
        let priority: RequestPriority
        let holding: Holding
        let patience: Duration?
        let leavesAfter: Duration?
        let cancelledAfter: Duration?
        /// It stops reading so long after its answer has begun.
        let slowAfter: Duration?
    }

    let backends: [Backend]
    let requests: [Request]
    let queuePerModel: Int
    let breaker: Breaker.Options
    /// When this node is told to stop, and when its patience ends.
    let stop: (at: Instant, deadline: Instant)?

    private static let names =
        Array(repeating: "a", count: 8) + Array(repeating: "b", count: 3) + Array(repeating: "both", count: 4)
        + ["gpt-4", "gpt-4", "c:latest", "nobody", "a:cloud"]

    static let origin = Instant(nanoseconds: 1_000_000_000_000)

    init(using generator: inout SeededGenerator) {
        var dice = Dice(generator: generator)
        self.backends = (0..<dice.number(1...3)).map { Self.backend($0, &dice) }
        // Everything happens on a coarse grid, so that much of it happens at the same time.
        self.requests = (0..<dice.number(4...24)).map { _ in Self.request(&dice) }
        self.queuePerModel = dice.number(1...4)
        self.breaker = Breaker.Options(
            failures: dice.number(1...5), openFor: .seconds(dice.number(1...10)), trials: dice.number(1...3))
        let stop = dice.time(upTo: 20)
        self.stop = dice.chance(10) ? (stop, stop + .seconds(dice.number(1...10))) : nil
        generator = dice.generator
    }

    private static func backend(_ index: Int, _ dice: inout Dice) -> Backend {
        let wild = dice.chance(40)
        return Backend(
            id: BackendID("gpu\(index)"), host: "gpu\(index).lan", slots: dice.number(1...3),
            models: dice.pick([["a:latest"], ["a:latest", "b:latest"], ["b:latest"], ["a:latest", "c:latest"]]),
            faultPercent: dice.pick([0, 5, 30, 80]),
            flips: wild ? dice.times(0...4) : [], drains: dice.chance(20) ? dice.times(1...3) : [],
            inventoryChanges: dice.chance(20) ? dice.times(1...3) : [],
            addresses: [(self.origin, .inside)]
                + (dice.chance(30)
                    ? dice.times(1...3).map { ($0, dice.pick(AddressKind.allCases)) } : []))
    }

    private static func request(_ dice: inout Dice) -> Request {
        Request(
            arrivesAt: dice.time(upTo: dice.chance(50) ? 3 : 25),
            asksFor: dice.pick(Self.names),
            priority: dice.chance(30) ? .batch : .interactive, holding: dice.chance(70) ? .stream : .whole,
            patience: dice.chance(25) ? .milliseconds(dice.number(1...400) * 50) : nil,
            leavesAfter: dice.chance(25) ? .milliseconds(dice.number(0...200) * 50) : nil,
            cancelledAfter: dice.chance(5) ? .milliseconds(dice.number(0...200) * 50) : nil,
            slowAfter: dice.chance(5) ? .milliseconds(dice.number(0...20) * 50) : nil)
    }
}

/// Chance, in the few forms a world needs.
struct Dice {
    var generator: SeededGenerator

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self.generator) }
    mutating func chance(_ percent: Int) -> Bool { self.number(1...100) <= percent }
    mutating func pick<Element>(_ all: [Element]) -> Element { all[self.number(0...(all.count - 1))] }

    /// A time in the first so many seconds, in steps of 50 ms.
    mutating func time(upTo seconds: Int) -> Instant {
        WorldPlan.origin + .milliseconds(self.number(0...(seconds * 20)) * 50)
    }

    mutating func times(_ count: ClosedRange<Int>) -> [Instant] {
        (0..<self.number(count)).map { _ in self.time(upTo: 30) }.sorted()
    }
}
