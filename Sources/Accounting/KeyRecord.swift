import Vocabulary

/// One key as `keys.yaml` holds it: text only, so that the file's reader needs to know nothing of keys and every mistake
/// is found here.
public struct KeyRecord: Hashable, Sendable {
    /// `id`: 8 lower-case letters and digits.
    public var id: String
    /// `name`: for people.
    public var name: String
    /// `environment`: 1 to 16 lower-case letters and digits.
    public var environment: String
    /// `project`: who pays.
    public var project: String
    /// `projects`: patterns of others that a request may name.
    public var projects: [String]
    /// `features`: patterns that a request may name.
    public var features: [String]
    /// `models`: patterns of names; all if empty.
    public var models: [String]
    /// `principal_header`: a header's name.
    public var principalHeader: String?
    /// `certificate`: a name that certificates give, with its kind.
    public var certificate: String?
    /// `created`: RFC 3339.
    public var created: String
    /// `expires`: RFC 3339 or a date.
    public var expires: String?
    /// `revoked`.
    public var isRevoked: Bool
    /// `secrets`: one or two; none is enough where there is a certificate.
    public var secrets: [Secret]

    /// One entry of `secrets`.
    public struct Secret: Hashable, Sendable {
        /// `hash`: 64 hexadecimal digits.
        public var hash: String
        /// `created`: RFC 3339.
        public var created: String
        /// `expires`: RFC 3339 or a date.
        public var expires: String?

        /// A secret of these values.
        public init(hash: String, created: String, expires: String? = nil) {
            self.hash = hash
            self.created = created
            self.expires = expires
        }
    }

    /// A record of these values.
    public init(
        id: String, name: String, environment: String, project: String, projects: [String] = [],
        features: [String] = [], models: [String] = [], principalHeader: String? = nil,
        certificate: String? = nil, created: String, expires: String? = nil, isRevoked: Bool = false, secrets: [Secret]
    ) {
        self.id = id
        self.name = name
        self.environment = environment
        self.project = project
        self.projects = projects
        self.features = features
        self.models = models
        self.principalHeader = principalHeader
        self.certificate = certificate
        self.created = created
        self.expires = expires
        self.isRevoked = isRevoked
        self.secrets = secrets
    }

    /// The record of a key, which reads back as the same key but for fractions of a millisecond.
    public init(_ key: Key) {
        self.init(
            id: key.id.rawValue, name: key.name, environment: key.environment, project: key.project.rawValue,
            projects: key.projects.map(\.text), features: key.features.map(\.text), models: key.models.map(\.text),
            principalHeader: key.principalHeader, certificate: key.certificate?.description,
            created: key.createdAt.rfc3339, expires: key.notAfter?.rfc3339,
            isRevoked: key.isRevoked,
            secrets: key.secrets.map {
                Secret(hash: $0.hash.hex, created: $0.createdAt.rfc3339, expires: $0.notAfter?.rfc3339)
            })
    }
}

/// A mistake in `keys.yaml`.
public struct KeyRecordProblem: Error, Hashable, Sendable {
    /// The place of the key in the file, from 0.
    public let index: Int
    /// The field within it: `expires`, `secrets[1].hash`.
    public let field: String
    /// What was found and what is expected; does not name the field.
    public let message: String
}

/// Reads one record, gathering every mistake.
struct KeyRecordReader {
    let record: KeyRecord
    let index: Int
    var problems: [KeyRecordProblem] = []

    init(_ record: KeyRecord, index: Int) {
        self.record = record
        self.index = index
    }

    mutating func read() -> Key? {
        let record = self.record
        self.expect(KeyText.isID(record.id.utf8), "id", "'\(record.id)' is not 8 lower-case letters and digits")
        self.expect(
            (1...64).contains(record.name.utf8.count), "name", "expected 1 to 64 bytes, found \(record.name.utf8.count)"
        )
        self.expect(
            KeyText.isEnvironment(record.environment.utf8), "environment",
            "'\(record.environment)' is not 1 to 16 lower-case letters and digits")
        self.expect(
            Key.isTag(record.project), "project",
            "'\(record.project)' is not 1 to 64 letters, digits, '-', '_', '.' or '/'")
        let projects = self.patterns(record.projects, "projects")
        let features = self.patterns(record.features, "features")
        let models = self.patterns(record.models, "models")
        self.expect(
            record.principalHeader.map(Key.isPrincipalHeader) ?? true, "principal_header",
            "'\(record.principalHeader ?? "")' is not X- and letters, digits and dashes, or has another meaning here")
        let certificate = record.certificate.flatMap(PeerName.init(parsing:))
        self.expect(
            record.certificate == nil || certificate != nil, "certificate",
            "'\(record.certificate ?? "")' is not dns:, uri: or email: and a name, as in uri:spiffe://intranet/batch")
        let created = self.time(record.created, "created")
        let expires = record.expires.map { self.time($0, "expires") }
        self.expect(
            (record.certificate == nil ? 1...Key.secretsMax : 0...Key.secretsMax).contains(record.secrets.count),
            "secrets",
            "expected 1 or \(Key.secretsMax), found \(record.secrets.count)")
        let secrets = record.secrets.enumerated().compactMap { self.secret($1, "secrets[\($0)]") }
        guard self.problems.isEmpty, let created else { return nil }
        return Key(
            id: KeyID(rawValue: record.id), name: record.name, environment: record.environment,
            project: ProjectName(rawValue: record.project), projects: projects, features: features, models: models,
            principalHeader: record.principalHeader, certificate: certificate, createdAt: created,
            notAfter: expires ?? nil, secrets: secrets, isRevoked: record.isRevoked)
    }

    private mutating func secret(_ secret: KeyRecord.Secret, _ field: String) -> KeySecret? {
        let hash = SecretHash(hex: secret.hash)
        self.expect(hash != nil, "\(field).hash", "expected 64 hexadecimal digits in lower case")
        let created = self.time(secret.created, "\(field).created")
        let expires = secret.expires.map { self.time($0, "\(field).expires") }
        guard let hash, let created else { return nil }
        return KeySecret(hash: hash, createdAt: created, notAfter: expires ?? nil)
    }

    private mutating func patterns(_ texts: [String], _ field: String) -> [NamePattern] {
        for (place, text) in texts.enumerated() {
            self.expect(
                (1...256).contains(text.utf8.count), "\(field)[\(place)]",
                "expected 1 to 256 bytes, found \(text.utf8.count)")
        }
        return texts.map { NamePattern($0) }
    }

    private mutating func time(_ text: String, _ field: String) -> WallTime? {
        let time = WallTime(rfc3339: text)
        self.expect(time != nil, field, "'\(text)' is not a time such as 2026-11-24T06:55:17Z, nor a date")
        return time
    }

    private mutating func expect(_ holds: Bool, _ field: String, _ message: @autoclosure () -> String) {
        if holds { return }
        self.problems.append(KeyRecordProblem(index: self.index, field: field, message: message()))
    }
}
