import Vocabulary

/// The contents of `keys.yaml`, and what `gatehouse keys` does to them.
public struct KeySet: Hashable, Sendable {
    /// In the order of the file.
    public private(set) var keys: [Key]

    /// No keys.
    public init() {
        self.keys = []
    }

    /// The keys of these records, or every mistake in them.
    public init(_ records: [KeyRecord]) throws(KeySetProblem) {
        var keys: [Key] = []
        var problems: [KeyRecordProblem] = []
        var places: [String: Int] = [:]
        var holders: [String: Int] = [:]
        for (index, record) in records.enumerated() {
            var reader = KeyRecordReader(record, index: index)
            if let key = reader.read() { keys.append(key) }
            problems += reader.problems
            if let earlier = places.updateValue(index, forKey: record.id) {
                let message = "'\(record.id)' is also the id of key \(earlier + 1) in this file"
                problems.append(KeyRecordProblem(index: index, field: "id", message: message))
            }
        }
        for (index, record) in records.enumerated() where !record.isRevoked {
            guard let certificate = record.certificate, let earlier = holders.updateValue(index, forKey: certificate)
            else { continue }
            let message = "'\(certificate)' is also the certificate of key \(earlier + 1) in this file"
            problems.append(KeyRecordProblem(index: index, field: "certificate", message: message))
        }
        guard problems.isEmpty else { throw KeySetProblem.records(problems) }
        self.keys = keys
    }

    /// As records, to be written.
    public var records: [KeyRecord] { self.keys.map(KeyRecord.init) }

    /// The key of this id.
    public func key(_ id: KeyID) -> Key? {
        self.keys.first { $0.id == id }
    }

    /// The key of this id or name; of several with one name, which all but one are revoked, that one.
    public func key(named text: String) -> Key? {
        if let key = self.key(KeyID(text)) { return key }
        let named = self.keys.filter { $0.name == text }
        return named.first { !$0.isRevoked } ?? named.last
    }

    /// Adds a key like `draft`, with an id and a secret of its own; the text is to be shown once.
    public mutating func add(
        _ draft: KeyDraft, pepper: Pepper, at now: WallTime, using generator: inout some RandomNumberGenerator
    ) throws(KeySetProblem) -> KeyText {
        let id = try self.freeID(for: draft, using: &generator)
        let text = KeyText.generate(environment: draft.environment, id: id, using: &generator)
        try self.append(draft, id, [KeySecret(hash: SecretHash(text, pepper: pepper), createdAt: now)], at: now)
        return text
    }

    /// Adds a key like `draft`, which has a certificate and needs no secret.
    public mutating func addWithoutSecret(
        _ draft: KeyDraft, at now: WallTime, using generator: inout some RandomNumberGenerator
    ) throws(KeySetProblem) -> KeyID {
        let id = try self.freeID(for: draft, using: &generator)
        try self.append(draft, id, [], at: now)
        return id
    }

    /// A fresh id, if what must be unique is.
    private func freeID(
        for draft: KeyDraft, using generator: inout some RandomNumberGenerator
    ) throws(KeySetProblem) -> KeyID {
        let living = self.keys.filter { !$0.isRevoked }
        if let other = living.first(where: { $0.name == draft.name }) { throw .nameTaken(draft.name, by: other.id) }
        if let certificate = draft.certificate, let other = living.first(where: { $0.certificate == certificate }) {
            throw .certificateTaken(certificate, by: other.id)
        }
        guard KeyText.isEnvironment(draft.environment.utf8) else { throw .environment(draft.environment) }
        var id = KeyText.generateID(using: &generator)
        while self.key(id) != nil { id = KeyText.generateID(using: &generator) }
        return id
    }

    private mutating func append(
        _ draft: KeyDraft, _ id: KeyID, _ secrets: [KeySecret], at now: WallTime
    ) throws(KeySetProblem) {
        let key = Key(
            id: id, name: draft.name, environment: draft.environment, project: draft.project,
            projects: draft.projects, features: draft.features, models: draft.models,
            principalHeader: draft.principalHeader, certificate: draft.certificate, createdAt: now,
            notAfter: draft.notAfter, secrets: secrets)
        var reader = KeyRecordReader(KeyRecord(key), index: self.keys.count)
        guard reader.read() != nil else { throw .records(reader.problems) }
        self.keys.append(key)
    }

    /// Gives a key a new secret; the ones it has end after `overlap`. Two may live at once: a third is refused unless
    /// `overlap` is zero, which ends the others now.
    public mutating func rotate(
        _ id: KeyID, overlap: Duration, pepper: Pepper, at now: WallTime,
        using generator: inout some RandomNumberGenerator
    ) throws(KeySetProblem) -> KeyText {
        let index = try self.index(of: id)
        var key = self.keys[index]
        if key.isRevoked { throw .revoked(id) }
        if let notAfter = key.notAfter, notAfter <= now { throw .expired(id, at: notAfter) }
        var kept = overlap > .zero ? key.secrets.filter { $0.isLive(at: now) } : []
        if kept.count >= Key.secretsMax { throw .twoSecretsLive(id, until: kept.compactMap(\.notAfter).min()) }
        let end = now + overlap
        for place in kept.indices { kept[place].notAfter = min(kept[place].notAfter ?? end, end) }
        let text = KeyText.generate(environment: key.environment, id: id, using: &generator)
        key.secrets = kept + [KeySecret(hash: SecretHash(text, pepper: pepper), createdAt: now)]
        self.keys[index] = key
        return text
    }

    /// Withdraws a key for good. Its record stays, so that its usage keeps a name.
    public mutating func revoke(_ id: KeyID) throws(KeySetProblem) {
        let index = try self.index(of: id)
        if self.keys[index].isRevoked { throw .revoked(id) }
        self.keys[index].isRevoked = true
    }

    private func index(of id: KeyID) throws(KeySetProblem) -> Int {
        guard let index = self.keys.firstIndex(where: { $0.id == id }) else {
            throw .unknownKey(id, known: self.keys.map(\.id))
        }
        return index
    }
}

/// What `gatehouse keys add` asks for.
public struct KeyDraft: Hashable, Sendable {
    /// For people, and unique among keys that are not revoked.
    public var name: String
    /// Where it belongs.
    public var environment: String
    /// Who pays.
    public var project: ProjectName
    /// Other projects that a request may name.
    public var projects: [NamePattern]
    /// Features that a request may name.
    public var features: [NamePattern]
    /// Models that it may use; all if empty.
    public var models: [NamePattern]
    /// The header that names the person; `nil` for none.
    public var principalHeader: String?
    /// The name by which a client's certificate stands for it; `nil` for none.
    public var certificate: PeerName?
    /// When it ends.
    public var notAfter: WallTime?

    /// A draft of these values; by default an unbounded key of environment `live`, project `default`.
    public init(
        name: String, environment: String = "live", project: ProjectName = "default", projects: [NamePattern] = [],
        features: [NamePattern] = [], models: [NamePattern] = [], principalHeader: String? = nil,
        certificate: PeerName? = nil, notAfter: WallTime? = nil
    ) {
        self.name = name
        self.environment = environment
        self.project = project
        self.projects = projects
        self.features = features
        self.models = models
        self.principalHeader = principalHeader
        self.certificate = certificate
        self.notAfter = notAfter
    }
}

/// Why the keys stay as they are.
public enum KeySetProblem: Error, Hashable, Sendable {
    /// Mistakes in the file, or in a draft.
    case records([KeyRecordProblem])
    /// Another key that is not revoked has this name.
    case nameTaken(String, by: KeyID)
    /// Another key that is not revoked is known by this certificate.
    case certificateTaken(PeerName, by: KeyID)
    /// Not a name that certificates give.
    case certificate(String)
    /// Not a name of an environment.
    case environment(String)
    /// No key has this id.
    case unknownKey(KeyID, known: [KeyID])
    /// The key was revoked.
    case revoked(KeyID)
    /// The key has ended.
    case expired(KeyID, at: WallTime)
    /// Two secrets live already; the first of them ends then, if it has an end.
    case twoSecretsLive(KeyID, until: WallTime?)

    /// For a person.
    public var message: String {
        switch self {
        case .records(let problems):
            problems.map { "key \($0.index + 1): \($0.field): \($0.message)" }.joined(separator: "\n")
        case .nameTaken(let name, let id):
            "a key named '\(name)' exists (\(id)); choose another name, or revoke that one first"
        case .certificateTaken(let name, let id):
            "'\(name)' is the certificate of key \(id) already; revoke that one first"
        case .certificate(let text):
            "'\(text)' is not dns:, uri: or email: and a name, as in uri:spiffe://intranet/batch"
        case .environment(let name):
            "'\(name)' is not an environment; expected 1 to 16 lower-case letters and digits, such as live or test"
        case .unknownKey(let id, let known):
            known.isEmpty
                ? "no key \(id): there are no keys"
                : "no key \(id); 'gatehouse keys list' shows the \(known.count) there are"
        case .revoked(let id):
            "key \(id) is revoked; add a new one instead"
        case .expired(let id, let moment):
            "key \(id) expired at \(moment.rfc3339); add a new one instead"
        case .twoSecretsLive(let id, let moment):
            "key \(id) has two live secrets"
                + (moment.map { " until \($0.rfc3339)" } ?? "")
                + "; rotate it then, or without an overlap, which ends both now"
        }
    }
}
