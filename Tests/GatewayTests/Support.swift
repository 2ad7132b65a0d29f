import EventLoop
import Foundation
import HTTPServer
import Testing
import Vocabulary

@testable import Gateway

/// Runs `body` on the loop thread that all test targets share.
func onLoop<T: Sendable>(_ body: @escaping @LoopActor @Sendable () async throws -> T) async throws -> T {
    UVLoop.main.runOnOwnThread()
    return try await withCheckedThrowingContinuation { continuation in
        _ = startTask {
            do {
                continuation.resume(returning: try await body())
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

/// A folder of its own for one test, removed afterwards.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let pattern = Array("/tmp/gatehouse-tests-XXXXXX".utf8CString)
        var name = pattern
        guard let made = mkdtemp(&name) else { throw POSIXError(.EIO) }
        self.path = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    subscript(_ name: String) -> String { "\(self.path)/\(name)" }

    func write(_ text: String, to name: String) throws {
        try self.write(bytes: Array(text.utf8), to: name)
    }

    func write(bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: self[name]))
    }

    func text(of name: String) throws -> String {
        try String(contentsOf: URL(filePath: self[name]), encoding: .utf8)
    }

    /// The rights of a file, as in `0o600`.
    func mode(of name: String) throws -> UInt32 {
        var status = stat()
        guard stat(self[name], &status) == 0 else { throw POSIXError(.ENOENT) }
        return status.st_mode & 0o777
    }
}

/// The head of a request with these header lines.
func head(_ lines: [String] = [], requestLine: String = "POST /v1/chat/completions HTTP/1.1") throws -> RequestHead {
    let text = ([requestLine, "Host: localhost"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
    var parser = RequestHeadParser()
    guard case .complete(let head) = parser.consume(Array(text.utf8).span).outcome else {
        throw Unexpected("no head: \(text)")
    }
    return head
}

/// Something that a test relied on is not so.
struct Unexpected: Error {
    let message: String
    init(_ message: String) { self.message = message }
}

extension IPAddress {
    /// For literals in tests.
    init(text: String) {
        guard let address = IPAddress(text) else { preconditionFailure("\(text) is no address") }
        self = address
    }
}

extension SocketAddress {
    init(_ text: String, _ port: UInt16) { self.init(IPAddress(text: text), port: port) }
}

/// The top of the repository, also when the package is built through a link.
let repository = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
