import EventLoop
import Foundation
import Vocabulary

/// An HTTP answer as its bytes were: framing and all.
struct WireAnswer: Sendable {
    var status = 0
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// Lengths of the HTTP chunks.
    var chunks: [Int] = []
    var framing = "none"
    /// The body ended as its framing says.
    var isComplete = false
    /// The connection was reset.
    var isReset = false
    /// Nothing more came for two seconds.
    var isSilent = false

    var text: String { String(decoding: self.body, as: UTF8.self) }

    func header(_ name: String) -> String? { self.headers.first { $0.name == name }?.value }
}

/// A client with blocking calls, which run on the loop's worker pool.
@LoopActor final class WireClient {
    private var descriptor: Int32
    private var isHead = false

    init(to address: SocketAddress) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.setPatience(.seconds(2))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = address.port.bigEndian
        withUnsafeMutableBytes(of: &name.sin_addr) { $0.copyBytes(from: address.address.octets) }
        let status = withUnsafePointer(to: &name) { name in
            name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if status != 0 {
            let code = errno
            self.close()
            throw POSIXError(POSIXError.Code(rawValue: code) ?? .EIO)
        }
    }

    func setPatience(_ time: Duration) {
        var patience = timeval(
            tv_sec: Int(time.nanoseconds / 1_000_000_000),
            tv_usec: Int(time.nanoseconds % 1_000_000_000 / 1000))
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Sends a request that asks for the end of the connection after its answer.
    func send(_ method: String, _ target: String, _ body: String?, headers: [String] = []) async {
        self.isHead = method == "HEAD"
        var text = "\(method) \(target) HTTP/1.1\r\n"
        if !headers.contains(where: { $0.hasPrefix("Host:") }) { text += "Host: 127.0.0.1\r\n" }
        text += headers.map { $0 + "\r\n" }.joined() + "Connection: close\r\n"
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        await self.send(bytes: Array((text + "\r\n" + (body ?? "")).utf8))
    }

    func send(bytes: [UInt8]) async {
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

    /// Whatever comes until the end of the connection, or until `enough` says so.
    func receive(until enough: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }) async
        -> (bytes: [UInt8], end: Int32)
    {
        let descriptor = self.descriptor
        return await runOnWorker {
            var all: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while !enough(all) {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count < 0 { return (all, errno) }
                if count == 0 { break }
                all += buffer[..<count]
            }
            return (all, 0)
        }
    }

    func answer() async -> WireAnswer {
        let (bytes, end) = await self.receive()
        var answer = WireAnswer(reading: bytes, toHead: self.isHead)
        answer.isReset = end == ECONNRESET
        answer.isSilent = end == EAGAIN
        return answer
    }

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

extension WireAnswer {
    init(reading bytes: [UInt8], toHead: Bool) {
        let end = Array("\r\n\r\n".utf8)
        guard bytes.count >= 4,
            let split = (0...bytes.count - 4).first(where: { bytes[$0..<$0 + 4].elementsEqual(end) })
        else { return }
        let lines = String(decoding: bytes[..<split], as: UTF8.self).components(separatedBy: "\r\n")
        self.status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        self.headers = lines.dropFirst().map { line in
            let pair = line.split(separator: ":", maxSplits: 1)
            return (String(pair[0]), pair.count == 2 ? pair[1].trimmingCharacters(in: .whitespaces) : "")
        }
        let rest = bytes[(split + 4)...]
        if toHead || self.status == 204 {
            self.isComplete = rest.isEmpty
        } else if self.header("Transfer-Encoding") == "chunked" {
            self.framing = "chunked"
            self.readChunks(rest)
        } else if let length = self.header("Content-Length").flatMap(Int.init) {
            self.framing = "length"
            self.body = Array(rest)
            self.isComplete = rest.count == length
        } else {
            self.framing = "close"
            self.body = Array(rest)
            self.isComplete = true
        }
    }

    private mutating func readChunks(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while let lineEnd = rest.firstIndex(of: 0x0A) {
            let digits = String(decoding: rest[..<lineEnd].dropLast(), as: UTF8.self)
            guard let size = Int(digits, radix: 16) else { return }
            rest = rest[(lineEnd + 1)...]
            if size == 0 {
                self.isComplete = rest.elementsEqual("\r\n".utf8)
                return
            }
            self.body += rest.prefix(size)
            guard rest.count >= size + 2 else { return }
            self.chunks.append(size)
            rest = rest.dropFirst(size + 2)
        }
    }
}
