/// A binary IPv4 or IPv6 address. What class it belongs to is `Residency`'s to say.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// The bytes in network order: four or sixteen.
    public let octets: [UInt8]

    /// An address of these four or sixteen bytes; anything else is a fault of the caller.
    public init(octets: [UInt8]) {
        precondition(octets.count == 4 || octets.count == 16, "an IP address has 4 or 16 bytes, not \(octets.count)")
        self.octets = octets
    }

    /// True for four bytes.
    public var isV4: Bool { self.octets.count == 4 }

    /// Reads the canonical forms only: four decimal parts without leading zeros, or RFC 4291 section 2.2 text without
    /// a zone id. `127.1`, `0x7f000001` and `010.0.0.1`, which libcurl would accept, are `nil`.
    public init?(_ text: some StringProtocol) {
        guard let octets = text.utf8.contains(UInt8(ascii: ":")) ? Self.parseV6(text.utf8) : Self.parseV4(text.utf8)
        else {
            return nil
        }
        self.octets = octets
    }

    /// The IPv4 address that is written as one of IPv6 here (RFC 4291 section 2.5.5.2), or this address: so that rules by
    /// address cannot be passed by in another spelling.
    public var unmapped: IPAddress {
        self.octets.count == 16 && self.octets.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
            ? IPAddress(octets: Array(self.octets.dropFirst(12))) : self
    }

    private static func parseV4(_ text: some Sequence<UInt8>) -> [UInt8]? {
        let parts = Array(text).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var octets: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }),
                part.count == 1 || part.first != 0x30, let octet = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            octets.append(octet)
        }
        return octets
    }

    private static func parseV6(_ text: some Sequence<UInt8>) -> [UInt8]? {
        let bytes = Array(text)
        let colon = UInt8(ascii: ":")
        guard let gap = bytes.indices.dropLast().first(where: { bytes[$0] == colon && bytes[$0 + 1] == colon }) else {
            guard let octets = Self.parseGroups(bytes[...]), octets.count == 16 else { return nil }
            return octets
        }
        guard let head = Self.parseGroups(bytes[..<gap], mayEndInV4: false),
            let tail = Self.parseGroups(bytes[(gap + 2)...])
        else { return nil }
        let missing = 16 - head.count - tail.count  // RFC 5952 section 4.2.2: `::` stands for one group or more.
        return missing >= 2 ? head + [UInt8](repeating: 0, count: missing) + tail : nil
    }

    private static func parseGroups(_ bytes: ArraySlice<UInt8>, mayEndInV4: Bool = true) -> [UInt8]? {
        if bytes.isEmpty { return [] }
        var octets: [UInt8] = []
        let groups = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        for (index, group) in groups.enumerated() {
            if mayEndInV4, index == groups.count - 1, group.contains(UInt8(ascii: ".")) {
                guard let embedded = Self.parseV4(group) else { return nil }
                octets += embedded
                continue
            }
            guard (1...4).contains(group.count), group.allSatisfy(Self.isHexDigit),
                let value = UInt16(String(decoding: group, as: UTF8.self), radix: 16)
            else { return nil }
            octets += [UInt8(value >> 8), UInt8(value & 0xFF)]
        }
        return octets
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }

    /// Dotted decimal, or RFC 5952 text for IPv6: lower case, the longest run of zero groups as `::`.
    public var description: String {
        if self.isV4 { return self.octets.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(self.octets[$0]) << 8 | UInt16(self.octets[$0 + 1]) }
        var best = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || groups[index] != 0 {
            if index - start > best.count, index - start > 1 { best = start..<index }
            start = index + 1
        }
        func text(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        if best.isEmpty { return text(groups[...]) }
        return text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
    }
}

/// An address and a port.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address.
    public let address: IPAddress
    /// The TCP port.
    public let port: UInt16

    /// `port` at `address`.
    public init(_ address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// As in a URL: `10.0.0.1:11434`, `[::1]:11434`.
    public var description: String {
        self.address.isV4 ? "\(self.address):\(self.port)" : "[\(self.address)]:\(self.port)"
    }
}
