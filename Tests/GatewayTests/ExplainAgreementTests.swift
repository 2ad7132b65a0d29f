import Accounting
import Dialects
import EventLoop
import Residency
import Routing
import Storage
import Testing
import Vocabulary

@testable import Gateway

/// `gatehouse explain` says what the daemon does, in worlds that are drawn from a seed.
@Suite struct ExplainAgreementTests {
    private static let gatehouse = """
        schema: 1
        state: state
        backends:
          gpu1: {url: http://127.0.0.1:1, zone: loopback, slots: 1}
          gpu2: {url: http://127.0.0.1:2, zone: loopback, slots: 1}
          euai: {kind: openai, url: https://127.0.0.2:1, zone: external, jurisdiction: EU}
          usai: {kind: openai, url: https://127.0.0.3:1, zone: external, jurisdiction: US}

        """
    private static let manifest = """
        schema: 1
        models:
          llama3.2:3b: {capabilities: [completion], external: [eu, us]}
          llama3.2:1b: {capabilities: [completion, tools], context: 60, backends: [gpu2]}
          qwen3:8b: {smaller: [llama3.2:3b], external: [us, eu], fallback_reply: Not now.}
        external:
          eu: {backend: euai, model: m-large, context: 100}
          us: {backend: usai, model: m-large, capabilities: [completion]}
        tiers:
          general: {models: [llama3.2:1b, llama3.2:3b], external: [us, eu]}

        """
    private static let models = ["llama3.2:3b", "qwen3:8b", "general", "eu", "us", "llama3.2:1b"]

    /// A machine that is told, event by event, what befalls a request, and a policy that is asked as often as the
    /// machine wants: the daemon's way, without its loop.
    private struct Course {
        let order: RequestOrder
        let configuration: GatehouseConfiguration
        let classification: Classification
        let ledger: DayLedger
        let wall: WallTime
        let localCase: LocalCase
        var asked: [(backend: BackendID, verdict: Verdict)] = []
        private var budget = RetryBudget()
        private var machine: RequestMachine

        init(
            _ order: RequestOrder, _ configuration: GatehouseConfiguration, _ ledger: DayLedger, _ wall: WallTime,
            _ localCase: LocalCase
        ) {
            self.order = order
            self.configuration = configuration
            self.classification = configuration.policy.classify(order.caller, raisedTo: order.raised)
            self.ledger = ledger
            self.wall = wall
            self.localCase = localCase
            self.machine = RequestMachine(
                request: .ofNobody, rungs: order.resolution.rungs, trouble: order.resolution.trouble,
                holding: order.body.streams ? .stream : .whole)
        }

        /// Its route, reason and status.
        mutating func run() throws -> [String] {
            var actions = self.machine.begun(budget: &self.budget, at: .zero)
            var timeouts = 0
            while true {
                guard let action = actions.last else { throw Unexpected("the machine wants nothing more") }
                switch action {
                case .enterQueue(let wanted) where wanted.external != nil:
                    let seat = Seat(
                        request: .ofNobody, backend: try #require(wanted.external), model: wanted.models[0],
                        isExternal: true)
                    actions = self.machine.seated(seat, budget: &self.budget, at: .zero)
                case .enterQueue(let wanted):
                    switch self.localCase {
                    case .works: return ["local", "allow_local", "200"]
                    case .saturated:
                        actions = self.machine.queued(predictedWait: .seconds(7_200), at: .zero)
                    case .timedOut where timeouts == 0:
                        timeouts += 1
                        let seat = Seat(request: .ofNobody, backend: "gpu1", model: wanted.models[0])
                        _ = self.machine.seated(seat, budget: &self.budget, at: .zero)
                        actions = self.machine.attemptEnded(
                            .failed(.upstreamFirstByteTimeout, detail: ""), budget: &self.budget, at: .zero)
                    case .down, .timedOut:
                        var nobody = Dispatcher()
                        for view in AssumedFleet(self.configuration).localViews(.unusable("down")) {
                            _ = nobody.update(view, at: .zero)
                        }
                        guard case .refused(let refusal) = nobody.enter(wanted, at: .zero) else {
                            throw Unexpected("a fleet that is down has a seat")
                        }
                        actions = self.machine.refused(refusal, at: .zero)
                    }
                case .awaitSeat(let end):
                    actions = self.machine.queueWaitOver(retryAfter: .seconds(5), at: end)
                case .weigh(let backend, let model, let trigger):
                    actions = self.weigh(backend, model, trigger)
                case .recordIntent(let seat, _, _): return ["external:\(seat.backend)", "allow_rule", "200"]
                case .end(let ending):
                    let route = ending.reason == .fallbackReply ? "fallback" : "none"
                    return [route, ending.reason.rawValue, "\(ending.status)"]
                default: throw Unexpected("\(action)")
                }
            }
        }

        private mutating func weigh(
            _ backend: BackendID, _ model: ModelName, _ trigger: Trigger
        ) -> [RequestMachine.Action] {
            let body = try? self.order.body.outgoing(
                for: .init(
                    outside: model.rawValue,
                    outputTokensMax: self.order.resolution.external(model, at: backend)?.outputTokensMax.count))
            let verdict = self.configuration.policy.judge(
                PolicyQuestion(
                    request: .ofNobody, backend: backend, model: model.rawValue, trigger: trigger,
                    classification: self.classification, caller: self.order.caller,
                    bytes: body?.bytes.count ?? self.order.body.bytes.count,
                    declinesExternal: self.order.declinesExternal), today: self.ledger, at: .zero, wall: self.wall)
            self.asked.append((backend, verdict))
            if verdict.isAllowed, body == nil { return self.machine.unfit(.dialectUnsupported, "", at: .zero) }
            return self.machine.weighed(verdict, at: .zero)
        }
    }

    @Test func `every case ends as the daemon's machine and policy have it`() throws {
        var seen: [String: Int] = [:]
        for seed in UInt64(0)..<120 {
            var world = ExplainWorld(seed: seed)
            let stage = try ExplainStage(
                gatehouse: Self.gatehouse, manifest: Self.manifest, policy: world.policy(),
                keys: ExplainStage.keys.replacing(
                    "projects: [legal]", with: "projects: [web, legal, other]\n    features: [search, chat]"
                )
                .replacing(#"models: [llama3.2:3b, general, m-large, "gpt-*", "llava*", other]"#, with: "models: []"))
            for turn in UInt64(0)..<6 {
                let (path, body) = world.request(turn, models: Self.models)
                let wishes = world.wishes()
                let departures = (0..<world.one(of: [0, 1, 3])).map { _ in
                    DayLedger.Departure(
                        rule: RuleID("r\(world.one(of: [0, 1, 2]))"), bytes: 10, wall: ExplainStage.noon)
                }
                let place = "seed \(seed), turn \(turn)"
                let told = stage.explain(body, path, wishes, departures: .known(departures))
                guard let order = try? self.order(stage, body, path, wishes) else {
                    #expect(told.cases.count == 1 && told.rungs.isEmpty && !told.isAnswered, "\(place)")
                    continue
                }
                let ledger = DayLedger(
                    clock: stage.configuration.policy.clock, departures: departures, at: ExplainStage.noon)
                for end in told.cases {
                    let localCase = LocalCase(rawValue: end.when) ?? .works
                    var course = Course(order, stage.configuration, ledger, ExplainStage.noon, localCase)
                    let ended = try course.run()
                    #expect(
                        [end.outcome.route, end.outcome.reason, "\(end.outcome.status)"] == ended,
                        "\(place), \(end.when)")
                    for asked in course.asked { self.check(asked.verdict, told, place) }
                    seen[ended[1], default: 0] += 1
                }
            }
        }
        // Worlds in which something never happens would prove nothing of it.
        let expected: Set<String> = [
            "allow_local", "allow_rule", "fallback_reply", "backends_unavailable", "queue_timeout",
            "upstream_first_byte_timeout", "deny_rule", "sensitivity_too_high", "project_forbidden",
            "feature_forbidden", "trigger_forbidden", "time_forbidden", "limit_bytes", "limit_rate",
            "external_declined", "backend_forbidden",
        ]
        #expect(expected.subtracting(seen.keys) == [], "\(seen)")
    }

    private func order(
        _ stage: ExplainStage, _ body: String, _ path: String, _ wishes: RequestWishes
    ) throws -> RequestOrder {
        let endpoint: Dialects.Endpoint = path == "/api/chat" ? .ollamaChat : .openAIChat
        return try RequestOrder(
            reading: Array(body.utf8), endpoint, RequestWishes(head(wishes.lines), endpoint), key: stage.key,
            manifest: stage.configuration.manifest,
            catalogue: AssumedFleet(stage.configuration).catalogue, isSettled: true, arrivedAt: .zero)
    }

    private func check(_ verdict: Verdict, _ told: Explanation, _ place: String) {
        let outside = told.rungs.compactMap(\.outside).first {
            $0.backend == verdict.backend.rawValue && $0.model == verdict.model
        }
        let found = outside?.verdicts.first { $0.triggers.contains(verdict.trigger.rawValue) }
        var expected = Explanation.Verdict(verdict)
        expected.triggers = found?.triggers ?? []
        #expect(found == expected, "\(place), \(verdict.trigger.rawValue)")
    }
}

extension OnTheWire {
    /// The same with a whole daemon, its files, its reloads and its audit chain.
    @Suite struct ExplainWireTests {
        private static let manifest = """
            schema: 1
            models:
              llama3.2:3b: {capabilities: [completion, vision], external: [eu]}
            external:
              eu: {backend: euai, model: m-large}

            """

        /// A key that may name every project and feature but two.
        private static func keys() throws -> (KeySet, String) {
            var generator = SeededGenerator(seed: 1)
            var keys = KeySet()
            let pepper = try #require(Pepper(Array(DaemonPlay.pepper.utf8)))
            let text = try keys.add(
                KeyDraft(
                    name: "app", project: "web", projects: ["legal", "other"].map { NamePattern($0) },
                    features: ["search", "chat"].map { NamePattern($0) }),
                pepper: pepper, at: WallTime(microseconds: 0), using: &generator)
            return (keys, text.revealed)
        }

        @Test func `a daemon refuses and allows what was told before`() async throws {
            let (keys, secret) = try Self.keys()
            var plan = DaemonPlay.Plan()
            plan.manifest = Self.manifest
            plan.keys = keys
            plan.moreBackends = """
                , euai: {kind: openai, url: "https://127.0.0.2:1", zone: external, jurisdiction: EU},
                  usai: {kind: openai, url: "https://127.0.0.3:1", zone: external, jurisdiction: US}
                """
            try await DaemonPlay.run(plan) { play in
                await play.untilReady()
                let gpu1 = try #require(play.node.fleet["gpu1"])
                play.node.fleet.drain(gpu1, true)
                var reasons: [String: Int] = [:]
                for seed in UInt64(1000)..<1040 {
                    var world = ExplainWorld(seed: seed)
                    try play.folder.write(world.policy(), to: "policy.yaml")
                    _ = try await AdminWiringTests.client(of: play).post("/reload")
                    for turn in UInt64(0)..<3 {
                        let (path, body) = world.request(
                            seed * 10 + turn, models: ["llama3.2:3b", "llama3.2:3b", "eu"])
                        let wishes = world.wishes()
                        let told = try Self.explain(play, keys, body, path, wishes)
                        let answer = try await play.ask(
                            "POST", path, wishes.lines + ["Authorization: Bearer \(secret)"], body: body)
                        Self.compare(told, answer, play, "seed \(seed), turn \(turn)")
                        reasons[told.cases[0].outcome.reason, default: 0] += 1
                    }
                }
                #expect(reasons.count > 8, "\(reasons)")
            }
        }

        @LoopActor private static func explain(
            _ play: DaemonPlay, _ keys: KeySet, _ body: String, _ path: String, _ wishes: RequestWishes
        ) throws -> Explanation {
            let wall = play.timers.wallNow
            let chain = try AuditReader(path: play.folder["state"] + "/" + Defaults.auditDatabase)
            let since = WallTime(microseconds: wall.microseconds - 86_400_000_000)
            return Explainer.explain(
                .init(
                    bytes: Array(body.utf8), path: path, key: keys.keys[0], wishes: wishes, localCase: .down,
                    wall: wall), under: play.node.configuration,
                departures: .known(try chain.departures(since: since)))
        }

        @LoopActor private static func compare(
            _ told: Explanation, _ answer: WireAnswer, _ play: DaemonPlay, _ place: String
        ) {
            let id = answer["x-gatehouse-request-id"].flatMap { RequestID($0) }
            let record = id.flatMap { play.node.ledger.record($0) }?.report(at: play.node.now)
            let outside = told.rungs.compactMap(\.outside).first
            let verdict = outside?.verdicts[0]
            // What cannot go there is no verdict on the request.
            if let verdict, outside?.obstacle == nil || verdict.decision == "deny" {
                #expect(record?.verdict?.decision == verdict.decision, "\(place)")
                #expect(record?.verdict?.reason == verdict.reason, "\(place)")
                #expect(record?.verdict?.rule == verdict.rule, "\(place)")
                #expect(record?.verdict?.trigger == verdict.triggers.first, "\(place)")
            } else {
                #expect(record?.verdict == nil, "\(place)")
            }
            // Nobody listens at the place outside.
            guard told.cases[0].outcome.reason != "allow_rule" else { return }
            #expect(answer.status == told.cases[0].outcome.status, "\(place)")
            #expect(answer["x-gatehouse-reason"] == told.cases[0].outcome.reason, "\(place)")
        }
    }
}
