import EventLoop
import Foundation
import Testing
import Vocabulary

/// What came back over a plain socket: our own parser tests nothing here.
struct WireAnswer: Sendable {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: String

    init(_ text: String) {
        let parts = text.components(separatedBy: "\r\n\r\n")
        let lines = parts[0].components(separatedBy: "\r\n")
        self.status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].lowercased()
            if headers[name] != nil { Issue.record("header \(name) stands twice") }
            headers[name] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        self.headers = headers
        self.body = parts.dropFirst().joined(separator: "\r\n\r\n")
    }

    subscript(_ name: String) -> String? { self.headers[name] }

    /// The member at this path of a JSON body.
    func member(_ path: String...) -> String? {
        var value = try? JSONSerialization.jsonObject(with: Data(self.body.utf8))
        for name in path { value = (value as? [String: Any])?[name] }
        return value.map { "\($0)" }
    }
}

/// Sends one request on a connection of its own, and reads until the server ends it.
@LoopActor func ask(
    _ address: SocketAddress, _ method: String, _ target: String, _ headers: [String] = [], body: String? = nil
) async throws -> WireAnswer {
    var lines = ["\(method) \(target) HTTP/1.1", "Connection: close"]
    if !headers.contains(where: { $0.hasPrefix("Host:") }) { lines.append("Host: \(address)") }
    if let body, !headers.contains(where: { $0.hasPrefix("Content-Length:") }) {
        lines.append("Content-Length: \(body.utf8.count)")
    }
    return try await askRaw(address, (lines + headers).joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
}

/// The same with every byte given.
@LoopActor func askRaw(_ address: SocketAddress, _ text: String) async throws -> WireAnswer {
    let bytes = Array(text.utf8)
    let answer = try await runOnWorker { () throws in try exchange(bytes, with: address) }
    return WireAnswer(String(decoding: answer, as: UTF8.self))
}

/// Sends `bytes` on a connection of its own, and reads until the server ends it. Blocks.
func exchange(_ bytes: [UInt8], with address: SocketAddress) throws -> [UInt8] {
    let descriptor = try connected(to: address)
    defer { close(descriptor) }
    guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
        throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO)
    }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else {
            if count < 0 { Issue.record("the answer did not end: \(String(cString: strerror(errno)))") }
            return all
        }
        all += buffer[..<count]
    }
}

/// A socket that is connected, and waits five seconds for bytes. Blocks.
func connected(to address: SocketAddress) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var patience = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = address.port.bigEndian
    withUnsafeMutableBytes(of: &name.sin_addr) { $0.copyBytes(from: address.address.octets) }
    let status = withUnsafePointer(to: &name) { name in
        name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    if status == 0 { return descriptor }
    let failure = POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO)
    close(descriptor)
    throw failure
}
