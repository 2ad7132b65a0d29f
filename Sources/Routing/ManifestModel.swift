import Residency
import Vocabulary

/// What the manifest says of one model: where it may be served from and within which limits.
public struct ManifestModel: Equatable, Sendable {
    /// How long a backend keeps the model in memory after an answer (`ollama.md` 7). Clients never decide it: any of
    /// them could unload or pin a model for all.
    public enum KeepAlive: Equatable, Sendable {
        /// Nothing is sent: the backend's own `OLLAMA_KEEP_ALIVE` holds.
        case asBackend
        /// Never unloaded for idleness.
        case forever
        /// Unloaded after this idle time; zero unloads after each answer.
        case idle(Duration)
    }

    /// The bound on generated tokens when the manifest gives none. It is always sent, since for Ollama none at all
    /// means endless (`ollama.md` 1.9).
    public static let outputTokensDefault = Tokens(4096)

    /// The canonical name.
    public let name: ModelName
    /// The name as written, for messages and positions.
    public let written: String
    /// The first 12 to 64 hexadecimal digits of the model's SHA-256 in lower case; `nil`: any content under this name.
    public let digest: String?
    /// The context the backends are expected to give it; `nil`: whatever they say.
    public let context: Tokens?
    /// What it can do; `nil`: what the backends say.
    public let capabilities: Set<ModelCapability>?
    /// The only backends that may serve it; `nil`: all.
    public let backends: [BackendID]?
    /// The bound on generated tokens sent with every request that asks for more or for none; positive.
    public let outputTokensMax: Tokens
    /// How long it stays in memory.
    public let keepAlive: KeepAlive
    /// Requests in flight per backend; `nil`: as the backend is configured.
    public let slots: Int?
    /// Who answers where this model cannot.
    public let ladder: LadderNames

    /// Checks every field and reports all that is wrong with them.
    public init(
        name: String, digest: String? = nil, context: Int? = nil, capabilities: [String]? = nil,
        backends: [BackendID]? = nil, outputTokensMax: Int? = nil, keepAlive: KeepAlive = .asBackend, slots: Int? = nil,
        ladder: LadderNames = LadderNames()
    ) throws(ManifestProblems) {
        var checks = Checks(model: name)
        checks.name(name)
        checks.positive(context, "context")
        checks.positive(outputTokensMax, "outputTokensMax")
        checks.positive(slots, "slots")
        let known = checks.capabilities(capabilities)
        let digits = checks.digest(digest)
        if backends?.isEmpty == true {
            checks.report("backends", "the list is empty, so nothing may serve it; leave it out to allow all")
        }
        if case .idle(let duration) = keepAlive, duration < .zero {
            checks.report("keepAlive", "a negative time; write \"forever\" to keep the model in memory")
        }
        if !checks.problems.isEmpty { throw ManifestProblems(checks.problems) }
        self.name = ModelName(canonical: name)
        self.written = name
        self.digest = digits
        self.context = context.map { Tokens($0) }
        self.capabilities = known
        self.backends = backends
        self.outputTokensMax = outputTokensMax.map { Tokens($0) } ?? Self.outputTokensDefault
        self.keepAlive = keepAlive
        self.slots = slots
        self.ladder = ladder
    }
}

/// Collects what is wrong with the fields of one model.
private struct Checks {
    let model: String
    var problems: [ManifestProblem] = []

    init(model: String) {
        self.model = model
    }

    mutating func report(_ field: String?, _ message: String) {
        self.problems.append(
            ManifestProblem(path: ["models", self.model] + (field.map { [$0] } ?? []), message: message))
    }

    mutating func name(_ name: String) {
        do throws(Refusal) { try ModelGuard.check(served: name) } catch { self.report(nil, error.message) }
    }

    mutating func positive(_ number: Int?, _ field: String) {
        if let number, number < 1 { self.report(field, "\(number) is not a positive number") }
    }

    mutating func capabilities(_ names: [String]?) -> Set<ModelCapability>? {
        guard let names else { return nil }
        var known: Set<ModelCapability> = []
        for name in names {
            if let capability = ModelCapability(rawValue: name) {
                known.insert(capability)
                continue
            }
            let all = ModelCapability.allCases.map(\.rawValue)
            let hint = nearestNames(to: name, among: all).first.map { "; did you mean \($0)?" } ?? ""
            self.report(
                "capabilities", "unknown capability \"\(name)\"; known are \(all.joined(separator: ", "))\(hint)")
        }
        return known
    }

    mutating func digest(_ digest: String?) -> String? {
        guard let digest else { return nil }
        let digits = bareDigest(digest)
        if (12...64).contains(digits.utf8.count), digits.utf8.allSatisfy(isLowerHexDigit) { return digits }
        self.report("digest", "\"\(digest)\" is not 12 to 64 hexadecimal digits, as `ollama list` shows them")
        return nil
    }
}

/// A digest without its `sha256:` and in lower case, so that all spellings compare equal.
func bareDigest(_ digest: String) -> String {
    let lower = digest.lowercased()
    return lower.hasPrefix("sha256:") ? String(lower.dropFirst(7)) : lower
}

private func isLowerHexDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
}

/// What keeps `name` from being a name that a client can ask for; `nil` if nothing does.
func nameFault(_ name: String) -> String? {
    if name.isEmpty { return "the name is empty" }
    if name.utf8.count > 255 { return "the name is longer than 255 bytes" }
    if name.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
        return "the name holds a blank or a control character"
    }
    return ModelGuard.isRemoteName(name) ? "requests for a name of Ollama's cloud are always refused" : nil
}
