import Vocabulary

@testable import Residency

/// The rules of evaluation a second time, as a lawyer would read them: every condition of every rule is asked, nothing
/// is sorted before, and patterns and days are computed another way.
struct PolicyReferee {
    let rules: [PolicyRule]
    let models: [BackendID: [String]]
    let offsetMinutes: Int

    func judge(
        _ question: PolicyQuestion, used: [RuleID: DayLedger.Use], wall: WallTime
    ) -> Essence {
        let speaking = self.rules.filter { $0.to == nil || $0.to?.contains(question.backend) == true }
        let allowing = speaking.filter(\.isAllowance)
        if allowing.isEmpty { return Essence(false, .noMatchingAllow) }
        if question.declinesExternal { return Essence(false, .externalDeclined) }
        if self.models[question.backend]?.contains(question.model) != true { return Essence(false, .backendForbidden) }
        let denying = speaking.filter { !$0.isAllowance && self.failures($0, question, .init(), wall).isEmpty }
        let hard = denying.filter(\.isHard)
        if let rule = (hard.isEmpty ? denying : hard).map(\.id).min() { return Essence(false, .denyRule, rule) }
        let failures = Dictionary(
            uniqueKeysWithValues: allowing.map { rule in
                (rule.id, self.failures(rule, question, used[rule.id] ?? .init(), wall))
            })
        if let rule = failures.filter({ $0.value.isEmpty }).keys.min() { return Essence(true, .allowRule, rule) }
        let order: [Reason] = [
            .sensitivityTooHigh, .projectForbidden, .featureForbidden, .triggerForbidden, .timeForbidden, .limitBytes,
            .limitRate,
        ]
        // How far each came: to the first step that it fails.
        let reached = failures.mapValues { failed in order.firstIndex { failed.contains($0) } ?? 0 }
        let farthest = reached.values.max() ?? 0
        return Essence(false, order[farthest], reached.filter { $0.value == farthest }.keys.min())
    }

    private func failures(
        _ rule: PolicyRule, _ question: PolicyQuestion, _ used: DayLedger.Use, _ wall: WallTime
    ) -> Set<Reason> {
        var failed: Set<Reason> = []
        func ask(_ holds: Bool, _ reason: Reason) { if !holds { failed.insert(reason) } }
        let order: [Sensitivity] = [.public, .internal, .confidential, .restricted]
        func rank(_ sensitivity: Sensitivity) -> Int { order.firstIndex(of: sensitivity) ?? 0 }
        let caller = question.caller
        let sensitivity = rank(question.classification.sensitivity)
        switch rule.effect {
        case .allow(let allowance):
            ask(sensitivity <= rank(allowance.sensitivityMax), .sensitivityTooHigh)
            ask(allowance.triggers.contains(question.trigger), .triggerForbidden)
            ask(self.among(rule.projects, caller.project?.rawValue) ?? false, .projectForbidden)
            let byID = self.among(rule.keys, caller.key?.rawValue) ?? false
            ask(byID || self.among(rule.keys, caller.keyName) ?? false, .projectForbidden)
            ask(self.among(rule.features, caller.feature?.rawValue) ?? false, .featureForbidden)
            ask(question.bytes >= 0 && question.bytes <= allowance.limits.bytes ?? .max, .limitBytes)
            ask(used.requests + 1 <= allowance.limits.requestsPerDay ?? .max, .limitRate)
            ask(used.bytes + max(0, question.bytes) <= allowance.limits.bytesPerDay ?? .max, .limitRate)
        case .deny(let denial):
            ask(sensitivity >= rank(denial.sensitivityMin ?? .public), .sensitivityTooHigh)
            ask(denial.triggers.map { $0.contains(question.trigger) } ?? true, .triggerForbidden)
            // What is not known is taken for what is named.
            ask(self.among(rule.projects, caller.project?.rawValue) ?? true, .projectForbidden)
            let byID = self.among(rule.keys, caller.key?.rawValue) ?? true
            ask(byID || self.among(rule.keys, caller.keyName) ?? true, .projectForbidden)
            ask(self.among(rule.features, caller.feature?.rawValue) ?? true, .featureForbidden)
        }
        if let time = rule.time { ask(self.isWithin(time, wall), .timeForbidden) }
        return failed
    }

    /// `nil` if the list exists and the name does not.
    private func among(_ patterns: [NamePattern]?, _ name: String?) -> Bool? {
        guard let patterns else { return true }
        guard let name else { return nil }
        return patterns.contains { Self.fits(Array($0.text), Array(name)) }
    }

    static func fits(_ pattern: [Character], _ name: [Character]) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            return (0...name.count).contains { fits(Array(pattern.dropFirst()), Array(name.dropFirst($0))) }
        }
        return name.first == first && fits(Array(pattern.dropFirst()), Array(name.dropFirst()))
    }

    /// Walks the week minute by minute of the window's own days.
    private func isWithin(_ window: DailyWindow, _ wall: WallTime) -> Bool {
        let week = 7 * 1440
        let minutes = Int(wall.microseconds / 60_000_000) + self.offsetMinutes
        // 1970-01-05 was a Monday.
        let minute = ((minutes - 4 * 1440) % week + week) % week
        for (place, day) in PolicyClock.Weekday.allCases.enumerated() where window.days.contains(day) {
            let begin = place * 1440 + window.from
            let length = window.to > window.from ? window.to - window.from : window.to + 1440 - window.from
            if ((minute - begin) % week + week) % week < length { return true }
        }
        return false
    }
}
