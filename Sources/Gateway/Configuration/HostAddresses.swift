import Glibc
import Vocabulary

/// The addresses of this host, as the kernel has them at the moment of asking.
enum HostAddresses {
    /// Those of all interfaces, loopback included, each once. Quick, but a system call: not for the loop. None if the
    /// kernel does not say; the gate then still knows the listeners as they are configured, and loopback.
    static func current() -> [IPAddress] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: [IPAddress] = []
        for interface in sequence(first: first, next: { $0?.pointee.ifa_next }) {
            guard let name = interface?.pointee.ifa_addr, let address = Self.address(of: name) else { continue }
            if !found.contains(address) { found.append(address) }
        }
        return found
    }

    /// The address in a socket name of the kernel's; none in those of links (AF_PACKET) and tunnels without one.
    private static func address(of name: UnsafeMutablePointer<sockaddr>) -> IPAddress? {
        switch Int32(name.pointee.sa_family) {
        case AF_INET:
            name.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { name in
                IPAddress(octets: withUnsafeBytes(of: name.pointee.sin_addr) { Array($0) })
            }
        case AF_INET6:
            name.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { name in
                IPAddress(octets: withUnsafeBytes(of: name.pointee.sin6_addr) { Array($0) })
            }
        default: nil
        }
    }
}
