import Vocabulary

extension ExternalTerms {
    /// What is wrong with these terms, by its key.
    var problems: [(key: String, message: String)] {
        var problems: [(key: String, message: String)] = []
        if self.jurisdiction.isEmpty { problems.append(("jurisdiction", "the jurisdiction has no name")) }
        if self.prefixes.isEmpty {
            problems.append(("prefixes", "no network is listed, so that no address can be right"))
        }
        for prefix in self.prefixes {
            if let problem = Self.problem(withPrefix: prefix) { problems.append(("prefixes", problem)) }
        }
        if self.models.isEmpty { problems.append(("models", "no model is listed, so that none may be asked for")) }
        if case .bundle(let bytes) = self.trust.roots, bytes.isEmpty {
            problems.append(("tls", "there is no certificate to trust"))
        }
        for pin in self.trust.pins where Trust.pin(pin) != pin {
            problems.append(("tls", "`\(pin)` is no SHA-256 in base64"))
        }
        return problems
    }

    /// Why no backend outside may be in `network`, or `nil` if one may. A private or loopback network is somebody's own
    /// way out, and may be listed.
    public static func problem(withPrefix network: CIDR) -> String? {
        guard let inside = SpecialRange.all.last(where: { $0.block.contains(network) }) else {
            let isGivenOut = network.network.isV4 || AddressClass(of: network.network) != .reserved
            return isGivenOut || network.prefix == 0
                ? nil : "`\(network)` lies outside `\(AddressClass.globalV6)`, in space that IANA has not given out"
        }
        if inside.kind.mayBeInIntranetZone || inside.kind == .loopback { return nil }
        return "`\(network)` lies in `\(inside.block)` (\(inside.name)), where no backend can stand"
    }
}

extension Trust {
    /// A pin as it is compared: 44 characters of base64 for the 32 bytes of a SHA-256, without curl's `sha256//` before
    /// it; `nil` for all else.
    public static func pin(_ text: String) -> String? {
        let prefix = "sha256//"
        let bare = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
        let characters = Array(bare.utf8)
        guard characters.count == 44, characters[43] == UInt8(ascii: "="),
            let last = Self.base64.firstIndex(of: characters[42]), last.isMultiple(of: 4),  // 258 bits hold 256.
            characters[..<43].allSatisfy({ Self.base64.contains($0) })
        else { return nil }
        return bare
    }

    /// RFC 4648 section 4.
    private static let base64 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
