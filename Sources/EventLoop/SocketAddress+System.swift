import CShim
import Vocabulary

extension gatehouse_address {
    init(_ address: SocketAddress) {
        self.init()
        self.length = UInt8(address.address.octets.count)
        self.port = address.port
        unsafe withUnsafeMutableBytes(of: &self.octets) { unsafe $0.copyBytes(from: address.address.octets) }
    }

    /// `nil` for a Unix socket. An IPv4 address mapped into IPv6 (RFC 4291 section 2.5.5.2) becomes the IPv4 address
    /// that it is, so that rules by address cannot be passed by in another spelling.
    var socketAddress: SocketAddress? {
        guard self.length != 0 else { return nil }
        var octets = unsafe withUnsafeBytes(of: self.octets) { unsafe Array($0.prefix(Int(self.length))) }
        if octets.count == 16, octets[..<12] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] {
            octets.removeFirst(12)
        }
        return SocketAddress(IPAddress(octets: octets), port: self.port)
    }
}
