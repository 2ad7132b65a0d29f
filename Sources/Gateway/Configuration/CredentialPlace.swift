import Configuration
import Glibc
import Residency
import Vocabulary

/// Where the key of a backend is kept: `key: {file: PATH}` or `key: {credential: NAME}`. The key itself is read
/// with the other files, and stands in none of them.
struct CredentialPlace: Sendable {
    /// A file of its own, or one that systemd hands over.
    enum Kind: Equatable, Sendable {
        /// A file that only its owner may read.
        case file(path: String)
        /// A file of `$CREDENTIALS_DIRECTORY` (systemd.exec, `LoadCredential=`).
        case credential(name: String)
    }

    let kind: Kind
    /// Where that is written.
    let position: Position

    /// Reads `file` or `credential`, one of which must be there. A relative path counts from `folder`.
    init?(reading section: inout Section, in folder: String) {
        let file = section.readIfPresent("file") { $0.text() }
        let credential = section.readIfPresent("credential") { value in
            guard let text = value.text() else { return String?.none }
            if text.isCredentialName { return text }
            // Not shown: what is no name may be the key.
            value.problem("this is no credential's name, expected letters, digits, `-`, `_` and `.`")
            return nil
        }
        self.position = section.position
        switch (file, credential) {
        case (let file?, nil) where !section.has("credential"):
            self.kind = .file(path: Paths.absolute(file, in: folder))
        case (nil, let name?) where !section.has("file"):
            self.kind = .credential(name: name)
        default:
            // A value with a mistake has been told of.
            if section.has("file") == section.has("credential") {
                section.problem("expected `file` or `credential`, and one of them")
            }
            return nil
        }
    }

    /// A backend's key, or why there is none. Blocks on the disk. `folder` is `$CREDENTIALS_DIRECTORY`.
    func read(credentials folder: String?) throws(Problems) -> BackendCredential {
        let (bytes, path) = try self.bytes(credentials: folder, max: Bytes(2 * BackendCredential.bytesMax))
        do throws(FileFault) { return try self.credential(bytes, of: path) } catch { throw self.problem(error) }
    }

    /// What stands there, and the path of the file. Blocks on the disk.
    func bytes(credentials folder: String?, max: Bytes) throws(Problems) -> (bytes: [UInt8], path: String) {
        do throws(FileFault) {
            let (path, others) = try self.path(folder)
            return (try ConfigurationFile.secret(path, max: max, hiddenFrom: others), path)
        } catch {
            throw self.problem(error)
        }
    }

    /// The file, and whom it must be hidden from. The folder of credentials is closed to others; its files may show the
    /// group a right that an access list really gives to the service alone (acl(5), "the mask").
    private func path(_ folder: String?) throws(FileFault) -> (String, UInt32) {
        switch self.kind {
        case .file(let path):
            return (path, 0o077)
        case .credential(let name):
            guard let folder, !folder.isEmpty else {
                throw FileFault(
                    name,
                    "no credential is here, since `$CREDENTIALS_DIRECTORY` is not set: systemd sets it for a "
                        + "unit with `LoadCredential=` or `LoadCredentialEncrypted=`")
            }
            return ("\(folder)/\(name)", 0o007)
        }
    }

    /// One line, without the blanks around it.
    private func credential(_ bytes: [UInt8], of path: String) throws(FileFault) -> BackendCredential {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        var text = bytes[...]
        while let first = text.first, isBlank(first) { text = text.dropFirst() }
        while let last = text.last, isBlank(last) { text = text.dropLast() }
        guard let decoded = String(validating: text, as: UTF8.self) else {
            throw FileFault(path, "the key is not text, expected one line of visible ASCII")
        }
        do throws(Refusal) { return try BackendCredential(decoded) } catch { throw FileFault(path, error.message) }
    }

    private func problem(_ fault: FileFault) -> Problems {
        Problems([Problem(self.position, "the key cannot be read: \(fault)")])
    }
}

extension String {
    /// A name that stays in its folder.
    fileprivate var isCredentialName: Bool {
        (1...255).contains(self.utf8.count) && self != "." && self != ".."
            && self.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "-_.".utf8.contains(byte)
            }
    }
}
