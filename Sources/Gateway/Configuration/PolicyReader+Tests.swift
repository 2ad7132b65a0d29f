import Accounting
import Configuration
import Residency
import Vocabulary

/// A test that a policy brings: a request that nobody made, and what must become of it.
struct PolicyTest: Sendable {
    /// What is expected; a reason that is `nil` may be any.
    struct Expectation: Equatable, Sendable {
        var isAllowed = false
        var reason: Reason?
    }

    var name = ""
    var caller: PolicyCaller
    /// What the caller says of it, which may only raise.
    var sensitivity: Sensitivity?
    var backend: BackendID
    /// The model's name there; `nil` for the first of the terms.
    var model: String?
    var trigger: Trigger
    var bytes: Int
    /// When; `nil` for noon on a Monday in the policy's time.
    var time: WallTime?
    var declines: Bool
    var expected = Expectation()
}

extension PolicyReader {
    private enum Decision: String, CaseIterable {
        case allow, deny
    }

    /// `tests`: each with `name`, `input` and `expect`.
    mutating func tests(_ root: inout Section) -> [PolicyTest] {
        var taken: Set<String> = []
        return root.list("tests", default: []) { value in
            value.section { section -> PolicyTest? in
                let name = section.text("name")
                if !taken.insert(name).inserted, !name.isEmpty {
                    section.problem(with: "name", "another test is called `\(name)`, names are unique")
                }
                let expected = section.read("expect") { $0.section(Self.expectation) }
                let input = section.read("input") { $0.section { self.input(&$0) } }
                guard var test = input, let expected else { return nil }
                test.name = name
                test.expected = expected
                return test
            }
        }
    }

    /// `input`: `project`, `key`, `feature`, `sensitivity`, `trigger`, `to`, `model`, `bytes`, `time`, `declines`.
    private func input(_ input: inout Section) -> PolicyTest? {
        input.refuse("text", Self.later("text", "what is in a request is not looked at yet"))
        func optional(_ key: String, _ input: inout Section) -> String? { input.readIfPresent(key) { $0.text() } }
        let key = optional("key", &input)
        let caller = PolicyCaller(
            key: key.map { KeyID($0) }, keyName: key, project: optional("project", &input).map { ProjectName($0) },
            feature: optional("feature", &input).map { FeatureName($0) })
        let backend = input.read("to") { self.externalName($0) }
        let trigger = input.read("trigger", Self.trigger)
        let sensitivity = input.readIfPresent("sensitivity") { $0.choice(of: Sensitivity.self) }
        let model = optional("model", &input)
        let bytes = input.int("bytes", default: 0, in: 0...Int(Int32.max))
        let time = input.readIfPresent("time") { value in
            value.parsed("a time, as in `2026-11-24T12:00:00+08:00`", WallTime.init(rfc3339:))
        }
        let declines = input.bool("declines", default: false)
        guard let backend, let trigger else { return nil }
        return PolicyTest(
            caller: caller, sensitivity: sensitivity, backend: backend, model: model, trigger: trigger, bytes: bytes,
            time: time, declines: declines)
    }

    /// `expect`: `decision`, and perhaps its `reason`.
    private static func expectation(_ section: inout Section) -> PolicyTest.Expectation {
        let decision = section.read("decision") { $0.choice(of: Decision.self) }
        let reasons = Reason.allCases.filter { $0 == .allowRule || $0.isPolicyRefusal }
        let reason = section.readIfPresent("reason") { value in
            value.parsed("one of \(reasons.map { "`\($0.rawValue)`" }.joined(separator: ", "))") { text in
                reasons.first { $0.rawValue == text }
            }
        }
        if let decision, let reason, (decision == .allow) != (reason == .allowRule) {
            section.problem(
                with: "reason", "`\(reason.rawValue)` is never the reason to \(decision.rawValue), expected another")
        }
        return PolicyTest.Expectation(isAllowed: decision == .allow, reason: reason)
    }
}
