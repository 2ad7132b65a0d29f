import Accounting
import Configuration
import Vocabulary

/// `keys.yaml`: the keys of applications, hashes only, so that it can be kept in Git and copied to every node. Beside it
/// stands the pepper, which must be kept from Git.
struct KeysFile {
    /// The schema of this file.
    static let schema = 1
    /// Who may read and write the two files: the daemon's user alone.
    static let mode: UInt32 = 0o600
    static let pepperMode: UInt32 = 0o400

    /// Where the keys are.
    let path: String
    /// Where the pepper is.
    let pepperPath: String

    /// The keys for looking up; a file that is missing means that there are none.
    func keyRing() throws(Problems) -> KeyRing {
        guard let keys = try self.readIfPresent(), !keys.keys.isEmpty else { return KeyRing() }
        return KeyRing(keys.keys, pepper: try self.pepper())
    }

    /// The keys for changing; none if there is no file yet.
    func readIfPresent() throws(Problems) -> KeySet? {
        guard ConfigurationFile.exists(self.path) else { return nil }
        var places: [Section] = []
        var faulty: Set<Int> = []
        let (records, own) = try ConfigurationTree.read(path: self.path).examine(schema: Self.schema) { root in
            root.list("keys", default: []) { value -> KeyRecord? in
                let before = value.problemCount
                let record = value.section { section -> KeyRecord? in
                    let record = Self.record(&section)
                    places.append(section)
                    return record
                }
                if record != nil, value.problemCount > before { faulty.insert(places.count - 1) }
                return record
            }
        }
        var problems = own
        do throws(KeySetProblem) {
            let keys = try KeySet(records)
            if problems.isEmpty { return keys }
        } catch {
            problems += self.problems(error, places, faulty)
        }
        throw Problems(problems)
    }

    /// What the values of records are told of, at their places. Of a record that has mistakes already it would be noise.
    private func problems(_ error: KeySetProblem, _ places: [Section], _ faulty: Set<Int>) -> [Problem] {
        guard case .records(let problems) = error else { return [Problem(file: self.path, error.message)] }
        return problems.filter { !faulty.contains($0.index) }.map { problem in
            let key = problem.field.prefix { $0 != "[" && $0 != "." }
            return Problem(places[problem.index].position(of: String(key)), "\(problem.field): \(problem.message)")
        }
    }

    /// The pepper, which must be there once there are keys.
    func pepper() throws(Problems) -> Pepper {
        guard ConfigurationFile.exists(self.pepperPath) else {
            throw Problems([
                Problem(
                    file: self.pepperPath,
                    "the pepper is missing, without which no key can be checked; copy the file that belongs to \(self.path)"
                )
            ])
        }
        let bytes: [UInt8]
        do throws(FileFault) { bytes = try ConfigurationFile.bytes(self.pepperPath, max: Bytes(4096)) } catch {
            throw Problems([Problem(file: self.pepperPath, error.message)])
        }
        guard let pepper = Pepper(bytes) else {
            throw Problems([
                Problem(
                    file: self.pepperPath,
                    "the pepper has \(bytes.count) bytes, expected \(Pepper.bytesMin) or more; the same file on every node"
                )
            ])
        }
        return pepper
    }

    /// Writes the keys, all or nothing.
    func write(_ keys: KeySet) throws(FileFault) {
        var yaml = YAMLWriter()
        yaml.comment("The keys of applications: hashes only. Change them with `gatehouse keys`.")
        yaml.entry("schema", YAMLScalar(Self.schema))
        yaml.items("keys", of: keys.records, Self.write)
        try ConfigurationFile.write(yaml.text, to: self.path, mode: Self.mode)
    }

    private static func write(_ yaml: inout YAMLWriter, _ record: KeyRecord) {
        yaml.entry("id", YAMLScalar(record.id))
        yaml.entry("name", YAMLScalar(record.name))
        yaml.entry("environment", YAMLScalar(record.environment))
        yaml.entry("project", YAMLScalar(record.project))
        for (key, names) in [("projects", record.projects), ("features", record.features), ("models", record.models)]
        where !names.isEmpty {
            yaml.list(key, names.map { YAMLScalar($0) })
        }
        if let header = record.principalHeader { yaml.entry("principal_header", YAMLScalar(header)) }
        if let certificate = record.certificate { yaml.entry("certificate", YAMLScalar(certificate)) }
        yaml.entry("created", YAMLScalar(record.created))
        if let expires = record.expires { yaml.entry("expires", YAMLScalar(expires)) }
        if record.isRevoked { yaml.entry("revoked", YAMLScalar(true)) }
        if record.secrets.isEmpty { return }
        yaml.items("secrets", of: record.secrets) { yaml, secret in
            yaml.entry("hash", YAMLScalar(secret.hash))
            yaml.entry("created", YAMLScalar(secret.created))
            if let expires = secret.expires { yaml.entry("expires", YAMLScalar(expires)) }
        }
    }

    private static func record(_ section: inout Section) -> KeyRecord {
        func names(_ key: String, _ section: inout Section) -> [String] {
            section.list(key, default: []) { $0.text() }
        }
        return KeyRecord(
            id: section.text("id"), name: section.text("name"), environment: section.text("environment"),
            project: section.text("project"), projects: names("projects", &section),
            features: names("features", &section), models: names("models", &section),
            principalHeader: section.readIfPresent("principal_header") { $0.text() },
            certificate: section.readIfPresent("certificate") { $0.text() },
            created: section.text("created"), expires: section.readIfPresent("expires") { $0.text() },
            isRevoked: section.bool("revoked", default: false),
            secrets: Self.secrets(&section))
    }

    /// A key that is known by a certificate needs none.
    private static func secrets(_ section: inout Section) -> [KeyRecord.Secret] {
        if section.has("certificate"), !section.has("secrets") { return [] }
        return section.list("secrets") { value in
            value.section { secret in
                KeyRecord.Secret(
                    hash: secret.text("hash"), created: secret.text("created"),
                    expires: secret.readIfPresent("expires") { $0.text() })
            }
        }
    }
}
