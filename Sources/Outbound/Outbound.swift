import CLibcurl
import EventLoop
import Residency
import Vocabulary

/// The one door out: everything that this program sends to a backend goes through `send`, and `send` takes nothing but
/// a grant. It knows no names and no URLs of its own; where to connect stands in the grant, and is asked again when a
/// socket is opened and when a request is written to it.
@LoopActor
public final class Outbound {
    /// Kinds of traffic that never share a connection.
    enum Traffic: Hashable {
        case requests, probes, inspections, administration

        init(_ purpose: Purpose) {
            switch purpose {
            case .request: self = .requests
            case .probe, .healing: self = .probes
            case .inspection: self = .inspections
            case .administration: self = .administration
            }
        }
    }

    private struct PoolKey: Hashable {
        let backend: BackendID
        let traffic: Traffic
    }

    /// What the door has done so far.
    public var figures: OutboundFigures {
        var figures = self.counted
        figures.connectionsOpen = self.sockets.connected
        return figures
    }

    var counted = OutboundFigures()

    let timers: any Timers
    let deliveries = Deliveries()
    let sockets = SocketTable()
    private var pools: [PoolKey: Pool] = [:]
    private var retired: [Pool] = []
    private var oldestGeneration: UInt64 = 0
    private var isClosed = false

    /// Initialises libcurl, once for the process. `scrubEnvironment` comes first.
    private static let libcurl: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    /// A door without connections. Throws if the installed libcurl lacks what the door relies on: every option of the
    /// profile is tried, for TCP, TLS, Unix sockets and a proxy.
    public init(timers: any Timers) throws(OutboundProblem) {
        guard Self.libcurl == CURLE_OK else { throw OutboundProblem(Self.libcurl, doing: "initialising libcurl") }
        self.timers = timers
        for profile in Profile.tried {
            let handle = try EasyHandle()
            try unsafe profile.apply(to: handle, closing: handle.opaque)
        }
    }

    /// Sends the request of `grant` to its destination and tells `onEvent` of the answer, never within this call.
    ///
    /// Whatever goes wrong is told as the end: a grant that is too old or that another configuration gave is
    /// `grant_invalid`, and then nothing was connected to. `.end` comes exactly once, unless the transfer is cancelled.
    public func send(
        _ grant: consuming Grant, limits: TransferLimits = .bounds,
        onEvent: @escaping @LoopActor (TransferEvent) -> Void
    ) -> Transfer {
        let problem = self.problem(with: grant)
        let destination = grant.destination
        let key = PoolKey(backend: grant.backend, traffic: Traffic(grant.purpose))
        let transfer = Transfer(grant, limits: limits, of: self, onEvent: onEvent)
        self.counted.transfersBegun += 1
        self.counted.transfersOpen += 1
        if let (reason, detail) = problem {
            transfer.ended(.failed(transfer.failure(reason, detail)))
        } else {
            do throws(OutboundProblem) {
                try transfer.begin(in: self.pool(key, destination))
            } catch {
                transfer.ended(.failed(transfer.failure(.internalError, error.description)))
            }
        }
        self.deliveries.deliverSoon()
        return transfer
    }

    private func problem(with grant: borrowing Grant) -> (Reason, String)? {
        if self.isClosed { return (.shutdown, "this node is stopping") }
        guard grant.isValid(at: self.timers.now) else { return (.grantInvalid, "the grant is too old") }
        let current =
            self.pools[PoolKey(backend: grant.backend, traffic: Traffic(grant.purpose))]?.destination.generation ?? 0
        guard grant.generation >= max(current, self.oldestGeneration) else {
            return (.grantInvalid, "the grant was given under an earlier configuration")
        }
        return nil
    }

    private func pool(_ key: PoolKey, _ destination: CheckedAddresses) throws(OutboundProblem) -> Pool {
        if let pool = self.pools[key] {
            if pool.destination.leadsTo(destination) { return pool }
            self.retire(pool)
        }
        let pool = try Pool(destination, of: self)
        self.pools[key] = pool
        return pool
    }

    // MARK: Ending connections

    /// Closes the kept connections of `backend`. Transfers under way go on; later ones use new connections.
    public func closeConnections(of backend: BackendID) {
        for pool in self.pools.values where pool.destination.backend == backend { self.retire(pool) }
    }

    /// A configuration has been replaced: closes the kept connections that were opened under one before `generation`,
    /// and refuses grants that such a one gave. Transfers under way go on.
    public func closeConnections(before generation: UInt64) {
        self.oldestGeneration = max(self.oldestGeneration, generation)
        for pool in self.pools.values where pool.destination.generation < generation { self.retire(pool) }
    }

    /// Ends every transfer as `shutdown` and closes all connections. Nothing is sent any more.
    public func close() {
        self.isClosed = true
        for pool in self.pools.values { self.retire(pool) }
        for pool in self.retired {
            pool.endAll { $0.failure(.shutdown, "this node is stopping") }
        }
        self.deliveries.deliverSoon()
    }

    func retire(_ pool: Pool) {
        if let key = self.pools.first(where: { $0.value === pool })?.key { self.pools[key] = nil }
        self.retired.append(pool)
        pool.retire()
    }

    /// `pool` has destroyed its connections.
    func forget(_ pool: Pool) {
        self.retired.removeAll { $0 === pool }
    }
}

extension CheckedAddresses {
    /// Whether connections to this are connections to `other` too. A resolver may tell the same addresses in another
    /// order each time.
    fileprivate func leadsTo(_ other: CheckedAddresses) -> Bool {
        guard self.generation == other.generation, self.tls == other.tls, self.trust == other.trust,
            self.proxy == other.proxy
        else { return false }
        if self.destination == other.destination { return true }
        switch (self.destination, other.destination) {
        case (.tcp(let host, let addresses), .tcp(let otherHost, let otherAddresses)):
            return host == otherHost && Set(addresses) == Set(otherAddresses)
        case (.unix, _), (_, .unix):
            return false
        }
    }
}
