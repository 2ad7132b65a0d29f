import Residency
import Routing
import Vocabulary

/// What is in force, and since when; days, and clocks that people set.
extension World {
    var policyPlan: PolicyPlan? { self.plan.policies[self.inForce] }

    /// What a calendar shows now, if it is right.
    var wall: WallTime { self.plan.calendar + (self.now - WorldPlan.origin) + self.clockShift }

    static func gate(of plan: WorldPlan, _ policy: Policy, generation: UInt64) throws -> Gate {
        try Gate(
            zones: [Zone(name: "lan", networks: [CIDR(parsing: "10.20.0.0/16")])],
            sites: plan.backends.map {
                BackendSite(id: $0.id, endpoint: .tcp(host: $0.host, port: 11434), zone: "lan")
            }
                + plan.external.map {
                    BackendSite(
                        id: $0.id, endpoint: .tcp(host: $0.host, port: 443), tls: true, zone: .external,
                        external: ExternalSite(jurisdiction: "EU"))
                }, terms: policy.external, policy: policy.source, generation: generation)
    }

    /// Another policy, and with it another gate. Addresses that are known are judged anew; of those outside some only
    /// when their names are resolved again.
    mutating func reload() {
        self.inForce = min(self.inForce + 1, self.policies.count - 1)
        let policy = self.policies[self.inForce]
        self.note("reload: \(policy.source.map { "policy \($0.revision)" } ?? "no policy")")
        self.ledger.clock = policy.clock
        guard let gate = try? Self.gate(of: self.plan, policy, generation: self.gate.generation + 1) else {
            return self.referee.check(.progress, false, "no gate can be made of policy \(self.inForce)")
        }
        self.gate = gate
        for index in self.nodes.indices { self.resolve(index) }
        for index in self.clouds.indices {
            self.clouds[index].outdated = self.clouds[index].checked
            self.clouds[index].checked = nil
            if self.dice.chance(70) {
                self.resolveOutside(index)
            } else {
                self.publishOutside(index)
                self.queue.schedule(.resolveOutside(index), at: self.now + self.dice.moment)
            }
        }
    }

    /// A node that is started anew counts what the audit chain has of the last day, and what is being written.
    mutating func recount() {
        self.note("the day is counted anew")
        let gone = self.departures.indices.filter { !self.departures[$0].isLost }
        if !gone.isEmpty { self.tally.recountsThatMattered += 1 }
        let since = self.wall + .seconds(-86_400)
        let counted = gone.map { self.departures[$0] }.filter { $0.wall >= since }.compactMap { departure in
            departure.intent.verdict.rule.map {
                DayLedger.Departure(rule: $0, bytes: departure.intent.bytes, wall: departure.wall)
            }
        }
        self.ledger = DayLedger(clock: self.policies[self.inForce].clock, departures: counted, at: self.wall)
        self.dayBook.replay(
            gone.map { number in
                let departure = self.departures[number]
                let rule = departure.intent.verdict.rule ?? ""
                return (number, departure.intent.bytes, rule, self.plan.local(departure.wall).day)
            }, on: self.plan.local(self.wall).day)
    }

    /// Counts what is about to leave, and sees that no day's limit is passed by it.
    mutating func reserve(_ verdict: Verdict, _ index: Int) {
        guard let rule = verdict.rule, let plan = self.policyPlan else { return }
        let bytes = self.requests[index].plan.bytes
        if self.sabotage != .forgetsDays { self.ledger.reserve(rule: rule, bytes: bytes, wall: self.wall) }
        let day = self.plan.local(self.wall).day
        self.dayBook.count(self.departures.count, bytes, by: rule, on: day)
        let used = self.dayBook.used(by: rule, on: day)
        guard let limits = plan.rules.first(where: { $0.id == rule }) else { return }
        self.referee.check(
            .dayLimits, used.requests <= limits.requestsPerDay ?? .max && used.bytes <= limits.bytesPerDay ?? .max,
            "request \(index) is number \(used.requests) of its day by rule \(rule), with \(used.bytes) bytes")
    }

    /// What the policy says of a place outside; the referee reads it too.
    mutating func weigh(_ backend: BackendID, _ model: ModelName, _ trigger: Trigger, _ index: Int) {
        let request = self.requests[index]
        if self.dice.chance(4) {
            return self.tell(index) { machine, _, now in machine.unfit(.dialectUnsupported, "no such call", at: now) }
        }
        let policy = self.sabotage == .saysYes ? self.loosened[self.inForce] : self.policies[self.inForce]
        let caller = PolicyCaller(
            project: request.plan.project.map { ProjectName($0) }, feature: request.plan.feature.map { FeatureName($0) }
        )
        let verdict = policy.judge(
            PolicyQuestion(
                request: request.id, backend: backend, model: model.rawValue, trigger: trigger,
                classification: self.policies[self.inForce].classify(caller, raisedTo: request.plan.raised),
                caller: caller, bytes: request.plan.bytes, declinesExternal: request.plan.declinesExternal),
            today: self.ledger, at: self.now, wall: self.wall)
        self.note("request \(index): the policy says \(verdict.reason) \(verdict.rule.map { "by \($0)" } ?? "")")
        self.tally.verdicts[verdict.reason, default: 0] += 1
        self.checkVerdict(verdict, index)
        self.tell(index) { machine, _, now in machine.weighed(verdict, at: now) }
    }
}
