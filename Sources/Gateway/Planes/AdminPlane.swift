import Accounting
import Configuration
import EventLoop
import Foundation
import HTTPServer
import Health
import Residency
import Routing
import Vocabulary

/// What the command line talks to, over a Unix socket that only the daemon's user and root may use.
@LoopActor
final class AdminPlane {
    private let node: Node
    private let reload: @LoopActor () async throws(AdminFailure) -> Void

    init(_ node: Node, reload: @escaping @LoopActor () async throws(AdminFailure) -> Void) {
        self.node = node
        self.reload = reload
    }

    /// Answers one question or command.
    func handle(_ exchange: HTTPExchange) async {
        guard Self.isTrusted(exchange.peer) else {
            return self.refuse(
                exchange, 403, AdminFailure(message: "this socket serves root and the daemon's own user"))
        }
        let head = exchange.head
        let path = String(decoding: head.path, as: UTF8.self).split(separator: "/").map { String($0) }
        let query = QueryValues(head.query)
        do throws(AdminFailure) {
            if head.isMethod("GET") {
                try await self.tell(path, query, exchange)
            } else if head.isMethod("POST") {
                self.respond(exchange, 200, ChangeReport(message: try await self.change(path, query)))
            } else {
                self.refuse(exchange, 405, AdminFailure(message: "this plane takes GET and POST"))
            }
        } catch {
            self.refuse(exchange, error.isConfiguration ? 422 : 404, error)
        }
    }

    private static func isTrusted(_ peer: Peer) -> Bool {
        switch peer {
        case .unix(let user, _, _): user == 0 || user == geteuid()
        case .tcp: false
        }
    }

    // MARK: Questions

    private func tell(
        _ path: [String], _ query: QueryValues, _ exchange: HTTPExchange
    ) async throws(AdminFailure) {
        switch (path.first, path.dropFirst().first.map { String($0) }) {
        case ("status", nil):
            self.respond(exchange, 200, self.node.statusReport)
        case ("requests", nil):
            let count = query.number("last", default: 30)
            let now = self.node.now
            self.respond(exchange, 200, self.node.ledger.newest(max(0, count)).map { $0.report(at: now) })
        case ("requests", let id?):
            self.respond(exchange, 200, try self.record(id).report(at: self.node.now))
        case ("models", nil):
            self.respond(exchange, 200, self.node.modelReports)
        case ("health", nil):
            if let model = query["model"] {
                return self.respond(exchange, 200, HealthReport(self.node.readiness(ofModel: model)))
            }
            let document = HealthDocument(
                self.node.readiness, backends: self.node.fleet.backends.map(\.health), others: self.node.ownChecks)
            self.respond(
                exchange, 200,
                HealthReport(
                    document, answer: self.node.readiness.answer, weight: self.node.currentWeight()))
        case ("usage", nil):
            self.respond(exchange, 200, try await self.usage(days: query.number("days", default: 7)))
        default:
            throw AdminFailure(message: "no such question")
        }
    }

    private func record(_ id: String) throws(AdminFailure) -> RequestRecord {
        guard let id = RequestID(id) else {
            throw AdminFailure(message: "`\(id)` is no request id; x-gatehouse-request-id of the answer has it")
        }
        guard let record = self.node.ledger.record(id) else {
            throw AdminFailure(
                message: "no request \(id) is under way or among the last \(Bounds.requestsRemembered) that ended")
        }
        return record
    }

    private func usage(days: Int) async throws(AdminFailure) -> [UsageReport] {
        guard let usage = self.node.usage else { throw AdminFailure(message: "this node keeps no usage") }
        let now = self.node.timers.wallNow
        let today = now.seconds / 86_400
        let from = WallTime(microseconds: (today - Int64(max(1, min(days, 3660)) - 1)) * 86_400_000_000)
        let lines: [UsageSummary]
        do {
            lines = try await runOnWorker {
                usage.flush(timeout: .seconds(2))
                return try usage.summary(from: from, to: now + .seconds(86_400), by: [.day, .model])
            }
        } catch {
            throw AdminFailure(message: "usage cannot be read: \(error)")
        }
        return lines.map { line in
            UsageReport(
                day: line.group[0] ?? "", model: line.group[1] ?? "none", requests: line.totals.requests,
                errors: line.totals.errors, promptTokens: line.totals.promptTokens,
                outputTokens: line.totals.outputTokens)
        }
    }

    // MARK: Commands

    private func change(_ path: [String], _ query: QueryValues) async throws(AdminFailure) -> String {
        switch (path.first, path.count) {
        case ("reload", 1):
            try await self.reload()
            return "the configuration was reloaded"
        case ("requests", 3) where path[2] == "cancel":
            let record = try self.record(path[1])
            guard self.node.ledger.cancel(record.id) else {
                throw AdminFailure(message: "request \(path[1]) has ended already")
            }
            return "request \(path[1]) is being ended"
        case ("backends", 3) where path[2] == "breaker":
            return try self.holdBreaker(of: BackendID(path[1]), query)
        case ("backends", 3):
            return try self.change(backend: path[1], path[2])
        default:
            throw AdminFailure(message: "no such command")
        }
    }

    private func change(backend name: String, _ command: String) throws(AdminFailure) -> String {
        guard let backend = self.node.fleet[BackendID(name)] else {
            let known = self.node.fleet.backends.map(\.id.rawValue).joined(separator: ", ")
            throw AdminFailure(message: "no backend `\(name)`; there are \(known)")
        }
        switch command {
        case "drain":
            self.node.fleet.drain(backend, true)
            return "\(name) gets nothing new; what runs there goes on"
        case "undrain":
            self.node.fleet.drain(backend, false)
            return "\(name) is used again"
        case "release":
            guard case .quarantined = backend.health.usability else {
                throw AdminFailure(message: "\(name) is not quarantined, it is \(backend.health.usability.label)")
            }
            self.node.fleet.release(backend)
            return "\(name) is probed again and used if it answers"
        default:
            throw AdminFailure(message: "no such command for a backend")
        }
    }

    /// Holds a breaker `open` or `closed` for a time, or lets it go (`auto`).
    private func holdBreaker(of backend: BackendID, _ query: QueryValues) throws(AdminFailure) -> String {
        let model = query["model"].map { ModelName(canonical: $0) }
        let whose = model.map { "\(backend) for \($0)" } ?? "\(backend)"
        let most = Breaker.holdMax.wholeSecondsUp
        let seconds = query.number("seconds", default: 600)
        guard (1...most).contains(seconds) else {
            throw AdminFailure(message: "\(seconds) s is no time for a hold, expected 1 to \(most)")
        }
        let isOpen: Bool?
        switch query["state"] {
        case "open": isOpen = true
        case "closed": isOpen = false
        case "auto": isOpen = nil
        default: throw AdminFailure(message: "a breaker is held `open` or `closed`, or left to itself with `auto`")
        }
        guard self.node.fleet.holdBreaker(backend, model, open: isOpen, for: .seconds(seconds)) else {
            throw AdminFailure(message: "there is no breaker of \(whose); `gatehouse backends list` shows the backends")
        }
        return isOpen.map { "the breaker of \(whose) is held \($0 ? "open" : "closed") for \(seconds) s" }
            ?? "the breaker of \(whose) is left to itself"
    }

    // MARK: Answers

    private func refuse(_ exchange: HTTPExchange, _ status: Int, _ failure: AdminFailure) {
        self.respond(exchange, status, failure)
    }

    private func respond(_ exchange: HTTPExchange, _ status: Int, _ report: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Reports are plain values: encoding them cannot fail.
        let body = (try? encoder.encode(report)).map { Array($0) } ?? []
        exchange.respond(status: status, headers: [HTTPHeader("Content-Type", "application/json")], body: body)
    }
}
