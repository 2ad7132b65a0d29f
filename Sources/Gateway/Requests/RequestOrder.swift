import Accounting
import Dialects
import Residency
import Routing
import Vocabulary

/// What a caller wants, read and judged: all that can be said of a request before a backend is chosen. It never changes,
/// and is a class since a request's run, its record and the policy's questions share it: a copy would cost more than
/// anything that is done with it. Pure.
final class RequestOrder: Sendable {
    let body: RequestBody
    let resolution: Resolution
    /// How long its text is for the first model that may answer, guessed from its bytes.
    let promptTokens: Tokens
    /// The way that it takes until somebody answers.
    let rungs: [Rung]
    let key: Key?
    let project: ProjectName?
    let feature: FeatureName?
    /// The person that the holder of the key asks for.
    let principal: PrincipalName?
    let priority: RequestPriority
    /// When the caller's own patience ends.
    let deadline: Instant?
    /// The least sensitivity that the caller gives it.
    let raised: Sensitivity?
    /// The caller's name for the conversation, if it has one.
    let conversation: [UInt8]?
    /// The caller wants no answer from outside.
    let declinesExternal: Bool
    /// What an Anthropic client says of the API that it was written for; `nil` for all others.
    let anthropic: AnthropicWishes?

    /// Who asks, as the policy knows callers.
    var caller: PolicyCaller {
        PolicyCaller(key: self.key?.id, keyName: self.key?.name, project: self.project, feature: self.feature)
    }

    /// Reads body and wishes, and finds the models that may answer. `isSettled`: every backend has been asked once.
    /// `estimates`: what is known of the models' tokens.
    init(
        reading bytes: [UInt8], _ endpoint: Endpoint, _ wishes: RequestWishes, key: Key?, manifest: Manifest,
        catalogue: Catalogue, isSettled: Bool, arrivedAt: Instant,
        estimates: TokenEstimates = TokenEstimates()
    ) throws(RequestRefusal) {
        let body = try Self.body(bytes, endpoint)
        let name = try Self.model(of: body, in: catalogue)
        (self.project, self.feature) = try Self.tags(wishes, key: key)
        self.principal = try Self.principal(wishes)
        let prompt = PromptLength(bytes: body.promptBytes, estimates)
        let facts = RequestFacts(
            use: body.use, prompt: prompt, feature: self.feature, hasTools: body.hasTools, hasImages: body.hasImages)
        let result = manifest.resolve(name, facts, in: catalogue)
        if let key { try Self.checkRight(of: key, to: name, result) }
        switch result {
        case .success(let found):
            let resolution = try Self.checked(found, body, isSettled: isSettled)
            self.rungs = resolution.rungs
            self.promptTokens = prompt.tokens(for: resolution.first)
            self.resolution = resolution
        case .failure(let unresolved):
            throw RequestRefusal(
                unresolved.reason, unresolved.message, parameter: "model", retryAfter: unresolved.retryAfter)
        }
        self.body = body
        self.key = key
        self.priority = try Self.priority(wishes)
        self.deadline = try Self.patience(wishes).map { arrivedAt + $0 }
        self.raised = try Self.raised(wishes)
        self.conversation = wishes.conversation
        self.declinesExternal = try Self.declinesExternal(wishes)
        self.anthropic = wishes.anthropic
    }

    /// A way past the models that were asked for is for generation and embedding alone, and nobody takes it before every
    /// backend has been asked once: a node that has just started knows of no model yet.
    private static func checked(
        _ found: Resolution, _ body: RequestBody, isSettled: Bool
    ) throws(RequestRefusal) -> Resolution {
        guard let trouble = found.trouble else { return found }
        // Tokens are counted here, and what is known of a model outside stands in the manifest.
        if body.endpoint == .anthropicCountTokens { return found }
        if body.endpoint == .ollamaShow, found.route == .external { return found }
        let isUnknown = trouble.trigger == .localDown && !isSettled
        guard isUnknown || body.residence != nil || !body.endpoint.isAnsweredByModels else { return found }
        throw RequestRefusal(
            trouble.told.reason, trouble.told.message, parameter: "model", retryAfter: trouble.told.retryAfter)
    }

    /// `x-gatehouse-sensitivity`: it may only raise, so that a lower one has no effect.
    private static func raised(_ wishes: RequestWishes) throws(RequestRefusal) -> Sensitivity? {
        guard let text = wishes.sensitivity else { return nil }
        guard let sensitivity = Sensitivity(rawValue: text) else {
            throw RequestRefusal(
                .invalidField,
                "x-gatehouse-sensitivity is none of `public`, `internal`, `confidential` and `restricted`")
        }
        return sensitivity
    }

    /// `x-gatehouse-external`: it may only narrow.
    private static func declinesExternal(_ wishes: RequestWishes) throws(RequestRefusal) -> Bool {
        guard let text = wishes.external else { return false }
        guard text == "never" else {
            throw RequestRefusal(
                .invalidField, "x-gatehouse-external is not `never`: what may leave is the policy's to say")
        }
        return true
    }

    private static func body(_ bytes: [UInt8], _ endpoint: Endpoint) throws(RequestRefusal) -> RequestBody {
        do throws(BodyRefusal) {
            let body = try RequestBody(bytes, endpoint: endpoint)
            // Found out before a slot is taken; the rewriting itself refuses it too.
            if body.webSearch == .forced { _ = try body.outgoing(for: RewritePlan(servedModel: body.model)) }
            return body
        } catch {
            throw RequestRefusal(error.reason, error.message, parameter: error.parameter)
        }
    }

    /// The name to look up. A caller's own `:local` asks for what is the rule here anyway, unless a model is called so.
    private static func model(of body: RequestBody, in catalogue: Catalogue) throws(RequestRefusal) -> String {
        do throws(Refusal) { try ModelGuard.check(requested: body.model) } catch {
            throw RequestRefusal(error.reason, error.message, parameter: "model")
        }
        let (name, wasThere) = LocalSuffix.removed(from: body.model)
        return wasThere && catalogue.serves(ModelName(canonical: body.model)) ? body.model : name
    }

    /// The name in the request counts, not what it stands for. Whoever may ask for a tier may be led to it by `auto`.
    private static func checkRight(
        of key: Key, to name: String, _ result: Result<Resolution, Unresolved>
    ) throws(RequestRefusal) {
        if key.mayUse(model: name) { return }
        if case .success(let found) = result, found.alias == nil, let tier = found.choice?.tier,
            key.mayUse(model: tier)
        {
            return
        }
        let refusal = RightsRefusal(what: .model)
        throw RequestRefusal(refusal.reason, refusal.message, parameter: "model")
    }

    /// Who pays and what for: `x-gatehouse-project`, `x-gatehouse-feature`, within the key's rights.
    private static func tags(
        _ wishes: RequestWishes, key: Key?
    ) throws(RequestRefusal) -> (ProjectName?, FeatureName?) {
        guard let key else { return (nil, nil) }  // Without keys nobody vouches for a tag.
        do throws(RightsRefusal) {
            return (
                try key.project(asked: wishes.project),
                try key.feature(asked: wishes.feature)
            )
        } catch {
            throw RequestRefusal(error.reason, error.message)
        }
    }

    /// Who is named beside the key: it goes into log, usage and audit, hence a name and no other text.
    private static func principal(_ wishes: RequestWishes) throws(RequestRefusal) -> PrincipalName? {
        guard let text = wishes.principal, !text.isEmpty else { return nil }
        guard Key.isPrincipal(text) else {
            throw RequestRefusal(
                .invalidField,
                "the header that names the person behind this key holds no such name: expected 1 to 128 letters, "
                    + "digits, `-`, `_`, `.`, `@`, `+`, `|` and `:`")
        }
        return PrincipalName(rawValue: text)
    }

    private static func priority(_ wishes: RequestWishes) throws(RequestRefusal) -> RequestPriority {
        guard let text = wishes.priority else { return .interactive }
        guard let priority = RequestPriority(rawValue: text) else {
            throw RequestRefusal(.invalidField, "x-gatehouse-priority is neither `interactive` nor `batch`")
        }
        return priority
    }

    /// `x-request-timeout`, in seconds. `Double` alone would take `0x10` and `1e3` too.
    private static func patience(_ wishes: RequestWishes) throws(RequestRefusal) -> Duration? {
        guard let text = wishes.timeout else { return nil }
        let isDecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        guard isDecimal, let seconds = Double(text), (0.001...86_400).contains(seconds) else {
            throw RequestRefusal(.invalidField, "x-request-timeout is not a number of seconds from 0.001 to 86400")
        }
        return .nanoseconds(Int64(seconds * 1e9))
    }
}

extension Endpoint {
    /// Is a model set to work for it?
    fileprivate var isAnsweredByModels: Bool {
        switch self {
        case .openAIChat, .openAICompletions, .openAIResponses, .openAIEmbeddings, .anthropicMessages, .ollamaChat,
            .ollamaGenerate, .ollamaEmbed, .ollamaEmbeddings:
            true
        case .openAIModels, .openAIModel, .anthropicCountTokens, .ollamaShow, .ollamaTags, .ollamaPs, .ollamaVersion,
            .ollamaRoot:
            false
        }
    }
}

extension RequestBody {
    /// What a model must be able to do for it.
    var use: ModelCapability {
        switch self.endpoint {
        case .openAIEmbeddings, .ollamaEmbed, .ollamaEmbeddings: .embedding
        case .ollamaShow: .completion
        default: self.hasImages ? .vision : self.hasTools ? .tools : .completion
        }
    }
}
