import EventLoop
import Foundation
import Vocabulary

/// A client with blocking calls, which run on the loop's worker pool. Reading ends after two real seconds.
@LoopActor final class Client {
    private var descriptor: Int32

    init(to address: SocketAddress, receiveBuffer: Int32?) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.limitPatience()
        if var size = receiveBuffer {
            setsockopt(self.descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = address.port.bigEndian
        withUnsafeMutableBytes(of: &name.sin_addr) { $0.copyBytes(from: address.address.octets) }
        try self.connect(to: &name)
    }

    init(path: String) throws {
        self.descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        self.limitPatience()
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        try self.connect(to: &name)
    }

    private func limitPatience() {
        var patience = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    private func connect<Name>(to name: inout Name) throws {
        let status = withUnsafePointer(to: &name) { name in
            name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(self.descriptor, $0, socklen_t(MemoryLayout<Name>.size))
            }
        }
        if status != 0 { throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO) }
    }

    func send(_ text: String) async {
        await self.send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) async {
        let descriptor = self.descriptor
        await runOnWorker {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                sent += count
            }
        }
    }

    /// All that comes until the server ends the connection; `(reset)` or `(silence)` tells that it did not.
    func receiveAll() async -> String {
        await self.receive(until: nil)
    }

    /// What comes until `end` has come at the end of it.
    func receive(until end: String?) async -> String {
        let descriptor = self.descriptor
        let bytes = await runOnWorker {
            var all: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count < 0 { all += (errno == EAGAIN ? "(silence)" : "(reset)").utf8 }
                guard count > 0 else { break }
                all += buffer[..<count]
                if let end, all.suffix(end.utf8.count).elementsEqual(end.utf8) { break }
            }
            return all
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func endSending() { shutdown(self.descriptor, Int32(SHUT_WR)) }

    /// Ends the connection with a reset.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Foundation.linger>.size))
        self.close()
    }

    func close() {
        if self.descriptor >= 0 { _ = Foundation.close(self.descriptor) }
        self.descriptor = -1
    }
}
