import Vocabulary

/// What may be wrong with the backends outside, found while the configuration is read.
extension Gate {
    /// What is wrong with `site` as a backend outside, or as one that is none, under the policy's `terms` for it.
    static func externalProblems(of site: BackendSite, _ terms: ExternalTerms?) -> [String] {
        guard let external = site.external else {
            if site.zone == .external { return ["its zone is `external`, where no backend of kind `ollama` stands"] }
            return terms == nil
                ? [] : ["the policy speaks of it as a backend outside, but its zone is `\(site.zone)`"]
        }
        var problems = external.problems
        if site.zone != .external {
            problems.append(
                "a backend of kind `\(external.api.rawValue)` stands outside, its zone is `external`, not `\(site.zone)`"
            )
        }
        if case .tcp = site.endpoint, !site.tls {
            problems.append("a backend outside is reached over TLS only, expected `https://`")
        }
        if let terms, terms.jurisdiction != external.jurisdiction {
            problems.append(
                "its jurisdiction is `\(external.jurisdiction)` here and `\(terms.jurisdiction)` in the policy, "
                    + "and one of them is wrong")
        }
        return problems
    }

    /// A proxy sees where everything goes: it stands where the configuration says, and is not this process.
    func problemsOfProxies(in sites: [BackendSite], _ rules: [ZoneName: ZoneRule]) -> [GateProblem] {
        sites.compactMap { site in
            guard let proxy = site.external?.proxy, let problem = self.problem(with: proxy, rules) else { return nil }
            return GateProblem(subject: .backend(site.id), message: "its proxy \(proxy.address) \(problem)")
        }
    }

    private func problem(with proxy: ForwardProxy, _ rules: [ZoneName: ZoneRule]) -> String? {
        if proxy.address.port == 0 { return "has port 0, which is no port to connect to" }
        guard let rule = rules[proxy.zone] else {
            let known = rules.keys.sorted().map { "`\($0)`" }.joined(separator: ", ")
            return "is said to be in the zone `\(proxy.zone)`, which is not configured; the zones are \(known)"
        }
        let kind = AddressClass(of: proxy.address.address)
        guard rule.allows(proxy.address.address, kind) else {
            return "is \(kind.phrase) outside the zone `\(proxy.zone)`"
        }
        return self.isSelf(proxy.address) ? "is this process itself" : nil
    }
}
