import Vocabulary

/// A block of addresses of one family: `10.0.0.0/8`, `fc00::/7`.
public struct CIDR: Hashable, Sendable, CustomStringConvertible {
    /// The first address of the block; the bits after `prefix` are zero.
    public let network: IPAddress
    /// How many leading bits all addresses of the block share: 0 to 32, or 0 to 128.
    public let prefix: Int

    /// The block of all addresses that share the first `prefix` bits of `address`.
    public init(_ address: IPAddress, prefix: Int) {
        precondition((0...address.octets.count * 8).contains(prefix), "no prefix of \(prefix) bits in \(address)")
        var octets = address.octets
        for index in octets.indices {
            octets[index] &= Self.mask(ofOctet: index, prefix: prefix)
        }
        self.network = IPAddress(octets: octets)
        self.prefix = prefix
    }

    /// Reads `network/prefix` or a single address. Bits set after the prefix are refused: `10.1.2.3/8` is as likely a
    /// wrong prefix as a wrong address.
    public init(parsing text: String) throws(Refusal) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else {
            throw Refusal(
                .addressForbidden,
                "`\(text)` is not a network, expected an address in its usual form and a prefix, as in `10.20.0.0/16`")
        }
        let width = address.octets.count * 8
        guard parts.count == 2 else {
            self.init(address, prefix: width)
            return
        }
        guard let prefix = Self.prefix(parts[1]), prefix <= width else {
            throw Refusal(
                .addressForbidden, "`\(text)` has no valid prefix, expected a number from 0 to \(width) after the `/`")
        }
        self.init(address, prefix: prefix)
        guard self.network == address else {
            throw Refusal(.addressForbidden, "`\(text)` has bits set after its prefix, the network is `\(self)`")
        }
    }

    /// A range of the tables in this module, where a slip is a fault of ours.
    init(builtIn text: String) {
        do throws(Refusal) {
            try self.init(parsing: text)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private static func prefix(_ text: Substring) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    private static func mask(ofOctet index: Int, prefix: Int) -> UInt8 {
        let bits = min(8, max(0, prefix - index * 8))
        return bits == 0 ? 0 : 0xFF << UInt8(8 - bits)
    }

    /// True if `address` is in this block; an address of the other family never is.
    public func contains(_ address: IPAddress) -> Bool {
        guard address.octets.count == self.network.octets.count else { return false }
        for index in address.octets.indices {
            let mask = Self.mask(ofOctet: index, prefix: self.prefix)
            if mask == 0 { return true }
            if address.octets[index] & mask != self.network.octets[index] { return false }
        }
        return true
    }

    /// True if every address of `other` is in this block.
    public func contains(_ other: CIDR) -> Bool {
        self.prefix <= other.prefix && self.contains(other.network)
    }

    /// `10.0.0.0/8`.
    public var description: String { "\(self.network)/\(self.prefix)" }
}
