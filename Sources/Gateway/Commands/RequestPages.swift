/// `gatehouse requests` for a person.
enum RequestPages {
    static func list(_ requests: [RequestReport]) -> String {
        var table = Table(
            ["REQUEST", "STARTED", "STATE", "ENDPOINT", "MODEL", "ROUTE", "STATUS", "FIRST", "TOTAL", "TOKENS"],
            numbersFrom: 6)
        for request in requests {
            table.add([
                request.id, String(request.startedAt.dropFirst(11).prefix(8)), request.reason ?? request.state,
                request.endpoint, request.model ?? "", request.route, request.status.map { "\($0)" } ?? "",
                Self.time(request.phases.firstToken), Self.time(request.phases.total),
                request.tokens.output.map { "\($0)" } ?? "",
            ])
        }
        return table.text
    }

    static func one(_ request: RequestReport) -> String {
        let phases = request.phases
        var lines = [
            ("request", request.id), ("started", request.startedAt), ("state", request.reason ?? request.state),
            ("endpoint", request.endpoint + (request.streamed ? ", streamed" : "")), ("model", request.model ?? "none"),
            ("route", request.route), ("status", request.status.map { "\($0)" } ?? "none yet"),
            ("key", request.key ?? "none"), ("project", request.project ?? "none"),
        ]
        if let principal = request.principal { lines.append(("principal", principal)) }
        if let tier = request.tier {
            lines.append(("tier", tier + (request.tierRule.map { ", by auto: \($0)" } ?? "")))
        }
        if let sensitivity = request.sensitivity { lines.append(("sensitivity", sensitivity)) }
        if let verdict = request.verdict {
            let rule = verdict.rule.map { ", rule \($0)" } ?? ""
            lines.append(
                ("policy", "\(verdict.decision) \(verdict.backend) for \(verdict.trigger): \(verdict.reason)\(rule)"))
        }
        lines += request.attempts.enumerated().map { index, attempt in
            ("attempt \(index + 1)", "\(attempt.backend), \(attempt.model): \(attempt.outcome)")
        }
        if !request.dropped.isEmpty { lines.append(("left out", request.dropped.joined(separator: ", "))) }
        lines += [
            ("queue", Self.time(phases.queue)), ("load", Self.time(phases.load)), ("prompt", Self.time(phases.prompt)),
            ("first token", Self.time(phases.firstToken)), ("tokens", Self.time(phases.tokens)),
            ("total", Self.time(phases.total)),
            ("prompt tokens", request.tokens.prompt.map { "\($0)" } ?? "unknown"),
            ("output tokens", request.tokens.output.map { "\($0)" } ?? "unknown"),
        ]
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { name, value in
            name + String(repeating: " ", count: width - name.count) + "  " + value
        }.joined(separator: "\n")
    }

    private static func time(_ milliseconds: Double?) -> String {
        guard let milliseconds else { return "unknown" }
        return milliseconds < 1000
            ? "\((milliseconds * 10).rounded() / 10) ms" : "\((milliseconds / 100).rounded() / 10) s"
    }
}
