import CShim
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
        KernelLayer(v4: Self.finding(gatehouse_send_nothing(false)), v6: Self.finding(gatehouse_send_nothing(true)))
    }

    private static func finding(_ status: Int32) -> Finding {
        switch -status {
        case 0: .open
        case EPERM, EACCES: .holds
        default: .unroutable
        }
    }
}
