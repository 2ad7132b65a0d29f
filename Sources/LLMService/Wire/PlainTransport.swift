#if canImport(Glibc)
    import Foundation

    /// Sends requests without TLS over connections of its own, each on a thread that waits.
    ///
    /// On Linux, `URLSession` keeps a core busy for as long as it waits for an answer (it goes on asking whether the
    /// connection can be written to: swift-corelibs-foundation, `_SocketSources`), and heeds proxies in the environment. A
    /// model takes its time, and a server inside speaks plain HTTP.
    struct PlainTransport: Transport {
        /// How long a place may take to accept a connection, or to take more of a request.
        private static let patience = timeval(tv_sec: 10, tv_usec: 0)

        func start(_ request: HTTPRequest, telling exchange: Exchange) {
            let connection = PlainConnection()
            exchange.start { connection.cut() }
            let thread = Thread {
                do throws(LLMError) {
                    try Self.run(request, connection, exchange)
                } catch {
                    exchange.ended(error)
                }
                connection.close()
            }
            thread.stackSize = 512 << 10
            thread.start()
        }

        private static func run(
            _ request: HTTPRequest, _ connection: PlainConnection, _ exchange: Exchange
        ) throws(LLMError) {
            let place = "\(request.url.host ?? ""):\(request.url.port ?? 80)"
            try connection.open(host: request.url.host ?? "", port: request.url.port ?? 80, patience: Self.patience)
            // A server may refuse a request before it has read all of it: what it says is worth more than our trouble.
            let sent = connection.send(request.bytes)
            var reader = ResponseReader()
            while true {
                guard let bytes = connection.receive() else {
                    let trouble = sent ? String(cString: strerror(errno)) : "it does not take the request"
                    throw LLMError(.transport, "\(place): \(trouble)")
                }
                let events = bytes.isEmpty ? try reader.close() : try reader.read(bytes)
                for event in events {
                    switch event {
                    case .head(let head): exchange.headCame(head)
                    case .bytes(let data): exchange.bytesCame(data)
                    case .end: return exchange.ended(nil)
                    }
                }
            }
        }
    }

    /// A connection that one thread uses and any may cut.
    private final class PlainConnection: Sendable {
        private enum State {
            case new  // Next: open, or cut.
            case open(Int32)  // Next: new (closed), or cut with its descriptor still to be closed.
            case cut(Int32?)
        }

        private let state = Protected(State.new)

        /// The descriptor, for the thread that uses the connection; nobody else closes it.
        private var descriptor: Int32 {
            self.state.withLock { state in
                switch state {
                case .open(let descriptor): descriptor
                case .cut(let descriptor): descriptor ?? -1
                case .new: -1
                }
            }
        }

        /// Ends all that the thread waits for, now and later.
        func cut() {
            self.state.withLock { state in
                switch state {
                case .new: state = .cut(nil)
                case .open(let descriptor):
                    shutdown(descriptor, Int32(SHUT_RDWR))
                    state = .cut(descriptor)
                case .cut: break
                }
            }
        }

        func close() {
            self.state.withLock { state in
                switch state {
                case .open(let descriptor), .cut(.some(let descriptor)):
                    Glibc.close(descriptor)
                    state = .cut(nil)
                case .new, .cut(nil): state = .cut(nil)
                }
            }
        }

        /// Connects to the first address of `host` that accepts.
        func open(host: String, port: Int, patience: timeval) throws(LLMError) {
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            hints.ai_flags = AI_NUMERICSERV
            var list: UnsafeMutablePointer<addrinfo>?
            let status = getaddrinfo(host, String(port), &hints, &list)
            guard status == 0 else {
                throw LLMError(.transport, "\(host): \(String(cString: gai_strerror(status)))")
            }
            defer { freeaddrinfo(list) }
            var trouble = "it has no address"
            var next = list
            while let address = next?.pointee {
                let descriptor = socket(
                    address.ai_family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), address.ai_protocol)
                if descriptor >= 0, self.use(descriptor) {
                    Self.set(descriptor, SOL_SOCKET, SO_SNDTIMEO, patience)
                    Self.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1 as Int32)
                    if connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return }
                }
                trouble = errno == EINPROGRESS ? "it does not accept in time" : String(cString: strerror(errno))
                self.drop()
                next = address.ai_next
            }
            throw LLMError(.transport, "\(host):\(port): \(trouble)")
        }

        /// False: it was cut meanwhile.
        private func use(_ descriptor: Int32) -> Bool {
            self.state.withLock { state in
                switch state {
                case .new:
                    state = .open(descriptor)
                    return true
                case .open, .cut:
                    Glibc.close(descriptor)
                    return false
                }
            }
        }

        /// Closes an attempt, so that there can be another.
        private func drop() {
            self.state.withLock { state in
                guard case .open(let descriptor) = state else { return }
                Glibc.close(descriptor)
                state = .new
            }
        }

        private static func set<Value: BitwiseCopyable>(
            _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Value
        ) {
            _ = withUnsafeBytes(of: value) { bytes in
                setsockopt(descriptor, level, name, bytes.baseAddress, socklen_t(bytes.count))
            }
        }

        /// False: not all of it was taken.
        func send(_ bytes: Data) -> Bool {
            let descriptor = self.descriptor
            return bytes.withUnsafeBytes { bytes in
                var sent = 0
                while sent < bytes.count {
                    let count = Glibc.send(
                        descriptor, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                    if count < 0 && errno == EINTR { continue }
                    guard count > 0 else { return false }
                    sent += count
                }
                return true
            }
        }

        /// What comes next, empty at the end of the connection; `nil`: it broke, as `errno` says.
        func receive() -> [UInt8]? {
            let descriptor = self.descriptor
            while true {
                var count = 0
                let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, initialized in
                    count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                    initialized = max(count, 0)
                }
                if count >= 0 { return bytes }
                if errno != EINTR { return nil }
            }
        }
    }

    extension HTTPRequest {
        /// The request as HTTP/1.1 has it. One connection serves one request: a server that closes a connection just when
        /// it is used again makes a failure of nothing.
        fileprivate var bytes: Data {
            let parts = URLComponents(url: self.url, resolvingAgainstBaseURL: true)
            let path = (parts?.percentEncodedPath ?? "/") + (parts?.percentEncodedQuery.map { "?" + $0 } ?? "")
            let host = (parts?.percentEncodedHost ?? "") + (self.url.port.map { ":\($0)" } ?? "")
            var head = "POST \(path) HTTP/1.1\r\nhost: \(host)\r\ncontent-length: \(self.body.count)\r\n"
            head += "connection: close\r\naccept-encoding: identity\r\n"
            for (name, value) in self.headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
            return Data((head + "\r\n").utf8) + self.body
        }
    }
#endif
