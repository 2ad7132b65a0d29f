import Vocabulary

extension Gate {
    /// Permission to send `request` outside: to the backend of `verdict`, at `destination`, once. It ends when the
    /// verdict does, `Bounds.grantLife` after that was made.
    ///
    /// Refused is everything that is not as it was judged and recorded (`grant_invalid`): a verdict that refuses, that
    /// is too old or of another policy; an intent of another verdict, of another body, jurisdiction or address; another
    /// model. Refused too are a backend of which the policy does not speak (`no_matching_allow`), a model that it does
    /// not list (`backend_forbidden`) and any path but those of its API (`path_forbidden`).
    ///
    /// The body is hashed here again, about 0.9 us for each KiB (`residency.md` F), so that what leaves is what was
    /// recorded.
    public func grant(
        _ request: consuming OutboundRequest, at destination: CheckedAddresses, verdict: Verdict,
        intent: consuming DurableIntent, now: Instant
    ) throws(Refusal) -> Grant {
        let recorded = intent.intent
        let request = request
        let site = try self.check(destination, of: verdict.backend, now: now)
        guard let external = site.external, let terms = site.terms else {
            throw Refusal(
                .grantInvalid, "backend `\(verdict.backend)` stands in zone `\(site.zone)`, and needs no verdict")
        }
        try self.check(verdict, now: now)
        try Self.check(recorded, is: verdict, external, destination)
        try Self.check(request, is: recorded, terms)
        try Self.checkExternalHeaders(request.headers, external.api)
        let path = try Self.path(of: request, external)
        return Grant(
            request: request, destination: destination, path: path, credential: site.credential,
            purpose: .request(verdict.request, attempt: recorded.attempt), expires: verdict.madeAt + Bounds.grantLife,
            generation: self.generation)
    }

    private static func refusal(_ message: String) -> Refusal { Refusal(.grantInvalid, message) }

    private func check(_ verdict: Verdict, now: Instant) throws(Refusal) {
        guard verdict.isAllowed else {
            throw Self.refusal("the verdict on backend `\(verdict.backend)` is `\(verdict.reason.rawValue)`")
        }
        // Without the second bound a verdict with a time to come would live for ever.
        guard now >= verdict.madeAt, now < verdict.madeAt + Bounds.grantLife else {
            throw Self.refusal(
                "the verdict on backend `\(verdict.backend)` is older than \(Bounds.grantLife.wholeSecondsUp) s")
        }
        guard let policy = self.policy, verdict.source == policy else {
            throw Self.refusal("the verdict on backend `\(verdict.backend)` is of another policy than is in force")
        }
    }

    private static func check(
        _ recorded: AuditIntent, is verdict: Verdict, _ external: ExternalSite, _ destination: CheckedAddresses
    ) throws(Refusal) {
        guard recorded.verdict == verdict else {
            throw Self.refusal("the durable intent is of another verdict")
        }
        guard recorded.jurisdiction == external.jurisdiction else {
            throw Self.refusal("the durable intent names another jurisdiction")
        }
        guard destination.addresses.allSatisfy(recorded.addresses.contains) else {
            throw Self.refusal("the durable intent does not name every address of backend `\(verdict.backend)`")
        }
    }

    private static func check(
        _ request: borrowing OutboundRequest, is recorded: AuditIntent, _ terms: ExternalTerms
    ) throws(Refusal) {
        let verdict = recorded.verdict
        guard request.model == verdict.model else {
            throw Self.refusal("the verdict is of model `\(verdict.model)`, the request names another")
        }
        guard terms.models.contains(verdict.model) else {
            throw Refusal(
                .backendForbidden,
                "model `\(verdict.model)` is none that the policy lists for backend `\(verdict.backend)`")
        }
        guard request.body.count == recorded.bytes, AuditHash(of: request.body) == recorded.bodyHash else {
            throw Self.refusal("the durable intent is of another body")
        }
    }

    /// What Anthropic's clients say of the API that they were written for goes to Anthropic's API alone.
    private static func checkExternalHeaders(_ headers: [OutboundHeader], _ api: ProviderAPI) throws(Refusal) {
        try Self.checkHeaders(headers)
        for header in headers {
            switch header.name {
            case .accept, .contentType: continue
            case .anthropicVersion, .anthropicBeta: if api == .anthropic { continue }
            }
            throw Refusal(.internalError, "header `\(header.name.rawValue)` is not sent to this API")
        }
    }

    private static func path(
        of request: borrowing OutboundRequest, _ external: ExternalSite
    ) throws(Refusal) -> String {
        guard let path = BackendPath(request.path), path.method == request.method, external.paths.contains(path)
        else {
            throw Refusal(.pathForbidden, "\(request.method.rawValue) `\(request.path)` is not sent outside")
        }
        guard let target = external.target(path, model: request.model ?? "") else {
            throw Refusal(
                .pathForbidden,
                "model `\(ModelGuard.shown(request.model ?? ""))` stands in the address there, and has characters "
                    + "that cannot stand in one")
        }
        return target
    }
}
