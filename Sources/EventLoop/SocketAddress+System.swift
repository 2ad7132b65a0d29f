import CShim
import Vocabulary

extension gatehouse_address {
    init(_ address: SocketAddress) {
        self.init()
        self.length = UInt8(address.address.octets.count)
        self.port = address.port
        unsafe withUnsafeMutableBytes(of: &self.octets) { unsafe $0.copyBytes(from: address.address.octets) }
    }

    /// `nil` for a Unix socket. An IPv4 address mapped into IPv6 becomes the IPv4 address that it is.
    var socketAddress: SocketAddress? {
        guard self.length != 0 else { return nil }
        let octets = unsafe withUnsafeBytes(of: self.octets) { unsafe Array($0.prefix(Int(self.length))) }
        return SocketAddress(IPAddress(octets: octets).unmapped, port: self.port)
    }
}
