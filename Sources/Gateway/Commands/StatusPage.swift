/// `gatehouse status` for a person.
struct StatusPage {
    private let report: StatusReport
    private let running: [RequestReport]

    init(_ report: StatusReport, _ running: [RequestReport]) {
        self.report = report
        self.running = running
    }

    var text: String {
        var parts = [self.head, Self.backends(self.report.backends)]
        if !self.report.external.isEmpty { parts.append(self.external) }
        let loaded = self.loaded
        if !loaded.isEmpty { parts.append(loaded) }
        if !self.report.queues.isEmpty {
            let queues = self.report.queues.map { "\($0.model): \($0.length)" }.joined(separator: ", ")
            parts.append("waiting for a slot: \(queues)")
        }
        if !self.running.isEmpty { parts.append(RequestPages.list(self.running)) }
        if !self.report.warnings.isEmpty {
            parts.append(self.report.warnings.map { "! \($0)" }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    private var head: String {
        let report = self.report
        let keys = report.keysRequired ? "keys required" : "no keys, this machine only"
        return "\(report.node)  gatehouse \(report.version)  \(report.state)  up \(Self.span(report.uptimeSeconds))  "
            + "\(report.requestsInFlight) in flight, \(report.requestsTotal) since the start, "
            + "\(report.connections) connections, \(keys)"
    }

    static func backends(_ backends: [StatusReport.Backend]) -> String {
        var table = Table(
            ["BACKEND", "STATE", "AT", "ZONE", "VERSION", "CLOUD", "MODELS", "IN FLIGHT", "SLOTS"], numbersFrom: 6)
        for backend in backends {
            table.add([
                backend.name, backend.state, backend.url, backend.zone, backend.version ?? "unknown", backend.cloud,
                "\(backend.models.count)", "\(backend.inFlight)",
                "\(backend.slots)\(backend.slotsAssumed ? " assumed" : "") per model",
            ])
        }
        let details = backends.flatMap { backend in
            let all = [backend.detail].compactMap(\.self) + backend.breakers.map(Self.breaker)
            return all.map { "  \(backend.name): \($0)" }
        }
        return ([table.text] + details).joined(separator: "\n")
    }

    private var external: String {
        var table = Table(["OUTSIDE", "STATE", "AT", "JURISDICTION", "MODELS", "IN FLIGHT"], numbersFrom: 4)
        for backend in self.report.external {
            table.add([
                backend.name, backend.state, backend.url, backend.jurisdiction, "\(backend.models.count)",
                "\(backend.inFlight)",
            ])
        }
        let details = self.report.external.flatMap { backend in
            let all = [backend.detail].compactMap(\.self) + backend.breakers.map(Self.breaker)
            return all.map { "  \(backend.name): \($0)" }
        }
        let policy = self.report.policy.map {
            "policy \($0.revision) (\($0.sha256.prefix(12))): \($0.rules) rules"
                + ($0.shadow > 0 ? ", \($0.shadow) in the shadow" : "")
        }
        return ([table.text] + details + ["  " + (policy ?? "no policy: nothing leaves")]).joined(separator: "\n")
    }

    /// `breaker open for 8 s: 3 requests in a row could not connect`, `breaker for qwen3:8b half_open: ...`
    private static func breaker(_ breaker: StatusReport.Breaker) -> String {
        let whose = breaker.model.map { " for \($0)" } ?? ""
        let time = breaker.seconds.map { " for \($0) s" } ?? ""
        return "breaker\(whose) \(breaker.state)\(time): \(breaker.why)"
    }

    private var loaded: String {
        var table = Table(["IN MEMORY", "BACKEND", "CONTEXT", "SIZE", "ON GPU", "IN FLIGHT"], numbersFrom: 2)
        let rows = self.report.backends.flatMap { backend in backend.loaded.map { (backend.name, $0) } }
        for (backend, model) in rows {
            let share = model.size > 0 ? "\(model.sizeVRAM * 100 / model.size) %" : "unknown"
            table.add([
                model.name, backend, model.context.map { "\($0)" } ?? "unknown", Self.size(model.size), share,
                "\(model.inFlight)",
            ])
        }
        return rows.isEmpty ? "" : table.text
    }

    private static func span(_ seconds: Double) -> String {
        let seconds = Int(seconds)
        if seconds < 120 { return "\(seconds) s" }
        return seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
    }

    private static func size(_ bytes: Int) -> String {
        let tenths = (bytes * 10) >> 30
        return tenths > 0 ? "\(tenths / 10).\(tenths % 10) GiB" : "\(bytes >> 20) MiB"
    }
}
