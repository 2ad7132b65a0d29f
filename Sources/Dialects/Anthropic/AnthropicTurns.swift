/// A conversation as the Messages API wants it: the system's words apart, then user and assistant in turn, what tools
/// returned before anything else in its turn, and no empty text (Anthropic API reference, "Create a Message"; "Tool
/// use": results come first in the turn behind the calls).
///
/// Only the system's words before all others go into `system`. Later ones stay where they were said, as words of the
/// user's turn, and `messages[].role` is noted: moved to the front they would be said about something else, and older
/// models take no system turn among the others.
struct AnthropicTurns {
    /// The texts of `system`, in order.
    private(set) var system: [String] = []
    /// Turns of user and assistant, in turn.
    private(set) var messages: [ChatTurn] = []
    private var calls = CallIDs.anthropic

    init(_ turns: [ChatTurn], _ losses: inout Losses) throws(BodyRefusal) {
        self.messages.reserveCapacity(turns.count)
        for turn in turns {
            switch turn.role {
            case .system: self.addSystem(turn, &losses)
            case .user: self.add(turn.parts, as: .user, &losses)
            case .assistant: self.add(turn.parts, as: .assistant, &losses)
            }
        }
        // The API wants somebody to have said something.
        if self.messages.isEmpty, !self.system.isEmpty {
            losses.note("messages[].role", .hint)
            self.messages = [ChatTurn(.user, self.system.map { .text($0) })]
            self.system = []
        }
        for index in self.messages.indices where self.messages[index].role == .user {
            self.messages[index].parts = Self.resultsFirst(self.messages[index].parts)
        }
        try self.checkImages()
    }

    /// Does the conversation wait for the answer to results, after calls before which no sealed thinking stands? A
    /// model that thinks by budget refuses such a turn while it is to think ("Extended thinking", tool use).
    var callsWithoutThinking: Bool {
        guard let last = self.messages.last(where: { $0.role == .assistant }) else { return false }
        let calls = last.parts.contains { if case .toolCall = $0 { true } else { false } }
        guard calls else { return false }
        switch last.parts.first {
        case .thinking, .sealedThinking: return false
        case .text, .image, .toolCall, .toolResult, .refusal, nil: return true
        }
    }

    /// Bytes that writing it will need, more or less.
    var weight: Int {
        self.system.reduce(0) { $0 + $1.utf8.count } + self.messages.reduce(0) { $0 + 32 + Self.weight($1.parts) }
    }

    private static func weight(_ parts: [ChatPart]) -> Int {
        parts.reduce(0) { sum, part in
            switch part {
            case .text(let text), .sealedThinking(let text), .refusal(let text): sum + 48 + text.utf8.count
            case .image(let image): sum + 96 + image.base64.count
            case .thinking(let text, let signature): sum + 64 + text.utf8.count + (signature?.utf8.count ?? 0)
            case .toolCall(let call): sum + 96 + call.arguments.count
            case .toolResult(let result): sum + 96 + Self.weight(result.parts)
            }
        }
    }

    // MARK: Adding

    private mutating func addSystem(_ turn: ChatTurn, _ losses: inout Losses) {
        let parts = Self.readable(turn.parts, &losses)
        if self.messages.isEmpty {
            for part in parts {
                if case .text(let text) = part {
                    self.system.append(text)
                } else {
                    losses.note("messages[].content[]", .demand)
                }
            }
        } else if !parts.isEmpty {
            losses.note("messages[].role", .hint)
            self.append(parts, as: .user)
        }
    }

    private mutating func add(_ parts: [ChatPart], as role: ChatTurn.Role, _ losses: inout Losses) {
        if role == .assistant, self.messages.last?.role != .assistant { self.calls.beginTurn() }
        var kept = Self.readable(parts, &losses)
        for index in kept.indices {
            switch kept[index] {
            case .toolCall(var call):
                call.id = self.calls.id(of: call)
                kept[index] = .toolCall(call)
            case .toolResult(var result):
                result.id = self.calls.id(of: result)
                result.parts = Self.readable(result.parts, &losses)
                kept[index] = .toolResult(result)
            case .text, .image, .thinking, .sealedThinking, .refusal: break
            }
        }
        if !kept.isEmpty { self.append(kept, as: role) }
    }

    private mutating func append(_ parts: [ChatPart], as role: ChatTurn.Role) {
        if self.messages.last?.role == role {
            self.messages[self.messages.count - 1].parts += parts
        } else {
            self.messages.append(ChatTurn(role, parts))
        }
    }

    /// Without what the API refuses: empty texts, and thinking that Anthropic has not sealed. Its seals are base64;
    /// those of others are marked with their maker's name and a colon.
    private static func readable(_ parts: [ChatPart], _ losses: inout Losses) -> [ChatPart] {
        parts.filter { part in
            switch part {
            case .text(let text), .refusal(let text): return !text.isEmpty
            case .thinking(_, let seal?), .sealedThinking(let seal):
                if seal.utf8.contains(UInt8(ascii: ":")) { break }
                return true
            case .thinking(_, nil): break
            case .image, .toolCall, .toolResult: return true
            }
            losses.note("messages[].thinking", .hint)
            return false
        }
    }

    private static func resultsFirst(_ parts: [ChatPart]) -> [ChatPart] {
        let isResult = { (part: ChatPart) in if case .toolResult = part { true } else { false } }
        guard parts.contains(where: isResult) else { return parts }
        return parts.filter(isResult) + parts.filter { !isResult($0) }
    }

    /// The API wants the type of each picture.
    private func checkImages() throws(BodyRefusal) {
        for message in self.messages {
            for part in message.parts {
                try Self.check(part)
                if case .toolResult(let result) = part {
                    for part in result.parts { try Self.check(part) }
                }
            }
        }
    }

    private static func check(_ part: ChatPart) throws(BodyRefusal) {
        guard case .image(let image) = part, image.mediaTypeOrSniffed == nil else { return }
        throw .field("messages[].images", "must be pictures in PNG, JPEG, GIF or WebP for this model's provider")
    }
}

extension CallIDs {
    /// As Anthropic's API takes them: letters, digits, `_` and `-`, each once ("Create a Message", `tool_use.id`). Each
    /// other byte becomes `_` and its two hexadecimal digits.
    static var anthropic: CallIDs {
        CallIDs { id in
            if id.utf8.allSatisfy(\.isPlain) { return id }
            return id.utf8.reduce(into: "") { out, byte in
                if byte.isPlain {
                    out.unicodeScalars.append(Unicode.Scalar(byte))
                } else {
                    out += (byte < 16 ? "_0" : "_") + String(byte, radix: 16)
                }
            }
        }
    }
}
