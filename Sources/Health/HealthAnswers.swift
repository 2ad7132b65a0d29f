import Vocabulary

/// The answers of the health paths (`health.md` D1). Bodies are constant, for balancers that compare them byte by byte
/// (keepalived) or search them (F5).
public struct HealthAnswer: Hashable, Sendable {
    /// The HTTP status.
    public let status: Int
    /// The body.
    public let body: String

    init(_ status: Int, _ body: String) {
        self.status = status
        self.body = body
    }
}

/// Decides `/livez` from the loop's stamp.
public enum Liveness {
    /// A loop that has not turned for so long is held up, and a restart is the way out.
    public static let silenceMax = Duration.seconds(5)

    /// What `/livez` answers.
    public static func answer(lastTurn: Instant, at now: Instant) -> HealthAnswer {
        now - lastTurn <= self.silenceMax ? HealthAnswer(200, "ok\n") : HealthAnswer(503, "stalled\n")
    }
}

extension Readiness {
    /// What `/startupz` answers.
    public var startupAnswer: HealthAnswer {
        self.isStarted ? HealthAnswer(200, "started\n") : HealthAnswer(503, "starting\n")
    }

    /// What `/readyz` answers.
    public var readyAnswer: HealthAnswer {
        HealthAnswer(self.answer == .ready ? 200 : 503, "gatehouse=\(self.answer.rawValue)\n")
    }

    /// What `/readyz?verbose` answers: the same status, a line for each check, the same last line.
    public var verboseAnswer: HealthAnswer {
        let lines = self.checks.map { $0.line + "\n" }.joined()
        return HealthAnswer(self.readyAnswer.status, lines + self.readyAnswer.body)
    }
}

/// Whether one model can be answered now: `/readyz/models/{name}`.
public enum ModelReadiness: String, Hashable, Sendable, CaseIterable {
    /// A usable backend has it.
    case ready
    /// Only backends that may not be used now have it.
    case notReady = "notready"
    /// No backend has it; one that is answered from elsewhere does not count.
    case unknown

    /// Judges `model` over all backends.
    public init(of model: ModelName, in backends: some Sequence<BackendHealth>) {
        var found = ModelReadiness.unknown
        for backend in backends {
            guard let entry = backend.inventory.model(model), !entry.isRemote else { continue }
            if backend.usability.isUsable {
                self = .ready
                return
            }
            found = .notReady
        }
        self = found
    }

    /// The answer.
    public var answer: HealthAnswer {
        switch self {
        case .ready: HealthAnswer(200, "model=ready\n")
        case .notReady: HealthAnswer(503, "model=notready\n")
        case .unknown: HealthAnswer(404, "model=unknown\n")
        }
    }
}
