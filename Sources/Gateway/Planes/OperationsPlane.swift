import Dialects
import EventLoop
import HTTPServer
import Health
import Routing
import Vocabulary

/// Health endpoints and metrics: no secrets, no prompt, no model API, answered from memory.
@LoopActor
final class OperationsPlane {
    private let node: Node

    init(_ node: Node) {
        self.node = node
    }

    /// Answers a request that came to the operations port.
    func handle(_ exchange: HTTPExchange) async {
        if self.answerHealth(exchange) { return }
        guard exchange.head.path.elementsEqual("/metrics".utf8) else {
            return self.respond(
                exchange, HealthText(404, "no such path; /readyz, /livez, /health and /metrics are here\n"))
        }
        guard exchange.head.isMethod("GET") || exchange.head.isMethod("HEAD") else {
            return exchange.respond(status: 405, headers: [HTTPHeader("Allow", "GET, HEAD")])
        }
        exchange.respond(
            status: 200, headers: [HTTPHeader("Content-Type", MetricsText.contentType)],
            body: MetricsReport(self.node).text)
    }

    /// Answers one of the health paths, on any port; false if it is another path.
    func answerHealth(_ exchange: HTTPExchange) -> Bool {
        let head = exchange.head
        guard let answer = self.health(head) else { return false }
        guard head.isMethod("GET") || head.isMethod("HEAD") || head.isMethod("OPTIONS") else {
            exchange.respond(status: 405, headers: [HTTPHeader("Allow", "GET, HEAD, OPTIONS")])
            return true
        }
        self.respond(exchange, answer)
        return true
    }

    private func health(_ head: RequestHead) -> HealthText? {
        let readiness = self.node.readiness
        let path = head.path
        // `/v1/...` and `/api/...`, which is nearly all that is asked for, need not be compared with each.
        guard let letter = path.dropFirst().first, letter != UInt8(ascii: "v"), letter != UInt8(ascii: "a") else {
            return nil
        }
        if path.elementsEqual("/livez".utf8) {
            return HealthText(Liveness.answer(lastTurn: UVLoop.main.lastTick, at: self.node.now))
        }
        if path.elementsEqual("/readyz".utf8) {
            let isVerbose = head.query?.elementsEqual("verbose".utf8) ?? false
            return HealthText(isVerbose ? readiness.verboseAnswer : readiness.readyAnswer)
        }
        if path.elementsEqual("/startupz".utf8) { return HealthText(readiness.startupAnswer) }
        if path.elementsEqual("/health".utf8) {
            let status = HealthDocument(
                readiness, backends: self.node.fleet.backends.map(\.health), others: self.node.ownChecks
            ).status
            return HealthText(status.httpStatus, "{\"status\":\"\(status.rawValue)\"}", type: "application/health+json")
        }
        if path.elementsEqual("/weight".utf8) { return HealthText(200, "\(self.node.currentWeight())\n") }
        if path.starts(with: "/readyz/models/".utf8) {
            let name = PercentForm.decoded(path.dropFirst("/readyz/models/".utf8.count))
            return HealthText(self.node.readiness(ofModel: name).answer)
        }
        return nil
    }

    private func respond(_ exchange: HTTPExchange, _ answer: HealthText) {
        var headers = [HTTPHeader("Content-Type", answer.type), HTTPHeader("Cache-Control", "no-store")]
        if answer.status == 503 { headers.append(HTTPHeader("Retry-After", "5")) }
        if self.node.readiness.isDegraded { headers.append(HTTPHeader("x-envoy-degraded", "1")) }
        exchange.respond(status: answer.status, headers: headers, body: Array(answer.body.utf8))
    }
}

/// A short text with a status.
private struct HealthText {
    var status: Int
    var body: String
    var type: String

    init(_ status: Int, _ body: String, type: String = "text/plain; charset=utf-8") {
        self.status = status
        self.body = body
        self.type = type
    }

    init(_ answer: HealthAnswer) {
        self.init(answer.status, answer.body)
    }
}
