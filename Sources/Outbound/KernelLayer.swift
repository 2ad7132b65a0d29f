import Glibc

/// Whether the kernel, by a filter outside of this process (systemd's `IPAddressDeny=`, nftables), keeps it from addresses
/// that nobody has allowed: the second layer behind the door (`residency.md` A4), which holds even if this process does
/// what it should not.
///
/// It is found out by trying: an empty datagram to an address that is reserved for documentation (RFC 5737, RFC 3849)
/// and the discard port. A filter has it fail with EPERM or EACCES; without one it goes to the default gateway, says
/// nothing, and ends there.
public struct KernelLayer: Hashable, Sendable {
    /// What became of the datagram of one family.
    public enum Finding: String, Hashable, Sendable, CaseIterable {
        /// The kernel refused to send it.
        case holds
        /// It was sent.
        case open
        /// This host knows no way there, or does not speak the family: nothing is filtered, and nothing gets out.
        case unroutable
    }

    /// Over IPv4.
    public let v4: Finding
    /// Over IPv6.
    public let v6: Finding

    /// A filter was met, and no way around it.
    public var isHolding: Bool { (self.v4 == .holds || self.v6 == .holds) && self.v4 != .open && self.v6 != .open }

    /// Tries both families; at once, without waiting for anything.
    public static func look() -> KernelLayer {
        var v4 = sockaddr_in()
        v4.sin_family = sa_family_t(AF_INET)
        v4.sin_port = Self.discard
        v4.sin_addr.s_addr = UInt32(0xC000_0201).bigEndian  // 192.0.2.1
        var v6 = sockaddr_in6()
        v6.sin6_family = sa_family_t(AF_INET6)
        v6.sin6_port = Self.discard
        unsafe withUnsafeMutableBytes(of: &v6.sin6_addr) { octets in  // 2001:db8::1
            unsafe octets.copyBytes(from: [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1])
        }
        return KernelLayer(v4: Self.send(to: &v4, AF_INET), v6: Self.send(to: &v6, AF_INET6))
    }

    /// RFC 863.
    private static let discard = UInt16(9).bigEndian

    private static func send<Address>(to address: inout Address, _ family: Int32) -> Finding {
        let socket = socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return .unroutable }
        defer { close(socket) }
        let sent = unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe sendto(
                socket, nil, 0, Int32(MSG_DONTWAIT),
                bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
        }
        if sent >= 0 { return .open }
        return errno == EPERM || errno == EACCES ? .holds : .unroutable
    }
}
