import Vocabulary

/// Why a body is not passed on: a 4xx for the caller.
public struct BodyRefusal: Error, Equatable, Sendable {
    /// `invalid_json`, `ambiguous_body`, `invalid_field`, `model_missing`, `tool_forbidden` or `dialect_unsupported`.
    public let reason: Reason
    /// For a person: what was found, and what would help.
    public let message: String
    /// The member it is about, as in `messages[].role`; what OpenAI's errors call `param`.
    public let parameter: String?

    /// A refusal with all its parts.
    public init(reason: Reason, message: String, parameter: String? = nil) {
        self.reason = reason
        self.message = message
        self.parameter = parameter
    }

    static let forcedWebSearch = BodyRefusal(
        reason: .toolForbidden,
        message: "\"tool_choice\" demands web search, which would send words of the request outside; declare "
            + "no hosted web tool, or let the model choose",
        parameter: "tool_choice")

    static func json(_ problem: JSONProblem) -> BodyRefusal {
        switch problem.kind {
        case .empty:
            BodyRefusal(reason: .invalidJSON, message: "the body is empty; send a JSON object")
        case .trailingBytes:
            BodyRefusal(
                reason: .ambiguousBody,
                message: "the body holds more than one JSON value: something follows at byte \(problem.offset), which "
                    + "the model server would ignore; send one object and nothing behind it")
        case .unexpectedEnd, .unexpectedByte, .controlCharacter, .invalidEscape, .invalidNumber, .invalidUTF8, .tooDeep:
            BodyRefusal(reason: .invalidJSON, message: "the body is not valid JSON: \(problem)")
        }
    }

    static func duplicate(_ key: String) -> BodyRefusal {
        BodyRefusal(
            reason: .ambiguousBody, message: "\"\(key)\" stands twice in the same object; send it once",
            parameter: key)
    }

    static func odd(_ found: String, readAs key: String) -> BodyRefusal {
        BodyRefusal(
            reason: .ambiguousBody,
            message: "the key \"\(found)\" would be read as \"\(key)\" by the model server, which ignores case; spell "
                + "it exactly so or leave it out",
            parameter: key)
    }

    static func field(_ key: String, _ expectation: String) -> BodyRefusal {
        BodyRefusal(reason: .invalidField, message: "\"\(key)\" \(expectation)", parameter: key)
    }
}
