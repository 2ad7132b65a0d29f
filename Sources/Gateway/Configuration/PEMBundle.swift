import Foundation

/// A file of certificates as text (RFC 7468).
enum PEMBundle {
    private static let begin = "-----BEGIN CERTIFICATE-----"
    private static let end = "-----END CERTIFICATE-----"

    /// Why `bytes` cannot be trusted authorities, or `nil`. What each certificate says is read when it is used.
    static func problem(with bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return "is no text, expected PEM" }
        if text.contains("PRIVATE KEY-----") { return "holds a private key, expected certificates alone" }
        let blocks = text.split(separator: self.begin, omittingEmptySubsequences: false).dropFirst()
        if blocks.isEmpty { return "holds no certificate, expected PEM with `\(self.begin)`" }
        for (place, block) in blocks.enumerated() {
            guard let body = block.firstRange(of: self.end).map({ block[..<$0.lowerBound] }),
                let der = Data(base64Encoded: body.filter { !$0.isWhitespace }), der.first == Self.sequence
            else { return "holds a certificate that cannot be read, number \(place + 1)" }
        }
        return nil
    }

    /// With which every certificate begins (RFC 5280 section 4.1, X.690 section 8.9).
    private static let sequence: UInt8 = 0x30
}
