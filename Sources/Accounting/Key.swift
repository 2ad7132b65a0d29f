import Vocabulary

/// One caller's key: who it is and what it may. Holds no secret, only hashes.
public struct Key: Hashable, Sendable {
    /// The public part of the key's text.
    public var id: KeyID
    /// For people: `invoice-service`.
    public var name: String
    /// Where it belongs; the text says the same.
    public var environment: String
    /// Who pays if the request does not say.
    public var project: ProjectName
    /// Other projects that a request may name.
    public var projects: [NamePattern]
    /// Features that a request may name; none if empty, for tags are a right of the key and not free text.
    public var features: [NamePattern]
    /// Models, tiers and aliases it may use, by the name in the request; all if empty.
    public var models: [NamePattern]
    /// The header in which whoever holds the key names the person that a request is made for; `nil`: nobody is named, and
    /// no header is read for it.
    public var principalHeader: String?
    /// Who shows a certificate with this name is the key's holder, without a secret; `nil` if nobody is.
    public var certificate: PeerName?
    /// When it was made.
    public var createdAt: WallTime
    /// From then on it is refused; `nil` if never.
    public var notAfter: WallTime?
    /// The hashes of its live secrets, the newest last: two while one replaces the other, none where a certificate is
    /// enough.
    public var secrets: [KeySecret]
    /// Withdrawn by an operator, for good.
    public var isRevoked: Bool

    /// More live secrets than these are refused.
    public static let secretsMax = 2

    /// A key of these values.
    public init(
        id: KeyID, name: String, environment: String, project: ProjectName, projects: [NamePattern] = [],
        features: [NamePattern] = [], models: [NamePattern] = [], principalHeader: String? = nil,
        certificate: PeerName? = nil, createdAt: WallTime, notAfter: WallTime? = nil, secrets: [KeySecret],
        isRevoked: Bool = false
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
        self.createdAt = createdAt
        self.notAfter = notAfter
        self.secrets = secrets
        self.isRevoked = isRevoked
    }
}

/// One secret of a key.
public struct KeySecret: Hashable, Sendable {
    /// What is kept of it.
    public var hash: SecretHash
    /// When it was made.
    public var createdAt: WallTime
    /// From then on it is refused; `nil` for as long as the key lives.
    public var notAfter: WallTime?

    /// A secret of these values.
    public init(hash: SecretHash, createdAt: WallTime, notAfter: WallTime? = nil) {
        self.hash = hash
        self.createdAt = createdAt
        self.notAfter = notAfter
    }

    /// Whether it counts at `now`.
    public func isLive(at now: WallTime) -> Bool {
        self.notAfter.map { now < $0 } ?? true
    }
}

// MARK: Rights

extension Key {
    /// Whether the key may use a model, by the name the request gives. `x` and `x:latest` are one name
    /// (`ModelName.init(canonical:)`), so a pattern that fits either fits.
    public func mayUse(model: String) -> Bool {
        if self.models.isEmpty { return true }
        let latest = ":latest"
        let short = model.hasSuffix(latest) ? String(model.dropLast(latest.count)) : model
        let long = ModelName(canonical: model).rawValue
        return self.models.contains { $0.matches(long) || $0.matches(short) }
    }

    /// The project that pays, given what the request asks for.
    public func project(asked: String?) throws(RightsRefusal) -> ProjectName {
        guard let asked, asked != self.project.rawValue else { return self.project }
        guard Self.isTag(asked), self.projects.contains(where: { $0.matches(asked) }) else {
            throw RightsRefusal(what: .project)
        }
        return ProjectName(rawValue: asked)
    }

    /// The feature that is served, given what the request asks for.
    public func feature(asked: String?) throws(RightsRefusal) -> FeatureName? {
        guard let asked else { return nil }
        guard Self.isTag(asked), self.features.contains(where: { $0.matches(asked) }) else {
            throw RightsRefusal(what: .feature)
        }
        return FeatureName(rawValue: asked)
    }

    /// Whether a name may be a project or feature: 1 to 64 letters, digits, `-`, `_`, `.` and `/`.
    public static func isTag(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && Self.isMade(name, of: "-_./")
    }

    /// Whether a text may name a person: 1 to 128 letters, digits, `-`, `_`, `.`, `@`, `+`, `|` and `:`. Numbers of users
    /// and addresses of mail are of these.
    public static func isPrincipal(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count) && Self.isMade(name, of: "-_.@+|:")
    }

    /// Whether a header may name the person: `X-` and letters, digits and dashes, 64 bytes at most, and none that has
    /// another meaning here.
    public static func isPrincipalHeader(_ name: String) -> Bool {
        let lower = name.lowercased()
        return (3...64).contains(name.utf8.count) && lower.hasPrefix("x-") && Self.isMade(name, of: "-")
            && !lower.hasPrefix("x-gatehouse-") && lower != "x-api-key" && lower != "x-request-timeout"
    }

    private static func isMade(_ name: String, of marks: String) -> Bool {
        name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || marks.utf8.contains(byte)
        }
    }
}

/// The key is good, but not for this.
public struct RightsRefusal: Error, Hashable, Sendable {
    /// What it may not do.
    public enum What: String, Hashable, Sendable, CaseIterable {
        /// Use the model.
        case model
        /// Name the project.
        case project
        /// Name the feature.
        case feature
    }

    /// What it may not do.
    public let what: What

    /// The code that the client sees.
    public var reason: Reason { .keyForbidden }

    /// A refusal of this.
    public init(what: What) {
        self.what = what
    }

    /// For the caller. It does not repeat the name, which may be long and strange.
    public var message: String {
        "this key may not use the \(self.what.rawValue) that the request names; ask for a key that may, or leave it out"
    }
}
