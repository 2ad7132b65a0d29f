import Glibc
import Vocabulary

/// A client with blocking calls, for a worker thread: the target itself opens no connection.
struct TestClient: Sendable {
    let descriptor: Int32

    struct Failure: Error {
        let errno: Int32
    }

    init(_ address: SocketAddress) throws {
        let family = address.address.isV4 ? AF_INET : AF_INET6
        try self.init(connecting: socket(family, Int32(SOCK_STREAM.rawValue), 0), to: address)
    }

    /// Connects a socket that exists already.
    init(connecting descriptor: Int32, to address: SocketAddress) throws {
        self.descriptor = descriptor
        if address.address.isV4 {
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = address.port.bigEndian
            withUnsafeMutableBytes(of: &v4.sin_addr) { $0.copyBytes(from: address.address.octets) }
            try self.connect(to: &v4)
        } else {
            var v6 = sockaddr_in6()
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = address.port.bigEndian
            withUnsafeMutableBytes(of: &v6.sin6_addr) { $0.copyBytes(from: address.address.octets) }
            try self.connect(to: &v6)
        }
    }

    init(path: String) throws {
        self.descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try self.connect(to: &address)
    }

    private func connect<Address>(to address: inout Address) throws {
        let status = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                Glibc.connect(self.descriptor, address, socklen_t(MemoryLayout<Address>.size))
            }
        }
        if status != 0 {
            let failure = Failure(errno: errno)
            self.close()
            throw failure
        }
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(errno: errno) }
            sent += count
        }
    }

    /// The next bytes, at most `max`; none at the end.
    func receive(max: Int = 65_536) throws -> [UInt8] {
        var failure: Failure?
        let bytes = [UInt8](unsafeUninitializedCapacity: max) { buffer, count in
            let status = recv(self.descriptor, buffer.baseAddress, max, 0)
            if status < 0 { failure = Failure(errno: errno) }
            count = Swift.max(0, status)
        }
        if let failure { throw failure }
        return bytes
    }

    /// Everything up to the end, at most `max` bytes at a time.
    func receiveAll(max: Int = 65_536) throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = try self.receive(max: max)
            if bytes.isEmpty { return all }
            all += bytes
        }
    }

    func endSending() { _ = shutdown(self.descriptor, Int32(SHUT_WR)) }

    /// Ends the connection with a reset.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        self.close()
    }

    func close() { _ = Glibc.close(self.descriptor) }
}
