import Dialects
import Residency
import Routing
import Vocabulary

/// One place outside, as the policy is asked about it.
struct Weighing {
    /// What the policy is asked.
    let question: PolicyQuestion
    /// What would be sent, or why the request cannot be put to this place whatever the policy says.
    let prepared: Result<Node.Prepared, Refusal>

    /// The machine's next step after the policy's answer.
    func tell(
        _ verdict: Verdict, to machine: inout RequestMachine, at now: Instant
    ) -> [RequestMachine.Action] {
        if verdict.isAllowed, case .failure(let refusal) = self.prepared {
            return machine.unfit(refusal.reason, refusal.message, at: now)
        }
        return machine.weighed(verdict, at: now)
    }
}

/// What an order's way outside is made of; the daemon and `gatehouse explain` both go it.
extension RequestOrder {
    /// The machine that owns its life.
    func machine(_ request: RequestID, limits: RequestMachine.Limits) -> RequestMachine {
        RequestMachine(
            request: request, rungs: self.rungs, trouble: self.resolution.trouble, priority: self.priority,
            deadline: self.deadline, holding: self.body.streams ? .stream : .whole,
            promptTokens: self.promptTokens, limits: limits)
    }

    /// What is asked about a place outside. The body is made first, since the policy has a word on its length.
    func weighing(
        _ request: RequestID, of model: ModelName, at backend: BackendID, as manner: OutsideManner,
        for trigger: Trigger, _ classification: Classification
    ) -> Weighing {
        let prepared = Result { () throws(Refusal) in try self.prepared(for: model, at: backend, as: manner) }
        let bytes = (try? prepared.get())?.body.count ?? self.body.bytes.count
        return Weighing(
            question: PolicyQuestion(
                request: request, backend: backend, model: model.rawValue, trigger: trigger,
                classification: classification, caller: self.caller, bytes: bytes,
                declinesExternal: self.declinesExternal), prepared: prepared)
    }

    /// Makes its body for a model outside.
    private func prepared(
        for model: ModelName, at backend: BackendID, as manner: OutsideManner
    ) throws(Refusal) -> Node.Prepared {
        var plan = RewritePlan(
            outside: model.rawValue, api: manner.api,
            outputTokensMax: self.resolution.external(model, at: backend)?.outputTokensMax.count, losses: manner.losses)
        plan.traits = manner.traits
        do throws(BodyRefusal) {
            return Node.Prepared(
                outgoing: try self.body.outgoing(for: plan), plan: plan, headers: self.headers(for: manner.api))
        } catch {
            throw Refusal(error.reason, error.message)
        }
    }

    /// Anthropic's API demands to be told which of its versions is meant.
    private func headers(for api: ProviderAPI) -> [OutboundHeader] {
        guard api == .anthropic else { return Node.Prepared.usualHeaders }
        let version = self.anthropic?.version ?? .anthropicVersionDefault
        return Node.Prepared.usualHeaders + [version] + (self.anthropic?.beta.map { [$0] } ?? [])
    }
}

/// How a place outside is spoken to.
struct OutsideManner {
    /// Its API.
    var api: ProviderAPI
    /// What is known of the server.
    var traits = ProviderTraits()
    /// What becomes of what it cannot say.
    var losses: LossRule

    /// The manner of the backend with `settings`.
    init(_ settings: GatehouseConfiguration.BackendSettings?, losses: LossRule) {
        self.api = settings?.site.external?.api ?? .openAI
        self.traits = settings?.traits ?? ProviderTraits()
        self.losses = losses
    }
}
