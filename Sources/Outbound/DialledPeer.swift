import CLibcurl
import Glibc
import Vocabulary

/// Where a socket is about to be connected to, read from the binary address.
enum DialledPeer: Equatable, Sendable, CustomStringConvertible {
    /// An IPv4 or IPv6 address.
    case tcp(SocketAddress)
    /// A socket in the file system.
    case unix(path: String)
    /// Anything else: an abstract socket, another family, an address that is too short.
    case other(family: Int32)

    /// Reads what libcurl hands to its open-socket callback: `addrlen` bytes from `addr` on, which is declared as a
    /// `sockaddr` but has room for every family.
    init(_ address: UnsafeMutablePointer<curl_sockaddr>) {
        let offset = MemoryLayout<curl_sockaddr>.stride - MemoryLayout<sockaddr>.stride
        let length = unsafe Int(min(address.pointee.addrlen, UInt32(MemoryLayout<sockaddr_storage>.size)))
        let bytes = unsafe UnsafeRawBufferPointer(start: UnsafeRawPointer(address) + offset, count: length)
        unsafe self.init(family: address.pointee.family, bytes: Array(bytes))
    }

    /// `bytes` are a `sockaddr_in`, `sockaddr_in6` or `sockaddr_un`; ports are in network order.
    init(family: Int32, bytes: [UInt8]) {
        switch family {
        case AF_INET where bytes.count >= 8:
            self = .tcp(SocketAddress(IPAddress(octets: Array(bytes[4..<8])), port: Self.port(bytes)))
        case AF_INET6 where bytes.count >= 24:
            self = .tcp(SocketAddress(IPAddress(octets: Array(bytes[8..<24])), port: Self.port(bytes)))
        case AF_UNIX where bytes.count > 2 && bytes[2] != 0:
            self = .unix(path: String(decoding: bytes[2...].prefix { $0 != 0 }, as: UTF8.self))
        default:
            self = .other(family: family)
        }
    }

    private static func port(_ bytes: [UInt8]) -> UInt16 {
        UInt16(bytes[2]) << 8 | UInt16(bytes[3])
    }

    /// For a log line.
    var description: String {
        switch self {
        case .tcp(let address): address.description
        case .unix(let path): "unix:\(path)"
        case .other(let family): "an address of family \(family)"
        }
    }
}
