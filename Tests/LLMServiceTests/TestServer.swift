import Foundation

/// A server on loopback that does with each connection what a test tells it, on a thread of its own.
final class TestServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let received = Locked<[Request]>([])
    private let accepted = Locked(0)

    /// A request as it came.
    struct Request: Sendable {
        var line: String
        /// By their names in lower case.
        var headers: [String: String]
        var body: String
    }

    /// What a script does with a connection.
    struct Connection: Sendable {
        let descriptor: Int32
        let server: TestServer

        /// The next request, remembered by the server; `nil` at the end of the connection.
        func request() -> Request? {
            var bytes: [UInt8] = []
            while true {
                if let request = Self.parse(bytes) {
                    self.server.received.with { $0.append(request) }
                    return request
                }
                guard let more = self.receive() else { return nil }
                bytes += more
            }
        }

        func send(_ text: String) {
            let bytes = Array(text.utf8)
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Foundation.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                sent += count
            }
        }

        /// A whole answer with its length.
        func answer(_ body: String, status: Int = 200, headers: [String] = []) {
            let lines = ["HTTP/1.1 \(status) Status", "content-length: \(body.utf8.count)"] + headers
            self.send(lines.map { $0 + "\r\n" }.joined() + "\r\n" + body)
        }

        /// The head of a stream.
        func begin(headers: [String] = []) {
            let lines = ["HTTP/1.1 200 OK", "transfer-encoding: chunked"] + headers
            self.send(lines.map { $0 + "\r\n" }.joined() + "\r\n")
        }

        /// A piece of a stream; an empty one ends it.
        func chunk(_ text: String) {
            self.send(String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n")
        }

        /// Blocks until the client has gone; false: it has not within this time.
        func waitForEnd(milliseconds: Int = 5000) -> Bool {
            var patience = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
            setsockopt(
                self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            var byte: UInt8 = 0
            let count = recv(self.descriptor, &byte, 1, 0)
            return count == 0 || (count < 0 && errno == ECONNRESET)
        }

        private func receive() -> [UInt8]? {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(self.descriptor, &buffer, buffer.count, 0)
            return count > 0 ? Array(buffer[..<count]) : nil
        }

        private static func parse(_ bytes: [UInt8]) -> Request? {
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                    in: .whitespaces)
            }
            let body = bytes[end.upperBound...]
            guard body.count >= Int(headers["content-length"] ?? "0") ?? 0 else { return nil }
            return Request(line: lines[0], headers: headers, body: String(decoding: body, as: UTF8.self))
        }
    }

    init(_ script: @escaping @Sendable (Connection) -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) | listen(listener, 64) | getsockname(listener, $0, &length)
            }
        }
        guard listener >= 0, status == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        self.listener = listener
        self.port = UInt16(bigEndian: address.sin_port)
        Thread { [weak self] in
            // Closed here alone: a number that is closed elsewhere may be another server's before the next `accept`.
            defer { close(listener) }
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                guard let server = self else {
                    close(descriptor)
                    return
                }
                server.accepted.with { $0 += 1 }
                Thread {
                    script(Connection(descriptor: descriptor, server: server))
                    close(descriptor)
                }.start()
            }
        }.start()
    }

    /// A server that gives every request this answer.
    static func answering(_ body: String, status: Int = 200, headers: [String] = []) throws -> TestServer {
        try TestServer { connection in
            while connection.request() != nil { connection.answer(body, status: status, headers: headers) }
        }
    }

    /// A server that gives every request this stream, one piece after the other.
    static func streaming(_ pieces: [String], headers: [String] = []) throws -> TestServer {
        try TestServer { connection in
            while connection.request() != nil {
                connection.begin(headers: headers)
                for piece in pieces + [""] { connection.chunk(piece) }
            }
        }
    }

    deinit { shutdown(self.listener, Int32(SHUT_RDWR)) }

    func url(_ path: String = "") -> URL { URL(string: "http://127.0.0.1:\(self.port)\(path)")! }

    /// What came so far.
    var requests: [Request] { self.received.with { $0 } }
    /// How many connections there were.
    var connections: Int { self.accepted.with { $0 } }
}
