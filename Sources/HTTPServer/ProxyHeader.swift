import Vocabulary

/// What a proxy says first of all on a connection: for whom it speaks (The PROXY protocol, versions 1 and 2, haproxy.org).
public struct ProxyHeader: Hashable, Sendable {
    /// Who is behind the proxy.
    public enum Client: Hashable, Sendable {
        /// Somebody at this address.
        case address(SocketAddress)
        /// Somebody whom the proxy cannot name: `UNKNOWN`, `AF_UNSPEC`, a Unix socket of the proxy's own.
        case unknown
        /// Nobody: the proxy asks for itself, as for a health check (`LOCAL`).
        case proxyItself
    }

    /// Who is behind the proxy.
    public let client: Client
    /// Bytes that the header takes; what follows is the client's.
    public let count: Int

    /// What some first bytes of a connection are.
    public enum Reading: Hashable, Sendable {
        /// The beginning of a header.
        case incomplete
        /// A header, and perhaps more after it.
        case header(ProxyHeader)
        /// None, for this reason.
        case refused(String)
    }

    /// The longest header of version 1, its end included (section 2.1).
    static let textMax = 107
    /// The longest of version 2 that is taken: addresses take 232 bytes at most, and what else is told is short.
    static let binaryMax = 4096

    /// Reads what a connection has begun with. Bytes that come later change nothing but `incomplete`.
    public static func read(_ bytes: [UInt8]) -> Reading {
        switch bytes.first {
        case nil: .incomplete
        case self.signature.first: self.readBinary(bytes)
        default: self.readText(bytes)
        }
    }
}

// MARK: - Version 1, a line

extension ProxyHeader {
    private static let opening = Array("PROXY ".utf8)

    private static func readText(_ bytes: [UInt8]) -> Reading {
        guard zip(bytes, self.opening).allSatisfy(==) else { return .refused("it begins with no PROXY header") }
        guard let end = bytes.prefix(self.textMax).firstIndex(of: UInt8(ascii: "\n")) else {
            return bytes.count < self.textMax
                ? .incomplete : .refused("a PROXY line is longer than \(self.textMax) bytes")
        }
        guard end > self.opening.count, bytes[end - 1] == UInt8(ascii: "\r") else {
            return .refused("a PROXY line ends without CR")
        }
        let words = bytes[self.opening.count..<(end - 1)].split(
            separator: UInt8(ascii: " "), omittingEmptySubsequences: false
        ).map { String(decoding: $0, as: UTF8.self) }
        // What follows UNKNOWN is to be ignored.
        if words[0] == "UNKNOWN" { return .header(ProxyHeader(client: .unknown, count: end + 1)) }
        guard let source = self.source(words) else { return .refused("a PROXY line has no addresses that can be read") }
        return .header(ProxyHeader(client: .address(source), count: end + 1))
    }

    /// `TCP4` or `TCP6`, the client's address, the proxy's, and their ports.
    private static func source(_ words: [String]) -> SocketAddress? {
        guard words.count == 5, ["TCP4", "TCP6"].contains(words[0]), let source = IPAddress(words[1]),
            let destination = IPAddress(words[2]), source.isV4 == (words[0] == "TCP4"), destination.isV4 == source.isV4,
            let port = self.port(words[3]), self.port(words[4]) != nil
        else { return nil }
        return SocketAddress(source.unmapped, port: port)
    }

    private static func port(_ text: String) -> UInt16? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || text.utf8.first != 0x30 else {
            return nil
        }
        return UInt16(text)
    }
}

// MARK: - Version 2, binary

extension ProxyHeader {
    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]
    /// The signature, version and command, family, and the length of the rest.
    private static let fixedCount = 16

    private static func readBinary(_ bytes: [UInt8]) -> Reading {
        guard zip(bytes, self.signature).allSatisfy(==) else { return .refused("it begins with no PROXY header") }
        guard bytes.count >= self.fixedCount else { return .incomplete }
        let count = self.fixedCount + Int(bytes[14]) << 8 + Int(bytes[15])
        guard count <= self.binaryMax else {
            return .refused("a PROXY header has \(count) bytes, expected \(self.binaryMax) at most")
        }
        let client: Client
        switch (bytes[12], bytes[13]) {
        case (0x20, _): client = .proxyItself
        case (0x21, 0x11): return self.readAddress(bytes, of: 4, count)
        case (0x21, 0x21): return self.readAddress(bytes, of: 16, count)
        case (0x21, 0x00), (0x21, 0x31): client = .unknown
        default: return .refused("a PROXY header has a version, command or family that is none of TCP")
        }
        return bytes.count < count ? .incomplete : .header(ProxyHeader(client: client, count: count))
    }

    /// Two addresses of so many bytes and two ports, the client's first; what follows within the header is not needed.
    private static func readAddress(_ bytes: [UInt8], of width: Int, _ count: Int) -> Reading {
        guard count >= self.fixedCount + 2 * width + 4 else {
            return .refused("a PROXY header is too short for its addresses")
        }
        guard bytes.count >= count else { return .incomplete }
        let address = IPAddress(octets: Array(bytes[self.fixedCount..<(self.fixedCount + width)]))
        let portAt = self.fixedCount + 2 * width
        let port = UInt16(bytes[portAt]) << 8 | UInt16(bytes[portAt + 1])
        return .header(ProxyHeader(client: .address(SocketAddress(address.unmapped, port: port)), count: count))
    }
}
