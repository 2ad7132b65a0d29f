import Accounting
import Dialects
import HTTPServer
import Residency
import Routing
import Vocabulary

/// Why a request goes no further, from whichever part of it was wrong.
struct RequestRefusal: Error {
    var reason: Reason
    var message: String
    var parameter: String?
    var retryAfter: Duration?

    init(_ reason: Reason, _ message: String, parameter: String? = nil, retryAfter: Duration? = nil) {
        self.reason = reason
        self.message = message
        self.parameter = parameter
        self.retryAfter = retryAfter
    }
}

/// What a caller wants, read and judged: all that can be said of a request before a backend is chosen. Pure.
struct RequestOrder {
    let body: RequestBody
    let resolution: Resolution
    let key: Key?
    let project: ProjectName?
    let feature: FeatureName?
    let priority: RequestPriority
    /// When the caller's own patience ends.
    let deadline: Instant?

    /// Reads body and headers, and finds the models that may answer.
    init(
        reading bytes: [UInt8], _ endpoint: Endpoint, _ head: RequestHead, key: Key?, manifest: Manifest,
        catalogue: Catalogue, arrivedAt: Instant
    ) throws(RequestRefusal) {
        let body = try Self.body(bytes, endpoint)
        let name = try Self.model(of: body, key: key, in: catalogue)
        switch manifest.resolve(name, for: body.use, in: catalogue) {
        case .success(let found): self.resolution = found
        case .failure(let unresolved):
            throw RequestRefusal(
                unresolved.reason, unresolved.message, parameter: "model", retryAfter: unresolved.retryAfter)
        }
        self.body = body
        self.key = key
        (self.project, self.feature) = try Self.tags(head, key: key)
        self.priority = try Self.priority(head)
        self.deadline = try Self.patience(head).map { arrivedAt + $0 }
    }

    private static func body(_ bytes: [UInt8], _ endpoint: Endpoint) throws(RequestRefusal) -> RequestBody {
        do throws(BodyRefusal) {
            let body = try RequestBody(bytes, endpoint: endpoint)
            // Found out before a slot is taken; the rewriting itself refuses it too.
            if body.webSearch == .forced { _ = try body.rewritten(for: RewritePlan(servedModel: body.model)) }
            return body
        } catch {
            throw RequestRefusal(error.reason, error.message, parameter: error.parameter)
        }
    }

    /// The name to look up. A caller's own `:local` asks for what is the rule here anyway, unless a model is called so.
    private static func model(
        of body: RequestBody, key: Key?, in catalogue: Catalogue
    ) throws(RequestRefusal) -> String {
        do throws(Refusal) { try ModelGuard.check(requested: body.model) } catch {
            throw RequestRefusal(error.reason, error.message, parameter: "model")
        }
        let isWhole = catalogue.serves(ModelName(canonical: body.model))
        let name = isWhole ? body.model : LocalSuffix.removed(from: body.model).name
        if let key, !key.mayUse(model: name) {
            let refusal = RightsRefusal(what: .model)
            throw RequestRefusal(refusal.reason, refusal.message, parameter: "model")
        }
        return name
    }

    /// Who pays and what for: `x-gatehouse-project`, `x-gatehouse-feature`, within the key's rights.
    private static func tags(
        _ head: RequestHead, key: Key?
    ) throws(RequestRefusal) -> (ProjectName?, FeatureName?) {
        guard let key else { return (nil, nil) }  // Without keys nobody vouches for a tag.
        do throws(RightsRefusal) {
            return (
                try key.project(asked: head.text("x-gatehouse-project")),
                try key.feature(asked: head.text("x-gatehouse-feature"))
            )
        } catch {
            throw RequestRefusal(error.reason, error.message)
        }
    }

    private static func priority(_ head: RequestHead) throws(RequestRefusal) -> RequestPriority {
        guard let text = head.text("x-gatehouse-priority") else { return .interactive }
        guard let priority = RequestPriority(rawValue: text) else {
            throw RequestRefusal(.invalidField, "x-gatehouse-priority is neither `interactive` nor `batch`")
        }
        return priority
    }

    /// `x-request-timeout`, in seconds. `Double` alone would take `0x10` and `1e3` too.
    private static func patience(_ head: RequestHead) throws(RequestRefusal) -> Duration? {
        guard let text = head.text("x-request-timeout") else { return nil }
        let isDecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        guard isDecimal, let seconds = Double(text), (0.001...86_400).contains(seconds) else {
            throw RequestRefusal(.invalidField, "x-request-timeout is not a number of seconds from 0.001 to 86400")
        }
        return .nanoseconds(Int64(seconds * 1e9))
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

extension RequestHead {
    /// A header's value as text.
    fileprivate func text(_ name: StaticString) -> String? {
        self.header(name).map { String(decoding: $0, as: UTF8.self) }
    }
}
