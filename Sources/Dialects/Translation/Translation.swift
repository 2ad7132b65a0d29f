import Vocabulary

/// What was learnt on the way to a provider and is needed on the way back.
struct Translation: Sendable {
    /// What the provider speaks.
    let api: ProviderAPI
    /// What the caller is answered as.
    let form: Form

    enum Form: Sendable {
        /// Words.
        case chat
        /// Words as a response, with what it must say again of its request.
        case response(ResponsesNames, ResponsesEcho)
        /// Vectors, in the form that an OpenAI client asked for.
        case vectors(OpenAIEmbeddings.Encoding)
    }
}

extension RequestBody {
    func translated(for plan: RewritePlan) throws(BodyRefusal) -> Outgoing {
        guard self.webSearch != .forced else { throw .forcedWebSearch }
        var target = TranslationTarget(model: plan.sentModel, outputTokensMax: plan.outputTokensMax)
        target.traits = plan.traits
        target.addsBound = plan.addsBound
        target.thinks = plan.thinks
        var losses = Losses()
        let (bytes, call, form) =
            self.endpoint.generates
            ? try self.translatedChat(for: plan.api, target, &losses)
            : try self.translatedVectors(for: plan.api, target, &losses)
        let dropped = try losses.judged(by: plan.losses, plan.api)
        return Outgoing(bytes, dropped, call, Translation(api: plan.api, form: form))
    }

    private func translatedChat(
        for api: ProviderAPI, _ target: TranslationTarget, _ losses: inout Losses
    ) throws(BodyRefusal) -> ([UInt8], ProviderCall, Translation.Form) {
        let (request, form) = try self.chatRequest(&losses)
        switch api {
        case .openAI: return (try OpenAIChat.encode(request, for: target, &losses), .endpoint(.openAIChat), form)
        case .anthropic:
            return (try AnthropicMessages.encode(request, for: target, &losses), .endpoint(.anthropicMessages), form)
        case .gemini:
            let bytes = try Gemini.encode(request, for: target, &losses)
            return (bytes, request.streams ? .geminiStream : .geminiGenerate, form)
        case .ollama: return (try OllamaChat.encode(request, for: target, &losses), .endpoint(.ollamaChat), form)
        }
    }

    private func chatRequest(_ losses: inout Losses) throws(BodyRefusal) -> (ChatRequest, Translation.Form) {
        let body = self.view
        switch self.endpoint {
        case .openAIChat: return (try OpenAIChat.decode(body, &losses), .chat)
        case .openAICompletions: return (try OpenAICompletions.decode(body, &losses), .chat)
        case .openAIResponses:
            let (request, names) = try OpenAIResponses.decode(body, &losses)
            return (request, .response(names, ResponsesEcho(body)))
        case .anthropicMessages: return (try AnthropicMessages.decode(body, &losses), .chat)
        case .ollamaChat: return (try OllamaChat.decode(body, &losses), .chat)
        case .ollamaGenerate: return (try OllamaGenerate.decode(body, &losses), .chat)
        case .openAIEmbeddings, .openAIModels, .openAIModel, .anthropicCountTokens, .ollamaEmbed, .ollamaEmbeddings,
            .ollamaShow, .ollamaTags, .ollamaPs, .ollamaVersion, .ollamaRoot:
            preconditionFailure("\(self.endpoint) asks for no words")
        }
    }

    private func translatedVectors(
        for api: ProviderAPI, _ target: TranslationTarget, _ losses: inout Losses
    ) throws(BodyRefusal) -> ([UInt8], ProviderCall, Translation.Form) {
        let (request, encoding) = try self.embeddingRequest(&losses)
        let form = Translation.Form.vectors(encoding)
        switch api {
        case .openAI: return (OpenAIEmbeddings.encode(request, for: target), .endpoint(.openAIEmbeddings), form)
        case .gemini: return (GeminiEmbeddings.encode(request, for: target), .geminiEmbed, form)
        case .ollama: return (OllamaEmbed.encode(request, for: target), .endpoint(.ollamaEmbed), form)
        case .anthropic:
            throw BodyRefusal(
                reason: .dialectUnsupported, message: "Anthropic's API makes no vectors; use another backend for them")
        }
    }

    private func embeddingRequest(
        _ losses: inout Losses
    ) throws(BodyRefusal) -> (EmbeddingRequest, OpenAIEmbeddings.Encoding) {
        switch self.endpoint {
        case .openAIEmbeddings: return try OpenAIEmbeddings.decode(self.view, &losses)
        case .ollamaEmbed, .ollamaEmbeddings:
            return (try OllamaEmbed.decode(self.view, self.endpoint, &losses), .float)
        case .openAIChat, .openAICompletions, .openAIResponses, .openAIModels, .openAIModel, .anthropicMessages,
            .anthropicCountTokens, .ollamaChat, .ollamaGenerate, .ollamaShow, .ollamaTags, .ollamaPs, .ollamaVersion,
            .ollamaRoot:
            throw BodyRefusal(
                reason: .dialectUnsupported, message: "calls of this kind are answered by Ollama servers alone")
        }
    }
}

extension Losses {
    /// The names that may be left out, or the refusal of those that may not.
    func judged(by rule: LossRule, _ api: ProviderAPI) throws(BodyRefusal) -> [String] {
        let refused =
            switch rule {
            case .refuse: self.demands + self.hints
            case .dropHints: self.demands
            case .drop: [String]()
            }
        guard let first = refused.first else { return self.demands + self.hints }
        let names = refused.map { "\"\($0)\"" }.joined(separator: ", ")
        throw BodyRefusal(
            reason: .unsupportedParameter,
            message: "the backend's API (\(api.rawValue)) cannot say \(names); leave it out, or ask for a model on a "
                + "backend that can",
            parameter: first)
    }
}

extension Translation {
    /// What reads the answer and writes it anew for `endpoint`.
    func reader(for endpoint: Endpoint, streamed: Bool, _ context: AnswerContext) -> TranslatedReader {
        let encoder: any AnswerEncoder
        switch self.form {
        case .vectors(let encoding):
            return TranslatedReader(
                VectorTranslation(api: self.api, endpoint: endpoint, encoding: encoding, context: context))
        case .response(let names, let echo): encoder = OpenAIResponsesEncoder(context, names: names, echo: echo)
        case .chat: encoder = Self.encoder(for: endpoint, context)
        }
        let framing: StreamFraming = self.api == .ollama ? .lines : .events
        return TranslatedReader(self.decoder, encoder, framing: framing, streamed: streamed)
    }

    private var decoder: any AnswerDecoder {
        switch self.api {
        case .openAI: OpenAIChatDecoder()
        case .anthropic: AnthropicDecoder()
        case .gemini: GeminiDecoder()
        case .ollama: OllamaChatDecoder()
        }
    }

    private static func encoder(for endpoint: Endpoint, _ context: AnswerContext) -> any AnswerEncoder {
        switch endpoint {
        case .openAIChat: OpenAIChatEncoder(context)
        case .openAICompletions: OpenAICompletionsEncoder(context)
        case .anthropicMessages: AnthropicEncoder(context)
        case .ollamaChat: OllamaChatEncoder(context)
        case .ollamaGenerate: OllamaGenerateEncoder(context)
        case .openAIResponses, .openAIEmbeddings, .openAIModels, .openAIModel, .anthropicCountTokens, .ollamaEmbed,
            .ollamaEmbeddings, .ollamaShow, .ollamaTags, .ollamaPs, .ollamaVersion, .ollamaRoot:
            preconditionFailure("\(endpoint) is answered with no words of a chat")
        }
    }
}
