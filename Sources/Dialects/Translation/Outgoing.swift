import Vocabulary

/// A request as one backend gets it.
public struct Outgoing: Sendable {
    /// The body.
    public let bytes: [UInt8]
    /// What was left out, by the caller's names, for `x-gatehouse-dropped`.
    public let dropped: [String]
    /// What is asked for there.
    public let call: ProviderCall
    /// How its answer becomes one of the caller's; `nil` where it passes as it is.
    let translation: Translation?

    /// Is the answer written anew, and an error of the backend not one that the caller's SDK knows?
    public var isTranslated: Bool { self.translation != nil }

    /// A body that passes as `endpoint`, for what is no request of a caller.
    public init(_ bytes: [UInt8], _ endpoint: Endpoint, dropped: [String] = []) {
        self.init(bytes, dropped, .endpoint(endpoint))
    }

    init(_ bytes: [UInt8], _ dropped: [String], _ call: ProviderCall, _ translation: Translation? = nil) {
        self.bytes = bytes
        self.dropped = dropped
        self.call = call
        self.translation = translation
    }
}

/// What is asked of a backend: one of the endpoints that are served here too, or what only Gemini has.
public enum ProviderCall: Equatable, Sendable {
    case endpoint(Endpoint)
    /// `models/{model}:generateContent`
    case geminiGenerate
    /// `models/{model}:streamGenerateContent`
    case geminiStream
    /// `models/{model}:batchEmbedContents`
    case geminiEmbed
}

extension RequestBody {
    /// What is sent to a backend, as `plan` says: the body itself but for a closed list of changes where it speaks the
    /// caller's dialect, a new one where it does not.
    ///
    /// Refuses what cannot go there: a request that forces hosted web search, one of a kind that the API has not
    /// (`dialect_unsupported`), one with parts that would be fetched from elsewhere (`tool_forbidden`), and what `plan`'s
    /// rule on losses does not let be left out (`unsupported_parameter`), or be passed over by Ollama.
    public func outgoing(for plan: RewritePlan) throws(BodyRefusal) -> Outgoing {
        guard self.passes(to: plan.api) else { return try self.translated(for: plan) }
        let (bytes, dropped) = try self.rewritten(for: plan)
        let passedOver = plan.api == .ollama ? try self.passedOver(for: plan.losses) : []
        return Outgoing(bytes, dropped + passedOver, .endpoint(self.endpoint))
    }

    /// Does a server that speaks `api` read this body as it is?
    private func passes(to api: ProviderAPI) -> Bool {
        switch api {
        case .ollama: !self.needsFlatTools && !self.asksForFormByMessages
        case .openAI: ExternalMembers.openAI(self.endpoint) != nil
        case .anthropic: self.endpoint == .anthropicMessages
        case .gemini: false
        }
    }
}
