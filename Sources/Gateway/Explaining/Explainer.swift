import Accounting
import Dialects
import Residency
import Routing
import Vocabulary

/// Tells what would become of a request under a configuration, by going its way with the daemon's own parts: how a body
/// is read, names resolved, places outside weighed and the ladder climbed. Pure; it asks nobody.
struct Explainer {
    /// A request that somebody would like to know of.
    struct Question {
        /// The body.
        var bytes: [UInt8]
        /// The path that it would be sent to, with `POST`.
        var path: String
        /// Whose key would be shown.
        var key: Key?
        var wishes = RequestWishes()
        /// The case of the backends inside; `nil` for all of them, the one in which they work first.
        var localCase: LocalCase?
        /// When it would come.
        var wall: WallTime
    }

    /// What has left lately.
    enum Departures {
        case known([DayLedger.Departure])
        /// With the reason, for a person.
        case unknown(String)
    }

    private let configuration: GatehouseConfiguration
    private let question: Question
    private let departures: Departures
    private let ledger: DayLedger
    private var fleet: AssumedFleet
    private var told: Explanation

    private var policy: Residency.Policy { self.configuration.policy }

    private init(_ question: Question, _ configuration: GatehouseConfiguration, _ departures: Departures) {
        self.configuration = configuration
        self.question = question
        self.departures = departures
        var earlier: [DayLedger.Departure] = []
        // A question about the past is answered as it would have been then.
        if case .known(let all) = departures { earlier = all.filter { $0.wall <= question.wall } }
        self.ledger = DayLedger(clock: configuration.policy.clock, departures: earlier, at: question.wall)
        self.fleet = AssumedFleet(configuration)
        self.told = Explanation(
            call: "POST \(question.path)", bytes: question.bytes.count, time: question.wall.rfc3339,
            policy: configuration.policy.source.map { .init(revision: $0.revision, sha256: "\($0.hash)") },
            caller: .init(key: question.key?.id.rawValue, name: question.key?.name))
    }

    /// The whole story.
    static func explain(
        _ question: Question, under configuration: GatehouseConfiguration, departures: Departures
    ) -> Explanation {
        var explainer = Explainer(question, configuration, departures)
        do throws(RequestRefusal) { try explainer.tell() } catch { explainer.refuse(error) }
        return explainer.told
    }

    /// It ends before a backend is chosen, whatever these are doing.
    private mutating func refuse(_ refusal: RequestRefusal) {
        self.told.cases = [
            .init(
                when: LocalCase.works.rawValue,
                outcome: .init(
                    status: refusal.reason.status, reason: refusal.reason.rawValue, route: "none",
                    message: refusal.message, retryAfter: refusal.retryAfter?.wholeSecondsUp))
        ]
    }

    // MARK: In the daemon's order

    private mutating func tell() throws(RequestRefusal) {
        let route = Endpoint.route(method: Array("POST".utf8), path: Array(self.question.path.utf8)[...])
        try self.authenticate()
        if let refusal = route.refusal { throw refusal }
        guard case .endpoint(let endpoint, _) = route else {
            preconditionFailure("a path that is not served was not refused")
        }
        if self.question.bytes.count > Bounds.requestBody.count {
            throw RequestRefusal(.bodyTooLarge, "the body is longer than \(Bounds.requestBody.count) bytes")
        }
        let order = try self.order(endpoint)
        let classification = self.policy.classify(order.caller, raisedTo: order.raised)
        self.note(order, classification)
        if !endpoint.isInference || order.body.residence == .unload { return self.answerHere() }
        self.climb(order, classification)
    }

    private func authenticate() throws(RequestRefusal) {
        if self.configuration.keys.isEmpty { return }
        guard let key = self.question.key else { throw .keyMissing }
        if let cause = key.fault(at: self.question.wall) {
            // The caller is not told the cause; who asks here may know it.
            throw RequestRefusal(.keyInvalid, "\(RequestRefusal.keyInvalid.message) (\(cause.rawValue))")
        }
    }

    /// Reads the request. A name that nobody knows is taken to be installed where the manifest would serve it.
    private mutating func order(_ endpoint: Endpoint) throws(RequestRefusal) -> RequestOrder {
        do throws(RequestRefusal) { return try self.read(endpoint) } catch {
            guard error.reason == .modelUnknown, self.configuration.manifest.discovered == .serve,
                !self.fleet.local.isEmpty,
                let body = try? RequestBody(self.question.bytes, endpoint: endpoint)
            else { throw error }
            self.fleet.discovered = ModelName(canonical: LocalSuffix.removed(from: body.model).name)
            return try self.read(endpoint)
        }
    }

    private func read(_ endpoint: Endpoint) throws(RequestRefusal) -> RequestOrder {
        try RequestOrder(
            reading: self.question.bytes, endpoint, self.question.wishes,
            key: self.configuration.keys.isEmpty ? nil : self.question.key, manifest: self.fleet.manifest,
            catalogue: self.fleet.catalogue, isSettled: true, arrivedAt: .zero)
    }

    private mutating func answerHere() {
        self.told.cases = [
            .init(
                when: LocalCase.works.rawValue,
                outcome: .init(
                    status: Reason.answeredHere.status, reason: Reason.answeredHere.rawValue, route: "none"))
        ]
    }

    // MARK: The way

    private mutating func climb(_ order: RequestOrder, _ classification: Classification) {
        let rungs = order.resolution.rungs
        let hasLocal = rungs.contains { if case .local = $0 { true } else { false } }
        let cases = hasLocal ? self.question.localCase.map { [$0] } ?? LocalCase.allCases : [.works]
        let triggers =
            hasLocal ? cases.compactMap(\.trigger) : [order.resolution.trouble?.trigger ?? .localDown]
        self.told.rungs = rungs.map { self.rung($0, order, classification, triggers) }
        self.told.today = self.uses(rungs)
        self.told.assumed = self.assumptions(order)
        self.told.cases = cases.map { localCase in
            var play = LadderPlay(
                order, classification, in: localCase, fleet: self.fleet, limits: self.configuration.limits.machine,
                judge: self.judge)
            let when = hasLocal ? localCase.rawValue : triggers[0].rawValue
            return .init(when: when, outcome: play.run())
        }
    }

    private func judge(_ question: PolicyQuestion) -> Verdict {
        self.policy.judge(question, today: self.ledger, at: .zero, wall: self.question.wall)
    }

    private func rung(
        _ rung: Rung, _ order: RequestOrder, _ classification: Classification, _ triggers: [Trigger]
    ) -> Explanation.Rung {
        switch rung {
        case .local(let models):
            let catalogue = self.fleet.catalogue
            let places = models.map { model in
                Explanation.Place(
                    model: model.rawValue, backends: catalogue[model]?.backends.map(\.rawValue) ?? [])
            }
            return .init(kind: .local, places: places)
        case .external(let backend, let model):
            return .init(
                kind: .external, outside: self.outside(backend, model, order, classification, triggers))
        case .reply(let text):
            return .init(kind: .reply, text: text)
        }
    }

    private func outside(
        _ backend: BackendID, _ model: ModelName, _ order: RequestOrder, _ classification: Classification,
        _ triggers: [Trigger]
    ) -> Explanation.Outside {
        let weighings = triggers.map {
            order.weighing(
                .ofNobody, of: model, at: backend, as: self.fleet.manner(of: backend), for: $0, classification)
        }
        // The body hangs on no trigger, and the policy may say the same for several.
        var verdicts: [Explanation.Verdict] = []
        for weighing in weighings {
            let verdict = Explanation.Verdict(self.judge(weighing.question))
            if let same = verdicts.firstIndex(where: { $0.isLike(verdict) }) {
                verdicts[same].triggers += verdict.triggers
            } else {
                verdicts.append(verdict)
            }
        }
        let weighing =
            weighings.first
            ?? order.weighing(
                .ofNobody, of: model, at: backend, as: self.fleet.manner(of: backend), for: .localDown, classification)
        let site = self.fleet.external.first { $0.site.id == backend }?.site.external
        var told = Explanation.Outside(
            name: order.resolution.external(model, at: backend)?.name ?? model.rawValue, backend: backend.rawValue,
            model: model.rawValue, jurisdiction: site?.jurisdiction ?? "", bytes: weighing.question.bytes,
            dropped: [], verdicts: verdicts)
        switch weighing.prepared {
        case .success(let prepared): told.dropped = prepared.outgoing.dropped
        case .failure(let refusal):
            told.obstacle = .init(reason: refusal.reason.rawValue, message: refusal.message)
        }
        return told
    }

    // MARK: What is known

    private mutating func note(_ order: RequestOrder, _ classification: Classification) {
        self.told.caller.project = order.project?.rawValue
        self.told.caller.feature = order.feature?.rawValue
        if order.key == nil {
            let wishes = self.question.wishes
            let ignored = [("x-gatehouse-project", wishes.project), ("x-gatehouse-feature", wishes.feature)]
                .filter { $0.1 != nil }.map(\.0)
            if !ignored.isEmpty { self.told.caller.ignored = ignored }
        }
        self.told.request = .init(
            model: order.body.model, isStreamed: order.body.streams,
            promptTokens: order.body.hasImages ? nil : order.promptTokens.count,
            needs: order.body.use.rawValue, sensitivity: classification.sensitivity.rawValue,
            sensitivitySources: classification.sources, declinesExternal: order.declinesExternal)
        self.told.resolution = .init(order, self.fleet.manifest)
    }

    /// Of rules that can be asked, with limits of a day.
    private func uses(_ rungs: [Rung]) -> [Explanation.Use] {
        let backends = Set(
            rungs.compactMap { rung in if case .external(let backend, _) = rung { backend } else { nil } })
        return self.policy.rules.filter { rule in backends.contains(where: rule.concerns) }.compactMap { rule in
            guard let limits = rule.limits, limits.requestsPerDay != nil || limits.bytesPerDay != nil else {
                return nil
            }
            let used = self.ledger.used(by: rule.id, at: self.question.wall)
            return .init(
                rule: rule.id.rawValue, requests: used.requests, requestsPerDay: limits.requestsPerDay,
                bytes: used.bytes, bytesPerDay: limits.bytesPerDay)
        }
    }

    private func assumptions(_ order: RequestOrder) -> [String] {
        var assumed = AssumedSentences(order, self.fleet).all
        guard !order.resolution.ladder.external.isEmpty else { return assumed }
        if !self.told.today.isEmpty, case .unknown(let why) = self.departures {
            assumed.append("nothing has left today: the audit chain cannot be asked (\(why))")
        }
        if self.policy.rules.contains(where: \.isAllowance) {
            assumed.append("no earlier turn of its conversation was more sensitive: only the node remembers them")
        }
        assumed.append(
            "who may be asked outside answers: its address, its certificate and the audit chain are looked at then")
        return assumed
    }
}

extension Explanation.Verdict {
    /// The same but for the triggers.
    fileprivate func isLike(_ other: Self) -> Bool {
        var other = other
        other.triggers = self.triggers
        return other == self
    }

    init(_ verdict: Residency.Verdict) {
        func word(_ isAllowed: Bool) -> String { isAllowed ? "allow" : "deny" }
        self.init(
            triggers: [verdict.trigger.rawValue], decision: word(verdict.isAllowed), reason: verdict.reason.rawValue,
            rule: verdict.rule?.rawValue, isHard: verdict.isHard,
            weighed: verdict.weighed.map {
                .init(
                    rule: $0.rule.rawValue, effect: word($0.isAllowance), unmet: $0.unmet?.rawValue,
                    sentence: $0.sentence)
            },
            shadow: verdict.shadow.map {
                .init(
                    rule: $0.rule.rawValue, decision: word($0.isAllowed), reason: $0.reason.rawValue,
                    sentence: $0.sentence)
            })
    }
}
