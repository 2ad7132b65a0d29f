import Vocabulary

/// An answer that is an error: status and text as Ollama words them (`ollama.md` 3, Errors).
struct Failure: Error, Equatable {
    /// Where in Ollama it is raised, which shows in the answer's head and shape.
    enum Stage: Equatable {
        /// While the body is read, before it is translated to the native API.
        case reading
        /// By the native handler.
        case handling
        /// By the runner, when a stream may already have been promised.
        case running
        /// Before any translation: even `/v1` then shows the native body.
        case untranslated
    }

    let status: Int
    let text: String
    let stage: Stage

    init(_ status: Int, _ text: String, _ stage: Stage = .handling) {
        self.status = status
        self.text = text
        self.stage = stage
    }

    static let serverBusy = Failure(503, "server busy, please try again.  maximum pending requests exceeded")
    static let cloudDisabled = "ollama cloud is disabled: remote model is unavailable"
    static let cloudDetailsDisabled = "ollama cloud is disabled: remote model details are unavailable"
    static let webSearchDisabled = "ollama cloud is disabled: web search is unavailable"
    static let webFetchDisabled = "ollama cloud is disabled: web fetch is unavailable"
    static let runnerDied = Failure(
        500, "an error was encountered while running the model: unexpected EOF", .running)

    static let imagesRefused = Failure.runner(
        400, "Multimodal data provided, but model does not support multimodal requests.", type: "invalid_request_error")

    static func notFound(_ name: String) -> Failure { Failure(404, "model '\(name)' not found") }
    static func notPulled(_ name: String) -> Failure {
        Failure(404, "model \"\(name)\" not found, try pulling it first")
    }
    static func lacks(_ name: String, _ ability: String) -> Failure {
        Failure(400, "\"\(name)\" does not support \(ability)")
    }
    static func lacksByFullName(_ key: String, _ ability: String) -> Failure {
        Failure(400, "registry.ollama.ai/library/\(key) does not support \(ability)")
    }

    /// The runner's own error: a JSON document that Ollama passes on inside its string.
    static func runner(_ code: Int, _ message: String, type: String, promptTokens: Int? = nil, context: Int? = nil)
        -> Failure
    {
        var text = "{\"error\":{\"code\":\(code),\"message\":\"\(message)\",\"type\":\"\(type)\""
        if let promptTokens, let context { text += ",\"n_prompt_tokens\":\(promptTokens),\"n_ctx\":\(context)" }
        return Failure(code, text + "}}", .running)
    }

    static func contextExceeded(promptTokens: Int, context: Int) -> Failure {
        .runner(
            400,
            "request (\(promptTokens) tokens) exceeds the available context size (\(context) tokens), try increasing it",
            type: "exceed_context_size_error", promptTokens: promptTokens, context: context)
    }

    static func loadFailed(_ tensor: String) -> Failure {
        let line = "error loading model: check_tensor_dims: tensor '\(tensor)' not found"
        return Failure(500, "llama-server process has terminated: exit status 1: \(line)\n\(line)")
    }

    /// A member of the body has a wrong type.
    static func type(_ value: JSONValue, _ field: String, _ goType: String) -> Failure {
        Failure(400, "json: cannot unmarshal \(value.kind) into Go struct field \(field) of type \(goType)", .reading)
    }
}

/// Which grammar an answer is written in. `DESIGN.md` counts three dialects; on the wire OpenAI's have three frames.
enum Grammar: Equatable {
    case native
    case openAI
    case anthropic
}

extension Failure {
    /// The body, in the grammar of the caller.
    func body(_ grammar: Grammar, requestID: String) -> [UInt8] {
        var out: [UInt8] = []
        switch self.stage == .untranslated ? .native : grammar {
        case .native:
            out.put("{\"error\":")
            out.put(quotedText: self.text)
            out.put("}")
        case .openAI:
            out.put("{\"error\":{\"message\":")
            out.put(quotedText: self.text)
            out.put(",\"type\":\"")
            out.put(text: self.openAIType)
            out.put("\",\"param\":null,\"code\":null}}")
        case .anthropic:
            out.put("{\"type\":\"error\",\"error\":{\"type\":\"")
            out.put(text: self.anthropicType)
            out.put("\",\"message\":")
            out.put(quotedText: self.text)
            out.put("},\"request_id\":\"")
            out.put(text: requestID)
            out.put("\"}")
        }
        // What a translating writer encodes ends in a newline, what gin writes at once does not.
        if grammar != .native, self.stage == .handling || self.stage == .running { out.put("\n") }
        return out
    }

    private var openAIType: String {
        switch self.status {
        case 400: "invalid_request_error"
        case 404: "not_found_error"
        default: "api_error"
        }
    }

    private var anthropicType: String {
        switch self.status {
        case 400: "invalid_request_error"
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 429: "rate_limit_error"
        case 503, 529: "overloaded_error"
        default: "api_error"
        }
    }

    /// gin says the charset, the translating writers do not.
    func contentType(_ grammar: Grammar, isStreamed: Bool) -> ContentType {
        switch self.stage {
        case .reading, .untranslated: .gin
        case .handling: grammar == .native ? .gin : .json
        case .running: grammar == .native && !isStreamed ? .gin : .json
        }
    }
}
