import Dialects
import EventLoop
import Residency
import Routing
import Vocabulary

/// What the node knows of requests that may leave: how sensitive each is and its conversation was, and how much has left
/// today. It asks the policy, and decides nothing itself.
@LoopActor
final class Departures {
    private let timers: any Timers
    private(set) var policy: Policy
    private var ledger: DayLedger
    private var conversations = ConversationBook()

    /// `earlier` is what the audit chain has of today: limits of a day survive a restart.
    init(_ policy: Policy, earlier: [DayLedger.Departure], timers: any Timers) {
        self.policy = policy
        self.timers = timers
        self.ledger = DayLedger(clock: policy.clock, departures: earlier, at: timers.wallNow)
    }

    /// Takes on another policy. What has left today stays.
    func apply(_ policy: Policy) {
        self.policy = policy
        self.ledger.clock = policy.clock
    }

    /// How sensitive a request is, its conversation counted in. Where nothing can leave only that is kept which somebody
    /// said: it counts also for a rule that comes later, but that nobody has said anything yet is no word on anybody.
    func classify(_ order: RequestOrder) -> Classification {
        let caller = order.caller
        let own = self.policy.classify(caller, raisedTo: order.raised)
        guard self.policy.allowsAnything || own.sources != ["default"] else { return own }
        // What has neither a name nor an opening, as a request for vectors, is a turn of no conversation: else all of these
        // would be one.
        let name = order.conversation.flatMap { $0.isEmpty ? nil : $0[...] } ?? order.body.opening
        if name.isEmpty { return own }
        let highest = self.conversations.note(ConversationID(name, of: caller), own.sensitivity, at: self.timers.now)
        return highest > own.sensitivity
            ? self.policy.classify(caller, raisedTo: order.raised, conversation: highest) : own
    }

    /// What the policy says of sending `bytes` of a request there.
    func judge(_ question: PolicyQuestion) -> Verdict {
        self.policy.judge(question, today: self.ledger, at: self.timers.now, wall: self.timers.wallNow)
    }

    /// Counts a request that is about to leave against its day.
    func reserve(_ verdict: Verdict, bytes: Int) {
        guard let rule = verdict.rule else { return }
        self.ledger.reserve(rule: rule, bytes: bytes, wall: self.timers.wallNow)
    }
}
