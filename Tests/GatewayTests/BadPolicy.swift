import Configuration
import Testing
import Vocabulary

@testable import Gateway

/// A policy with mistakes, and every line that is told of them.
struct BadPolicy: CustomTestStringConvertible {
    /// What a test changes nothing about: terms of one backend.
    static let base = """
        schema: 1
        revision: r1
        external:
          euai: {jurisdiction: EU, prefixes: [192.0.32.0/20], tls: {ca: system}, models: [m-large]}

        """

    let name: String
    let text: String?
    let expected: [String]

    /// The whole file; `nil` leaves it out.
    init(_ name: String, _ text: String?, _ expected: [String]) {
        self.name = name
        self.text = text
        self.expected = expected
    }

    /// A good file of four lines with these behind it.
    init(_ name: String, adding lines: String, _ expected: [String]) {
        self.init(name, Self.base + lines, expected)
    }

    var testDescription: String { self.name }

    var mistakes: [String] {
        get throws { try PolicyFolder(self.text).mistakes }
    }
}

/// A policy in a folder of its own, with files that it may name, and backends `euai` and `demo` outside.
struct PolicyFolder {
    static let backends: [PolicyFile.Backend] = [("euai", "EU"), ("demo", "lab")]
    /// A certificate for nobody, signed by itself.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBeTCCAR+gAwIBAgIULLTlpq6r3uAYWXogNg7QQNTESFQwCgYIKoZIzj0EAwIw
        ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyNDEzNDQ0NloYDzIxMjYxMDMxMTM0
        NDQ2WjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
        AATkwobDIWO2+Cz9fx+NswaWHzk4Yx78KS3Vf73lubhtjWeypTyz6CeKXrR3jgV/
        TWJQVa/pmlgK/G54ikO+qQ0qo1MwUTAdBgNVHQ4EFgQU4ie+sfVoEzcZsWYqMuPQ
        SDSDHXgwHwYDVR0jBBgwFoAU4ie+sfVoEzcZsWYqMuPQSDSDHXgwDwYDVR0TAQH/
        BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA9UYG6U1hddNPp0D0GxCbsI+Uey4Z
        7YDetUTM2DSEzQQCIAuo8P6+XD7dM4McUscpxVLgD7Cj6HCx5NNvLsXzViHN
        -----END CERTIFICATE-----

        """

    let folder: TemporaryFolder

    init(_ text: String?) throws {
        self.folder = try TemporaryFolder()
        if let text { try self.folder.write(text, to: "policy.yaml") }
        try self.folder.write("# The authorities of the provider.\n" + Self.certificate, to: "provider.pem")
        try self.folder.write("to be sent by the provider\n", to: "notes.pem")
        try self.folder.write(Self.certificate.replacing("MIIB", with: "-IIB"), to: "broken.pem")
        try self.folder.write("\(Self.certificate)-----BEGIN CERTIFICATE-----\nMIIB\n", to: "cut.pem")
        try self.folder.write("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", to: "key.pem")
        try self.folder.write(bytes: [0x30, 0x82, 0x01, 0x7A, 0xFF, 0xFE], to: "binary.der")
    }

    func read() throws(Problems) -> PolicyFile {
        try PolicyFile.read(path: self.folder["policy.yaml"], backends: Self.backends)
    }

    /// The mistakes, one line each, with paths as they are inside the folder.
    var mistakes: [String] {
        do throws(Problems) {
            _ = try self.read()
            return []
        } catch {
            return error.all.map { $0.description.replacing("\(self.folder.path)/", with: "") }
        }
    }
}
