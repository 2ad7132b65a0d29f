import EventLoop
import Health
import Outbound
import Residency
import Vocabulary

/// A look at servers that are not configured yet: what `init`, `doctor` and `dev` know of them. Asks for inventories
/// through the one door, never for work, and changes nothing.
@LoopActor
struct Inspection {
    /// What one server showed.
    struct Finding: Sendable {
        /// The server as it was named.
        var server: BackendAddress
        /// A short name for it.
        var id: BackendID
        /// What it told; none if it did not answer.
        var inventory: Inventory?
        /// What was judged, for its zone.
        var addresses: [SocketAddress] = []
        /// Why it did not answer, or what part of it did not.
        var problem: String?
    }

    private let timers = LoopTimers()
    private let outbound: Outbound
    private let gate: Gate
    private let servers: [BackendAddress]

    /// Looks on loopback, in private space, and in `networks`.
    init(_ servers: [BackendAddress], networks: [CIDR]) throws {
        self.servers = servers
        self.outbound = try Outbound(timers: self.timers)
        self.gate = try Gate.inspection(of: servers, networks: networks)
    }

    /// Looks at each server in turn; once.
    func run() async -> [Finding] {
        var findings: [Finding] = []
        var names = BackendNames()
        for server in self.servers { findings.append(await self.look(at: server, called: names.name(of: server))) }
        self.outbound.close()  // `dev` goes on without it.
        return findings
    }

    private func look(at server: BackendAddress, called name: BackendID) async -> Finding {
        let id = server.inspectionID
        var finding = Finding(server: server, id: name)
        let addresses = await self.addresses(of: id)
        finding.addresses = (try? addresses.get().addresses) ?? []
        var inventory = Inventory()
        for probe in [Probe.version, .status, .tags, .ps] {
            switch await self.ask(probe, id, addresses, inventory) {
            case .success(let answer): inventory.take(answer)
            case .failure(let failure):
                finding.problem = "\(probe.path): \(failure.detail)"
                return finding
            }
        }
        for model in inventory.models where !model.isRemote {
            guard case .success(let answer) = await self.ask(.show(model.name), id, addresses, inventory) else {
                continue
            }
            inventory.take(answer)
        }
        finding.inventory = inventory
        return finding
    }

    private func ask(
        _ probe: Probe, _ id: BackendID, _ addresses: Result<CheckedAddresses, Refusal>, _ inventory: Inventory
    ) async -> Result<ProbeAnswer, ProbeFailure> {
        await self.outbound.ask(
            probe, of: id, at: addresses, through: self.gate, purpose: .inspection, timeout: probe.timeout,
            namesLocally: inventory.needsLocalSuffix, now: self.timers.now
        ).map(\.answer)
    }

    private func addresses(of id: BackendID) async -> Result<CheckedAddresses, Refusal> {
        do throws(Refusal) {
            if let fixed = try self.gate.judgeWithoutResolving(id, at: self.timers.now) { return .success(fixed) }
            let name = self.gate.endpoint(of: id)?.nameToResolve ?? ""
            switch await resolveName(name) {
            case .failure(let error): return .failure(Refusal(.dnsNoAnswer, error.message))
            case .success(let found): return .success(try self.gate.judge(found, of: id, at: self.timers.now))
            }
        } catch {
            return .failure(error)
        }
    }
}

extension Inventory {
    /// Takes one answer into an inventory that is gathered by hand, without the machine that watches over time.
    fileprivate mutating func take(_ answer: ProbeAnswer) {
        switch answer {
        case .version(let version): self.version = version
        case .status(let cloud): self.cloud = cloud
        case .tags(let models): self.models = models
        case .ps(let loaded): self.loaded = loaded
        case .models: break  // Asked of configured servers alone.
        case .show(let name, let shown):
            guard let index = self.models.firstIndex(where: { $0.name == name }) else { return }
            self.models[index].capabilities.formUnion(shown.capabilities)
            self.models[index].contextMax = shown.contextMax ?? self.models[index].contextMax
            self.models[index].remoteHost = self.models[index].remoteHost ?? shown.remoteHost
            self.models[index].remoteModel = self.models[index].remoteModel ?? shown.remoteModel
        }
    }
}

/// Reads the servers and networks of a command line, with a sentence for each that is no such thing. A server named
/// twice counts once.
struct ServerList {
    var servers: [BackendAddress] = []
    var networks: [CIDR] = []

    init(servers: [String], zones: [String]) throws(StartFailure) {
        do throws(Refusal) {
            for text in servers where !text.isEmpty {
                let server = try BackendAddress(parsing: text)
                if !self.servers.contains(where: { $0.endpoint == server.endpoint }) { self.servers.append(server) }
            }
            for text in zones { self.networks.append(try CIDR(parsing: text)) }
        } catch {
            throw StartFailure(error.message)
        }
        if self.servers.isEmpty { throw StartFailure("no server is named, expected host:port, a URL or unix:/path") }
    }
}

extension BackendAddress {
    /// As it is written in gatehouse.yaml.
    var text: String {
        if case .unix = self.endpoint { return self.endpoint.description }
        return (self.tls ? "https://" : "http://") + self.endpoint.description
    }
}
