/// Finds what would have a server fetch something, or use what it has kept: parts of a message that are no text and
/// name another place than themselves (`residency.md` A6, L11).
enum ForeignPlaces {
    /// The parts that are known; what else there may be could name a place in a way of its own.
    private static let known: Set<String> = ["text", "refusal", "image_url", "input_audio", "file"]

    /// Members of a message that are words: they may speak of any place.
    private static let words = [
        "role", "name", "tool_calls", "tool_call_id", "function_call", "refusal", "reasoning", "reasoning_content",
    ]

    /// Why the parts of `messages` may not go outside, or to a server inside that fetches what it is told to; `nil` if they
    /// may. Inside, what a server makes of a type that is not known here stays there if it fetches nothing for it.
    static func obstacle(in messages: JSONView, isOutside: Bool = true) -> BodyRefusal? {
        var found: BodyRefusal?
        messages.forEachElement { message in
            message.forEachMember { key, value in
                if found != nil || Self.words.contains(where: { key.elementsEqual($0.utf8) }) { return }
                if key.elementsEqual("content".utf8) {
                    found = Self.obstacle(toContent: value, isOutside)
                } else if Self.namesPlace(value) {
                    found = Self.refusal("a member that names a place to fetch it from", isOutside)
                }
            }
        }
        return found
    }

    /// A text, a list of parts, or with some servers one part.
    private static func obstacle(toContent content: JSONView, _ isOutside: Bool) -> BodyRefusal? {
        if content.kind == .object { return Self.obstacle(toPart: content, isOutside) }
        var found: BodyRefusal?
        content.forEachElement { part in
            if found == nil { found = Self.obstacle(toPart: part, isOutside) }
        }
        return found
    }

    private static func obstacle(toPart part: JSONView, _ isOutside: Bool) -> BodyRefusal? {
        guard part.kind == .object else { return nil }
        if isOutside, !(part["type"]?.string.map(Self.known.contains) ?? false) {
            return Self.refusal("a part of a type that is not known here", isOutside)
        }
        var namesPlace = false
        part.forEachMember { key, value in
            if ["type", "text", "refusal"].contains(where: { key.elementsEqual($0.utf8) }) { return }
            if Self.namesPlace(value) { namesPlace = true }
        }
        return namesPlace ? Self.refusal("a part that names a place to fetch it from", isOutside) : nil
    }

    private static func refusal(_ found: String, _ isOutside: Bool) -> BodyRefusal {
        let whither = isOutside ? "not sent outside, since the provider" : "not sent on, since the server"
        return BodyRefusal(
            reason: .toolForbidden,
            message: "\"messages\" has \(found), which is \(whither) would fetch or look up "
                + "something there; send images and files within the request, as `data:` URLs",
            parameter: "messages[].content[]")
    }

    /// Below a part everything is looked at, whatever it is called: providers do not agree on names.
    private static func namesPlace(_ value: JSONView) -> Bool {
        switch value.kind {
        case .string: return value.stringBytes.map(Self.isPlace) ?? false
        case .array: return value.elements.contains(where: Self.namesPlace)
        case .object:
            var found = false
            value.forEachMember { key, value in
                let isReference = key.elementsEqual("file_id".utf8) && value.kind != .null
                if isReference || Self.namesPlace(value) { found = true }
            }
            return found
        case .null, .bool, .number: return false
        }
    }

    /// `scheme:...` but for `data:`, and `//host`: RFC 3986 sections 3.1 and 4.2, with the white space before it that
    /// readers of URLs pass over. Base64 has no colon; `C:\x` is a name of a file.
    private static func isPlace(_ text: [UInt8]) -> Bool {
        let start = text.drop { $0 <= 0x20 }
        if start.starts(with: "//".utf8) || start.starts(with: "\\\\".utf8) { return true }
        let scheme = start.prefix { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "+-.".utf8.contains(byte)
                || byte == 0x09 || byte == 0x0A || byte == 0x0D
        }
        guard scheme.endIndex < start.endIndex, start[scheme.endIndex] == UInt8(ascii: ":") else { return false }
        // URL Standard, "basic URL parser": tabs and line ends within are taken out first.
        let name = scheme.filter { $0 > 0x20 }.map { $0 | 0x20 }
        return name.count > 1 && !name.elementsEqual("data".utf8)
    }
}
