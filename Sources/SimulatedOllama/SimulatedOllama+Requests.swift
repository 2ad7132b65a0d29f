import EventLoop
import HTTPServer
import Vocabulary

extension SimulatedOllama {
    /// One request, from its head to the end of its answer.
    func handle(_ exchange: HTTPExchange) async {
        let route = Route(
            method: String(decoding: exchange.head.method, as: UTF8.self), path: exchange.head.path,
            version: self.options.version)
        if case .call(let call) = route, call.isControl { return await self.control(call, exchange) }
        let body: [UInt8]
        do {
            body = try await exchange.readBody()
        } catch {
            return exchange.reject(error)
        }
        self.recorder.saw(exchange.head, body: body)
        let faults: RequestFaults
        do {
            faults = try RequestFaults(self.faults, header: exchange.head.header("x-simulated-fault"), route)
        } catch {
            return exchange.replyJSON(Failure(400, error.description).body(.native, requestID: ""), status: 400)
        }
        if await self.suffer(faults, exchange) { return }
        guard let cors = self.admit(exchange, route) else { return }
        await self.follow(route, exchange, body, faults, cors)
    }

    private func follow(
        _ route: Route, _ exchange: HTTPExchange, _ body: [UInt8], _ faults: RequestFaults, _ cors: [HTTPHeader]
    ) async {
        switch route {
        case .call(let call): await self.answer(call, exchange, body, faults, cors)
        case .notFound: exchange.reply(404, "404 page not found", headers: cors)
        case .methodNotAllowed(let allow):
            exchange.reply(405, "405 method not allowed", headers: [HTTPHeader("Allow", allow)] + cors)
        case .redirect(let status, let location):
            let words = status == 301 ? "Moved Permanently" : "Temporary Redirect"
            let isGet = exchange.head.isMethod("GET")
            exchange.reply(
                status, .html, isGet ? Array("<a href=\"\(location)\">\(words)</a>.\n\n".utf8) : [],
                headers: [HTTPHeader("Location", location)])
        }
    }

    // MARK: Faults

    /// Does what keeps a request from being answered at all; true if something did.
    private func suffer(_ faults: RequestFaults, _ exchange: HTTPExchange) async -> Bool {
        if let location = faults.redirect {
            exchange.reply(307, .html, [], headers: [HTTPHeader("Location", location)])
            return true
        }
        if let status = faults.status {
            exchange.replyJSON(
                Failure(status, "simulated fault: status \(status)").body(.native, requestID: ""), status: status)
            return true
        }
        guard faults.hangs else { return false }
        await Self.untilClientGone(exchange)
        self.recorder.counters.clientsGone += 1
        return true
    }

    static func untilClientGone(_ exchange: HTTPExchange) async {
        let waiter = Waiter<Void>()
        exchange.onClientGone = { waiter.resume(()) }
        await waiter.wait()
    }

    // MARK: Access

    /// Checks `Host` and `Origin`, and answers preflights. The headers that the answer then carries, or `nil` if it has
    /// been given.
    private func admit(_ exchange: HTTPExchange, _ route: Route) -> [HTTPHeader]? {
        let head = exchange.head
        if self.options.checksHost, let host = head.authority, !host.elementsEqual(self.hostLetIn) {
            guard AccessCheck.allowsHost(String(decoding: host, as: UTF8.self)) else {
                exchange.respond(status: 403)
                return nil
            }
            self.hostLetIn = Array(host)
        }
        guard let origin = head.header("origin") else { return [] }
        let host = head.authority.map { String(decoding: $0, as: UTF8.self) }
        let isAllowed = AccessCheck.allowsOrigin(String(decoding: origin, as: UTF8.self), host: host)
        var allow: [HTTPHeader] = []
        if case .methodNotAllowed(let methods) = route { allow = [HTTPHeader("Allow", methods)] }
        guard isAllowed else {
            exchange.respond(status: 403, headers: allow)
            return nil
        }
        let told = [HTTPHeader("Access-Control-Allow-Origin", Array(origin)), HTTPHeader("Vary", "Origin")]
        guard head.isMethod("OPTIONS") else { return told }
        let vary = ["Access-Control-Request-Method", "Access-Control-Request-Headers"].map { HTTPHeader("Vary", $0) }
        exchange.respond(
            status: 204,
            headers: AccessCheck.preflight.map { HTTPHeader($0.0, $0.1) } + allow + told + vary)
        return nil
    }

    // MARK: The stand-in's own calls

    private func control(_ call: Call, _ exchange: HTTPExchange) async {
        switch call {
        case .state: exchange.replyJSON(self.stateBody())
        case .faults: exchange.replyJSON(self.faultsBody())
        case .clearFaults:
            self.setFaults([])
            exchange.replyJSON(self.faultsBody())
        case .setFaults: await self.takeFaults(exchange)
        case .root, .version, .status, .tags, .ps, .show, .chat, .generate, .embed, .embeddings, .v1Chat,
            .v1Completions, .v1Embeddings, .v1Responses, .v1Messages, .v1Models, .v1Model, .forbidden:
            preconditionFailure("\(call) is not one of the stand-in's own calls")
        }
    }

    private func takeFaults(_ exchange: HTTPExchange) async {
        do {
            let body = try await exchange.readBody()
            let faults = try Self.faults(in: body)
            exchange.replyJSON(Array("{\"status\":\"success\"}".utf8))
            // Some faults cut this very connection: the answer goes first.
            self.timers.schedule(after: .milliseconds(20)) { [weak self] in self?.setFaults(faults) }
        } catch let failure as Failure {
            exchange.replyJSON(failure.body(.native, requestID: ""), status: failure.status)
        } catch let failure as HTTPFailure {
            exchange.reject(failure)
        } catch {
            preconditionFailure("\(error) is neither of two errors")
        }
    }
}

/// The faults that befall one request.
struct RequestFaults {
    private(set) var hangs = false
    private(set) var status: Int?
    private(set) var redirect: String?
    private(set) var resetAfter: Int?
    private(set) var stallAfter: Int?
    private(set) var truncateAfter: Int?
    private(set) var runnerDiesAfter: Int?
    private(set) var loadTime: Duration?
    private(set) var losesSlots = false

    /// Whether one of them happens at a certain token.
    var countsTokens: Bool { self.stallAfter != nil || self.truncateAfter != nil || self.runnerDiesAfter != nil }

    /// Those of the server and the one in `header` (`x-simulated-fault`), as far as they befall `route`.
    init(_ faults: [Fault], header: ArraySlice<UInt8>?, _ route: Route) throws(Fault.Problem) {
        for fault in faults { self.add(fault, route) }
        guard let header else { return }
        let fault = try Fault(parsing: String(decoding: header, as: UTF8.self))
        if fault.isOfServer {
            throw Fault.Problem(description: "fault '\(fault)' is one of the whole server, not of one request")
        }
        self.add(fault, route)
    }

    private mutating func add(_ fault: Fault, _ route: Route) {
        if fault.scope == .inference {
            guard case .call(let call) = route, call.isInference else { return }
        }
        switch fault.kind {
        case .refuse, .garbage, .remoteHost: break
        case .hang: self.hangs = true
        case .resetAfter(let bytes): self.resetAfter = bytes
        case .stallAfter(let tokens): self.stallAfter = tokens
        case .status(let status): self.status = status
        case .slowLoad(let time): self.loadTime = time
        case .truncateAfter(let tokens): self.truncateAfter = tokens
        case .runnerDiesAfter(let tokens): self.runnerDiesAfter = tokens
        case .redirect(let target): self.redirect = target
        case .loseSlots: self.losesSlots = true
        }
    }
}
