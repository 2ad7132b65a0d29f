import Accounting
import Dialects
import EventLoop
import HTTPServer
import Residency
import Routing
import Vocabulary

/// The model APIs: who calls, what for, and whether that may be; then a `RequestRun` for what a model must work on.
@LoopActor
final class DataPlane {
    private let node: Node
    private let operations: OperationsPlane

    init(_ node: Node, operations: OperationsPlane) {
        self.node = node
        self.operations = operations
    }

    /// Answers one request.
    func handle(_ exchange: HTTPExchange) async {
        // Load balancers ask without keys, and must be answered whatever else is going on.
        if self.operations.answerHealth(exchange) { return }
        let head = exchange.head
        let route = Endpoint.route(method: head.method, path: head.path)
        let rules = self.rules
        let origin = head.header("origin")
        let caller = self.caller(exchange)
        let client = Client(
            exchange, id: self.node.newRequestID(), endpoint: route.endpoint,
            origin: origin.flatMap { rules.allows(origin: $0, of: caller) ? Array($0) : nil })
        if let refusal = rules.refusal(of: caller) {
            return self.refuse(client, refusal.reason, refusal.message)
        }
        if origin != nil, head.isMethod("OPTIONS"), head.header("access-control-request-method") != nil {
            client.answerPreflight()
            return self.node.settle(client, .answeredHere, key: nil, status: Client.preflightStatus)
        }
        guard let key = self.authenticate(exchange, client) else { return }
        if let refusal = route.refusal {
            return self.refuse(client, key: key.value, refusal, allow: route.allow)
        }
        guard case .endpoint(let endpoint, let parameter) = route else {
            preconditionFailure("a path that is not served was not refused")
        }
        await self.answer(endpoint, parameter, client, key: key.value)
    }

    private func refuse(_ client: Client, key: Key? = nil, _ refusal: RequestRefusal, allow: String? = nil) {
        self.refuse(
            client, key: key, refusal.reason, refusal.message, parameter: refusal.parameter,
            retryAfter: refusal.retryAfter, allow: allow)
    }

    private func refuse(
        _ client: Client, key: Key? = nil, _ reason: Reason, _ message: String, parameter: String? = nil,
        retryAfter: Duration? = nil, allow: String? = nil
    ) {
        client.refuse(reason, message, parameter: parameter, retryAfter: retryAfter, allow: allow)
        self.node.settle(client, reason, key: key)
    }

    // MARK: Who calls

    private var rules: CallerRules {
        CallerRules(
            origins: self.node.configuration.listeners.origins,
            servesLoopbackOnly: self.node.configuration.keys.isEmpty)
    }

    private func caller(_ exchange: HTTPExchange) -> CallerRules.Caller {
        let head = exchange.head
        return CallerRules.Caller(
            address: exchange.peer.address, host: head.authority, origin: head.header("origin"),
            isForwarded: exchange.isForwarded || CallerRules.forwardingHeaders.contains { head.header($0) != nil },
            isSecure: exchange.isSecure)
    }

    /// The caller's key; `nil` inside if none are configured, `nil` outside if the request was refused.
    private func authenticate(_ exchange: HTTPExchange, _ client: Client) -> (value: Key?, Void)? {
        let keys = self.node.configuration.keys
        if keys.isEmpty { return (nil, ()) }
        let now = self.node.timers.wallNow
        // A wrong secret is refused whatever certificate comes with it: it was meant.
        switch exchange.head.presentedKey.map({ keys.authenticate($0, at: now) })
            ?? keys.authenticate(exchange.peerNames, at: now)
        {
        case .success(let key):
            return (key, ())
        case nil:
            self.refuse(client, .keyMissing)
            return nil
        case .failure(let refusal):
            self.refuse(wrongKey: refusal, exchange, client)
            return nil
        }
    }

    private func refuse(wrongKey refusal: KeyRefusal, _ exchange: HTTPExchange, _ client: Client) {
        let peer = exchange.peer.address
        let source = self.node.configuration.listeners.client(of: peer, exchange.head)
        func tell() {
            self.node.log.warning(
                "a key was refused",
                metadata: [
                    "cause": "\(refusal.cause.rawValue)", "key": "\(refusal.keyID?.rawValue ?? "none")",
                    "peer": source == peer ? "\(exchange.peer)" : "\(source, default: "none")",
                ])
        }
        switch self.node.keyFailures.failed(from: source, at: self.node.now) {
        case .refuse:
            tell()
            self.refuse(client, .keyInvalid, "the key is not valid; `gatehouse keys list` shows those that are")
        case .throttle(let retryAfter, let isFirst):
            if isFirst { tell() }
            self.refuse(
                client, .keyThrottled, "too many wrong keys came from this address; try again later",
                retryAfter: retryAfter)
        }
    }

    // MARK: What for

    private func answer(_ endpoint: Endpoint, _ parameter: String?, _ client: Client, key: Key?) async {
        if !endpoint.hasBody {
            return Inquiries(self.node, client, key: key).answer(endpoint, parameter)
        }
        do throws(RequestRefusal) {
            let order = try await self.order(endpoint, client, key: key)
            switch order.body.endpoint {
            case .ollamaShow, .anthropicCountTokens:
                try Inquiries(self.node, client, key: key).answer(order)
            default:
                // Only the manifest and the server itself unload a model: it may be in use by others.
                if order.body.residence == .unload { return self.keepLoaded(order, client) }
                let run = RequestRun(
                    self.record(of: order, client), node: self.node, client: client, order: order)
                self.node.ledger.begin(run)
                await run.run()
            }
        } catch {
            if client.exchange.isClientGone {
                return self.node.settle(client, .clientLeft, key: key)
            }
            self.refuse(client, key: key, error)
        }
    }

    /// Reads a request to the point where it could be sent.
    private func order(_ endpoint: Endpoint, _ client: Client, key: Key?) async throws(RequestRefusal) -> RequestOrder {
        let head = client.exchange.head
        if let coding = head.header("content-encoding"), !coding.elementsEqual("identity".utf8) {
            throw RequestRefusal(
                .encodingUnsupported,
                "a body in another encoding than identity could hide what it asks for; send it plain")
        }
        let bytes: [UInt8]
        do throws(HTTPFailure) { bytes = try await client.exchange.readBody() } catch {
            throw RequestRefusal(error.reason, error.message)
        }
        while true {
            do throws(RequestRefusal) {
                return try self.order(bytes, endpoint, client, key: key)
            } catch {
                guard error.reason == .backendsUnavailable, self.node.isStarting else { throw error }
            }
            await self.node.newsOfStart()
        }
    }

    private func order(
        _ bytes: [UInt8], _ endpoint: Endpoint, _ client: Client, key: Key?
    ) throws(RequestRefusal) -> RequestOrder {
        try RequestOrder(
            reading: bytes, endpoint, RequestWishes(client.exchange.head, endpoint, key), key: key,
            manifest: self.node.fleet.manifest,
            catalogue: self.node.fleet.dispatcher.catalogue, isSettled: self.node.fleet.hasBeenProbed,
            arrivedAt: client.exchange.receivedAt, estimates: self.node.estimates)
    }

    private func record(of order: RequestOrder, _ client: Client) -> RequestRecord {
        let record = RequestRecord(
            id: client.id, endpoint: order.body.endpoint, arrivedAt: client.exchange.receivedAt,
            startedAt: self.node.timers.wallNow)
        record.key = order.key
        record.project = order.project
        record.feature = order.feature
        record.principal = order.principal
        record.alias = order.resolution.alias
        record.tier = order.resolution.tier
        record.tierRule = order.resolution.choice?.rule
        record.promptBytes = order.body.hasImages ? nil : order.body.promptBytes
        record.isStreamed = order.body.streams
        record.classification = self.node.departures.classify(order)
        return record
    }

    private func keepLoaded(_ order: RequestOrder, _ client: Client) {
        let answer = OwnAnswers.residence(
            .load, endpoint: order.body.endpoint, model: order.resolution.models[0].rawValue,
            now: self.node.timers.wallNow)
        let record = self.record(of: order, client)
        record.dropped = ["keep_alive"]
        client.answerHere(answer, dropped: record.dropped)
        self.node.settle(record, client, .answeredHere)
    }
}

extension Route {
    fileprivate var endpoint: Endpoint? {
        if case .endpoint(let endpoint, _) = self { endpoint } else { nil }
    }
}

extension Peer {
    /// The address, if it is one of the network.
    var address: IPAddress? {
        if case .tcp(let socket) = self { socket.address } else { nil }
    }
}

extension RequestHead {
    /// The key, from the first of the headers that SDKs use: OpenAI's, Anthropic's, Azure's.
    fileprivate var presentedKey: ArraySlice<UInt8>? {
        if let value = self.header("authorization") {
            let scheme = value.prefix(7)
            let isBearer = scheme.count == 7 && zip(scheme, "bearer ".utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
            // RFC 9110 section 11.6.2: one blank or more stand between the two.
            if isBearer { return value.dropFirst(7).drop { $0 == UInt8(ascii: " ") } }
        }
        return self.header("x-api-key") ?? self.header("api-key")
    }
}
