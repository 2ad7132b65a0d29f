import Accounting
import Dialects
import EventLoop
import HTTPServer
import Residency
import Routing
import Vocabulary

/// What is answered here, from what probes have seen: lists of models, one model's details, the version. No backend is
/// asked, so these answers are quick, and nothing of the caller's goes anywhere.
@LoopActor
struct Inquiries {
    private let node: Node
    private let client: Client
    private let key: Key?

    init(_ node: Node, _ client: Client, key: Key?) {
        self.node = node
        self.client = client
        self.key = key
    }

    /// An inquiry without a body.
    func answer(_ endpoint: Endpoint, _ parameter: String?) {
        switch endpoint {
        case .ollamaRoot: self.tell(OwnAnswers.ollamaRoot, type: Client.text)
        case .ollamaVersion: self.tell(OwnAnswers.ollamaVersion(self.ollamaVersion))
        case .ollamaTags: self.tell(OwnAnswers.ollamaModels(self.tags))
        case .ollamaPs: self.tell(OwnAnswers.ollamaModels(self.running))
        case .openAIModels: self.answerModels()
        case .openAIModel: self.answerModel(parameter ?? "")
        case .openAIChat, .openAICompletions, .openAIEmbeddings, .openAIResponses, .anthropicMessages,
            .anthropicCountTokens, .ollamaChat, .ollamaGenerate, .ollamaEmbed, .ollamaEmbeddings, .ollamaShow:
            preconditionFailure("\(endpoint) has a body")
        }
    }

    /// An inquiry that names a model in its body.
    func answer(_ order: RequestOrder) throws(RequestRefusal) {
        if order.body.endpoint == .anthropicCountTokens {
            return self.tell(OwnAnswers.tokenCount(order.promptTokens.count))
        }
        if order.resolution.route == .external, let model = order.resolution.ladder.external.first {
            return self.tell(self.show(can: model.capabilities, context: model.context))
        }
        for model in order.resolution.models {
            for backend in self.node.fleet.backends {
                if let shown = backend.shown[model] ?? self.ownWords(of: model, at: backend) { return self.tell(shown) }
            }
        }
        throw RequestRefusal(
            .backendsUnavailable, "no backend has told the details of \(order.body.model) yet",
            retryAfter: .seconds(5))
    }

    /// The details of a model whose server cannot show it: what the manifest says it can do, else that it completes.
    private func ownWords(of model: ModelName, at backend: Backend) -> [UInt8]? {
        let inventory = backend.health.inventory
        guard backend.site.api != .ollama, let found = inventory.model(model) else { return nil }
        return self.show(
            can: self.node.fleet.manifest.models[model]?.capabilities,
            context: inventory.loadedModel(model)?.context ?? found.contextMax)
    }

    private func show(can told: Set<ModelCapability>?, context: Tokens?) -> [UInt8] {
        OwnAnswers.ollamaShow(
            capabilities: told.map { $0.map(\.rawValue).sorted() } ?? [ModelCapability.completion.rawValue],
            context: context?.count, modifiedAt: self.node.startedAt)
    }

    private func tell(_ body: [UInt8], type: HTTPHeader = Client.json) {
        self.client.answerHere(body, type: type)
        self.node.settle(self.client, .answeredHere, key: self.key)
    }

    // MARK: Models

    /// The names that this caller may use and that lead somewhere now.
    private var listed: [Manifest.ListedName] {
        self.node.fleet.manifest.listed(in: self.node.fleet.dispatcher.catalogue, outside: self.mayLeave)
            .filter { self.usable($0) != nil }
    }

    /// The name, if the key has a right to it.
    private func usable(_ name: Manifest.ListedName?) -> Manifest.ListedName? {
        guard let name, let key = self.key else { return name }
        return key.mayUse(model: name.name) || name.standard.map { key.mayUse(model: $0) } ?? false ? name : nil
    }

    private var mayLeave: (ExternalModel, Trigger) -> Bool {
        let policy = self.node.departures.policy
        return { policy.mayAsk($0.backend, for: $0.model.rawValue, $1) }
    }

    private func listed(_ name: Manifest.ListedName) -> OwnAnswers.ListedModel {
        OwnAnswers.ListedModel(
            id: name.name, created: self.node.startedAt.seconds, owner: name.isModel ? "library" : "gatehouse")
    }

    /// OpenAI's list is whole, Anthropic's comes in pages.
    private func answerModels() {
        let models = self.listed.map(self.listed)
        guard self.client.dialect == .anthropic else { return self.tell(OwnAnswers.openAIModels(models)) }
        let query = QueryValues(self.client.exchange.head.query)
        let wishes = OwnAnswers.ModelPage.Wishes(
            limit: query["limit"], after: query["after_id"], before: query["before_id"])
        do throws(BodyRefusal) {
            self.tell(OwnAnswers.anthropicModels(try OwnAnswers.ModelPage(of: models, wishes)))
        } catch {
            self.refuse(error.reason, error.message, parameter: error.parameter)
        }
    }

    private func answerModel(_ id: String) {
        guard let found = self.model(id) else {
            return self.refuse(.modelUnknown, "no such model; GET /v1/models lists those that this caller may use")
        }
        let model = self.listed(found)
        self.tell(
            self.client.dialect == .anthropic ? OwnAnswers.anthropicModel(model) : OwnAnswers.openAIModel(model))
    }

    /// One that is listed, or a name that an alias pattern fits: no list has it, but it can be asked for.
    private func model(_ id: String) -> Manifest.ListedName? {
        let canonical = ModelName(canonical: id).rawValue
        return self.listed.first { $0.name == id || $0.isModel && $0.name == canonical }
            ?? self.usable(
                self.node.fleet.manifest.listedName(
                    id, in: self.node.fleet.dispatcher.catalogue, outside: self.mayLeave))
    }

    private func refuse(_ reason: Reason, _ message: String, parameter: String? = nil) {
        self.client.refuse(reason, message, parameter: parameter)
        self.node.settle(self.client, reason, key: self.key)
    }

    /// The servers' own objects, each model once, then tiers and aliases as models of their own.
    private var tags: [[UInt8]] {
        self.listed.compactMap { name in
            guard name.isModel else {
                return OwnAnswers.ollamaModel(name: name.name, modifiedAt: self.node.startedAt)
            }
            return self.node.fleet.backends.lazy.compactMap { $0.listed[name.model] }.first
        }
    }

    private var running: [[UInt8]] {
        self.listed.filter(\.isModel).flatMap { name in
            self.node.fleet.backends.compactMap { $0.running[name.model] }
        }
    }

    /// The oldest version among the backends: what every one of them can do.
    private var ollamaVersion: String {
        let versions = self.node.fleet.backends.compactMap(\.health.inventory.version)
        return versions.min()?.text ?? "0.0.0"
    }
}
