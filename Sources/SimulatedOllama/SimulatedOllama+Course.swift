import EventLoop
import HTTPServer
import Vocabulary

/// All that is fixed of an answer before its first token.
struct Course {
    let job: Job
    let template: SimulatedModel.Template
    let isRemote: Bool
    let generation: Generation
    let promptTokens: Int
    let load: Duration

    /// Times are at least what a real one would show: zero values would be left out of the answer.
    func metrics(outputTokens: Int, total: Duration, timeToFirstToken: Duration, perToken: Duration) -> Record.Metrics {
        .init(
            total: Int(max(.microseconds(1), total).nanoseconds),
            load: Int(max(.microseconds(1), self.load).nanoseconds),
            promptTokens: self.promptTokens,
            promptEvaluation: Int(max(.microseconds(1), timeToFirstToken).nanoseconds), outputTokens: outputTokens,
            evaluation: Int(max(.microseconds(1), perToken * outputTokens).nanoseconds))
    }
}

extension SimulatedOllama {
    /// The time of one token; zero is as fast as possible.
    var timePerToken: Duration {
        self.options.tokensPerSecond > 0 ? .nanoseconds(Int64(1e9 / self.options.tokensPerSecond)) : .zero
    }

    func run(_ course: Course, _ encoder: any RecordEncoder, _ answering: Answering) async throws {
        self.recorder.counters.answering += 1
        defer { self.recorder.counters.answering -= 1 }
        if course.job.isStreamed {
            try await self.stream(course, encoder, answering)
        } else {
            try await self.whole(course, encoder, answering)
        }
    }

    // MARK: Whole answers

    private func whole(_ course: Course, _ encoder: any RecordEncoder, _ answering: Answering) async throws {
        var encoder = encoder
        var generation = course.generation
        var record = Record(createdAt: Timestamp(self.timers.wallNow))
        let reason = try await Self.generate(&generation, into: &record, course, answering)
        let time = self.options.timeToFirstToken + self.timePerToken * generation.outputTokens
        try await self.pause(time, answering.exchange)
        self.recorder.counters.tokens += generation.outputTokens
        record.createdAt = Timestamp(self.timers.wallNow, self.timers.now)
        if let reason {
            record.finish = .init(
                reason: reason,
                metrics: course.metrics(
                    outputTokens: generation.outputTokens, total: self.timers.now - answering.exchange.receivedAt,
                    timeToFirstToken: self.options.timeToFirstToken, perToken: self.timePerToken))
        }
        var body = encoder.whole(record)
        // What comes from elsewhere is passed on as it comes: in pieces, its line end included.
        if course.isRemote, answering.call.grammar == .native { body.put("\n") }
        answering.send(
            200, answering.call.grammar == .native ? .gin : .json, body, chunked: course.isRemote)
    }

    /// Makes the whole text; `nil` if the answer ends without its last record.
    private static func generate(
        _ generation: inout Generation, into record: inout Record, _ course: Course, _ answering: Answering
    ) async throws -> Record.Reason? {
        let faults = answering.faults
        record.content.reserveCapacity(1024)
        if course.job.logprobs == nil, !faults.countsTokens { generation.takeRest(into: &record.content) }
        var count = 0
        while true {
            if count == faults.stallAfter {
                await Self.untilClientGone(answering.exchange)
                throw Gone()
            }
            if count == faults.runnerDiesAfter { throw Failure.runnerDied }
            if count == faults.truncateAfter { return nil }
            switch generation.next() {
            case .token(.content):
                record.content += generation.text
                if let logprobs = course.job.logprobs {
                    record.logprobs.append(.init(token: generation.text, top: logprobs.top))
                }
                count += 1
            case .token(.thinking):
                record.thinking += generation.text
                count += 1
            case .toolCalls: record.toolCalls = generation.toolCalls
            case .finished(let reason): return reason
            case .endedSilently: return nil
            }
        }
    }

    // MARK: Streams

    private func stream(_ course: Course, _ encoder: any RecordEncoder, _ answering: Answering) async throws {
        let isSilent = answering.faults.stallAfter == 0
        if isSilent {
            await Self.untilClientGone(answering.exchange)
            throw Gone()
        }
        if answering.faults.runnerDiesAfter == 0 { throw Failure.runnerDied }
        try await self.pause(self.options.timeToFirstToken, answering.exchange)
        let pump = TokenPump(
            course, encoder, answering, timers: self.timers, perToken: self.timePerToken,
            timeToFirstToken: self.options.timeToFirstToken)
        let outcome = await pump.run()
        self.recorder.counters.tokens += pump.tokensSent
        if outcome == .clientGone { throw Gone() }
    }
}

extension Generation {
    /// An answer of no words, as after a hosted search that failed.
    static let silence = Generation(
        thinking: nil, toolCalls: [], content: .literal([]), stops: [], limit: .max)
}
