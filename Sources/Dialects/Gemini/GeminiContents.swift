/// What was said so far, as Gemini wants it: found out before the first byte is written, since it may be refused.
///
/// Gemini knows two speakers and wants them to alternate, all calls of a step in one content and all of its results in
/// the next (Gemini API, Function calling, "Parallel function calling"): turns of one speaker that follow each other
/// become one.
struct GeminiContents: Sendable {
    /// A piece of a content (Gemini API reference, `Part`).
    enum Part: Sendable {
        case text(String)
        case thought(String, seal: String?)
        case picture(type: String, base64: ArraySlice<UInt8>)
        /// `arguments` is a JSON object.
        case call(id: String, name: String, arguments: [UInt8], seal: String?)
        case result(Result)
    }

    /// What a function returned (Gemini API reference, `FunctionResponse`).
    struct Result: Sendable {
        var id: String
        var name: String
        /// A JSON object.
        var response: [UInt8]
        var pictures: [(type: String, base64: ArraySlice<UInt8>)]
    }

    /// What one of the two speakers said.
    struct Content: Sendable {
        var isModel: Bool
        var parts: [Part]
    }

    /// What the system says: words alone.
    private(set) var instruction: [String] = []
    /// What the two said.
    private(set) var contents: [Content] = []
    let family: GeminiFamily
    /// The calls made so far: the results to come name them by their ids.
    private var names: [String: String] = [:]
    /// The names of the last calls that had no id, so that results without one are theirs, in order.
    private var unnamed: [String] = []

    init(_ turns: [ChatTurn], _ family: GeminiFamily, _ losses: inout Losses) throws(BodyRefusal) {
        self.family = family
        for turn in turns {
            switch turn.role {
            case .system: self.addSystem(turn, &losses)
            case .user: try self.addUser(turn, &losses)
            case .assistant: try self.addModel(turn, &losses)
            }
        }
        if self.contents.isEmpty {
            throw .field("messages", "must hold words of the user: the provider answers to no system message alone")
        }
    }

    // MARK: Speakers

    private mutating func addSystem(_ turn: ChatTurn, _ losses: inout Losses) {
        // It is one text before all that is said; what came between two turns is moved there.
        if !self.contents.isEmpty { losses.note("messages[].role", .hint) }
        for part in turn.parts {
            switch part {
            case .text(let text): if !text.isEmpty { self.instruction.append(text) }
            case .image, .thinking, .sealedThinking, .toolCall, .toolResult, .refusal:
                losses.note("messages[].content", .demand)
            }
        }
    }

    private mutating func addUser(_ turn: ChatTurn, _ losses: inout Losses) throws(BodyRefusal) {
        var parts: [Part] = []
        for part in turn.parts {
            switch part {
            case .text(let text): if !text.isEmpty { parts.append(.text(text)) }
            case .image(let image):
                let (type, base64) = try Self.picture(image)
                parts.append(.picture(type: type, base64: base64))
            case .toolResult(let result): parts += try self.parts(of: result)
            case .thinking, .sealedThinking, .toolCall, .refusal: losses.note("messages[].content", .demand)
            }
        }
        self.add(parts, isModel: false)
    }

    private mutating func addModel(_ turn: ChatTurn, _ losses: inout Losses) throws(BodyRefusal) {
        var parts: [Part] = []
        // Of the thought before a call: the call bears it.
        var seal: String?
        self.unnamed = []
        for part in turn.parts {
            switch part {
            case .text(let text): if !text.isEmpty { parts.append(.text(text)) }
            case .image(let image):
                let (type, base64) = try Self.picture(image)
                parts.append(.picture(type: type, base64: base64))
            case .thinking(let text, let signature):
                if !text.isEmpty { parts.append(.thought(text, seal: nil)) }
                guard let signature else { continue }
                seal = GeminiSeal.unmarked(signature)
                if seal == nil { losses.note("messages[].content[].signature", .hint) }
            case .sealedThinking: losses.note("messages[].content[].redacted_thinking", .hint)
            case .toolCall(let call):
                parts.append(self.part(of: call, seal: seal, &losses))
                seal = nil
            case .toolResult: losses.note("messages[].content", .demand)
            case .refusal(let text): if !text.isEmpty { parts.append(.text(text)) }
            }
        }
        Self.leave(seal, in: &parts, &losses)
        self.add(parts, isModel: true)
    }

    /// A seal that no call took belongs to the last thought that is told.
    private static func leave(_ seal: String?, in parts: inout [Part], _ losses: inout Losses) {
        guard let seal else { return }
        for index in parts.indices.reversed() {
            if case .thought(let text, nil) = parts[index] {
                parts[index] = .thought(text, seal: seal)
                return
            }
        }
        losses.note("messages[].content[].signature", .hint)
    }

    private mutating func add(_ parts: [Part], isModel: Bool) {
        if parts.isEmpty { return }
        if self.contents.last?.isModel == isModel {
            self.contents[self.contents.count - 1].parts += parts
        } else {
            self.contents.append(Content(isModel: isModel, parts: parts))
        }
    }

    // MARK: Parts

    private static func picture(
        _ image: ChatImage
    ) throws(BodyRefusal) -> (type: String, base64: ArraySlice<UInt8>) {
        guard let type = image.mediaTypeOrSniffed else {
            throw .field("messages[].images", "must be PNG, JPEG, GIF or WebP: the provider is to be told which")
        }
        return (type, image.base64)
    }

    private mutating func part(of call: ToolCall, seal: String?, _ losses: inout Losses) -> Part {
        if call.id.isEmpty { self.unnamed.append(call.name) } else { self.names[call.id] = call.name }
        let arguments: [UInt8]
        if call.arguments.allSatisfy({ $0 <= 0x20 }) {
            arguments = Array("{}".utf8)
        } else if (try? JSONView(call.arguments))?.kind == .object {
            arguments = call.arguments
        } else {
            // A model may have written anything. That it did is told, so that the conversation can go on.
            losses.note("messages[].tool_calls[].function.arguments", .hint)
            var writer = JSONWriter()
            writer.object { writer in
                writer.key("arguments")
                writer.string(utf8: call.arguments)
            }
            arguments = writer.bytes
        }
        return .call(id: call.id, name: call.name, arguments: arguments, seal: seal)
    }

    /// The result itself, and behind it the pictures that it cannot hold.
    private mutating func parts(of result: ToolResult) throws(BodyRefusal) -> [Part] {
        var texts: [String] = []
        var pictures: [(type: String, base64: ArraySlice<UInt8>)] = []
        for part in result.parts {
            switch part {
            case .text(let text): texts.append(text)
            case .image(let image): pictures.append(try Self.picture(image))
            case .thinking, .sealedThinking, .toolCall, .toolResult, .refusal: break  // No result has them.
            }
        }
        let response = Self.response(texts.joined(separator: "\n"), isError: result.isError)
        let name = try self.name(of: result)
        switch self.family {
        case .late:
            return [.result(Result(id: result.id, name: name, response: response, pictures: pictures))]
        case .early:
            let own = Part.result(Result(id: result.id, name: name, response: response, pictures: []))
            return [own] + pictures.map { .picture(type: $0.type, base64: $0.base64) }
        }
    }

    private mutating func name(of result: ToolResult) throws(BodyRefusal) -> String {
        if result.id.isEmpty {
            let first = result.name.flatMap { name in self.unnamed.firstIndex(of: name) } ?? self.unnamed.indices.first
            if let first {
                let name = self.unnamed.remove(at: first)
                return result.name ?? name
            }
        }
        if let name = result.name ?? self.names[result.id] { return name }
        throw .field("messages[].tool_call_id", "must be the id of a call in an earlier turn, whose name is needed")
    }

    /// An object as it is, all else under the name that Gemini has for it (Gemini API reference, `FunctionResponse`:
    /// "output" and "error").
    private static func response(_ text: String, isError: Bool) -> [UInt8] {
        let bytes = Array(text.utf8)
        let isObject = (try? JSONView(bytes))?.kind == .object
        if isObject, !isError { return bytes }
        var writer = JSONWriter(capacity: bytes.count + 32)
        writer.object { writer in
            writer.key(isError ? "error" : "output")
            if isObject { writer.raw(bytes) } else { writer.string(utf8: bytes) }
        }
        return writer.bytes
    }
}
