import Configuration
import Residency
import Vocabulary

/// What `gatehouse policy lint` has to say of a policy without mistakes.
struct PolicyLint {
    /// One line for each piece of advice, in the order of their places.
    let lines: [String]

    init(_ file: PolicyFile, backends: [PolicyFile.Backend], path: String) {
        var advice = file.policy.advice
        if file.tests.isEmpty {
            advice.append(PolicyAdvice(.policy, "there are no `tests`, write down what must leave and what must not"))
        }
        for backend in backends where file.policy.external[backend.id] == nil {
            advice.append(
                PolicyAdvice(
                    .policy, "backend `\(backend.id)` stands outside and has no terms here, so it is never asked"))
        }
        let problems = advice.map { advice in
            file.places[advice.subject].map { Problem($0, advice.message) } ?? Problem(file: path, advice.message)
        }
        self.lines = problems.sorted().map(\.description)
    }

    /// The lines, and their number in words.
    var text: String {
        let sum =
            switch self.lines.count {
            case 0: "no mistakes, no advice"
            case 1: "no mistakes, one piece of advice"
            case let count: "no mistakes, \(count) pieces of advice"
            }
        return (self.lines + [sum]).joined(separator: "\n")
    }
}

/// What became of the tests of a policy.
struct PolicyTestReport: Encodable {
    struct Outcome: Encodable {
        let name: String
        let passed: Bool
        /// `deny` or `deny, sensitivity_too_high`.
        let expected: String
        let decision: String
        let reason: String
        let rule: String?
        /// How it came to that, a sentence for each step.
        let why: [String]
    }

    let file: String
    let revision: String
    let sha256: String
    let tests: [Outcome]
    let failed: Int
    /// Rules by which no test is decided.
    let undecided: [String]

    init(_ file: PolicyFile, path: String) {
        let verdicts = file.tests.map { ($0, $0.verdict(under: file.policy)) }
        self.file = path
        self.revision = file.policy.source?.revision ?? ""
        self.sha256 = file.policy.source.map { "\($0.hash)" } ?? ""
        self.tests = verdicts.map { Outcome($0, $1, $0.classification(under: file.policy)) }
        self.failed = self.tests.count { !$0.passed }
        let decisive = Set(verdicts.compactMap { $1.decisiveRule } + verdicts.compactMap { $1.shadow?.rule })
        self.undecided = (file.policy.rules + file.policy.shadow).map(\.id).filter { !decisive.contains($0) }
            .map(\.rawValue)
    }

    /// A line for each test, with its story if it failed.
    var text: String {
        var lines: [String] = []
        for test in self.tests {
            let found = "\(test.decision), \(test.reason)"
            guard !test.passed else {
                lines.append("ok    \(test.name): \(found)")
                continue
            }
            lines.append("FAIL  \(test.name): expected \(test.expected), found \(found)")
            lines += test.why.map { "      \($0)" }
        }
        if self.tests.isEmpty { lines.append("there are no `tests` in \(self.file)") }
        if !self.tests.isEmpty { lines.append("\(self.tests.count - self.failed) of \(self.tests.count) tests passed") }
        if !self.undecided.isEmpty {
            lines.append("no test is decided by " + self.undecided.map { "`\($0)`" }.joined(separator: ", "))
        }
        return lines.joined(separator: "\n")
    }
}

extension PolicyTestReport.Outcome {
    fileprivate init(_ test: PolicyTest, _ verdict: Verdict, _ classification: Classification) {
        self.name = test.name
        self.passed =
            test.expected.isAllowed == verdict.isAllowed && test.expected.reason.map { $0 == verdict.reason } ?? true
        self.expected = Self.word(test.expected.isAllowed) + (test.expected.reason.map { ", \($0.rawValue)" } ?? "")
        self.decision = Self.word(verdict.isAllowed)
        self.reason = verdict.reason.rawValue
        self.rule = verdict.rule?.rawValue
        let sources = classification.sources.joined(separator: ", ")
        var why = ["the request is `\(classification.sensitivity.rawValue)` (\(sources))"]
        why += verdict.weighed.map(\.sentence)
        if let shadow = verdict.shadow { why.append(shadow.sentence) }
        self.why = why
    }

    private static func word(_ isAllowed: Bool) -> String { isAllowed ? "allow" : "deny" }
}

extension Verdict.WeighedRule {
    /// What it came to, for a person.
    var sentence: String {
        switch (self.isAllowance, self.unmet) {
        case (true, nil): "`\(self.rule)` allows it"
        case (false, nil): "`\(self.rule)` denies it"
        case (true, let unmet?): "`\(self.rule)` would allow it but for its \(unmet.rawValue)"
        case (false, let unmet?): "`\(self.rule)` would deny it but for its \(unmet.rawValue)"
        }
    }
}

extension Verdict.Shadow {
    /// What would be if it were in force, for a person.
    var sentence: String { "in force, the shadow rule `\(self.rule)` would \(self.isAllowed ? "allow" : "deny") it" }
}

extension Verdict {
    /// The rule that matched and decided.
    fileprivate var decisiveRule: RuleID? { self.reason == .allowRule || self.reason == .denyRule ? self.rule : nil }
}

extension PolicyTest {
    /// How sensitive the request of this test is.
    func classification(under policy: Policy) -> Classification {
        policy.classify(self.caller, raisedTo: self.sensitivity)
    }

    /// What the policy says of it, on a day on which nothing has left yet.
    func verdict(under policy: Policy) -> Verdict {
        let question = PolicyQuestion(
            request: .ofNobody, backend: self.backend,
            model: self.model ?? policy.external[self.backend]?.models.first ?? "", trigger: self.trigger,
            classification: self.classification(under: policy), caller: self.caller, bytes: self.bytes,
            declinesExternal: self.declines)
        return policy.judge(
            question, today: DayLedger(clock: policy.clock), at: .zero, wall: self.time ?? Self.noon(policy.clock))
    }

    /// Noon of Monday 2026-01-05 in the policy's time, 20,458 days after 1970-01-01.
    private static func noon(_ clock: PolicyClock) -> WallTime {
        WallTime(microseconds: Int64(20_458 * 86_400 + 43_200 - clock.offsetMinutes * 60) * 1_000_000)
    }
}

extension RequestID {
    /// No request has this id.
    static let ofNobody: RequestID = {
        var generator = SeededGenerator(seed: 0)
        return RequestID(at: WallTime(microseconds: 0), using: &generator)
    }()
}
