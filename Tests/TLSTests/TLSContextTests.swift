import Foundation
import Testing
import Vocabulary

@testable import TLS

/// Certificates of one run, made with openssl.
struct Made {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID())").path()

    init() throws { try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true) }

    @discardableResult
    func openssl(_ arguments: String...) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: self.folder)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    func certificate(_ name: String, days: Int = 30) throws -> TLSOptions {
        try self.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(name).key",
            "-out", "\(name).pem", "-days", "\(days)", "-subj", "/CN=\(name)")
        return TLSOptions(certificates: try self.bytes("\(name).pem"), key: try self.bytes("\(name).key"))
    }

    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: self.folder).appending(path: name)))
    }
}

@Suite struct TLSContextTests {
    let made: Made

    init() throws { self.made = try Made() }

    @Test func `a certificate and its key make a context that knows when it ends`() throws {
        let context = try TLSContext(try self.made.certificate("server", days: 30))
        let days = (Double(context.expiry.seconds) - Date().timeIntervalSince1970) / 86_400
        #expect((29.9...30.1).contains(days))
    }

    @Test func `a chain may follow the certificate`() throws {
        var options = try self.made.certificate("server")
        options.certificates += try self.made.certificate("authority").certificates
        _ = try TLSContext(options)
    }

    @Test func `what authorities have taken back is read with them`() throws {
        var options = try self.made.certificate("server")
        options.clientAuthorities = options.certificates
        options.clientCertificate = .required
        options.revoked = options.certificates
        #expect(throws: TLSProblem("no revocation list can be read, expected PEM: no start line")) {
            try TLSContext(options)
        }
    }

    @Test func `what does not fit is told in one sentence`() throws {
        let good = try self.made.certificate("server")
        let other = try self.made.certificate("other")
        func message(_ certificates: [UInt8], _ key: [UInt8], _ change: (inout TLSOptions) -> Void = { _ in }) -> String
        {
            var options = TLSOptions(certificates: certificates, key: key)
            change(&options)
            do throws(TLSProblem) {
                _ = try TLSContext(options)
                return "none"
            } catch { return error.message }
        }
        #expect(message(good.certificates, good.key) == "none")
        #expect(message(good.certificates, other.key).hasPrefix("the key is not the certificate's"))
        #expect(message([], good.key).hasPrefix("no certificate can be read, expected PEM"))
        #expect(message(Array("junk".utf8), good.key).hasPrefix("no certificate can be read, expected PEM"))
        #expect(message(good.key, good.key).hasPrefix("no certificate can be read, expected PEM"))
        #expect(message(good.certificates, good.certificates).hasPrefix("no private key can be read"))
        let cut = Array(good.certificates.dropLast(40)) + Array("\n-----END CERTIFICATE-----\n".utf8)
        #expect(message(good.certificates + cut, good.key).hasPrefix("certificate 2 cannot be read"))
        let trusts = message(good.certificates, good.key) { options in
            options.clientCertificate = .required
            options.clientAuthorities = Array("junk".utf8)
        }
        #expect(trusts.hasPrefix("no certificate can be read, expected PEM"))
    }

    @Test func `one problem leaves nothing behind for the next`() throws {
        let good = try self.made.certificate("server")
        for _ in 0..<3 {
            #expect(throws: TLSProblem.self) { try TLSContext(TLSOptions(certificates: good.key, key: good.key)) }
            _ = try TLSContext(good)
        }
    }
}
