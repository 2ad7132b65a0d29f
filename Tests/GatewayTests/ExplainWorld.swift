import Vocabulary

@testable import Gateway

/// Policies and requests drawn from a few words, so that they meet often.
struct ExplainWorld {
    private var generator: SeededGenerator

    init(seed: UInt64) { self.generator = SeededGenerator(seed: seed) }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.generator) < percent }

    mutating func one<T>(of words: [T]) -> T { words[Int.random(in: 0..<words.count, using: &self.generator)] }

    private mutating func list(_ words: [String]) -> String {
        let some = words.filter { _ in self.chance(60) }
        return "[\((some.isEmpty ? [words[0]] : some).joined(separator: ", "))]"
    }

    static let triggers = Trigger.allCases.map(\.rawValue)

    private mutating func rule(_ number: Int, isAllowance: Bool) -> String {
        let sensitivity = self.one(of: Sensitivity.allCases).rawValue
        var when: [String] = []
        if isAllowance {
            when += ["sensitivity_max: \(sensitivity)", "triggers: \(self.list(Self.triggers))"]
        } else {
            if self.chance(50) { when.append("sensitivity_min: \(sensitivity)") }
            if self.chance(40) { when.append("triggers: \(self.list(Self.triggers))") }
        }
        if self.chance(40) { when.append("projects: \(self.list(["web", "legal", "\"w*\""]))") }
        if self.chance(40) { when.append("features: \(self.list(["search", "chat"]))") }
        if self.chance(20) { when.append("keys: \(self.list(["app", "nobody"]))") }
        if self.chance(35) { when.append("time: {from: 06:00, to: \(self.one(of: ["09:00", "23:00"]))}") }
        if !isAllowance, when.isEmpty { when.append("projects: [legal]") }
        var parts = [
            "id: r\(number)", "effect: \(isAllowance ? "allow" : "deny")", "when: {\(when.joined(separator: ", "))}",
        ]
        if isAllowance {
            parts.append("to: \(self.list(["euai", "usai"]))")
            if self.chance(50) {
                parts.append(
                    "limits: {bytes: \(self.one(of: [100, 400, 4000])), requests_per_day: \(self.one(of: [1, 3]))}")
            }
        } else if self.chance(30) {
            parts.append("hard: true")
        }
        return "  - {\(parts.joined(separator: ", "))}\n"
    }

    /// A policy for `euai` and `usai`.
    mutating func policy() -> String {
        var rules = ""
        for number in 0..<Int.random(in: 1...5, using: &self.generator) {
            let isAllowance = self.chance(70)
            rules += self.rule(number, isAllowance: isAllowance)
        }
        let shadow = self.chance(30) ? "shadow:\n" + self.rule(9, isAllowance: self.chance(50)) : ""
        return """
            schema: 1
            revision: drawn
            external:
              euai: {jurisdiction: EU, prefixes: [127.0.0.0/8], tls: {ca: system}, models: [m-large]}
              usai: {jurisdiction: US, prefixes: [127.0.0.0/8], tls: {ca: system}, models: \(self.list(["m-large", "m-other"]))}
            sensitivity:
              by_tag: [{project: web, is: public}, {project: legal, is: \(self.one(of: Sensitivity.allCases).rawValue)}]
            rules:
            \(rules)\(shadow)
            """
    }

    /// What a caller sends beside the body.
    mutating func wishes() -> RequestWishes {
        var wishes = RequestWishes()
        if self.chance(70) { wishes.project = self.one(of: ["web", "web", "legal", "other", "no such"]) }
        if self.chance(40) { wishes.feature = self.one(of: ["search", "chat", "no such"]) }
        if self.chance(20) { wishes.sensitivity = self.one(of: Sensitivity.allCases.map(\.rawValue) + ["secret"]) }
        if self.chance(7) { wishes.external = self.one(of: ["never", "never", "always"]) }
        return wishes
    }

    /// The path and the body. `number` keeps conversations apart.
    mutating func request(_ number: UInt64, models: [String]) -> (path: String, body: String) {
        let path = self.chance(85) ? "/v1/chat/completions" : "/api/chat"
        let text = "request \(number) " + String(repeating: "x", count: self.one(of: [0, 0, 200, 600]))
        let content =
            self.chance(10)
            ? #"[{"type":"image_url","image_url":{"url":"https://example.com/\#(number).png"}}]"# : #""\#(text)""#
        let more = self.one(of: ["", "", #","user":"u""#, #","stream":true"#])
        return (
            path,
            #"{"model":"\#(self.one(of: models))","messages":[{"role":"user","content":\#(content)}]\#(more)}"#
        )
    }
}

extension RequestWishes {
    /// As header lines.
    var lines: [String] {
        [
            ("x-gatehouse-project", self.project), ("x-gatehouse-feature", self.feature),
            ("x-gatehouse-sensitivity", self.sensitivity), ("x-gatehouse-external", self.external),
        ].compactMap { name, value in value.map { "\(name): \($0)" } }
    }
}
