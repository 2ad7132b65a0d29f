import Vocabulary

/// Reads the members that decide a request's way, each with its type checked. `null` is as good as absent, as in Go.
struct BodyFacts {
    let bytes: [UInt8]
    let map: BodyMap
    let endpoint: Endpoint

    /// A top-level member's value; `nil` if it is absent or `null`.
    func view(_ field: Field) -> JSONView? {
        guard let item = self.map[field] else { return nil }
        let view = JSONView(checked: self.bytes[item.value])
        return view.kind == .null ? nil : view
    }

    /// The model's name, trimmed. `/api/show` also knows it as `name`.
    func model() throws(BodyRefusal) -> String {
        let model = try self.name(.model)
        let older = try self.name(.name)
        if !model.isEmpty, !older.isEmpty, model != older {
            throw BodyRefusal(
                reason: .ambiguousBody, message: "\"model\" and \"name\" name two models; send only \"model\"",
                parameter: "name")
        }
        let name = model.isEmpty ? older : model
        guard !name.isEmpty else {
            throw BodyRefusal(reason: .modelMissing, message: "\"model\" is required", parameter: "model")
        }
        return name
    }

    private func name(_ field: Field) throws(BodyRefusal) -> String {
        guard let view = self.view(field) else { return "" }
        guard let name = view.string else { throw .field(field.key, "must be a string") }
        return Self.trimmed(name)
    }

    /// As Go's `strings.TrimSpace`: white space by the Unicode property.
    private static func trimmed(_ name: String) -> String {
        let isTrim = { (byte: UInt8?) in byte.map { $0 > 0x20 && $0 < 0x80 } ?? true }
        if isTrim(name.utf8.first), isTrim(name.utf8.last) { return name }
        let scalars = name.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    func streams() throws(BodyRefusal) -> Bool {
        guard let view = self.view(.stream) else { return self.endpoint.streamsByDefault }
        guard let flag = view.bool else { throw .field("stream", "must be true or false") }
        return flag && self.endpoint.generates
    }

    func wantsUsage() throws(BodyRefusal) -> Bool {
        guard let options = self.view(.streamOptions) else { return false }
        guard options.kind == .object else { throw .field("stream_options", "must be an object") }
        guard let flag = options["include_usage"] else { return false }
        guard let bool = flag.bool else { throw .field("stream_options.include_usage", "must be true or false") }
        return bool
    }

    /// Empty `messages` or `prompt` load the model; with a `keep_alive` of zero they unload it (`ollama.md` 7).
    func residence() throws(BodyRefusal) -> RequestBody.Residence? {
        try self.checkTypes()
        switch self.endpoint {
        case .ollamaChat:
            if let messages = self.view(.messages), !messages.isEmpty { return nil }
        case .ollamaGenerate:
            if let prompt = self.view(.prompt), !prompt.isEmpty { return nil }
            if let images = self.view(.images), !images.isEmpty { return nil }
        case .openAIChat, .openAICompletions, .openAIEmbeddings, .openAIResponses, .openAIModels, .openAIModel,
            .anthropicMessages, .anthropicCountTokens, .ollamaEmbed, .ollamaEmbeddings, .ollamaShow, .ollamaTags,
            .ollamaPs, .ollamaVersion, .ollamaRoot:
            return nil
        }
        return self.keepsAliveNoTime ? .unload : .load
    }

    private func checkTypes() throws(BodyRefusal) {
        if let messages = self.view(.messages), messages.kind != .array {
            throw .field("messages", "must be an array")
        }
        if let options = self.view(.options), options.kind != .object {
            throw .field("options", "must be an object")
        }
        let takesText = self.endpoint == .ollamaGenerate || self.endpoint == .ollamaEmbeddings
        if takesText, let prompt = self.view(.prompt), prompt.kind != .string {
            throw .field("prompt", "must be a string")
        }
    }

    /// A number is seconds, a string is a Go duration: zero if no digit of it is above 0.
    private var keepsAliveNoTime: Bool {
        guard let value = self.view(.keepAlive) else { return false }
        if let seconds = value.double { return seconds == 0 }
        guard let text = value.stringBytes else { return false }
        return text.contains(0x30) && !text.contains { (0x31...0x39).contains($0) }
    }

    func hasTools(_ webSearch: WebSearch) -> Bool {
        guard let tools = self.view(.tools), tools.kind == .array else { return false }
        return tools.elements.count > (webSearch == .none ? 0 : WebSearch.hosted(in: tools).count)
    }

    func webSearch() throws(BodyRefusal) -> WebSearch {
        guard let tools = self.view(.tools) else { return .none }
        guard tools.kind == .array else { throw .field("tools", "must be an array") }
        return WebSearch(tools: tools, choice: self.view(.toolChoice))
    }

    func promptBytes() -> Int {
        let fields: [Field] = [.messages, .prompt, .suffix, .system, .template, .input, .instructions, .tools]
        let all = fields.reduce(0) { $0 + (self.map[$1]?.value.count ?? 0) }
        // Images at the top level of `/api/generate` are not among the members counted.
        let apart = self.map[.images]?.value.count ?? 0
        return max(0, all - max(0, self.map.imageBytes - apart))
    }

    // MARK: The bound on the answer

    /// The member that bounds the answer, per endpoint; `nil` for those without. For the native API it is within
    /// `options`.
    var outputBound: (field: Field, key: String)? {
        switch self.endpoint {
        case .openAIChat, .openAICompletions, .anthropicMessages: (.maxTokens, "max_tokens")
        case .openAIResponses: (.maxOutputTokens, "max_output_tokens")
        case .ollamaChat, .ollamaGenerate: (.options, "options.num_predict")
        case .openAIEmbeddings, .openAIModels, .openAIModel, .anthropicCountTokens, .ollamaEmbed, .ollamaEmbeddings,
            .ollamaShow, .ollamaTags, .ollamaPs, .ollamaVersion, .ollamaRoot:
            nil
        }
    }

    /// The caller's own bound if it is one. Both of OpenAI's names are upper bounds, so the lower one holds.
    func outputTokensMax() throws(BodyRefusal) -> Int? {
        guard let (field, key) = self.outputBound else { return nil }
        if field == .options {
            let bound = try self.integer(self.view(.options)?["num_predict"], key)
            return bound.flatMap { $0 > 0 ? $0 : nil }
        }
        let bounds = [
            try self.integer(self.view(field), key),
            try self.integer(self.view(.maxCompletionTokens), Field.maxCompletionTokens.key),
        ]
        return bounds.compactMap { $0 }.filter { $0 > 0 }.min()
    }

    private func integer(_ view: JSONView?, _ key: String) throws(BodyRefusal) -> Int? {
        guard let view else { return nil }
        guard let number = view.integer else { throw .field(key, "must be a number") }
        return number
    }
}
