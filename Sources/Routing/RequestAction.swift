import Residency
import Vocabulary

extension RequestMachine {
    /// What the shell is to do, in the order given, without deciding anything.
    public enum Action: Equatable, Sendable {
        /// Put the order to the dispatcher and tell the machine the outcome.
        case enterQueue(Dispatcher.Order)
        /// Tell `queueWaitOver` when this time has come and the machine still waits.
        case awaitSeat(until: Instant)
        /// Abandon the order at the dispatcher, and forget its answer if it is on its way: there may be another order.
        case leaveQueue
        /// Ask the policy about this model of this backend outside, and tell `weighed` what it says.
        case weigh(BackendID, ModelName, Trigger)
        /// Make the body for the backend outside, and tell `intentRecorded` once the intent to send it is durable, or
        /// `attemptRefused`. If the seat is released before, record that nothing was sent.
        indirect case recordIntent(Seat, Verdict, number: Int)
        /// Make the backend's body and grant, and send it. `number` counts sends from 1, and intents of which nothing was
        /// sent with them.
        case attempt(Seat, number: Int)
        /// Tell `firstTokenDue` when this time has come and the attempt still runs.
        case awaitFirstToken(until: Instant)
        /// End the transfer; no more events of it are wanted.
        case cancelTransfer
        /// Forget head and bytes held of the answer under way.
        case discardHeld
        /// Give the seat back to the dispatcher and tell Health the outcome.
        case releaseSeat(Seat, SeatOutcome)
        /// The backend answered from outside: no more requests to it until an operator lets it back.
        case quarantine(BackendID)
        /// Send the backend's head and all that was held; from now on bytes are relayed.
        case commit
        /// Answer the client with the backend's own status and held body.
        case passOn(status: Int)
        /// Answer the client with this text, in its dialect; nothing has been sent to it before.
        case reply(String)
        /// Answer the client with an error; nothing has been sent to it before.
        case answer(Failure)
        /// End the client's answer properly: it is complete.
        case finish
        /// End the client's answer with an error event in its dialect, never as if it were complete.
        case breakOff(Failure)
        /// End the client's connection without a word; it takes none.
        case cutClient
        /// Over. Comes exactly once and last. Apart, so that all other actions stay small.
        indirect case end(Ending)
    }

    /// What to do with the bytes just received. `answerContinued` runs for each chunk of each answer, so it returns
    /// this and not a list.
    public enum Relay: Equatable, Sendable {
        /// Keep them; the client gets nothing yet.
        case hold
        /// Send the head, what was held, and these.
        case commit
        /// Send them.
        case relay
        /// Drop them: nobody wants them any more.
        case discard
        /// Drop them, the answer has failed; run these.
        case fail([Action])
    }

    /// Why a client does not get a (whole) answer, for the one place that makes errors into HTTP.
    public struct Failure: Error, Equatable, Sendable {
        /// The code, which decides the status.
        public let reason: Reason
        /// What was tried, what was found, what would help.
        public let message: String
        /// For `Retry-After`.
        public let retryAfter: Duration?
    }

    /// One attempt that came to nothing.
    public struct Tried: Equatable, Sendable {
        /// Where.
        public let backend: BackendID
        /// With which model.
        public let model: ModelName
        /// Why it failed.
        public let reason: Reason
        /// What was found, in words.
        public let finding: String
        /// From when.
        public let began: Instant
        /// To when.
        public let ended: Instant
        /// False if nothing was sent: no grant, no address.
        public let wasSent: Bool
    }

    /// When what happened; of several attempts, the last.
    public struct Timings: Equatable, Sendable {
        /// When the request had been read.
        public internal(set) var begun: Instant
        /// The time spent in queues, before all attempts together.
        public internal(set) var queued = Duration.zero
        /// When the attempt was given to its backend.
        public internal(set) var attemptBegan: Instant?
        /// When its head came. For Ollama this is the first token (`ollama.md` 1.7), so loading lies before it.
        public internal(set) var answerBegan: Instant?
        /// When the first content came.
        public internal(set) var firstContent: Instant?
        /// When the last bytes came.
        public internal(set) var lastBytes: Instant?
        /// When all was over.
        public internal(set) var ended: Instant?
    }

    /// How a request ended: all that log, usage and `requests show` need of routing.
    public struct Ending: Equatable, Sendable {
        /// `allow_local`, `allow_rule`, or why not.
        public let reason: Reason
        /// The status the client got, or would have got; of a broken stream the one it began with.
        public let status: Int
        /// Where the answer came from or the last attempt went; `nil` if none was made.
        public let backend: BackendID?
        /// With which model.
        public let model: ModelName?
        /// The number of sends.
        public let attempts: Int
        /// Attempts that came to nothing, in order.
        public let tried: [Tried]
        /// What the policy said of the place where the answer came from or the last attempt went, else what it refused
        /// first, else what it said last; `nil` if it was not asked.
        public let verdict: Verdict?
        /// Bytes received of the last answer, as the machine was told.
        public let bytes: Int
        /// When what happened.
        public let timings: Timings
    }
}

extension RequestMachine.Ending {
    /// The end of a request that needed no machine: it was refused before its models were known, or answered without a
    /// backend.
    public init(withoutAttempt reason: Reason, status: Int, begun: Instant, ended: Instant) {
        var timings = RequestMachine.Timings(begun: begun)
        timings.ended = ended
        self.init(
            reason: reason, status: status, backend: nil, model: nil, attempts: 0, tried: [], verdict: nil, bytes: 0,
            timings: timings)
    }
}
