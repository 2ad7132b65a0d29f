/// An `Explanation` for a person.
struct ExplanationText {
    private let told: Explanation
    private var lines: [String] = []

    init(_ explanation: Explanation) {
        self.told = explanation
        self.head()
        self.way()
        self.today()
        self.assumed()
        self.ends()
    }

    var text: String { self.lines.joined(separator: "\n") }

    // MARK: Parts

    private mutating func head() {
        self.lines.append("\(self.told.call), \(self.told.bytes) bytes, at \(self.told.time)")
        let policy = self.told.policy.map { "\($0.revision), SHA-256 \($0.sha256.prefix(12))" }
        self.line("policy", policy ?? "none, so that nothing leaves")
        self.line("caller", self.caller)
        guard let request = self.told.request else { return }
        self.line("asks for", self.asked(request))
        let sources = request.sensitivitySources.joined(separator: ", ")
        self.line("sensitivity", "\(request.sensitivity) (\(sources))")
        if request.declinesExternal { self.line("declines", "it says `x-gatehouse-external: never`") }
        if let resolution = self.told.resolution { self.name(resolution, request) }
    }

    private var caller: String {
        let caller = self.told.caller
        guard let key = caller.key else {
            let ignored = caller.ignored ?? []
            return ignored.isEmpty
                ? "no key"
                : "no key, so that \(ignored.joined(separator: " and ")) \(ignored.count == 1 ? "is" : "are") not looked at"
        }
        let tags = [("project", caller.project), ("feature", caller.feature)]
        return (["key \(caller.name ?? "") (\(key))"] + tags.compactMap { tag, name in name.map { "\(tag) \($0)" } })
            .joined(separator: ", ")
    }

    private func asked(_ request: Explanation.Request) -> String {
        let tokens = request.promptTokens.map { ", a prompt of about \($0) tokens" } ?? ""
        return "\(request.model) for \(request.needs), \(request.isStreamed ? "a stream" : "in one piece")\(tokens)"
    }

    private mutating func name(_ resolution: Explanation.Resolution, _ request: Explanation.Request) {
        let alias = resolution.alias.map { "alias `\($0)` of " } ?? ""
        let kind =
            switch resolution.found {
            case "tier": "\(resolution.auto == nil ? "" : "`auto`, which leads to ")tier `\(resolution.tier ?? "")`"
            case "discovered": "a model that the manifest does not name, and would serve"
            case "external": "a model outside"
            default: "a model of the manifest"
            }
        self.line("which is", alias + kind)
        if let auto = resolution.auto {
            for rule in auto.passedOver {
                self.line("passed over", "rule \(rule.rule): tier `\(rule.tier)` has nobody for it")
            }
            self.line("since", "\(auto.why) (rule=\(auto.rule))")
        }
        for model in resolution.passedOver { self.line("passed over", "\(model.model): \(model.why)") }
        if let trouble = resolution.trouble { self.line("trigger", "\(trouble.trigger): \(trouble.message)") }
    }

    private mutating func way() {
        guard !self.told.rungs.isEmpty else { return }
        self.title("its way, until somebody answers")
        for (place, rung) in self.told.rungs.enumerated() {
            let number = "  \(place + 1)  "
            switch rung.kind {
            case .local:
                let places = (rung.places ?? []).map { place in
                    "\(place.model) at \(place.backends.joined(separator: " or "))"
                }
                self.lines.append(number + "inside: \(places.joined(separator: ", else "))")
            case .external:
                if let outside = rung.outside { self.outside(outside, number) }
            case .reply:
                self.lines.append(number + "the words of the manifest: \(rung.text ?? "")")
            }
        }
    }

    private mutating func outside(_ outside: Explanation.Outside, _ number: String) {
        let model = outside.name == outside.model ? outside.model : "\(outside.name) (\(outside.model) there)"
        self.lines.append(number + "outside: \(model) at \(outside.backend), jurisdiction \(outside.jurisdiction)")
        if let obstacle = outside.obstacle {
            self.lines.append(
                "     it cannot go there whatever the policy says, \(obstacle.reason): \(obstacle.message)")
        } else {
            let dropped = outside.dropped.isEmpty ? "" : "; without \(outside.dropped.joined(separator: ", "))"
            self.lines.append("     \(outside.bytes) bytes would leave\(dropped)")
        }
        for verdict in outside.verdicts {
            let rule = verdict.rule.map { ", \(verdict.isHard ? "hard rule" : "rule") `\($0)`" } ?? ""
            let decision = verdict.decision == "allow" ? "allowed" : "denied"
            self.lines.append(
                "     \(verdict.triggers.joined(separator: ", ")): \(decision), \(verdict.reason)\(rule)")
            for weighed in verdict.weighed { self.lines.append("       \(weighed.sentence)") }
            if let shadow = verdict.shadow { self.lines.append("       \(shadow.sentence)") }
        }
    }

    private mutating func today() {
        guard !self.told.today.isEmpty else { return }
        self.title("left today")
        for use in self.told.today {
            let requests = "\(use.requests)\(use.requestsPerDay.map { " of \($0)" } ?? "") requests"
            let bytes = "\(use.bytes)\(use.bytesPerDay.map { " of \($0)" } ?? "") bytes"
            self.lines.append("  by `\(use.rule)`: \(requests), \(bytes)")
        }
    }

    private mutating func assumed() {
        guard !self.told.assumed.isEmpty else { return }
        self.title("taken for granted")
        self.lines += self.told.assumed.map { "  \($0)" }
    }

    private mutating func ends() {
        self.title("what the client gets")
        let whens = self.told.cases.map { self.words(for: $0.when) }
        let width = whens.map(\.count).max() ?? 0
        for (when, end) in zip(whens, self.told.cases) {
            let outcome = end.outcome
            let fill = String(repeating: " ", count: width - when.count)
            let retry = outcome.retryAfter.map { ", again in \($0) s" } ?? ""
            let lead = whens.count == 1 && when.isEmpty ? "  " : "  \(when)\(fill)  "
            self.lines.append("\(lead)\(outcome.status) \(outcome.reason), route \(outcome.route)\(retry)")
            if let message = outcome.message { self.lines.append("    \(message)") }
        }
    }

    /// Nothing where no backend is asked whatever happens.
    private func words(for when: String) -> String {
        switch LocalCase(rawValue: when) {
        case .works: self.told.rungs.isEmpty ? "" : "if a backend inside answers"
        case .down: "if none works (\(when))"
        case .saturated: "if all are busy for long (\(when))"
        case .timedOut: "if one is silent and no other works (\(when))"
        case nil: when
        }
    }

    // MARK: Lines

    private mutating func title(_ text: String) {
        self.lines += ["", text]
    }

    private mutating func line(_ word: String, _ text: String) {
        let fill = String(repeating: " ", count: max(1, 14 - word.count))
        self.lines.append("  \(word)\(fill)\(text)")
    }
}
