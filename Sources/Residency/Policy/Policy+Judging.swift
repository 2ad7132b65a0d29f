import Vocabulary

extension Policy {
    /// What some set of rules comes to.
    private struct Decision {
        var isAllowed = false
        var reason: Reason
        var rule: RuleID?
        var isHard = false
    }

    /// A rule with the first of its conditions that does not hold.
    private struct Weighed {
        let rule: PolicyRule
        let unmet: PolicyCondition?

        var matches: Bool { self.unmet == nil }
    }

    /// Says whether the request may go, and why; `today` is what has gone already.
    public func judge(
        _ question: PolicyQuestion, today: DayLedger, at now: Instant, wall: WallTime
    ) -> Verdict {
        let weighed = self.weigh(self.rules, question, today, wall)
        let decision = self.decide(question, weighed)
        return Verdict(
            request: question.request, backend: question.backend, model: question.model, trigger: question.trigger,
            sensitivity: question.classification.sensitivity, isAllowed: decision.isAllowed, reason: decision.reason,
            rule: decision.rule, isHard: decision.isHard,
            weighed: weighed.map {
                Verdict.WeighedRule(rule: $0.rule.id, isAllowance: $0.rule.isAllowance, unmet: $0.unmet)
            }, shadow: self.shadow(question, weighed, decision, today, wall), source: self.source, madeAt: now)
    }

    private func weigh(
        _ rules: [PolicyRule], _ question: PolicyQuestion, _ today: DayLedger, _ wall: WallTime
    ) -> [Weighed] {
        let moment = self.clock.moment(of: wall)
        return rules.filter { $0.concerns(question.backend) }.map { rule in
            Weighed(rule: rule, unmet: rule.unmet(by: question, at: moment, used: today.used(by: rule.id, at: wall)))
        }
    }

    /// The rules come by id, so that the first of several is the same in whatever order they were written.
    private func decide(_ question: PolicyQuestion, _ weighed: [Weighed]) -> Decision {
        let allowances = weighed.filter(\.rule.isAllowance)
        guard !allowances.isEmpty else { return Decision(reason: .noMatchingAllow) }
        if question.declinesExternal { return Decision(reason: .externalDeclined) }
        guard let terms = self.external[question.backend], terms.models.contains(question.model) else {
            return Decision(reason: .backendForbidden)
        }
        let denials = weighed.filter { !$0.rule.isAllowance && $0.matches }
        if let denial = denials.first(where: \.rule.isHard) ?? denials.first {
            return Decision(reason: .denyRule, rule: denial.rule.id, isHard: denial.rule.isHard)
        }
        return Self.decide(allowances)
    }

    /// The first that matches, else the one that came nearest to it.
    private static func decide(_ allowances: [Weighed]) -> Decision {
        var nearest: (rule: RuleID, unmet: PolicyCondition)?
        for allowance in allowances {
            guard let unmet = allowance.unmet else {
                return Decision(isAllowed: true, reason: .allowRule, rule: allowance.rule.id)
            }
            if nearest.map({ unmet > $0.unmet }) ?? true { nearest = (allowance.rule.id, unmet) }
        }
        return Decision(reason: nearest?.unmet.reason ?? .noMatchingAllow, rule: nearest?.rule)
    }

    /// What the shadow rules would change if they were in force too. Nothing of it reaches the decision.
    private func shadow(
        _ question: PolicyQuestion, _ enforced: [Weighed], _ decision: Decision, _ today: DayLedger, _ wall: WallTime
    ) -> Verdict.Shadow? {
        guard !self.shadow.isEmpty else { return nil }
        let all = enforced + self.weigh(self.shadow, question, today, wall)
        let other = self.decide(question, all.sorted { $0.rule.id < $1.rule.id })
        guard other.isAllowed != decision.isAllowed, let rule = other.rule else { return nil }
        return Verdict.Shadow(isAllowed: other.isAllowed, reason: other.reason, rule: rule)
    }
}
