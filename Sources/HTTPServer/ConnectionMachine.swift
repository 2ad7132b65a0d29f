import Vocabulary

/// Decides what happens on one client connection: where requests begin and end, when reading pauses, when the
/// connection is kept, and when silence ends it. Knows no socket, no clock, no handler.
///
/// One request at a time: what a client sends beyond it waits unparsed, so that a request which closes the connection
/// is never followed by an answer to bytes after it.
struct ConnectionMachine: Sendable {
    enum Action: Hashable, Sendable {
        case none
        /// Hand this request to the handler.
        case start(RequestHead)
        /// Answer with this failure, then call `answerEnded`; nothing further is read as a request.
        case refuse(HTTPFailure)
        /// The body that was waited for is complete or has failed: call `takeBody`.
        case bodyReady
        /// The client has left during its request: tell the handler, cut the connection.
        case clientGone
        /// The last answer is written: end our side once it is flushed, go on reading.
        case shutdownWrite
        /// Close; nothing of ours is left to send.
        case close
    }

    enum Phase: Sendable {
        /// Between requests, or before the first. Next: head, serving, flushing, closed.
        case idle(since: Instant)
        /// Inside a head. Next: serving, refusing.
        case head(begun: Instant, lastByte: Instant)
        /// The handler has the request. Next: flushing, discarding, idle, lingering, closed.
        case serving(Serving)
        /// A failure is being answered. Next: flushing, lingering.
        case refusing
        /// Answered; the client has not taken enough of it yet. Next: discarding, idle, serving; or lingering.
        case flushing(persists: Bool, unread: BodyDecoder?)
        /// Answered; the rest of the request's body is thrown away. Next: idle, serving, lingering.
        case discarding(BodyDecoder, bytes: Int, since: Instant)
        /// Answered for the last time; what still comes is thrown away. Next: closed.
        case lingering(since: Instant, lastByte: Instant, bytes: Int)
        case closed
    }

    /// A request with its handler.
    struct Serving: Sendable {
        let framing: BodyFraming
        let keepsAlive: Bool
        let expectsContinue: Bool
        var body: Body
    }

    enum Body: Sendable {
        /// Nobody has asked for it.
        case unread
        /// Asked for; its bytes gather in `ConnectionMachine.body`.
        case reading(BodyDecoder, since: Instant, lastByte: Instant)
        /// All of it is in `ConnectionMachine.body`.
        case complete
        /// The handler has it.
        case taken
        /// It cannot be read to its end; `ConnectionMachine.bodyFailure` says why.
        case failed
    }

    let limits: ConnectionLimits
    var phase: Phase
    private var parser: RequestHeadParser
    /// Bytes that came and are not yet looked at, from `inboxStart` on.
    private var inbox: [UInt8] = []
    private var inboxStart = 0
    /// The body that is being read.
    var body: [UInt8] = []
    /// Why it cannot be. Stands here, and not in the phase, so that a phase holds nothing that is counted by reference.
    var bodyFailure = HTTPFailure(.clientLeft, "the client has left")
    /// When the client ended its side, or when the request after that began.
    var endedAt: Instant?

    init(limits: ConnectionLimits, now: Instant) {
        self.limits = limits
        self.phase = .idle(since: now)
        self.parser = Self.newParser(limits)
    }

    private static func newParser(_ limits: ConnectionLimits) -> RequestHeadParser {
        RequestHeadParser(bytesMax: limits.headBytesMax, linesMax: limits.headerLinesMax)
    }

    var inboxCount: Int { self.inbox.count - self.inboxStart }
    /// What the inbox takes up, bytes included that have been looked at.
    var inboxSize: Int { self.inbox.count }

    /// Since when no request is under way and none has begun; `nil` while one is.
    var idleSince: Instant? {
        if case .idle(let since) = self.phase { since } else { nil }
    }

    /// Whether the connection is to be read now. A stopped read hides the client's end, so it pauses only when
    /// the read-ahead is full.
    var wantsToRead: Bool {
        if self.endedAt != nil { return false }
        switch self.phase {
        case .idle, .head, .refusing, .discarding, .lingering: return true
        case .serving, .flushing(persists: true, _): return self.inboxCount < self.limits.readAhead
        case .flushing(persists: false, _): return true
        case .closed: return false
        }
    }

    /// When `deadlinePassed` is due.
    var deadline: Instant? {
        switch self.phase {
        case .idle(let since):
            return since + self.limits.keepAliveIdle
        case .head(let begun, let lastByte):
            return min(begun + self.limits.headWhole, lastByte + self.limits.headIdle)
        case .serving(let serving):
            if let endedAt { return endedAt + self.limits.halfCloseGrace }
            guard case .reading(_, let since, let lastByte) = serving.body else { return nil }
            return min(since + self.limits.bodyWhole, lastByte + self.limits.bodyIdle)
        case .discarding(_, _, let since):
            return since + self.limits.lingerWhole
        case .lingering(let since, let lastByte, _):
            return min(since + self.limits.lingerWhole, lastByte + self.limits.lingerIdle)
        case .refusing, .flushing, .closed:
            return nil
        }
    }

    // MARK: Events

    /// Bytes from the client; `queued` bytes of answers are still on their way to it.
    mutating func received(_ bytes: Span<UInt8>, queued: Int, at now: Instant) -> Action {
        let (action, taken) = self.take(bytes, queued: queued, at: now)
        self.keep(bytes, from: taken)
        return action
    }

    /// An action, and how many of the bytes need not be looked at again.
    typealias Taken = (action: Action, count: Int)

    private mutating func take(_ bytes: Span<UInt8>, queued: Int, at now: Instant) -> Taken {
        switch self.phase {
        case .idle, .head:
            return self.parse(bytes, at: now)
        case .serving(var serving):
            guard case .reading(let decoder, let since, _) = serving.body else { return (.none, 0) }
            serving.body = .reading(decoder, since: since, lastByte: now)
            let taken = self.decode(bytes, serving: &serving)
            self.phase = .serving(serving)
            return taken
        case .flushing(persists: true, _):
            return (.none, 0)
        case .discarding(let decoder, let count, let since):
            return self.discard(bytes, decoder: decoder, count: count, since: since, queued: queued, at: now)
        case .lingering(let since, _, let count):
            let total = count + bytes.count
            if total > self.limits.lingerBytesMax { return (self.closed(), bytes.count) }
            self.phase = .lingering(since: since, lastByte: now, bytes: total)
            return (.none, bytes.count)
        case .refusing, .flushing(persists: false, _), .closed:
            return (.none, bytes.count)
        }
    }

    /// The client has ended its side; `queued` bytes of answers are still on their way to it.
    mutating func ended(at now: Instant, queued: Int) -> Action {
        self.endedAt = now
        switch self.phase {
        case .idle, .discarding:
            return self.finish(queued: queued, at: now)
        case .head:
            self.phase = .refusing
            return .refuse(HTTPFailure(.badRequest, "the request ends inside its head"))
        case .serving(var serving):
            guard case .reading = serving.body else { return .none }
            self.fail(&serving, HTTPFailure(.clientLeft, "the request ends inside its body"))
            return .bodyReady
        case .lingering:
            return self.closed()
        case .refusing, .flushing, .closed:
            return .none
        }
    }

    /// The time that `deadline` told has come.
    mutating func deadlinePassed(at now: Instant, queued: Int) -> Action {
        guard let deadline, deadline <= now else { return .none }
        switch self.phase {
        case .idle where queued > 0, .discarding where queued > 0:
            return self.finish(queued: queued, at: now)
        case .idle, .discarding, .lingering:
            return self.closed()
        case .head:
            self.phase = .refusing
            return .refuse(HTTPFailure(.requestTimeout, "the head of the request did not come in time"))
        case .serving(var serving):
            if self.endedAt != nil {
                self.phase = .closed
                return .clientGone
            }
            self.fail(&serving, HTTPFailure(.requestTimeout, "the body of the request did not come in time"))
            return .bodyReady
        case .refusing, .flushing, .closed:
            preconditionFailure("a phase without a deadline has passed one")
        }
    }

    /// The connection broke, or was cut by us.
    mutating func lost() -> Action {
        let wasServing = if case .serving = self.phase { true } else { false }
        self.phase = .closed
        return wasServing ? .clientGone : .close
    }

    // MARK: Heads

    /// Looks for the next head in `bytes`.
    mutating func parse(_ bytes: Span<UInt8>, at now: Instant) -> Taken {
        let step = self.parser.consume(bytes)
        switch step.outcome {
        case .incomplete:
            guard self.parser.hasBegun else { return (.none, bytes.count) }
            if case .head(let begun, _) = self.phase {
                self.phase = .head(begun: begun, lastByte: now)
            } else {
                self.phase = .head(begun: now, lastByte: now)
            }
            return (.none, bytes.count)
        case .complete(let head):
            self.phase = .serving(
                Serving(
                    framing: head.framing, keepsAlive: head.keepsAlive, expectsContinue: head.expectsContinue,
                    body: head.framing == .none || head.framing == .length(0) ? .complete : .unread))
            return (.start(head), step.consumed)
        case .refused(let failure):
            self.phase = .refusing
            return (.refuse(failure), bytes.count)
        }
    }

    // MARK: The inbox

    /// Puts bytes aside until their turn.
    private mutating func keep(_ bytes: Span<UInt8>, from start: Int) {
        guard start < bytes.count else { return }
        if self.inboxStart > self.inbox.count / 2 {  // Each byte is moved once at most, on average.
            self.inbox.removeSubrange(..<self.inboxStart)
            self.inboxStart = 0
        }
        bytes.extracting(start..<bytes.count).withUnsafeBufferPointer { self.inbox.append(contentsOf: $0) }
    }

    /// Has `read` look at what was put aside; what it does not take stays, without being moved: a client may send
    /// thousands of small requests at once.
    mutating func fromInbox(_ read: (inout ConnectionMachine, Span<UInt8>) -> Taken) -> Action {
        let inbox = self.inbox
        let start = self.inboxStart
        let (action, taken) = read(&self, inbox.span.extracting(start..<inbox.count))
        self.inboxStart = start + taken
        if self.inboxStart == inbox.count { self.emptyInbox() }
        return action
    }

    mutating func emptyInbox() {
        self.inbox = []
        self.inboxStart = 0
    }

    mutating func closed() -> Action {
        self.phase = .closed
        return .close
    }
}
