/// Something that goes wrong on purpose. Its text form is what `--fault`, the header `x-simulated-fault` and
/// `POST /__simulated/faults` take: `status=503`, `reset-after=4096@inference`.
public struct Fault: Hashable, Sendable, CustomStringConvertible {
    /// What happens.
    public enum Kind: Hashable, Sendable {
        /// The listener is closed and every connection cut: connecting is refused.
        case refuse
        /// Requests are read and never answered.
        case hang
        /// The connection is reset (TCP RST) after so many bytes of the answer's body.
        case resetAfter(bytes: Int)
        /// The answer falls silent after so many tokens and stays open.
        case stallAfter(tokens: Int)
        /// Every request is answered with this status and a native error body.
        case status(Int)
        /// The answer is not HTTP.
        case garbage
        /// Loading a model takes so long, whatever the options say.
        case slowLoad(Duration)
        /// Model lists and answers carry `remote_host` and `remote_model`, as those of an alias do.
        case remoteHost
        /// The answer ends cleanly after so many tokens, without its terminal event (`ollama.md` 1.5 and 1.6).
        case truncateAfter(tokens: Int)
        /// The runner dies after so many tokens: the native API says so in its last line, `/v1` hardly does
        /// (`ollama.md` 1.5).
        case runnerDiesAfter(tokens: Int)
        /// Every request is answered with 307 and this `Location`.
        case redirect(String)
        /// A client that leaves in mid-answer takes all slots of its model with it: later requests for it are read and
        /// never answered, until the model is unloaded (`ollama.md` 1.12).
        case loseSlots
    }

    /// Which requests it befalls.
    public enum Scope: Hashable, Sendable {
        /// All but those below `/__simulated/`.
        case all
        /// Only those that make a model work: a half-dead server passes its probes.
        case inference
    }

    /// What happens.
    public let kind: Kind
    /// Which requests it befalls.
    public let scope: Scope

    /// `kind`, for the requests of `scope`.
    public init(_ kind: Kind, scope: Scope = .all) {
        self.kind = kind
        self.scope = scope
    }

    /// Why a text is no fault, and what would be one; lower case, for a person.
    public struct Problem: Error, Hashable, CustomStringConvertible {
        /// The whole sentence.
        public let description: String
    }

    /// Reads `NAME`, `NAME=VALUE`, either followed by `@inference`.
    public init(parsing text: String) throws(Problem) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        switch parts.count == 2 ? parts[1] : "all" {
        case "all": self.scope = .all
        case "inference": self.scope = .inference
        default: throw Problem(description: "fault '\(text)': after '@' stands 'inference' or 'all', not '\(parts[1])'")
        }
        let pair = parts[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        self.kind = try Self.kind(named: String(pair[0]), value: pair.count == 2 ? String(pair[1]) : nil, of: text)
        if self.scope == .inference, self.isOfServer {
            throw Problem(description: "fault '\(text)' befalls the whole server: leave out '@inference'")
        }
    }

    /// Whether it befalls the server rather than single requests: then it has no scope, and no header brings it on.
    var isOfServer: Bool {
        switch self.kind {
        case .refuse, .garbage, .remoteHost: true
        case .hang, .resetAfter, .stallAfter, .status, .slowLoad, .truncateAfter, .runnerDiesAfter, .redirect,
            .loseSlots:
            false
        }
    }

    /// The text form.
    public var description: String {
        let text =
            switch self.kind {
            case .refuse: "refuse"
            case .hang: "hang"
            case .resetAfter(let bytes): "reset-after=\(bytes)"
            case .stallAfter(let tokens): "stall-after=\(tokens)"
            case .status(let status): "status=\(status)"
            case .garbage: "garbage"
            case .slowLoad(let time): "slow-load=\(time.inSeconds)"
            case .remoteHost: "remote-host"
            case .truncateAfter(let tokens): "truncate-after=\(tokens)"
            case .runnerDiesAfter(let tokens): "runner-dies-after=\(tokens)"
            case .redirect(let target): "redirect=\(target)"
            case .loseSlots: "lose-slots"
            }
        return self.scope == .all ? text : text + "@inference"
    }
}
