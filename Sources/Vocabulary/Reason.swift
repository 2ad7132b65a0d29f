/// Why a request ended as it did: the closed set of codes that clients, logs, metrics and the manual share. A code
/// never changes its meaning.
public enum Reason: String, Hashable, Sendable, CaseIterable {
    // MARK: Answered

    /// Served by a backend in an intranet zone.
    case allowLocal = "allow_local"
    /// Served by Gatehouse itself: a model list, a health answer.
    case answeredHere = "answered_here"
    /// Served by a backend outside, as a rule of the policy allows.
    case allowRule = "allow_rule"
    /// Nobody could answer: the manifest's fallback reply was sent.
    case fallbackReply = "fallback_reply"

    // MARK: What the client sent

    /// The bytes are not a valid HTTP/1.1 request (RFC 9112).
    case badRequest = "bad_request"
    /// Request line and headers are longer than `Bounds.requestHead`.
    case headTooLarge = "head_too_large"
    /// The body is longer than `Bounds.requestBody`.
    case bodyTooLarge = "body_too_large"
    /// The client fell silent inside a request.
    case requestTimeout = "request_timeout"
    /// An HTTP version other than 1.0 and 1.1.
    case versionUnsupported = "version_unsupported"
    /// An `Expect` other than `100-continue`.
    case expectationFailed = "expectation_failed"
    /// A body in an encoding other than identity.
    case encodingUnsupported = "encoding_unsupported"
    /// A transfer coding other than `chunked`.
    case transferCodingUnsupported = "transfer_coding_unsupported"
    /// The path exists, the method does not.
    case methodNotAllowed = "method_not_allowed"
    /// No such path.
    case pathUnknown = "path_unknown"
    /// A path that would change a backend's host or reach outside.
    case pathForbidden = "path_forbidden"
    /// The body is not valid JSON.
    case invalidJSON = "invalid_json"
    /// The body could be read otherwise by the backend than here (`ollama.md` 1.11).
    case ambiguousBody = "ambiguous_body"
    /// A member of the body has a wrong type or value.
    case invalidField = "invalid_field"
    /// The request asks for something that its backend's API cannot say; the message names it.
    case unsupportedParameter = "unsupported_parameter"
    /// The body names no model.
    case modelMissing = "model_missing"
    /// The client ended its connection.
    case clientLeft = "client_left"
    /// The client took none of its answer for `Bounds.clientReadIdle`.
    case clientTooSlow = "client_too_slow"
    /// The caller's own `x-request-timeout` has passed.
    case deadlineExceeded = "deadline_exceeded"
    /// An operator ended the request.
    case cancelled = "cancelled"

    // MARK: Who calls

    /// No key was presented.
    case keyMissing = "key_missing"
    /// The key is unknown, wrong, expired or revoked; which of these is only logged.
    case keyInvalid = "key_invalid"
    /// Too many wrong keys from one address.
    case keyThrottled = "key_throttled"
    /// Without keys only local callers are served.
    case loopbackOnly = "loopback_only"
    /// The `Host` is not one that a local caller would use.
    case hostForbidden = "host_forbidden"
    /// The `Origin` is not allowed.
    case originForbidden = "origin_forbidden"
    /// The key may not use this model, project or feature.
    case keyForbidden = "key_forbidden"

    // MARK: Residency

    /// The model would be answered from outside: its name or its inventory says so.
    case remoteModel = "remote_model"
    /// The request forces a tool that reaches outside.
    case toolForbidden = "tool_forbidden"
    /// An address is not in a class or zone where this backend may stand.
    case addressForbidden = "addr_class"
    /// Some addresses of a name are allowed, some are not: none is used.
    case dnsMixedAnswer = "dns_mixed_answer"
    /// A backend's name has no address now.
    case dnsNoAnswer = "dns_no_answer"
    /// A backend answered with a redirect.
    case redirectRefused = "redirect_refused"
    /// A grant was too old, or its backend was changed or withdrawn.
    case grantInvalid = "grant_invalid"
    /// The backend does not say that its cloud is off, and the configuration demands it.
    case cloudNotOff = "cloud_not_off"
    /// The backend answered from outside; only an operator lets it back.
    case backendQuarantined = "backend_quarantined"

    // MARK: Policy

    /// No rule allows it: the first reason why nothing leaves.
    case noMatchingAllow = "no_matching_allow"
    /// A rule of the policy denies it.
    case denyRule = "deny_rule"
    /// The request's sensitivity is above what the rules allow.
    case sensitivityTooHigh = "sensitivity_too_high"
    /// The rules allow it for other projects or keys.
    case projectForbidden = "project_forbidden"
    /// The rules allow it for other features.
    case featureForbidden = "feature_forbidden"
    /// The rules do not allow it for what happened here.
    case triggerForbidden = "trigger_forbidden"
    /// The rules do not allow it at this time.
    case timeForbidden = "time_forbidden"
    /// The policy does not allow this model, or this backend at all.
    case backendForbidden = "backend_forbidden"
    /// The body is longer than the rules allow.
    case limitBytes = "limit_bytes"
    /// The day's limit is reached.
    case limitRate = "limit_rate"
    /// The caller said `x-gatehouse-external: never`.
    case externalDeclined = "external_declined"
    /// The audit chain cannot be written now, so nothing leaves.
    case auditUnavailable = "audit_unavailable"
    /// The certificate of a backend outside is not the one that the policy demands.
    case tlsIdentity = "tls_identity"

    // MARK: Routing

    /// No model that may answer can do what the request needs: tools, images, vectors.
    case capabilityMissing = "capability_missing"
    /// The request is longer than the context of every model that may answer.
    case contextOverflow = "context_overflow"
    /// A backend is not asked in this dialect.
    case dialectUnsupported = "dialect_unsupported"
    /// No backend has this model, and the manifest does not name it.
    case modelUnknown = "model_unknown"
    /// The manifest names the model, but no backend has it now.
    case modelUnavailable = "model_unavailable"
    /// Every backend that has the model is down.
    case backendsUnavailable = "backends_unavailable"
    /// The model's queue is full.
    case queueFull = "queue_full"
    /// No slot became free in time.
    case queueTimeout = "queue_timeout"
    /// Bodies of all requests together exceed `Bounds.bodiesInFlight`.
    case bodiesInFlight = "bodies_in_flight"
    /// All connections are taken.
    case connectionsExhausted = "connections_exhausted"
    /// This node is being stopped.
    case draining
    /// The stream was cut because this node stopped.
    case shutdown

    // MARK: Backends

    /// Connecting failed: refused, reset, no route.
    case upstreamConnectFailed = "upstream_connect_failed"
    /// Connecting took longer than `Bounds.connect`.
    case upstreamConnectTimeout = "upstream_connect_timeout"
    /// No answer began in time.
    case upstreamFirstByteTimeout = "upstream_first_byte_timeout"
    /// An answer began and fell silent.
    case upstreamStalled = "upstream_stalled"
    /// The attempt took longer than `Bounds.wholeAttempt`.
    case upstreamTimeout = "upstream_timeout"
    /// The answer ended without its terminal event.
    case upstreamTruncated = "upstream_truncated"
    /// The answer is not what its protocol allows.
    case upstreamMalformed = "upstream_malformed"
    /// The backend answered with a server error, or with one inside its stream.
    case upstreamError = "upstream_error"
    /// The backend refused for load: 429, or 503 from a full queue inside.
    case upstreamBusy = "upstream_busy"
    /// The backend refused the request as it is (4xx); its own answer is passed on.
    case upstreamRefused = "upstream_refused"
    /// The backend refuses Gatehouse's own key.
    case upstreamCredentials = "upstream_credentials"

    /// A fault of our own; the log has the rest.
    case internalError = "internal_error"

    /// The HTTP status of an answer that carries this reason (`DESIGN.md`: policy refusals are 403, overload is 429,
    /// nothing left to answer is 503).
    public var status: Int {
        switch self {
        case .allowLocal, .answeredHere, .allowRule, .fallbackReply: 200
        case .badRequest, .invalidJSON, .ambiguousBody, .invalidField, .modelMissing, .upstreamRefused,
            .capabilityMissing, .contextOverflow, .dialectUnsupported, .unsupportedParameter:
            400
        case .keyMissing, .keyInvalid: 401
        case .loopbackOnly, .hostForbidden, .originForbidden, .keyForbidden, .pathForbidden, .remoteModel,
            .toolForbidden, .noMatchingAllow, .denyRule, .sensitivityTooHigh, .projectForbidden, .featureForbidden,
            .triggerForbidden, .timeForbidden, .backendForbidden, .limitBytes, .limitRate, .externalDeclined:
            403
        case .pathUnknown, .modelUnknown: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .bodyTooLarge: 413
        case .encodingUnsupported: 415
        case .expectationFailed: 417
        case .keyThrottled, .queueFull, .queueTimeout, .upstreamBusy: 429
        case .headTooLarge: 431
        // 499 is nginx's word for a client that has gone; it is logged, never sent.
        case .clientLeft, .clientTooSlow: 499
        case .internalError: 500
        case .transferCodingUnsupported: 501
        case .redirectRefused, .upstreamTruncated, .upstreamMalformed, .upstreamError, .upstreamConnectFailed,
            .upstreamCredentials, .tlsIdentity:
            502
        case .addressForbidden, .dnsMixedAnswer, .dnsNoAnswer, .grantInvalid, .cloudNotOff, .backendQuarantined,
            .modelUnavailable, .backendsUnavailable, .bodiesInFlight, .connectionsExhausted, .draining, .shutdown,
            .cancelled, .auditUnavailable:
            503
        case .deadlineExceeded, .upstreamConnectTimeout, .upstreamFirstByteTimeout, .upstreamStalled,
            .upstreamTimeout:
            504
        case .versionUnsupported: 505
        }
    }

    /// Whether it is the policy's word on a request: a rule was asked, and it said no.
    public var isPolicyRefusal: Bool { Self.policyRefusals.contains(self) }

    private static let policyRefusals: Set<Reason> = [
        .denyRule, .sensitivityTooHigh, .projectForbidden, .featureForbidden, .triggerForbidden, .timeForbidden,
        .backendForbidden, .limitBytes, .limitRate, .noMatchingAllow, .externalDeclined,
    ]

    /// Whether it says that something was kept from leaving, or from a place where it might have left: each such
    /// refusal is an audit record of its own.
    public var isResidencyRefusal: Bool {
        switch self {
        case .pathForbidden, .remoteModel, .toolForbidden, .addressForbidden, .dnsMixedAnswer, .redirectRefused,
            .grantInvalid, .cloudNotOff, .backendQuarantined, .noMatchingAllow, .denyRule, .sensitivityTooHigh,
            .projectForbidden, .featureForbidden, .triggerForbidden, .timeForbidden, .backendForbidden, .limitBytes,
            .limitRate, .externalDeclined, .auditUnavailable, .tlsIdentity:
            true
        // A name without an address is an outage, and keeps nothing from anywhere.
        case .dnsNoAnswer: false
        case .allowLocal, .answeredHere, .allowRule, .fallbackReply, .badRequest, .headTooLarge, .bodyTooLarge,
            .requestTimeout, .versionUnsupported, .expectationFailed, .encodingUnsupported, .transferCodingUnsupported,
            .methodNotAllowed, .pathUnknown, .invalidJSON, .ambiguousBody, .invalidField, .modelMissing,
            .unsupportedParameter,
            .clientLeft, .clientTooSlow, .deadlineExceeded, .cancelled, .keyMissing, .keyInvalid, .keyThrottled,
            .loopbackOnly,
            .hostForbidden, .originForbidden, .keyForbidden, .modelUnknown, .modelUnavailable, .backendsUnavailable,
            .queueFull, .queueTimeout, .bodiesInFlight, .connectionsExhausted, .draining, .shutdown,
            .upstreamConnectFailed, .upstreamConnectTimeout, .upstreamFirstByteTimeout, .upstreamStalled,
            .upstreamTimeout, .upstreamTruncated, .upstreamMalformed, .upstreamError, .upstreamBusy, .upstreamRefused,
            .upstreamCredentials, .capabilityMissing, .contextOverflow, .dialectUnsupported, .internalError:
            false
        }
    }
}
