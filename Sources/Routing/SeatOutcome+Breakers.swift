import Health
import Vocabulary

/// What an attempt says to the two breakers that let it go (`health.md` E3).
///
/// To the breaker of the backend belongs what no model can be blamed for: nobody takes the connection, or what answers
/// is no Ollama. All else belongs to that of the backend with the model: silence before the first token is a model that
/// loads or hangs, a 500 or a cut stream a runner that died, and other models on the same server may be well. A server
/// that is broken as a whole is seen by probes, and model by model.
///
/// A malformed answer counts from the first: five in a row or half of ten open, and one alone opens nothing.
extension SeatOutcome {
    /// One row of the table.
    struct Evidence: Equatable {
        let backend: Breaker.Outcome
        let place: Breaker.Outcome

        /// The client left, the request was refused as it is, nothing was sent, or another guard has seen to it.
        static let none = Evidence(backend: .neutral, place: .neutral)
        static let unreached = Evidence(backend: .connectFailed, place: .neutral)
        static let keyRefused = Evidence(backend: .keyRefused, place: .neutral)
        static let notOllama = Evidence(backend: .failed, place: .neutral)
        static let broken = Evidence(backend: .blamedOnModel, place: .failed)
    }

    var evidence: Evidence {
        switch self {
        case .success: Evidence(backend: .success, place: .success)
        case .slow: Evidence(backend: .success, place: .slow)
        case .busy(let retryAfter): Evidence(backend: .neutral, place: .busy(retryAfter: retryAfter))
        case .failure(let reason): Self.evidence(of: reason)
        case .modelMissing, .neutral: .none
        }
    }

    private static func evidence(of reason: Reason) -> Evidence {
        switch reason {
        case .upstreamConnectFailed, .upstreamConnectTimeout: .unreached
        case .upstreamCredentials: .keyRefused
        // A redirect or another certificate: no model can be blamed for either.
        case .redirectRefused, .tlsIdentity: .notOllama
        case .upstreamFirstByteTimeout, .upstreamStalled, .upstreamTimeout, .upstreamTruncated, .upstreamMalformed,
            .upstreamError:
            .broken
        // What a client or its request did, what our own door refuses, and what an answer from outside brings:
        // quarantine, which only an operator lifts.
        case .allowLocal, .answeredHere, .allowRule, .fallbackReply, .noMatchingAllow, .denyRule,
            .sensitivityTooHigh, .projectForbidden, .featureForbidden, .triggerForbidden, .timeForbidden,
            .backendForbidden, .limitBytes, .limitRate, .externalDeclined, .auditUnavailable, .capabilityMissing,
            .contextOverflow, .dialectUnsupported, .badRequest, .headTooLarge, .bodyTooLarge, .requestTimeout,
            .versionUnsupported, .expectationFailed, .encodingUnsupported, .transferCodingUnsupported,
            .methodNotAllowed, .pathUnknown, .pathForbidden, .invalidJSON, .ambiguousBody, .invalidField,
            .modelMissing, .unsupportedParameter, .clientLeft, .clientTooSlow, .deadlineExceeded, .cancelled,
            .keyMissing, .keyInvalid,
            .keyThrottled, .loopbackOnly, .hostForbidden, .originForbidden, .keyForbidden, .remoteModel,
            .toolForbidden, .addressForbidden, .dnsMixedAnswer, .dnsNoAnswer, .grantInvalid, .cloudNotOff,
            .backendQuarantined, .modelUnknown, .modelUnavailable, .backendsUnavailable, .queueFull, .queueTimeout,
            .bodiesInFlight, .connectionsExhausted, .draining, .shutdown, .upstreamBusy, .upstreamRefused,
            .internalError:
            .none
        }
    }
}
