import Vocabulary

/// All keys, ready to be looked up: made once from `keys.yaml`, and again at each reload.
public struct KeyRing: Sendable {
    private let keys: [UInt64: Key]  // By the eight bytes of the id: no text is made to look one up.
    private let certificates: [PeerName: Key]
    private let pepper: Pepper?

    /// No keys: the data plane then serves local callers only.
    public init() {
        self.keys = [:]
        self.certificates = [:]
        self.pepper = nil
    }

    /// These keys, whose secrets were hashed with `pepper`. Ids are unique, and names of certificates are among keys that
    /// are not revoked (`KeySet`).
    public init(_ keys: [Key], pepper: Pepper) {
        self.keys = Dictionary(keys.map { (Self.packed($0.id.rawValue.utf8), $0) }) { first, _ in first }
        let known = keys.compactMap { key in key.certificate.map { ($0, key) } }
        self.certificates = Dictionary(known) { first, second in first.isRevoked ? second : first }
        self.pepper = pepper
    }

    /// True if no key is configured.
    public var isEmpty: Bool { self.keys.isEmpty }

    /// The number of keys.
    public var count: Int { self.keys.count }

    /// The keys that are taken now and will not be after `span`, unless they get new secrets or a later end.
    public func count(endingWithin span: Duration, from now: WallTime) -> Int {
        self.keys.values.count { $0.fault(at: now) == nil && $0.fault(at: now + span) != nil }
    }

    /// Whose key these bytes are. The client learns of a refusal only that the key is invalid; the log learns why.
    public func authenticate(
        _ presented: some Collection<UInt8>, at now: WallTime
    ) -> Result<Key, KeyRefusal> {
        let text: KeyText
        do throws(KeyText.Flaw) { text = try KeyText(presented) } catch {
            return .failure(KeyRefusal(error == .checksum ? .checksum : .malformed, nil))
        }
        guard let pepper, let key = self.keys[Self.packed(text.id.rawValue.utf8)] else {
            return .failure(KeyRefusal(.unknownID, text.id))
        }
        // The secret comes first: who does not know it learns nothing of the key, not even by the time it takes.
        let code = SecretHash.code(text, pepper: pepper)
        let matching = key.secrets.filter { $0.hash.matches(code) }
        guard !matching.isEmpty else { return .failure(KeyRefusal(.secretWrong, key.id)) }
        guard text.environment == key.environment else { return .failure(KeyRefusal(.environmentWrong, key.id)) }
        if let cause = key.fault(at: now) { return .failure(KeyRefusal(cause, key.id)) }
        guard matching.contains(where: { $0.isLive(at: now) }) else {
            return .failure(KeyRefusal(.secretExpired, key.id))
        }
        return .success(key)
    }

    /// Whose key a client's certificate stands for, by the names that it gives; `nil` if no key has one of them.
    public func authenticate(_ names: [PeerName], at now: WallTime) -> Result<Key, KeyRefusal>? {
        if self.certificates.isEmpty { return nil }
        let keys = names.compactMap { self.certificates[$0] }
        guard let key = keys.first else { return nil }
        // Which of several would be a matter of the names' order, which nobody looks at.
        if keys.contains(where: { $0.id != key.id }) { return .failure(KeyRefusal(.certificateAmbiguous, nil)) }
        if let cause = key.end(at: now) { return .failure(KeyRefusal(cause, key.id)) }
        return .success(key)
    }

    private static func packed(_ id: some Sequence<UInt8>) -> UInt64 {
        id.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension Key {
    /// Why it is taken from nobody at `now`; `nil` if a secret of it is, or a certificate.
    public func fault(at now: WallTime) -> KeyRefusal.Cause? {
        if let cause = self.end(at: now) { return cause }
        return self.certificate != nil || self.secrets.contains { $0.isLive(at: now) } ? nil : .secretExpired
    }

    /// How the key itself has ended, whatever becomes of its secrets.
    fileprivate func end(at now: WallTime) -> KeyRefusal.Cause? {
        if self.isRevoked { return .revoked }
        return self.notAfter.map { $0 <= now } ?? false ? .expired : nil
    }
}

/// Why a key was not taken.
public struct KeyRefusal: Error, Hashable, Sendable {
    /// For the log alone.
    public enum Cause: String, Hashable, Sendable, CaseIterable {
        /// Not the shape of a key.
        case malformed
        /// A character is missing or mistyped.
        case checksum
        /// No such key.
        case unknownID = "unknown_id"
        /// The id is right, the secret is not.
        case secretWrong = "secret_wrong"
        /// The secret is right, the text names another environment.
        case environmentWrong = "environment_wrong"
        /// The key has expired.
        case expired
        /// The key lives, this secret of it does not: it was rotated away.
        case secretExpired = "secret_expired"
        /// The key was revoked.
        case revoked
        /// The certificate has names of several keys.
        case certificateAmbiguous = "certificate_ambiguous"
    }

    /// For the log.
    public let cause: Cause
    /// The id presented, if the bytes were a key at all.
    public let keyID: KeyID?

    init(_ cause: Cause, _ keyID: KeyID?) {
        self.cause = cause
        self.keyID = keyID
    }

    /// What the client sees, whatever the cause.
    public var reason: Reason { .keyInvalid }
}
