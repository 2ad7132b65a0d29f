import Dialects
import Vocabulary

/// Why a request goes no further, from whichever part of it was wrong.
struct RequestRefusal: Error {
    var reason: Reason
    var message: String
    var parameter: String?
    var retryAfter: Duration?

    init(_ reason: Reason, _ message: String, parameter: String? = nil, retryAfter: Duration? = nil) {
        self.reason = reason
        self.message = message
        self.parameter = parameter
        self.retryAfter = retryAfter
    }

    /// Keys are configured, and none was sent.
    static let keyMissing = Self(
        .keyMissing, "no key was sent; send one as `Authorization: Bearer gh_...` or `x-api-key`")
    /// Whatever is wrong with the key.
    static let keyInvalid = Self(.keyInvalid, "the key is not valid; `gatehouse keys list` shows those that are")
}

extension Route {
    /// Why nothing is served there; `nil` where something is.
    var refusal: RequestRefusal? {
        switch self {
        case .endpoint:
            nil
        case .forbidden:
            RequestRefusal(
                .pathForbidden,
                "this path changes a backend's host or reaches outside; it is not served, in any spelling")
        case .unknown:
            RequestRefusal(.pathUnknown, "no such path; the manual lists those that are served")
        case .methodNotAllowed(let allow):
            RequestRefusal(.methodNotAllowed, "this path takes \(allow)")
        }
    }

    /// The methods that the path takes, if that is what is wrong.
    var allow: String? {
        if case .methodNotAllowed(let allow) = self { allow } else { nil }
    }
}
