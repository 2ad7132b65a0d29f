import Configuration
import TLS
import Vocabulary

/// `tls`: where the certificate and its key are, and whether clients show one of their own. The files are read with the
/// others, at start and at each reload.
struct TLSPlace: Sendable {
    private let certificate: String
    private let key: CredentialPlace?
    private let minimum: TLSOptions.Version
    private let clients: Clients?
    private let position: Position

    /// Who vouches for clients, what they have taken back, and whether clients must show a certificate.
    private struct Clients: Sendable {
        let authorities: String
        let revoked: String?
        let isRequired: Bool
        let position: Position
    }

    /// Certificates and a key are small; a bundle of authorities may hold a few hundred.
    private static let fileMax = Bounds.configurationFile

    /// Reads `certificate`, `key`, `min_version` and `clients`: `authorities`, `revoked`, `required`.
    init(reading section: inout Section, in folder: String) {
        self.certificate = Paths.absolute(section.text("certificate"), in: folder)
        self.key = section.read("key") { value in
            value.section { CredentialPlace(reading: &$0, in: folder) }
        }
        self.minimum = section.choice("min_version", of: TLSOptions.Version.self, default: .v12)
        self.clients = section.readIfPresent("clients") { value in
            value.section { clients in
                Clients(
                    authorities: Paths.absolute(clients.text("authorities"), in: folder),
                    revoked: clients.readIfPresent("revoked") { $0.text().map { Paths.absolute($0, in: folder) } },
                    isRequired: clients.bool("required", default: true), position: clients.position)
            }
        }
        self.position = section.position
    }

    /// A listener with TLS needs a certificate, and a certificate a listener.
    static func check(_ listeners: GatehouseConfiguration.Listeners, has tls: Bool, _ root: inout Section) {
        let secure = (listeners.data + listeners.operations).first(where: \.isSecure)
        if let secure, !tls {
            root.problem(
                with: "listeners",
                "`\(secure)` speaks TLS, for which a section `tls` with `certificate` and `key` is needed")
        }
        if secure == nil, tls {
            root.problem(
                with: "tls", "no listener speaks TLS: write `https://` before the addresses of `listeners` that do")
        }
    }

    /// What is shown to clients, or what is wrong with the files. Blocks on the disk. `folder` is `$CREDENTIALS_DIRECTORY`.
    func context(credentials folder: String?) throws(Problems) -> TLSContext? {
        guard let key else { return nil }  // A value with a mistake has been told of.
        var options = TLSOptions(
            certificates: try Self.file(self.certificate, self.position),
            key: try key.bytes(credentials: folder, max: Self.fileMax).bytes)
        options.minimum = self.minimum
        if let clients {
            options.clientAuthorities = try Self.file(clients.authorities, clients.position)
            options.revoked = try clients.revoked.map { path throws(Problems) in try Self.file(path, clients.position) }
            options.clientCertificate = clients.isRequired ? .required : .optional
        }
        do throws(TLSProblem) { return try TLSContext(options) } catch {
            throw Problems([Problem(self.position, "TLS cannot be spoken with these files: \(error)")])
        }
    }

    private static func file(_ path: String, _ position: Position) throws(Problems) -> [UInt8] {
        do throws(FileFault) { return try ConfigurationFile.bytes(path, max: Self.fileMax) } catch {
            throw Problems([Problem(position, "\(error)")])
        }
    }
}
