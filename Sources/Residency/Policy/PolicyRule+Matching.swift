import Vocabulary

extension PolicyRule {
    /// The first condition that does not hold for `question`; `nil` if the rule matches.
    ///
    /// What is not known of a caller is never to its advantage: an allow rule that names projects does not match a
    /// caller without one, a deny rule that does matches it, for it may be the one that is meant.
    func unmet(
        by question: PolicyQuestion, at moment: PolicyClock.Moment, used: DayLedger.Use
    ) -> PolicyCondition? {
        if !self.takes(question.classification.sensitivity) { return .sensitivity }
        let caller = question.caller
        if !self.lists(self.projects, [caller.project?.rawValue]) { return .caller }
        if !self.lists(self.keys, [caller.key?.rawValue, caller.keyName]) { return .caller }
        if !self.lists(self.features, [caller.feature?.rawValue]) { return .feature }
        if self.triggers?.contains(question.trigger) == false { return .trigger }
        if self.time?.contains(moment) == false { return .time }
        guard let limits = self.limits else { return nil }
        // A negative length is none that anybody has counted.
        if question.bytes < 0 || limits.bytes.map({ question.bytes > $0 }) ?? false { return .bytes }
        return limits.hold(for: question.bytes, after: used) ? nil : .day
    }

    private func takes(_ sensitivity: Sensitivity) -> Bool {
        switch self.effect {
        case .allow(let allowance): sensitivity <= allowance.sensitivityMax
        case .deny(let denial): denial.sensitivityMin.map { sensitivity >= $0 } ?? true
        }
    }

    /// Whether one of `names`, which all mean the same caller, is among `patterns`; `nil` is a name that is not known.
    private func lists(_ patterns: [NamePattern]?, _ names: [String?]) -> Bool {
        guard let patterns else { return true }
        if !self.isAllowance, names.contains(nil) { return true }
        return names.contains { name in
            guard let name else { return false }
            return patterns.contains { $0.matches(name) }
        }
    }
}

extension PolicyRule.Limits {
    /// Whether one more request of `bytes` fits into a day in which `used` has gone.
    fileprivate func hold(for bytes: Int, after used: DayLedger.Use) -> Bool {
        if let most = self.requestsPerDay, used.requests >= most { return false }
        if let most = self.bytesPerDay, bytes > most || used.bytes > most - bytes { return false }
        return true
    }
}
