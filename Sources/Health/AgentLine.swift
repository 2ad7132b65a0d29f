/// The line that HAProxy's agent check reads (HAProxy configuration manual, "agent-check"). It says everything each time:
/// what is not said stays as it was, and nobody but the agent takes back what the agent has said (`health.md` D).
public struct AgentLine: Hashable, Sendable {
    /// What `/readyz` says.
    public var answer: Readiness.Answer
    /// The share of traffic that the node asks for, 0 to 100.
    public var weight: Int
    /// Connections that one balancer may have open to the node.
    public var connectionsMax: Int

    /// What a node says that is in this state; `places` are the requests that it serves or lets wait at once, shared by
    /// `balancers`.
    public init(_ answer: Readiness.Answer, weight: Int, places: Int, balancers: Int) {
        self.answer = answer
        self.weight = answer == .ready ? weight : 0
        // To HAProxy 0 means that there is no limit.
        self.connectionsMax = max(1, places / max(1, balancers))
    }

    /// Operational state, administrative state, weight and connections, ended by a line feed: without it HAProxy reads
    /// nothing. A node that drains is `drain` and not `down`, so that what runs there goes on.
    public var text: String {
        let rest = "\(self.weight)% maxconn:\(self.connectionsMax)"
        return switch self.answer {
        case .ready: "up ready \(rest)\n"
        case .draining: "up drain \(rest)\n"
        case .notReady: "down ready \(rest) #not ready\n"
        }
    }
}
