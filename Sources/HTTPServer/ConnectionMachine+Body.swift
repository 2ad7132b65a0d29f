import Vocabulary

/// Reading the body of the request that is being served.
extension ConnectionMachine {
    enum BodyStep: Hashable, Sendable {
        /// Call `takeBody` now.
        case ready
        /// `bodyReady` will say when. If `sendContinue`, the client waits for `100 Continue` first.
        case wait(sendContinue: Bool)
    }

    /// The length of the body as its head tells it; `nil` if it is chunked.
    var announcedBodyCount: Int? {
        guard case .serving(let serving) = self.phase else { return 0 }
        switch serving.framing {
        case .none: return 0
        case .length(let length): return length
        case .chunked: return nil
        }
    }

    /// The handler wants the body, of at most `max` bytes.
    mutating func bodyWanted(max: Int, at now: Instant) -> BodyStep {
        guard case .serving(var serving) = self.phase else { return .ready }
        switch serving.body {
        case .complete, .failed: return .ready
        case .taken, .reading: preconditionFailure("the body of a request is read once")
        case .unread: break
        }
        let bound = Swift.min(max, self.limits.bodyMax)
        if case .length(let length) = serving.framing, length > bound {
            self.fail(&serving, HTTPFailure(.bodyTooLarge, "the body is longer than \(bound) bytes"))
            return .ready
        }
        let hadBytes = self.inboxCount > 0
        serving.body = .reading(BodyDecoder(serving.framing, bodyMax: bound), since: now, lastByte: now)
        let action = self.fromInbox { machine, bytes in machine.decode(bytes, serving: &serving) }
        if action == .none, self.endedAt != nil {
            self.fail(&serving, HTTPFailure(.clientLeft, "the request ends inside its body"))
        }
        self.phase = .serving(serving)
        if case .reading = serving.body {
            // RFC 9110 section 10.1.1: no 100 is needed once some of the body has come.
            return .wait(sendContinue: serving.expectsContinue && !hadBytes)
        }
        return .ready
    }

    /// The whole body, or why there is none. Once, after `BodyStep.ready` or `Action.bodyReady`.
    mutating func takeBody() -> Result<[UInt8], HTTPFailure> {
        guard case .serving(var serving) = self.phase else {
            return .failure(HTTPFailure(.clientLeft, "the client has left"))
        }
        switch serving.body {
        case .failed:
            return .failure(self.bodyFailure)
        case .complete:
            serving.body = .taken
            self.phase = .serving(serving)
            let body = self.body
            self.body = []
            return .success(body)
        case .unread, .reading, .taken:
            preconditionFailure("a body is taken once, when it is ready")
        }
    }

    /// Reading ends for a reason outside this connection. The action tells whether the handler waits for it.
    mutating func failBody(_ failure: HTTPFailure) -> Action {
        guard case .serving(var serving) = self.phase else { return .none }
        let waits = if case .reading = serving.body { true } else { false }
        self.fail(&serving, failure)
        return waits ? .bodyReady : .none
    }

    /// Feeds the body with `bytes`.
    mutating func decode(_ bytes: Span<UInt8>, serving: inout Serving) -> Taken {
        guard case .reading(var decoder, let since, let lastByte) = serving.body else { return (.none, 0) }
        do throws(HTTPFailure) {
            let taken = try decoder.consume(bytes) { data in
                data.withUnsafeBufferPointer { self.body.append(contentsOf: $0) }
            }
            guard decoder.isComplete else {
                serving.body = .reading(decoder, since: since, lastByte: lastByte)
                return (.none, taken)
            }
            serving.body = .complete
            return (.bodyReady, taken)
        } catch {
            self.fail(&serving, error)
            return (.bodyReady, bytes.count)
        }
    }

    /// The body cannot be read to its end.
    mutating func fail(_ serving: inout Serving, _ failure: HTTPFailure) {
        self.body = []
        self.bodyFailure = failure
        serving.body = .failed
        self.phase = .serving(serving)
    }
}
