import Accounting
import Dialects
import EventLoop
import HTTPServer
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
        case .openAIModels: self.tell(OwnAnswers.openAIModels(self.listed.map(self.openAI)))
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
        for model in order.resolution.models {
            for backend in self.node.fleet.backends {
                if let shown = backend.shown[model] ?? self.ownWords(of: model, at: backend) { return self.tell(shown) }
            }
        }
        throw RequestRefusal(
            .backendsUnavailable, "no backend has told the details of \(order.resolution.models[0]) yet",
            retryAfter: .seconds(5))
    }

    /// The details of a model whose server cannot show it: what the manifest says it can do, else that it completes.
    private func ownWords(of model: ModelName, at backend: Backend) -> [UInt8]? {
        let inventory = backend.health.inventory
        guard backend.site.api != .ollama, let found = inventory.model(model) else { return nil }
        let told = self.node.fleet.manifest.models[model]?.capabilities
        let context = inventory.loadedModel(model)?.context ?? found.contextMax
        return OwnAnswers.ollamaShow(
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
        let policy = self.node.departures.policy
        let names = self.node.fleet.manifest.listed(
            in: self.node.fleet.dispatcher.catalogue,
            outside: { policy.mayAsk($0.backend, for: $0.model.rawValue, $1) })
        return names.filter { name in
            guard let key = self.key else { return true }
            return key.mayUse(model: name.name) || name.standard.map { key.mayUse(model: $0) } ?? false
        }
    }

    private func openAI(_ name: Manifest.ListedName) -> OwnAnswers.ListedModel {
        OwnAnswers.ListedModel(
            id: name.name, created: self.node.startedAt.seconds, owner: name.isModel ? "library" : "gatehouse")
    }

    private func answerModel(_ id: String) {
        let canonical = ModelName(canonical: id).rawValue
        guard let found = self.listed.first(where: { $0.name == id || $0.isModel && $0.name == canonical }) else {
            self.client.refuse(.modelUnknown, "no such model; GET /v1/models lists those that this caller may use")
            return self.node.settle(self.client, .modelUnknown, key: self.key)
        }
        self.tell(OwnAnswers.openAIModel(self.openAI(found)))
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
