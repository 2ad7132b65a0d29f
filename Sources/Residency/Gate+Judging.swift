import Vocabulary

extension Gate {
    /// Judges all that the name of `backend` resolved to. One address outside the backend's zone refuses them all: a
    /// name that answers with both kinds is being moved or attacked, and the good half is not picked out.
    ///
    /// Reasons: `dns_no_answer`, `dns_mixed_answer`, `addr_class`, `grant_invalid` for an unknown backend,
    /// `no_matching_allow` for one outside of which the policy does not speak.
    public func judge(
        _ addresses: [IPAddress], of backend: BackendID, at now: Instant
    ) throws(Refusal) -> CheckedAddresses {
        let site = try self.openSite(backend)
        switch site.endpoint {
        case .unix(let path):
            throw Refusal(
                .addressForbidden, "backend `\(backend)` is the Unix socket `\(path)`, it has no address to connect to")
        case .tcp(let host, let port):
            let dialled = try Self.dialled(addresses, of: backend, host: host)
            try self.judgeAll(dialled.map { SocketAddress($0, port: port) }, of: backend, site)
            return CheckedAddresses(
                backend: backend,
                destination: .tcp(host: host, addresses: dialled.map { SocketAddress($0, port: port) }), tls: site.tls,
                isExternal: site.external != nil, trust: site.terms?.trust ?? .system,
                proxy: site.external?.proxy?.address, resolvedAt: now, generation: self.generation,
                isFixed: site.endpoint.literalAddress != nil)
        }
    }

    /// The judgement of a backend that is configured by address or Unix socket, which nothing needs to resolve; `nil`
    /// for one that has a name.
    public func judgeWithoutResolving(_ backend: BackendID, at now: Instant) throws(Refusal) -> CheckedAddresses? {
        let site = try self.openSite(backend)
        if let address = site.endpoint.literalAddress {
            return try self.judge([address], of: backend, at: now)
        }
        guard case .unix(let path) = site.endpoint else { return nil }
        return CheckedAddresses(
            backend: backend, destination: .unix(path: path), tls: false, resolvedAt: now, generation: self.generation,
            isFixed: true)
    }

    /// The addresses as the kernel would dial them, each once, in the resolver's order.
    private static func dialled(
        _ addresses: [IPAddress], of backend: BackendID, host: String
    ) throws(Refusal) -> [IPAddress] {
        var dialled: [IPAddress] = []
        for address in addresses {
            let unwrapped = AddressClass.unwrapped(address)
            if !dialled.contains(unwrapped) { dialled.append(unwrapped) }
        }
        guard !dialled.isEmpty else {
            throw Refusal(.dnsNoAnswer, "`\(host)`, the host of backend `\(backend)`, has no address")
        }
        guard dialled.count <= Bounds.addressesPerName else {
            throw Refusal(
                .addressForbidden,
                "`\(host)`, the host of backend `\(backend)`, has \(dialled.count) addresses, "
                    + "more than the \(Bounds.addressesPerName) that are accepted of one name")
        }
        if let literal = IPAddress(host), dialled != [AddressClass.unwrapped(literal)] {
            throw Refusal(.addressForbidden, "backend `\(backend)` is configured as `\(host)`, not as \(dialled[0])")
        }
        return dialled
    }

    private func judgeAll(_ addresses: [SocketAddress], of backend: BackendID, _ site: Site) throws(Refusal) {
        let problems = addresses.compactMap { self.problem(with: $0, site) }
        guard let first = problems.first else { return }
        guard problems.count == addresses.count else {
            throw Refusal(
                .dnsMixedAnswer,
                "`\(site.endpoint)` of backend `\(backend)` has \(addresses.count) addresses, "
                    + "\(problems.count) of them forbidden, so none is used: \(first)")
        }
        throw Refusal(.addressForbidden, "`\(site.endpoint)` of backend `\(backend)` is refused: \(first)")
    }

    /// Why nothing may be sent to `address`, or `nil`.
    private func problem(with address: SocketAddress, _ site: Site) -> String? {
        if self.isSelf(address) { return "\(address) is this process itself" }
        let kind = AddressClass(of: address.address)
        if site.rule.allows(address.address, kind) { return nil }
        let found = "\(address.address) is \(kind.phrase)"
        switch site.rule {
        case .loopback:
            return "\(found), the zone `loopback` is this host alone"
        case .networks(let networks) where kind.mayBeInIntranetZone:
            let list = networks.map(\.description).joined(separator: ", ")
            return "\(found) outside the zone `\(site.zone)` (\(list))"
        case .networks where kind == .loopback:
            return "\(found), which only a backend in the zone `loopback` may have"
        case .networks:
            return "\(found), which no backend may have"
        case .inspection where kind.mayBeInIntranetZone:
            return "\(found), name its network with `--zone` if it is your own"
        case .inspection:
            return "\(found), which no backend may have"
        case .external(let prefixes) where kind == .globalUnicast:
            let list = prefixes.map(\.description).joined(separator: ", ")
            return "\(found) outside the networks that the policy lists for it (\(list))"
        case .external where kind == .loopback || kind == .private:
            return "\(found), which a backend outside has only if the policy lists a network of that kind for it"
        case .external:
            return "\(found), which no backend may have"
        }
    }

    /// A listener on a wildcard address is on every address of this host. Which those are, only the shell knows: it
    /// lists them among the own listeners; loopback is known here.
    func isSelf(_ address: SocketAddress) -> Bool {
        self.ownListeners.contains { own in
            guard own.port == address.port else { return false }
            return own.address == address.address
                || AddressClass(of: own.address) == .unspecified && AddressClass(of: address.address) == .loopback
        }
    }
}
