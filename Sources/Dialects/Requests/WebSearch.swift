/// Tools that a server would run itself by asking the Internet (`ollama.md` 9 C). Ollama runs `web_search...` on
/// `/v1/messages` and `/v1/responses`; a declaration on any endpoint is treated alike, `web_fetch...` too, so that no
/// server's next version reaches out unnoticed.
public enum WebSearch: Equatable, Sendable {
    /// None is declared.
    case none
    /// Declared, but the model may answer without: it is left out and named.
    case declared
    /// The request demands it: it is refused with `tool_forbidden`.
    case forced

    init(tools: JSONView, choice: JSONView?) {
        let all = tools.elements
        let hosted = all.filter(Self.isHosted)
        guard !hosted.isEmpty else {
            self = .none
            return
        }
        let isOnly = hosted.count == all.count
        let own = all.filter { !Self.isHosted($0) }
        let isForced = choice.map { Self.demands($0, hosted: hosted, own: own, isOnly: isOnly) } ?? false
        self = isForced ? .forced : .declared
    }

    /// The positions of the hosted tools.
    static func hosted(in tools: JSONView) -> [Int] {
        tools.elements.enumerated().filter { Self.isHosted($0.element) }.map(\.offset)
    }

    static func isHosted(_ tool: JSONView) -> Bool {
        tool["type"].map(Self.isHostedType) ?? false
    }

    /// Looser than Ollama, which compares exactly: no honest type differs from these only in case.
    private static func isHostedType(_ type: JSONView) -> Bool {
        guard let text = type.stringBytes else { return false }
        let folded = text.drop { $0 <= 0x20 }.prefix(10).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        return folded.starts(with: "web_search".utf8) || folded.starts(with: "web_fetch".utf8)
    }

    /// Does a `tool_choice` leave the model no other way? OpenAI's words: `required`, `{"type":"web_search"}`,
    /// `{"type":"function","name":...}`, `{"type":"allowed_tools","mode":"required","tools":[...]}`. Anthropic's:
    /// `{"type":"any"}`, `{"type":"tool","name":...}`.
    private static func demands(_ choice: JSONView, hosted: [JSONView], own: [JSONView], isOnly: Bool) -> Bool {
        if let word = choice.string { return isOnly && (word == "required" || word == "any") }
        guard let type = choice["type"] else { return false }
        if Self.isHostedType(type) { return true }
        switch type.string {
        case "any", "required": return isOnly
        case "allowed_tools":
            let allowed = choice["tools"]?.elements ?? []
            return choice["mode"]?.string == "required" && !allowed.isEmpty && allowed.allSatisfy(Self.isHosted)
        default:
            guard let name = choice["name"]?.string ?? choice["function"]?["name"]?.string else { return false }
            return hosted.contains { Self.name($0) == name } && !own.contains { Self.name($0) == name }
        }
    }

    /// A tool's name; a hosted one without is known by its type.
    private static func name(_ tool: JSONView) -> String? {
        tool["name"]?.string ?? tool["function"]?["name"]?.string ?? tool["type"]?.string
    }
}
