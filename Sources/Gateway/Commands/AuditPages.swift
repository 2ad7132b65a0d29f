import Dialects
import Residency

/// `gatehouse audit show` for a person.
enum AuditPages {
    /// A line for each record.
    static func list(_ records: [AuditRecord]) -> String {
        var table = Table(["SEQ", "TIME", "KIND", "WHAT"])
        for record in records {
            table.add([
                "\(record.sequence)", record.time.rfc3339, self.printable(record.kind),
                self.printable(self.sentence(record)),
            ])
        }
        return table.text
    }

    /// Each record with its members, one in a line.
    static func details(_ records: [AuditRecord]) -> String {
        records.map { record in
            let head = "record \(record.sequence)  \(record.time.rfc3339)  \(self.printable(record.kind))"
            let members = self.members(record)
            let width = members.map(\.name.count).max() ?? 0
            return
                ([head]
                + members.map { name, value in
                    "  " + name + String(repeating: " ", count: width - name.count) + "  " + value
                }).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    private static func members(_ record: AuditRecord) -> [(name: String, value: String)] {
        guard let body = try? JSONView(record.body), body.kind == .object else {
            return [("body", self.printable(String(decoding: record.body, as: UTF8.self)))]
        }
        var members: [(String, String)] = []
        body.forEachMember { name, value in
            members.append((self.printable(String(decoding: name, as: UTF8.self)), self.printable(self.text(value))))
        }
        return members
    }

    /// Texts without quotes, lists of texts with commas, all else as it stands.
    private static func text(_ value: JSONView) -> String {
        if let string = value.string { return string }
        if value.kind == .array {
            return value.isEmpty ? "none" : value.elements.map { self.text($0) }.joined(separator: ", ")
        }
        return String(decoding: value.bytes, as: UTF8.self)
    }

    /// What an intent or outcome says; the whole body of other records.
    private static func sentence(_ record: AuditRecord) -> String {
        let whole = String(decoding: record.body, as: UTF8.self)
        guard let body = try? JSONView(record.body) else { return whole }
        func word(_ name: StaticString, _ unit: String = "") -> String? { body[name].map { self.text($0) + unit } }
        let send = ["request \(word("request_id") ?? "unknown")", "attempt \(word("attempt") ?? "unknown")"]
        let parts: [String?]
        switch AuditKind(rawValue: record.kind) {
        case .intent:
            parts =
                ["to \(word("backend") ?? "unknown")", word("model"), word("rule_id").map { "rule \($0)" }]
                + [word("sensitivity"), word("trigger"), word("bytes_out", " bytes")] + send
        case .outcome:
            parts =
                ["\(word("result") ?? "unknown") at \(word("backend") ?? "unknown")", word("reason")]
                + [word("status").map { "status \($0)" }, word("bytes_in", " bytes back"), word("ms", " ms")] + send
        case .genesis, .start, .configuration, .decision, .backend, .local, .lost, .clock, .stop, nil:
            return whole
        }
        return parts.compactMap(\.self).joined(separator: ", ")
    }

    /// `text` without characters that a terminal obeys: whoever edits the file must not steer it.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
    }
}
