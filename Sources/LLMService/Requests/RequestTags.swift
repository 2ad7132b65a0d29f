/// What Gatehouse gets to know about a request beside its content, as headers `x-gatehouse-...`. They may only narrow:
/// what may leave is the policy's to say. A server that is no Gatehouse ignores them, but sees them.
public struct RequestTags: Hashable, Sendable {
    /// Who pays. The key must have the right.
    public var project: String?
    /// Which function it is for. The key must have the right.
    public var feature: String?
    /// What belongs together, so that it stays with one server and keeps its sensitivity.
    public var conversation: String?
    /// How sensitive the content is at least.
    public var sensitivity: Sensitivity?
    /// It must be answered inside the intranet, whatever the policy allows.
    public var staysInside: Bool
    /// Who waits for it.
    public var priority: Priority?

    /// From harmless to secret.
    public enum Sensitivity: String, Hashable, Sendable {
        /// Anybody may read it.
        case `public`
        /// Anybody in the organisation.
        case `internal`
        /// Only some.
        case confidential
        /// As few as can be.
        case restricted
    }

    /// Who waits.
    public enum Priority: String, Hashable, Sendable {
        /// A person.
        case interactive
        /// Nobody in a hurry.
        case batch
    }

    /// All that is not named is not said.
    public init(
        project: String? = nil, feature: String? = nil, conversation: String? = nil, sensitivity: Sensitivity? = nil,
        staysInside: Bool = false, priority: Priority? = nil
    ) {
        self.project = project
        self.feature = feature
        self.conversation = conversation
        self.sensitivity = sensitivity
        self.staysInside = staysInside
        self.priority = priority
    }

    /// As headers; the manual of Gatehouse has their meaning.
    var headers: [String: String] {
        var headers: [String: String] = [:]
        headers["x-gatehouse-project"] = self.project
        headers["x-gatehouse-feature"] = self.feature
        headers["x-gatehouse-conversation"] = self.conversation
        headers["x-gatehouse-sensitivity"] = self.sensitivity?.rawValue
        headers["x-gatehouse-external"] = self.staysInside ? "never" : nil
        headers["x-gatehouse-priority"] = self.priority?.rawValue
        return headers
    }
}
