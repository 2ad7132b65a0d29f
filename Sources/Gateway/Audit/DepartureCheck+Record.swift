import Dialects
import Residency
import Vocabulary

extension DepartureCheck.Mark {
    /// What `record` means; `nil` for one that speaks of no departure.
    init?(_ record: AuditRecord) {
        switch AuditKind(rawValue: record.kind) {
        case .intent:
            self = Self.send(record.body).map { .intent($0, attempt: $1) } ?? .unreadable
        case .outcome:
            self = Self.send(record.body).map { .outcome($0, attempt: $1) } ?? .unreadable
        case .start:
            self = .start
        case .genesis, .configuration, .decision, .backend, .local, .lost, .clock, .stop, nil:
            return nil
        }
    }

    private static func send(_ body: [UInt8]) -> (RequestID, Int)? {
        guard let body = try? JSONView(body), let request = body["request_id"]?.string.flatMap({ RequestID($0) }),
            let attempt = body["attempt"]?.integer
        else { return nil }
        return (request, attempt)
    }
}
