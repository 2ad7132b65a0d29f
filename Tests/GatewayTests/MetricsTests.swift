import Dialects
import Routing
import Testing
import Vocabulary

@testable import Gateway

/// What is counted of requests, and that it stays bounded.
@Suite struct MetricsTests {
    static let usage: AnswerUsage = {
        var usage = AnswerUsage()
        usage.promptTokens = 11
        usage.outputTokens = 21
        return usage
    }()

    /// Served by this model.
    static func ending(model: Int) throws -> RequestMachine.Ending {
        var course = Course()
        course.seated(Seat(request: Course.id, backend: "gpu1", model: ModelName("m\(model):latest")), at: 250)
        course.head(at: 700)
        course.bytes(at: 750)
        course.completed(at: 2000)
        return try #require(course.ending)
    }

    @Test func `a served request is counted once, with its times and tokens`() throws {
        var metrics = Metrics()
        let ending = try #require(Course.served().ending)
        metrics.count(.ollamaChat, ending, usage: Self.usage, arrivedAt: Course.arrival)
        #expect(metrics.requests == [.init(endpoint: .ollamaChat, reason: .allowLocal, status: 200): 1])
        let figures = try #require(metrics.models[.init(model: "llama3.2:3b", backend: "gpu1")])
        #expect(figures.duration.sum == 2)
        #expect(figures.queued.sum == 0.25)
        #expect(figures.firstToken.sum == 0.75)
        #expect(figures.perToken.sum == 1.25 / 20)
        #expect(figures.promptTokens.sum == 11)
        #expect(figures.outputTokens.sum == 21)
        #expect(metrics.attemptsFailed.isEmpty)
    }

    @Test func `what a backend did not tell is not counted as nothing`() throws {
        var metrics = Metrics()
        metrics.count(.openAIChat, try Self.ending(model: 1), usage: AnswerUsage(), arrivedAt: Course.arrival)
        let figures = try #require(metrics.models.values.first)
        #expect(figures.promptTokens.count == 0)
        #expect(figures.outputTokens.count == 0)
        #expect(figures.perToken.count == 0)
        #expect(figures.firstToken.count == 1)
    }

    @Test func `one token has no time between tokens`() throws {
        var metrics = Metrics()
        var usage = AnswerUsage()
        usage.outputTokens = 1
        metrics.count(.openAIChat, try Self.ending(model: 1), usage: usage, arrivedAt: Course.arrival)
        #expect(metrics.models.values.first?.perToken.count == 0)
        #expect(metrics.models.values.first?.outputTokens.count == 1)
    }

    @Test func `a failed attempt counts for its backend, the answer for the other`() throws {
        var metrics = Metrics()
        let ending = try #require(Course.servedBySecond().ending)
        metrics.count(.ollamaChat, ending, usage: Self.usage, arrivedAt: Course.arrival)
        #expect(metrics.attemptsFailed == ["gpu1": [.upstreamConnectFailed: 1]])
        #expect(metrics.models.keys.map(\.backend) == ["gpu2"])
    }

    @Test func `a request that was refused opens no model`() throws {
        var metrics = Metrics()
        var course = Course()
        course.waitedInVain()
        metrics.count(.ollamaChat, try #require(course.ending), usage: AnswerUsage(), arrivedAt: Course.arrival)
        let unserved = RequestMachine.Ending(withoutAttempt: .pathUnknown, status: 404, begun: .zero, ended: .zero)
        for _ in 0..<2 { metrics.count(nil, unserved, usage: AnswerUsage(), arrivedAt: .zero) }
        #expect(metrics.models.isEmpty)
        #expect(
            metrics.requests == [
                .init(endpoint: .ollamaChat, reason: .queueTimeout, status: 429): 1,
                .init(endpoint: nil, reason: .pathUnknown, status: 404): 2,
            ])
    }

    @Test func `models beyond the bound open no label, and known ones still count`() throws {
        var metrics = Metrics()
        for number in 0..<Metrics.modelsMax + 50 {
            metrics.count(.openAIChat, try Self.ending(model: number), usage: Self.usage, arrivedAt: Course.arrival)
        }
        #expect(Metrics.modelsMax == 500)
        #expect(metrics.models.count == Metrics.modelsMax)
        metrics.count(.openAIChat, try Self.ending(model: 3), usage: Self.usage, arrivedAt: Course.arrival)
        #expect(metrics.models[.init(model: "m3:latest", backend: "gpu1")]?.duration.count == 2)
        #expect(metrics.models[.init(model: "m549:latest", backend: "gpu1")] == nil)
        #expect(metrics.requests == [.init(endpoint: .openAIChat, reason: .allowLocal, status: 200): 551])
    }
}
