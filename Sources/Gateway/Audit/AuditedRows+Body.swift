import Foundation
import Residency

extension AuditedRows {
    /// The rows that a record counts; `nil` if it is of another kind.
    init?(body: [UInt8], kind: String) {
        struct Body: Decodable {
            let requests: Int
            let served_locally: Int
            let usage_first: Int64
            let usage_last: Int64
            let usage_sha256: String
        }
        guard kind == AuditKind.local.rawValue, let body = try? JSONDecoder().decode(Body.self, from: Data(body)),
            let digest = AuditHash(body.usage_sha256)
        else { return nil }
        self.init(
            first: body.usage_first, last: body.usage_last, requests: body.requests,
            servedLocally: body.served_locally, digest: digest)
    }
}
