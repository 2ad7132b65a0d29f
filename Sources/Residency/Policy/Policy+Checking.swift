import Vocabulary

/// What can be wrong with the parts of a policy. A reader of the file has found much of it before, at its place; here it
/// holds for every policy, however it was made.
extension Policy {
    static func problems(_ external: [BackendID: ExternalTerms]) -> [PolicyProblem] {
        external.sorted { $0.key < $1.key }.flatMap { backend, terms in
            terms.problems.map { PolicyProblem(subject: .external(backend), key: $0.key, message: $0.message) }
        }
    }

    static func problems(_ tags: [SensitivityTag]) -> [PolicyProblem] {
        tags.indices.filter { tags[$0].namesNothing }.map { place in
            PolicyProblem(
                subject: .tag(place), key: nil,
                message: "this entry names no `key`, `project` or `feature`; "
                    + "what holds for everybody is `defaults.sensitivity`")
        }
    }

    static func problems(
        _ rules: [PolicyRule], _ shadow: [PolicyRule], _ external: [BackendID: ExternalTerms]
    ) -> [PolicyProblem] {
        let all =
            rules.enumerated().map { (PolicySubject.rule($0.offset), $0.element) }
            + shadow.enumerated().map { (PolicySubject.shadow($0.offset), $0.element) }
        var problems: [PolicyProblem] = []
        if all.count > Bounds.policyRules {
            problems.append(
                PolicyProblem(
                    subject: .policy, key: nil,
                    message: "there are \(all.count) rules, at most \(Bounds.policyRules) are read"))
        }
        var taken: Set<RuleID> = []
        for (subject, rule) in all {
            for (key, message) in rule.problems(knowing: external) {
                problems.append(PolicyProblem(subject: subject, key: key, message: message))
            }
            if !taken.insert(rule.id).inserted {
                problems.append(
                    PolicyProblem(
                        subject: subject, key: "id", message: "another rule is called `\(rule.id)`, ids are unique"))
            }
        }
        return problems
    }
}

extension PolicyRule {
    /// What is wrong with this rule alone, by its key.
    fileprivate func problems(knowing external: [BackendID: ExternalTerms]) -> [(key: String, message: String)] {
        var problems: [(key: String, message: String)] = []
        if !Self.isID(self.id.rawValue) {
            problems.append(
                (
                    "id",
                    "a rule's id has 1 to 64 letters, digits, `-`, `_` and `.`: it stands in headers and records"
                ))
        }
        if self.to == nil, self.isAllowance {
            problems.append(("to", "an allow rule names the backends that it is for"))
        }
        for backend in (self.to ?? []).sorted() where external[backend] == nil {
            let known = external.keys.sorted().map { "`\($0)`" }.joined(separator: ", ")
            problems.append(
                (
                    "to",
                    "`\(backend)` has no terms under `external`, which has \(known.isEmpty ? "none" : known)"
                ))
        }
        let lists: [(String, Bool)] = [
            ("to", self.to?.isEmpty == true), ("projects", self.projects?.isEmpty == true),
            ("keys", self.keys?.isEmpty == true), ("features", self.features?.isEmpty == true),
            ("triggers", self.triggers?.isEmpty == true), ("time", self.time?.isEmpty == true),
        ]
        for (key, isEmpty) in lists where isEmpty {
            problems.append((key, "nothing is listed, so that the rule matches nothing"))
        }
        if self.limits?.isPositive == false { problems.append(("limits", "a limit is a number from 1 up")) }
        return problems
    }

    private static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "-_.".utf8.contains(byte)
            }
    }
}
