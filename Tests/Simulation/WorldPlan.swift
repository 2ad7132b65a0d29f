import Health
import Residency
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
        /// When it falls silent with every request, though all looks as it should, and comes back to itself, in turn.
        let mutes: [Instant]
        /// How long it takes to load a model.
        let loading: Duration
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
        /// What it needs a model for, and about how long its prompt is.
        let use: ModelCapability
        let tokens: Int
        /// The body that would be sent outside.
        let bytes: Int
        let project: String?
        let feature: String?
        let raised: Sensitivity?
        let declinesExternal: Bool
    }

    let backends: [Backend]
    let requests: [Request]
    let queuePerModel: Int
    let breaker: Breaker.Options
    /// When this node is told to stop, and when its patience ends.
    let stop: (at: Instant, deadline: Instant)?
    /// The models of the manifest: `a`, then `b`.
    let models: [Model]
    let external: [External]
    let ladder: Ladder
    let limits: RequestMachine.Limits
    let audit: Audit
    /// The policies that are in force one after the other; `nil` is none. Never empty.
    let policies: [PolicyPlan?]
    /// When the next policy comes.
    let reloads: [Instant]
    /// When the count of the day is made anew from what the audit chain has, as after a restart.
    let recounts: [Instant]
    /// Hours east of UTC that every policy means.
    let offset: Int
    /// What a calendar would show at the beginning, and by how much somebody sets the clock, and when.
    let calendar: WallTime
    let clockJumps: [(at: Instant, by: Duration)]

    private static let names: [String] =
        Array(repeating: "a", count: 8) + Array(repeating: "b", count: 3) + Array(repeating: "both", count: 4)
        + ["gpt-4", "gpt-4", "c:latest", "nobody", "a:cloud"]

    static let origin = Instant(nanoseconds: 1_000_000_000_000)

    init(using generator: inout SeededGenerator) {
        var dice = Dice(generator: generator)
        self.backends = (0..<dice.number(1...3)).map { Self.backend($0, &dice) }
        // Everything happens on a coarse grid, so that much of it happens at the same time.
        let external = Self.external(&dice)
        let ladder = Self.ladder(external, &dice)
        self.external = external
        self.ladder = ladder
        let names = ladder.external.map(\.name)
        self.requests = (0..<dice.number(4...24)).map { _ in Self.request(outside: names, &dice) }
        self.models = [
            Model(name: "a", context: dice.chance(30) ? 3_000 : 100_000, canUseTools: dice.chance(50)),
            Model(name: "b", context: dice.chance(30) ? 6_000 : 100_000, canUseTools: dice.chance(80)),
        ]
        self.limits = Self.limits(&dice)
        self.audit =
            dice.chance(50)
            ? Audit(failsPercent: 0, latePercent: 0, stuckPercent: 0)
            : Audit(
                failsPercent: dice.pick([0, 10, 60]), latePercent: dice.pick([0, 10]), stuckPercent: dice.pick([0, 15]))
        let offset = dice.pick([0, 0, 8, -5])
        self.offset = offset
        self.reloads = dice.chance(30) ? dice.times(1...2) : []
        self.policies = (0...self.reloads.count).map { number in
            dice.chance(12) ? nil : PolicyPlan(number, speakingOf: external, offset: offset, &dice)
        }
        self.recounts = dice.chance(30) ? dice.times(1...3) : []
        (self.calendar, self.clockJumps) = Self.calendar(offset, &dice)
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
            flips: wild ? dice.times(0...4) : [],
            drains: dice.chance(20) ? dice.times(1...3) : [],
            mutes: dice.chance(12) ? dice.times(1...2) : [], loading: .seconds(dice.pick([0, 2, 2, 4, 9])),
            inventoryChanges: dice.chance(20) ? dice.times(1...3) : [],
            addresses: [(self.origin, .inside)]
                + (dice.chance(30)
                    ? dice.times(1...3).map { ($0, dice.pick(AddressKind.allCases)) } : []))
    }

    /// A week in January 2026; every other one begins a few seconds before a midnight of the policy.
    private static func calendar(
        _ offset: Int, _ dice: inout Dice
    ) -> (WallTime, [(at: Instant, by: Duration)]) {
        let seconds = 1_767_571_200 + dice.number(0...6) * 86_400 + dice.number(0...86_399)
        let midnight = (seconds / 86_400 + 1) * 86_400 - offset * 3_600
        let start = dice.chance(50) ? seconds : midnight - dice.number(1...20)
        let jumps = (dice.chance(40) ? dice.times(1...4) : []).map { at in
            (at: at, by: Duration.seconds(dice.pick([-172_800, -86_400, -3_600, -30, 30, 3_600, 86_400])))
        }
        return (WallTime(microseconds: Int64(start) * 1_000_000), jumps)
    }

    private static func request(outside names: [String], _ dice: inout Dice) -> Request {
        Request(
            arrivesAt: dice.time(upTo: dice.chance(50) ? 3 : 25),
            asksFor: !names.isEmpty && dice.chance(15) ? dice.pick(names) : dice.pick(Self.names),
            priority: dice.chance(30) ? .batch : .interactive, holding: dice.chance(70) ? .stream : .whole,
            patience: dice.chance(25) ? .milliseconds(dice.number(1...400) * 50) : nil,
            leavesAfter: dice.chance(25) ? .milliseconds(dice.number(0...200) * 50) : nil,
            cancelledAfter: dice.chance(5) ? .milliseconds(dice.number(0...200) * 50) : nil,
            slowAfter: dice.chance(5) ? .milliseconds(dice.number(0...20) * 50) : nil,
            use: dice.chance(15) ? dice.pick([.tools, .vision]) : .completion,
            tokens: dice.chance(15) ? dice.pick([4_000, 8_000]) : dice.number(0...2_000),
            bytes: dice.number(1...20) * 100,
            project: dice.chance(70) ? dice.pick(PolicyPlan.projectNames) : nil,
            feature: dice.chance(50) ? dice.pick(PolicyPlan.featureNames) : nil,
            raised: dice.chance(10) ? dice.pick(Sensitivity.allCases) : nil, declinesExternal: dice.chance(5))
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
