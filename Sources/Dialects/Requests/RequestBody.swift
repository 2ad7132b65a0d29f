import Vocabulary

/// A request's body, checked so that Ollama can read nothing in it that was not read here (`ollama.md` 1.11 and 9),
/// with the facts that decide its way. The bytes stay as they came.
public struct RequestBody: Sendable {
    /// What an empty request asks an Ollama server to do with its model (`ollama.md` 7, `keep_alive`).
    public enum Residence: Equatable, Sendable {
        /// Load it, or keep it loaded.
        case load
        /// Throw it out of memory.
        case unload
    }

    /// Where it was sent.
    public let endpoint: Endpoint
    /// The body as it came.
    public let bytes: [UInt8]
    /// The model that was asked for, trimmed as Ollama trims. Never empty.
    public let model: String
    /// Is the answer to come as a stream?
    public let streams: Bool
    /// Did the client of an OpenAI stream ask for the chunk with its usage?
    public let wantsUsage: Bool
    /// Set if the request only loads or unloads its model: native, without messages or prompt.
    public let residence: Residence?
    /// Does it hold images?
    public let hasImages: Bool
    /// Does it declare tools, hosted ones not counted?
    public let hasTools: Bool
    /// Hosted web search among its tools.
    public let webSearch: WebSearch
    /// Bytes of text for the model, as JSON and without images: a measure, not a count of tokens.
    public let promptBytes: Int
    /// The most tokens that the caller wants, if it set a bound of its own above 0.
    public let outputTokensMax: Int?
    /// Does it ask for the rendered prompt instead of an answer?
    public let asksForRendering: Bool

    let map: BodyMap

    /// Reads a body. Refuses what is not JSON, what Ollama could read otherwise, members of a wrong type among those
    /// that decide the request's way, and a body without a model.
    public init(_ bytes: [UInt8], endpoint: Endpoint) throws(BodyRefusal) {
        guard let shape = ReadShape.of(endpoint) else {
            throw BodyRefusal(reason: .invalidJSON, message: "this call takes no body")
        }
        let map = try bytes.withUnsafeBufferPointer { (buffer) throws(BodyRefusal) in
            var walker = BodyWalker(buffer)
            try walker.walk(shape)
            return walker.map
        }
        let facts = BodyFacts(bytes: bytes, map: map, endpoint: endpoint)
        self.endpoint = endpoint
        self.bytes = bytes
        self.map = map
        self.model = try facts.model()
        self.streams = try facts.streams()
        self.wantsUsage = try facts.wantsUsage()
        self.residence = try facts.residence()
        self.hasImages = map.hasImages
        self.webSearch = try facts.webSearch()
        self.hasTools = facts.hasTools(self.webSearch)
        self.promptBytes = facts.promptBytes()
        self.outputTokensMax = try facts.outputTokensMax()
        self.asksForRendering = facts.view(.debugRenderOnly)?.bool ?? false
    }

    /// The whole body, for translations.
    var view: JSONView {
        let open = self.bytes.firstIndex(of: UInt8(ascii: "{")) ?? 0
        return JSONView(checked: self.bytes[open...self.map.close])
    }

    /// Does it declare tools that Ollama's Responses do not know, so that they must become functions on the way and
    /// themselves again on the way back?
    var needsFlatTools: Bool {
        guard self.endpoint == .openAIResponses, let tools = self.map[.tools] else { return false }
        return JSONView(checked: self.bytes[tools.value]).elements.contains { tool in
            let type = tool["type"]?.string ?? "function"
            return type != "function" && !type.hasPrefix("web_search")
        }
    }

    /// Does it only load or unload its model?
    public var isLoadOrUnload: Bool { self.residence != nil }
}
