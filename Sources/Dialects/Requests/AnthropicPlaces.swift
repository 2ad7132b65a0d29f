/// Finds what would have Anthropic fetch something, or use what it has kept: sources that are no data, and blocks that are
/// not known (`residency.md` A6, L11).
enum AnthropicPlaces {
    /// Blocks that are words, or hold nothing but words.
    private static let words: Set<String> = ["text", "thinking", "redacted_thinking", "tool_use"]
    /// Blocks that have a `source`.
    private static let sourced: Set<String> = ["image", "document"]

    /// Why the blocks of `messages` may not go outside; `nil` if they may.
    static func obstacle(in messages: JSONView) -> BodyRefusal? {
        var found: BodyRefusal?
        messages.forEachElement { message in
            if found == nil, let content = message["content"] { found = Self.obstacle(toContent: content) }
        }
        return found
    }

    /// A text, or a list of blocks.
    private static func obstacle(toContent content: JSONView) -> BodyRefusal? {
        var found: BodyRefusal?
        content.forEachElement { block in
            if found == nil { found = Self.obstacle(toBlock: block) }
        }
        return found
    }

    private static func obstacle(toBlock block: JSONView) -> BodyRefusal? {
        guard let type = block["type"]?.string else { return Self.refusal("a block without a type") }
        if Self.words.contains(type) { return nil }
        if type == "tool_result" { return block["content"].flatMap(Self.obstacle(toContent:)) }
        guard Self.sourced.contains(type) else { return Self.refusal("a block of a type that is not known here") }
        // Anthropic API reference, "Create a Message": the other sources are `url`, `file` and `content`.
        guard let source = block["source"]?["type"]?.string, source == "base64" || source == "text" else {
            return Self.refusal("a \(type) that stands elsewhere")
        }
        return nil
    }

    private static func refusal(_ found: String) -> BodyRefusal {
        BodyRefusal(
            reason: .toolForbidden,
            message: "\"messages\" has \(found), which is not sent outside, since the provider would fetch or look up "
                + "something there; send images and documents within the request, as base64",
            parameter: "messages[].content[]")
    }
}
