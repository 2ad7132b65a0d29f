import Vocabulary

/// What must hold of one backend outside before anything is sent there: written in the policy, not beside the backend's
/// URL, since whoever may change the one need not be the one who may change the other.
public struct ExternalTerms: Hashable, Sendable {
    /// Where it stands in law, as the policy's author calls it: `EU`. The backend's own configuration must say the same.
    public var jurisdiction: String
    /// The networks that each of its addresses must be in; never empty.
    public var prefixes: [CIDR]
    /// Who vouches for its certificate.
    public var trust: Trust
    /// The models it may be asked for, by its own names; never empty.
    public var models: [String]

    /// Terms of these values.
    public init(jurisdiction: String, prefixes: [CIDR], trust: Trust, models: [String]) {
        self.jurisdiction = jurisdiction
        self.prefixes = prefixes
        self.trust = trust
        self.models = models
    }
}

/// Who vouches for a server's certificate.
public struct Trust: Hashable, Sendable {
    /// The authorities at which its chain may end.
    public enum Roots: Hashable, Sendable {
        /// Those of the operating system.
        case system
        /// These alone, as PEM.
        case bundle([UInt8])
    }

    /// The authorities.
    public var roots: Roots
    /// SHA-256 of public keys, base64, of which the server must have one; any key if empty.
    public var pins: [String]

    /// Trust in these.
    public init(roots: Roots, pins: [String] = []) {
        self.roots = roots
        self.pins = pins
    }

    /// The operating system's authorities, any key.
    public static let system = Trust(roots: .system)
}
