import Foundation
import Testing

/// Certificates for the tests of the door, made anew by `openssl` in each run.
struct Authority: Sendable {
    private static let folder = FileManager.default.temporaryDirectory.appending(path: "gatehouse-tls-\(getpid())")

    /// `nil` where the programs that the tests need are missing.
    static let shared: Authority? = try? Authority()

    /// Told where the tests are left out.
    static let missing: Comment = "these tests need `openssl` and `python3` on the path"

    private init() throws {
        try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(at: Authority.folder) }
        try Self.run(["python3", "-c", "import ssl"])
        for name in ["root", "other"] {
            try self.openssl("req -x509 -days 30 -subj /CN=\(name) \(self.newKey(name)) -out \(self.path(name, "pem"))")
        }
        try self.certify("good", host: "api.example.com", by: "root")
        try self.certify("wrong-host", host: "www.example.com", by: "root")
        try self.certify("expired", host: "api.example.com", by: "root", days: -1)
        try self.openssl(
            "req -x509 -days 30 -subj /CN=self -addext subjectAltName=DNS:api.example.com \(self.newKey("self-signed"))"
                + " -out \(self.path("self-signed", "pem"))")
    }

    private func certify(_ name: String, host: String, by root: String, days: Int = 30) throws {
        let request = self.path(name, "csr")
        try self.openssl(
            "req -subj /CN=\(name) -addext subjectAltName=DNS:\(host) \(self.newKey(name)) -out \(request)")
        try self.openssl(
            "x509 -req -in \(request) -CA \(self.path(root, "pem")) -CAkey \(self.path(root, "key")) -days \(days) "
                + "-copy_extensions copy -out \(self.path(name, "pem"))")
    }

    private func newKey(_ name: String) -> String {
        "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout \(self.path(name, "key"))"
    }

    private func openssl(_ arguments: String) throws {
        try Self.run(["openssl"] + arguments.split(separator: " ").map(String.init))
    }

    func path(_ name: String, _ kind: String) -> String { Self.folder.appending(path: "\(name).\(kind)").path }

    /// A certificate as PEM.
    func pem(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: self.path(name, "pem"))))
    }

    /// The pin of a key: SHA-256 of its public half, base64.
    func pin(_ name: String) throws -> String {
        let der = try Self.run(["openssl", "pkey", "-in", self.path(name, "key"), "-pubout", "-outform", "DER"])
        return Data(sha256(Array(der))).base64EncodedString()
    }

    @discardableResult
    private static func run(_ command: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        let output = Pipe()
        (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        struct Failed: Error { let command: [String] }
        guard process.terminationStatus == 0 else { throw Failed(command: command) }
        return said
    }
}

/// A server behind TLS, or a proxy, in a process of its own (`Fixtures/outside.py`).
final class Outside: @unchecked Sendable {
    /// What was said on one connection.
    struct Record: Decodable, Sendable {
        let connection: Int
        let heads: [String]
        /// Behind the heads: bytes of bodies.
        let bytes: Int
        let error: String?
    }

    let port: UInt16
    // Used by the thread that makes and the one that ends the server, one after the other.
    private let process = Process()
    private let input = Pipe()
    private let told = Locked<[Record]>([])

    /// A server with the certificate `name`, which knows TLS up to `newest`.
    static func server(_ authority: Authority, _ name: String, newest: String = "TLSv1_3") throws -> Outside {
        try Outside(["server", authority.path(name, "pem"), authority.path(name, "key"), newest])
    }

    /// A proxy that answers with `status` and leads to the server at `port`, wherever it is asked to lead.
    static func proxy(to port: UInt16, status: Int = 200) throws -> Outside {
        try Outside(["proxy", String(port), String(status)])
    }

    private init(_ arguments: [String]) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/outside.py")
        let output = Pipe()
        self.process.executableURL = URL(filePath: "/usr/bin/env")
        self.process.arguments = ["python3", script.path] + arguments
        (self.process.standardInput, self.process.standardOutput) = (self.input, output)
        try self.process.run()
        let reader = output.fileHandleForReading
        var first: [UInt8] = []
        while first.last != UInt8(ascii: "\n") {
            let byte = try #require(try reader.read(upToCount: 1), "the server does not start")
            first += byte
        }
        self.port = try #require(UInt16(String(decoding: first.dropLast(), as: UTF8.self)))
        let told = self.told
        Thread.detachNewThread {
            var unread = Data()
            // `read(upToCount:)` would wait for as many.
            while case let piece = reader.availableData, !piece.isEmpty {
                unread += piece
                while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                    let record = try! JSONDecoder().decode(Record.self, from: unread[..<end])
                    told.withLock { $0.append(record) }
                    unread = Data(unread[unread.index(after: end)...])
                }
            }
        }
    }

    /// The connections that have ended.
    var ended: [Record] { self.told.withLock { $0 } }

    func stop() {
        try? self.input.fileHandleForWriting.close()
        self.process.waitUntilExit()
    }
}
