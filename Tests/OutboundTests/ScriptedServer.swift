import Foundation
import Glibc

/// A backend made of blocking sockets and threads, so that Outbound is not tested by our own server. What it does on
/// each connection is a function.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        let head: String
        let body: [UInt8]
        /// The how-manieth connection it came on, from zero.
        let connection: Int
    }

    let port: UInt16
    let path: String?
    private let listener: Int32
    private let state = Locked((connections: 0, requests: [Request](), bytes: 0, open: Set<Int32>(), isStopped: false))

    /// Listens on 127.0.0.1 (or another loopback address), or on the Unix socket `path`.
    init(
        address: String = "127.0.0.1", port: UInt16 = 0, path: String? = nil,
        _ script: @escaping @Sendable (Connection) -> Void
    ) {
        var port = port
        let listener = socket(path == nil ? AF_INET : AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        if let path {
            unlink(path)
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
            let status = withUnsafePointer(to: &name) { name in
                name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            precondition(status == 0, "bind: \(errno)")
        } else {
            var reuse: Int32 = 1
            setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, 4)
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = port.bigEndian
            inet_pton(AF_INET, address, &name.sin_addr)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutablePointer(to: &name) { name in
                name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    precondition(bind(listener, $0, length) == 0, "bind: \(errno)")
                    getsockname(listener, $0, &length)
                }
            }
            port = UInt16(bigEndian: name.sin_port)
        }
        (self.path, self.listener, self.port) = (path, listener, port)
        precondition(listen(self.listener, 512) == 0, "listen: \(errno)")
        Thread.detachNewThread { [self] in self.serve(script) }
    }

    private func serve(_ script: @escaping @Sendable (Connection) -> Void) {
        while true {
            let descriptor = accept(self.listener, nil, nil)
            guard descriptor >= 0 else { break }
            let number = self.state.withLock { state -> Int? in
                if state.isStopped { return nil }
                state.connections += 1
                state.open.insert(descriptor)
                return state.connections - 1
            }
            guard let number else {
                close(descriptor)
                break
            }
            Thread.detachNewThread { [self] in
                script(Connection(server: self, descriptor: descriptor, number: number))
                _ = self.state.withLock { $0.open.remove(descriptor) }
                close(descriptor)
            }
        }
        // Here and not in `stop`: the number may have a new owner as soon as it is free.
        close(self.listener)
    }

    /// Ends the listener and every connection.
    func stop() {
        self.state.withLock { state in
            state.isStopped = true
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        shutdown(self.listener, Int32(SHUT_RDWR))
        if let path { unlink(path) }
    }

    var connections: Int { self.state.withLock { $0.connections } }
    var requests: [Request] { self.state.withLock { $0.requests } }
    /// Bytes read on all connections.
    var bytes: Int { self.state.withLock { $0.bytes } }

    /// One accepted connection.
    final class Connection: Sendable {
        let number: Int
        private let server: ScriptedServer
        private let descriptor: Int32
        private let unread = Locked<[UInt8]>([])

        init(server: ScriptedServer, descriptor: Int32, number: Int) {
            self.server = server
            self.descriptor = descriptor
            self.number = number
        }

        /// The next request with its body by `Content-Length`; `nil` at the end.
        @discardableResult
        func readRequest() -> Request? {
            while true {
                if let request = self.unread.withLock({ self.takeRequest(&$0) }) {
                    self.server.state.withLock { $0.requests.append(request) }
                    return request
                }
                var buffer = [UInt8](repeating: 0, count: 65_536)
                let count = recv(self.descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return nil }
                self.server.state.withLock { $0.bytes += count }
                self.unread.withLock { $0 += buffer[..<count] }
            }
        }

        private func takeRequest(_ bytes: inout [UInt8]) -> Request? {
            guard let end = (0..<max(0, bytes.count - 3)).first(where: { bytes[$0..<($0 + 4)] == [13, 10, 13, 10] })
            else { return nil }
            let head = String(decoding: bytes[..<end], as: UTF8.self)
            var length = 0
            for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
                length = Int(line.split(separator: ":")[1].trimmingCharacters(in: .whitespaces))!
            }
            guard bytes.count >= end + 4 + length else { return nil }
            let body = Array(bytes[(end + 4)..<(end + 4 + length)])
            bytes.removeFirst(end + 4 + length)
            return Request(head: head, body: body, connection: self.number)
        }

        /// The next bytes, whatever they are; empty at the end.
        func readSome() -> [UInt8] {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            return Array(buffer[..<max(0, recv(self.descriptor, &buffer, buffer.count, 0))])
        }

        /// False once the peer has gone.
        @discardableResult
        func send(_ text: String) -> Bool {
            self.send(Array(text.utf8))
        }

        @discardableResult
        func send(_ bytes: [UInt8]) -> Bool {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count <= 0 { return false }
                sent += count
            }
            return true
        }

        /// A complete answer.
        func answer(_ body: String = "{}", status: String = "200 OK", headers: String = "") {
            self.send("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }

        /// Ends with a reset instead of a goodbye when the script returns.
        func reset() {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        }

        /// Blocks until the peer ends the connection.
        func waitForEnd() {
            while self.readRequest() != nil {}
        }
    }
}

/// A value behind a lock of the C library, which the thread sanitizer understands; it does not see that `Mutex` locks.
final class Locked<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) {
        self.value = value
    }

    func withLock<T>(_ body: (inout Value) -> T) -> T {
        self.lock.withLock { body(&self.value) }
    }
}

/// A flag between threads. What makes it `Sendable` is its condition's lock.
final class Flag: @unchecked Sendable {
    private let condition = NSCondition()
    private var value = false

    func set() {
        self.condition.withLock {
            self.value = true
            self.condition.broadcast()
        }
    }

    var isSet: Bool { self.condition.withLock { self.value } }

    /// Blocks the thread; never the loop's.
    func wait() {
        self.condition.withLock {
            while !self.value { self.condition.wait() }
        }
    }
}

/// A backend that answers every request with `body`.
func echoServer(_ body: String = "{}") -> ScriptedServer {
    ScriptedServer { connection in
        while connection.readRequest() != nil { connection.answer(body) }
    }
}

/// A listener that nobody may connect to.
func canary() -> ScriptedServer {
    ScriptedServer { $0.waitForEnd() }
}
