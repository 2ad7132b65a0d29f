import Vocabulary

/// One thing that keeps a gate from being made.
public struct GateProblem: Hashable, Sendable, CustomStringConvertible {
    /// What the problem is with.
    public enum Subject: Hashable, Sendable {
        case zone(ZoneName)
        case backend(BackendID)
    }

    /// What the problem is with.
    public let subject: Subject
    /// What was found and what to write instead; lower case, no full stop.
    public let message: String

    /// ``zone `lab`: ...``
    public var description: String {
        switch self.subject {
        case .zone(let name): "zone `\(name)`: \(self.message)"
        case .backend(let id): "backend `\(id)`: \(self.message)"
        }
    }
}

/// All that keeps a gate from being made, zones before backends, each in the order given.
public struct GateProblems: Error, Hashable, Sendable, CustomStringConvertible {
    /// Never empty.
    public let problems: [GateProblem]

    /// One line each.
    public var description: String { self.problems.map(\.description).joined(separator: "\n") }
}

extension Gate {
    /// The gate over the configured `zones` and `sites`. `terms` are what `policy` demands of each backend outside; one
    /// without is known, and nothing is sent there.
    ///
    /// `ownListeners` are the addresses this process listens on; for a wildcard, the shell adds one for each address of
    /// the host. `generation` differs from that of every other gate of this process. All mistakes are thrown at once.
    public init(
        zones: [Zone], sites: [BackendSite], ownListeners: [SocketAddress] = [],
        terms: [BackendID: ExternalTerms] = [:], policy: Verdict.Source? = nil, generation: UInt64
    ) throws(GateProblems) {
        var problems: [GateProblem] = []
        var rules: [ZoneName: ZoneRule] = [.loopback: .loopback]
        for zone in zones {
            for message in Self.problems(of: zone, isTwice: rules[zone.name] != nil) {
                problems.append(GateProblem(subject: .zone(zone.name), message: message))
            }
            if rules[zone.name] == nil { rules[zone.name] = .networks(zone.networks) }
        }
        var known: [BackendID: Site] = [:]
        for site in sites {
            let own = terms[site.id]
            let rule = site.zone == .external ? .external(own?.prefixes ?? []) : rules[site.zone]
            let messages =
                Self.problems(of: site, rule, zones: rules.keys.sorted(), isTwice: known[site.id] != nil)
                + Self.externalProblems(of: site, own)
            for message in messages {
                problems.append(GateProblem(subject: .backend(site.id), message: message))
            }
            guard let rule else { continue }
            known[site.id] = Site(site, rule: rule, terms: site.external == nil ? nil : own)
        }
        let gate = Gate(
            sites: known, ownListeners: ownListeners, kind: .configured, policy: policy, generation: generation)
        if problems.isEmpty {
            problems = gate.problemsOfFixedAddresses(in: sites) + gate.problemsOfProxies(in: sites, rules)
        }
        guard problems.isEmpty else { throw GateProblems(problems: problems) }
        self = gate
    }

    /// A gate for looking at servers that are not configured: on loopback, in private space, and in `networks`, which
    /// the caller has named as its own (`--zone`). Each endpoint becomes a backend named as it is written. Such a
    /// gate grants `Purpose.inspection` alone: inventories, never a prompt.
    public static func inspection(
        of addresses: [BackendAddress], networks: [CIDR] = []
    ) throws(GateProblems) -> Gate {
        let zone: ZoneName = "inspection"
        var problems = networks.compactMap { network in
            Zone.problem(with: network).map { GateProblem(subject: .zone(zone), message: $0) }
        }
        let rule = ZoneRule.inspection(networks)
        var known: [BackendID: Site] = [:]
        for address in addresses {
            let site = BackendSite(
                id: address.inspectionID, endpoint: address.endpoint, tls: address.tls, zone: zone)
            for message in Self.problems(of: site, rule, zones: [], isTwice: false) {
                problems.append(GateProblem(subject: .backend(site.id), message: message))
            }
            known[site.id] = Site(site, rule: rule)
        }
        guard problems.isEmpty else { throw GateProblems(problems: problems) }
        return Gate(sites: known, ownListeners: [], kind: .inspection, generation: 0)
    }

    /// A gate for the command line, which talks to a node of this host over its Unix socket. It grants
    /// `Purpose.administration` alone.
    public static func administration(socket path: String) throws(GateProblems) -> Gate {
        let site = BackendSite(id: "admin", endpoint: .unix(path: path), zone: .loopback)
        let problems = Self.problems(of: site, .loopback, zones: [], isTwice: false)
        guard problems.isEmpty else {
            throw GateProblems(problems: problems.map { GateProblem(subject: .backend(site.id), message: $0) })
        }
        let known = Site(site, rule: .loopback)
        return Gate(sites: [site.id: known], ownListeners: [], kind: .administration, generation: 0)
    }

    private static func problems(of zone: Zone, isTwice: Bool) -> [String] {
        if zone.name == .loopback { return ["this zone is built in, leave it out of the configuration"] }
        if zone.name == .external {
            return ["this name is kept for backends outside, whose networks are listed in the policy"]
        }
        if isTwice { return ["this zone is named twice"] }
        if zone.networks.isEmpty { return ["no network is listed, expected at least one, as in `10.20.0.0/16`"] }
        return zone.networks.compactMap(Zone.problem(with:))
    }

    private static func problems(
        of site: BackendSite, _ rule: ZoneRule?, zones: [ZoneName], isTwice: Bool
    ) -> [String] {
        var problems: [String] = []
        if isTwice { problems.append("this backend is named twice") }
        if rule == nil, site.external == nil {
            let known = zones.map { "`\($0)`" }.joined(separator: ", ")
            problems.append("its zone `\(site.zone)` is not configured, the zones are \(known)")
        }
        switch site.endpoint {
        case .tcp(let host, let port):
            do throws(Refusal) {
                try HostSpelling.check(host)
            } catch {
                problems.append(error.message)
            }
            if port == 0 { problems.append("port 0 is no port to connect to") }
        case .unix(let path):
            if let problem = BackendAddress.problem(withSocketPath: path) { problems.append(problem) }
            if site.tls { problems.append("a Unix socket is not reached over TLS, leave TLS out") }
            if let rule, !rule.allowsUnixSockets {
                problems.append("a Unix socket is on this host, its zone is `loopback`, not `\(site.zone)`")
            }
        }
        return problems
    }

    /// Addresses that the configuration itself names are judged while it is read, not at the first connection.
    private func problemsOfFixedAddresses(in sites: [BackendSite]) -> [GateProblem] {
        sites.filter { !self.isClosed($0.id) }.compactMap { site in
            do throws(Refusal) {
                _ = try self.judgeWithoutResolving(site.id, at: .zero)
                return nil
            } catch {
                return GateProblem(subject: .backend(site.id), message: error.message)
            }
        }
    }
}
