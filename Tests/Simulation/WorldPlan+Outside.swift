import Residency
import Routing
import Vocabulary

/// What lies outside of a world, and the way there.
extension WorldPlan {
    struct External {
        let id: BackendID
        let index: Int
        let slots: Int
        /// By its own names.
        let models: [String]
        let faultPercent: Int
        let flips: [Instant]
        /// What its name resolves to, from then on.
        let addresses: [(Instant, AddressKind)]

        var host: String { "\(self.id).example" }

        /// The one network in which a policy lets it stand.
        static func prefix(of backend: BackendID) -> String { "8.8.\(backend.rawValue.last ?? "0").0/24" }

        func resolved(_ kind: AddressKind) -> [IPAddress] {
            let right = IPAddress(octets: [8, 8, UInt8(self.index), 7])
            let wrong = IPAddress(octets: [93, 184, 216, 34])
            return switch kind {
            case .inside: [right]
            case .outside: [wrong]
            case .mixed: [right, wrong]
            case .none: []
            }
        }
    }

    /// Models by name, and what they can do; the referee's own view of the manifest.
    struct Model {
        let name: String
        let context: Int
        let canUseTools: Bool
    }

    /// All that leads up.
    struct Ladder {
        var a = LadderNames()
        var both = LadderNames()
        var reply: String?
        var external: [ExternalModel] = []
    }

    /// How the audit chain fares; of a hundred intents, so many.
    struct Audit {
        let failsPercent: Int
        /// They are durable after the shell has given up.
        let latePercent: Int
        /// They are durable after so long that no verdict lives any more, and the shell waits for them all the same.
        let stuckPercent: Int
    }

    static func external(_ dice: inout Dice) -> [External] {
        (0..<dice.pick([0, 1, 1, 2, 2])).map { index in
            External(
                id: BackendID("cloud\(index)"), index: index, slots: dice.number(1...3),
                models: dice.pick([["m-large"], ["m-large", "m-small"], ["m-large", "a:latest"]]),
                faultPercent: dice.pick([0, 5, 30, 80]), flips: dice.chance(25) ? dice.times(0...3) : [],
                addresses: [(self.origin, dice.chance(90) ? .inside : dice.pick(AddressKind.allCases))]
                    + (dice.chance(30) ? dice.times(1...3).map { ($0, dice.pick(AddressKind.allCases)) } : []))
        }
    }

    static func ladder(_ external: [External], _ dice: inout Dice) -> Ladder {
        var ladder = Ladder()
        for backend in external {
            for model in backend.models {
                ladder.external.append(
                    ExternalModel(
                        name: "\(backend.id)-\(model.prefix(7))", backend: backend.id, model: model,
                        context: dice.chance(30) ? Tokens(5_000) : nil,
                        capabilities: dice.chance(30) ? [.completion] : nil))
            }
        }
        let names = ladder.external.map(\.name)
        func way(_ dice: inout Dice) -> [String] {
            names.isEmpty || dice.chance(15) ? [] : dice.some(names).shuffled(using: &dice.generator)
        }
        ladder.a = LadderNames(smaller: dice.chance(40) ? ["b"] : [], external: way(&dice))
        ladder.both = LadderNames(external: way(&dice))
        if dice.chance(20) { ladder.a.fallbackReply = "a is away" }
        if dice.chance(20) { ladder.reply = "come again" }
        return ladder
    }

    static func limits(_ dice: inout Dice) -> RequestMachine.Limits {
        var limits = RequestMachine.Limits()
        limits.queueTarget = .seconds(dice.number(1...8))
        limits.firstToken.warm = .seconds(dice.number(3...6))
        limits.firstToken.cold = .seconds(dice.number(7...12))
        limits.firstToken.coldMax = .seconds(dice.number(12...20))
        limits.firstToken.external = .seconds(dice.number(3...8))
        return limits
    }

    func manifest() throws -> Manifest {
        let models = try self.models.map { model in
            try ManifestModel(
                name: model.name, context: model.context,
                capabilities: model.canUseTools ? ["completion", "tools"] : ["completion"],
                ladder: model.name == "a" ? self.ladder.a : LadderNames())
        }
        return try Manifest(
            models: models, tiers: [.init(name: "both", models: ["b", "a"], ladder: self.ladder.both)],
            aliases: [.init(pattern: "gpt-*", target: "both")], external: self.ladder.external,
            defaults: .init(fallbackReply: self.ladder.reply))
    }

    /// The local models that a request may be answered by and that can do what it needs; `nil` for a name that leads
    /// to none.
    func localModels(for request: Request) -> [ModelName] {
        let able = { (model: Model) in
            request.tokens <= model.context
                && (request.use == .completion || request.use == .tools && model.canUseTools)
        }
        let (a, b) = (self.models[0], self.models[1])
        let asked: [Model] =
            switch request.asksFor {
            case "a": [a] + (self.ladder.a.smaller.isEmpty ? [] : [b])
            case "b": [b]
            case "both", "gpt-4": [b, a]
            default: []
            }
        return asked.filter(able).map { ModelName(canonical: $0.name) }
    }
}
