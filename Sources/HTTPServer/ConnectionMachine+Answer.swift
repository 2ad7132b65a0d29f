import Vocabulary

/// What follows an answer: the next request, or the end of the connection.
extension ConnectionMachine {
    /// Whether the connection can be kept after the answer to the request that is being served: the client wants it,
    /// has not ended its side with nothing more to ask, and what is left of the body can be thrown away.
    var canPersist: Bool {
        guard case .serving(let serving) = self.phase, serving.keepsAlive else { return false }
        if self.endedAt != nil, self.inboxCount == 0 { return false }
        switch serving.body {
        case .complete, .taken:
            return true
        case .failed:
            return false
        case .unread:
            // A client that waits for 100 Continue may send the body or leave it out now (RFC 9110 section 10.1.1):
            // where its next request begins cannot be known.
            if serving.expectsContinue, self.inboxCount == 0 { return false }
            guard case .length(let length) = serving.framing else { return true }
            return length <= self.limits.drainMax
        case .reading(let decoder, _, _):
            return (decoder.bytesLeft ?? 0) <= self.limits.drainMax
        }
    }

    /// The answer is written; `persists` is what it told the client, `queued` the bytes that the client has not taken.
    mutating func answerEnded(persists: Bool, queued: Int, at now: Instant) -> Action {
        var unread: BodyDecoder?
        switch self.phase {
        case .serving(let serving):
            switch serving.body {
            case .unread: unread = BodyDecoder(serving.framing, bodyMax: self.limits.drainMax)
            case .reading(let decoder, _, _): unread = decoder
            case .complete, .taken, .failed: break
            }
        case .refusing:
            precondition(!persists, "no request can follow one that was refused")
        case .closed:
            return .none
        case .idle, .head, .flushing, .discarding, .lingering:
            preconditionFailure("an answer has ended that nobody began")
        }
        self.body = []
        guard persists else { return self.finish(queued: queued, at: now) }
        if queued > self.limits.answerBacklog {
            self.phase = .flushing(persists: true, unread: unread)
            return .none
        }
        return self.proceed(unread: unread, queued: queued, at: now)
    }

    /// The client has taken all that was queued.
    mutating func flushed(at now: Instant) -> Action {
        guard case .flushing(let persists, let unread) = self.phase else { return .none }
        if persists { return self.proceed(unread: unread, queued: 0, at: now) }
        if self.endedAt != nil { return self.closed() }
        self.phase = .lingering(since: now, lastByte: now, bytes: 0)
        return .none
    }

    /// No request follows: our side ends, and what the client still sends is thrown away until it ends its own.
    mutating func finish(queued: Int, at now: Instant) -> Action {
        self.emptyInbox()
        if queued > 0 {
            self.phase = .flushing(persists: false, unread: nil)
            return .shutdownWrite
        }
        if self.endedAt != nil { return self.closed() }
        self.phase = .lingering(since: now, lastByte: now, bytes: 0)
        return .shutdownWrite
    }

    /// On to the next request, past what is left of this one's body.
    private mutating func proceed(unread: BodyDecoder?, queued: Int, at now: Instant) -> Action {
        let action = self.fromInbox { machine, bytes in
            guard let unread else { return machine.next(bytes, at: now) }
            return machine.discard(bytes, decoder: unread, count: 0, since: now, queued: queued, at: now)
        }
        return self.endedAt == nil ? action : self.afterEnd(action, queued: queued, at: now)
    }

    private mutating func next(_ bytes: Span<UInt8>, at now: Instant) -> Taken {
        self.phase = .idle(since: now)
        return bytes.isEmpty ? (.none, 0) : self.parse(bytes, at: now)
    }

    /// Requests that came whole before the client ended its side are answered, each with the same grace; a half one
    /// is not.
    private mutating func afterEnd(_ action: Action, queued: Int, at now: Instant) -> Action {
        self.endedAt = now
        switch self.phase {
        case .serving, .refusing: return action
        case .idle, .head, .discarding: return self.finish(queued: queued, at: now)
        case .flushing, .lingering, .closed: return action
        }
    }

    /// Throws away what belongs to the body. More than twice `drainMax`, framing included, is not worth a connection.
    mutating func discard(
        _ bytes: Span<UInt8>, decoder: BodyDecoder, count: Int, since: Instant, queued: Int, at now: Instant
    ) -> Taken {
        var decoder = decoder
        guard let taken = try? decoder.consume(bytes, { _ in }), count + taken <= 2 * self.limits.drainMax else {
            return (self.finish(queued: queued, at: now), bytes.count)
        }
        guard decoder.isComplete else {
            self.phase = .discarding(decoder, bytes: count + taken, since: since)
            return (.none, taken)
        }
        let next = self.next(bytes.extracting(taken..<bytes.count), at: now)
        return (next.action, taken + next.count)
    }
}

/// Connections beyond the bound.
extension ConnectionMachine {
    /// No request of this connection is read.
    mutating func turnAway() -> Action {
        self.phase = .refusing
        return .refuse(HTTPFailure(.connectionsExhausted, "all connections are taken"))
    }
}
