import Configuration
import Residency
import Vocabulary

extension PolicyReader {
    private enum Effect: String, CaseIterable {
        case allow, deny
    }

    /// What both effects have in common.
    private struct Conditions {
        var projects: [NamePattern]?
        var keys: [NamePattern]?
        var features: [NamePattern]?
        var time: DailyWindow?
    }

    /// `rules` or `shadow`: each with `id`, `effect`, `to`, `when`, `hard`, `limits`.
    mutating func rules(
        _ key: String, _ root: inout Section, _ subject: (Int) -> PolicySubject
    ) -> [PolicyRule] {
        var count = 0
        return root.read(key, default: []) { list in
            list.list { value in
                let rule = self.part(value, subject(count)) { reader, section in reader.rule(&section) }
                if rule != nil { count += 1 }
                return rule
            }
        }
    }

    private func rule(_ section: inout Section) -> PolicyRule {
        section.refuse(
            "transform", Self.later("transform", "nothing is redacted yet, a body leaves as it is or not at all"))
        section.refuse("payload_log", Self.later("payload_log", "no prompt and no answer is ever kept"))
        section.refuse("obligations", Self.later("obligations", "the answer's headers always say where it comes from"))
        let id = RuleID(section.text("id"))
        switch section.read("effect", { $0.choice(of: Effect.self) }) {
        case .allow: return self.allowance(id, &section)
        case .deny: return self.denial(id, &section)
        case nil:
            // Which keys belong here hangs on the effect, so none of them is told to be wrong.
            for key in ["to", "when", "hard", "limits"] { _ = section.value(key) }
            return PolicyRule(id: id, effect: .deny(PolicyRule.Denial()), to: nil)
        }
    }

    private func allowance(_ id: RuleID, _ section: inout Section) -> PolicyRule {
        section.refuse("hard", "`hard` is for deny rules: it says that nothing may ever make an exception")
        let to = section.list("to") { self.externalName($0) }
        let when = section.read("when") { value in
            value.section { when in (Self.allowance(&when), Self.conditions(&when)) }
        }
        var allowance = when?.0 ?? Self.nothing
        allowance.limits = section.section("limits", Self.limits)
        return Self.rule(id, .allow(allowance), Set(to), when?.1 ?? Conditions())
    }

    /// Stands for an allowance with mistakes.
    private static let nothing = PolicyRule.Allowance(sensitivityMax: .public, triggers: [])

    /// `when` of an allow rule: `sensitivity_max` and `triggers`, which must be there.
    private static func allowance(_ when: inout Section) -> PolicyRule.Allowance {
        when.refuse("sensitivity_min", "`sensitivity_min` is for deny rules, an allow rule has `sensitivity_max`")
        return PolicyRule.Allowance(
            sensitivityMax: when.read("sensitivity_max") { $0.choice(of: Sensitivity.self) } ?? .public,
            triggers: Set(when.list("triggers", Self.trigger)))
    }

    private func denial(_ id: RuleID, _ section: inout Section) -> PolicyRule {
        section.refuse("limits", "`limits` are for allow rules, a deny rule lets nothing go")
        let to = Self.listIfPresent("to", &section) { self.externalName($0) }
        var (denial, conditions) = section.section("when") { when in (Self.denial(&when), Self.conditions(&when)) }
        denial.isHard = section.bool("hard", default: false)
        return Self.rule(id, .deny(denial), to.map { Set($0) }, conditions)
    }

    /// `when` of a deny rule: `sensitivity_min` and `triggers`, which may be left out.
    private static func denial(_ when: inout Section) -> PolicyRule.Denial {
        when.refuse("sensitivity_max", "`sensitivity_max` is for allow rules, a deny rule has `sensitivity_min`")
        return PolicyRule.Denial(
            sensitivityMin: when.readIfPresent("sensitivity_min") { $0.choice(of: Sensitivity.self) },
            triggers: Self.listIfPresent("triggers", &when, Self.trigger).map { Set($0) })
    }

    private static func rule(
        _ id: RuleID, _ effect: PolicyRule.Effect, _ to: Set<BackendID>?, _ conditions: Conditions
    ) -> PolicyRule {
        PolicyRule(
            id: id, effect: effect, to: to, projects: conditions.projects, keys: conditions.keys,
            features: conditions.features, time: conditions.time)
    }

    /// `when`: `projects`, `keys`, `features`, `time`.
    private static func conditions(_ when: inout Section) -> Conditions {
        when.refuse("entities_any", Self.later("entities_any", "what is in a request is not looked at yet"))
        return Conditions(
            projects: Self.names("projects", &when), keys: Self.names("keys", &when),
            features: Self.names("features", &when), time: when.readIfPresent("time") { $0.section(Self.window) })
    }

    /// What must have happened here.
    static func trigger(_ value: Value) -> Trigger? {
        if value.says("quality_gate") {
            value.problem(Self.later("quality_gate", "no answer is judged by its quality yet"))
            return nil
        }
        return value.choice(of: Trigger.self)
    }

    /// Names or patterns.
    private static func names(_ key: String, _ section: inout Section) -> [NamePattern]? {
        Self.listIfPresent(key, &section) { value in value.text().map { NamePattern($0) } }
    }

    /// A list that holds something, if it is there.
    private static func listIfPresent<T>(
        _ key: String, _ section: inout Section, _ read: (Value) -> T?
    ) -> [T]? {
        section.has(key) ? section.list(key, read) : section.readIfPresent(key) { $0.list(read) }
    }

    /// `time`: `from`, `to`, `days`.
    private static func window(_ section: inout Section) -> DailyWindow? {
        let from = Self.minutes("from", &section)
        let to = Self.minutes("to", &section)
        let days = Self.listIfPresent("days", &section) { $0.choice(of: PolicyClock.Weekday.self) }
        if !["from", "to", "days"].contains(where: section.has) {
            section.problem("neither hours nor days are named, expected `from`, `to` or `days`")
        }
        if from == 1440 { section.problem(with: "from", "a day ends at 24:00, expected a time before that") }
        if let from, let to, from == to {
            section.problem(with: "to", "nothing lies between `from` and `to`, which are the same")
        }
        return DailyWindow(from: from ?? 0, to: to ?? 1440, days: Set(days ?? PolicyClock.Weekday.allCases))
    }

    private static func minutes(_ key: String, _ section: inout Section) -> Int? {
        section.readIfPresent(key) { value in
            value.parsed("a time of day from `00:00` to `24:00`", PolicyClock.minutes)
        }
    }

    /// `limits`: `bytes` of one body, `requests_per_day`, `bytes_per_day`.
    private static func limits(_ section: inout Section) -> PolicyRule.Limits {
        section.refuse(
            "subjects_per_year", Self.later("subjects_per_year", "nobody counts whom a request is about yet"))
        section.refuse("cost_per_day", Self.later("cost_per_day", "prices are not known yet"))
        return PolicyRule.Limits(
            bytes: Self.count("bytes", &section), requestsPerDay: Self.count("requests_per_day", &section),
            bytesPerDay: Self.count("bytes_per_day", &section))
    }

    private static func count(_ key: String, _ section: inout Section) -> Int? {
        section.readIfPresent(key) { $0.int(in: 1...Self.countMax) }
    }

    /// More than any day brings; far enough from what overflows.
    private static let countMax = 1_000_000_000_000
}
