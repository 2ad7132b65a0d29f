import Accounting
import Dialects
import EventLoop
import Foundation
import Routing
import Testing
import Vocabulary

@testable import Gateway

/// What the node remembers of a request, and tells the operator, the usage database and the log.
@Suite struct RequestRecordTests {
    static let wall = WallTime(rfc3339: "2026-11-24T06:55:17.042Z")!

    @LoopActor static func record(_ ending: RequestMachine.Ending? = nil) -> RequestRecord {
        let record = RequestRecord(
            id: Course.id, endpoint: .ollamaChat, arrivedAt: Course.arrival, startedAt: Self.wall)
        // As a run leaves it: the seat is given back when the end is known.
        if let backend = ending?.backend, let model = ending?.model {
            record.seat = Seat(request: Course.id, backend: backend, model: model)
        }
        record.ending = ending
        record.seat = nil
        return record
    }

    @LoopActor static func keyed(_ ending: RequestMachine.Ending?) -> RequestRecord {
        let record = Self.record(ending)
        record.key = Key(
            id: "abcd2345", name: "app", environment: "live", project: "default", createdAt: Self.wall, secrets: [])
        record.project = "web"
        record.feature = "search"
        record.principal = "u-7"
        record.alias = "gpt-4*"
        record.isStreamed = true
        record.attemptsBegun = ending?.attempts ?? 0
        record.bytesOut = 512
        record.dropped = ["keep_alive", "num_ctx"]
        record.usage.promptTokens = 11
        record.usage.outputTokens = 21
        record.usage.loadDuration = .milliseconds(300)
        record.usage.promptDuration = .milliseconds(120)
        record.usage.outputDuration = .microseconds(900_500)
        return record
    }

    // MARK: Reports

    @Test func `a request that waits has neither backend nor end`() async throws {
        try await onLoop {
            let report = Self.record().report(at: Course.arrival + .milliseconds(40))
            #expect(report.state == "waiting")
            #expect(report.id == "0190e3a0-0000-7000-8000-00000000000a")
            #expect(report.startedAt == "2026-11-24T06:55:17.042Z")
            #expect(report.endpoint == "/api/chat")
            #expect(report.route == "none")
            #expect(
                [report.key, report.project, report.feature, report.model, report.backend, report.reason] == [
                    nil, nil, nil, nil, nil, nil,
                ])
            #expect(report.status == nil)
            #expect(report.attempts.isEmpty)
            #expect(report.phases.queue == nil)
            #expect(report.phases.total == 40)
        }
    }

    @Test func `a request that runs tells where`() async throws {
        try await onLoop {
            let record = Self.keyed(nil)
            record.seat = Course.seat
            let report = record.report(at: Course.arrival + .microseconds(1_500_250))
            #expect(report.state == "running")
            #expect(report.route == "local:gpu1")
            #expect(report.backend == "gpu1")
            #expect(report.model == "llama3.2:3b")
            #expect(report.attempts.map(\.outcome) == ["running"])
            #expect(report.key == "app")
            #expect(report.phases.total == 1500.25)
            #expect(record.usageRow(at: Course.arrival) == nil)
        }
    }

    @Test func `a request that was served tells where its time went`() async throws {
        try await onLoop {
            let report = Self.keyed(Course.served().ending).report(at: Course.arrival + .seconds(60))
            #expect(report.state == "ended")
            #expect(report.reason == "allow_local")
            #expect(report.status == 200)
            #expect(report.route == "local:gpu1")
            #expect(report.streamed)
            #expect(report.dropped == ["keep_alive", "num_ctx"])
            #expect(report.tokens.prompt == 11)
            #expect(report.tokens.output == 21)
            #expect(report.attempts.map { "\($0.backend) \($0.model) \($0.outcome)" } == ["gpu1 llama3.2:3b completed"])
            let phases = report.phases
            #expect(
                [phases.queue, phases.load, phases.prompt, phases.firstToken, phases.tokens, phases.total]
                    == [250, 300, 120, 750, 900.5, 2000])
        }
    }

    @Test func `what a dialect does not tell stays unknown`() async throws {
        try await onLoop {
            let report = Self.record(Course.served().ending).report(at: Course.arrival)
            #expect(report.tokens.prompt == nil)
            #expect(report.tokens.output == nil)
            #expect([report.phases.load, report.phases.prompt, report.phases.tokens] == [nil, nil, nil])
        }
    }

    @Test func `each attempt tells how it ended`() async throws {
        try await onLoop {
            let report = Self.record(Course.servedBySecond().ending).report(at: Course.arrival)
            #expect(
                report.attempts.map { "\($0.backend) \($0.outcome)" } == [
                    "gpu1 upstream_connect_failed", "gpu2 completed",
                ])
            #expect(report.route == "local:gpu2")
        }
    }

    @Test func `a request that was refused after waiting has no attempt`() async throws {
        try await onLoop {
            var course = Course()
            course.waitedInVain()
            let report = Self.record(course.ending).report(at: Course.arrival)
            #expect(report.state == "ended")
            #expect(report.reason == "queue_timeout")
            #expect(report.status == 429)
            #expect(report.route == "none")
            #expect(report.attempts.isEmpty)
            #expect(report.phases.queue == 300_000)
            #expect(report.phases.firstToken == nil)
        }
    }

    @Test func `a backend's own refusal is told as its answer`() async throws {
        try await onLoop {
            var course = Course()
            course.seated(at: 0)
            course.head(400, at: 5)
            course.bytes([], at: 6)
            course.completed([], at: 7)
            let record = Self.record(course.ending)
            #expect(record.route == "local:gpu1")
            let report = record.report(at: Course.arrival)
            #expect(report.reason == "upstream_refused")
            #expect(report.status == 400)
        }
    }

    @Test func `a client that left took no answer`() async throws {
        try await onLoop {
            var course = Course()
            course.seated(at: 0)
            course.head(at: 5)
            course.bytes(at: 6)
            course.clientLeft(at: 7)
            let report = Self.record(course.ending).report(at: Course.arrival)
            #expect(report.reason == "client_left")
            #expect(report.status == 200, "the head had been sent")
            #expect(report.route == "none")
            #expect(report.backend == "gpu1")
        }
    }

    // MARK: Usage

    @Test func `the usage row of a served request is complete`() async throws {
        try await onLoop {
            let row = Self.keyed(Course.served().ending).usageRow(at: Course.arrival + .seconds(2))
            #expect(
                row
                    == UsageRow(
                        time: Self.wall, requestID: Course.id, key: "abcd2345", project: "web", feature: "search",
                        principal: "u-7", model: "llama3.2:3b", modelAsked: "gpt-4*", backend: "gpu1", route: "local",
                        endpoint: "/api/chat", promptTokens: Tokens(11), outputTokens: Tokens(21),
                        queued: .milliseconds(250), loading: .milliseconds(300), firstToken: .milliseconds(750),
                        total: .seconds(2), status: 200, reason: .allowLocal, attempts: 1, isStreamed: true))
        }
    }

    @Test func `a refused request has a row too`() async throws {
        try await onLoop {
            var course = Course()
            course.waitedInVain()
            let row = try #require(Self.record(course.ending).usageRow(at: Course.arrival + .milliseconds(10)))
            #expect(row.route == "none")
            #expect(row.reason == .queueTimeout)
            #expect(row.status == 429)
            #expect(row.model == nil)
            #expect(row.backend == nil)
            #expect(row.key == nil)
            #expect(row.attempts == 0)
            #expect(row.promptTokens == nil)
            #expect(row.firstToken == nil)
            #expect(!row.isStreamed)
        }
    }

    // MARK: The log

    @Test func `the line of a served request`() async throws {
        try await onLoop {
            let line = Self.keyed(Course.served().ending).logLine(at: Course.arrival + .seconds(2), wall: Self.wall)
            #expect(
                String(decoding: line, as: UTF8.self)
                    == #"{"time":"2026-11-24T06:55:17.042Z","level":"info","message":"request","#
                    + #""id":"0190e3a0-0000-7000-8000-00000000000a","endpoint":"/api/chat","status":200,"#
                    + #""reason":"allow_local","route":"local:gpu1","backend":"gpu1","model":"llama3.2:3b","#
                    + #""alias":"gpt-4*","key":"abcd2345","project":"web","feature":"search","principal":"u-7","#
                    + #""streamed":true,"attempts":1,"prompt_tokens":11,"output_tokens":21,"queue_ms":250,"first_token_ms":750,"#
                    + #""total_ms":2000,"bytes_out":512}"#)
        }
    }

    @Test func `a tier is told with what led to it`() async throws {
        try await onLoop {
            let record = Self.record(Course.served().ending)
            record.tier = "simple"
            @LoopActor func line() -> String {
                String(decoding: record.logLine(at: Course.arrival, wall: Self.wall), as: UTF8.self)
            }
            #expect(line().contains(#""model":"llama3.2:3b","tier":"simple","streamed""#))
            #expect(RequestPages.one(record.report(at: Course.arrival)).contains("\ntier           simple\n"))
            record.tierRule = "features"
            #expect(line().contains(#""tier":"simple","tier_rule":"features","streamed""#))
            let report = record.report(at: Course.arrival)
            #expect(report.tier == "simple" && report.tierRule == "features")
            #expect(RequestPages.one(report).contains("\ntier           simple, by auto: features\n"))
        }
    }

    @Test func `the line of a request that came to nothing has fewer members and no others`() async throws {
        try await onLoop {
            var course = Course()
            course.waitedInVain()
            let line = Self.record(course.ending).logLine(at: Course.arrival + .microseconds(10_007), wall: Self.wall)
            #expect(
                String(decoding: line, as: UTF8.self)
                    == #"{"time":"2026-11-24T06:55:17.042Z","level":"info","message":"request","#
                    + #""id":"0190e3a0-0000-7000-8000-00000000000a","endpoint":"/api/chat","status":429,"#
                    + #""reason":"queue_timeout","route":"none","streamed":false,"attempts":0,"queue_ms":300000,"#
                    + #""total_ms":10.007,"bytes_out":0}"#)
        }
    }

    @Test(arguments: Dialects.Endpoint.allCases)
    func `a line is one JSON object in one line, whatever names hold`(endpoint: Dialects.Endpoint) async throws {
        try await onLoop {
            let record = RequestRecord(
                id: Course.id, endpoint: endpoint, arrivedAt: Course.arrival, startedAt: Self.wall)
            record.alias = "q\"u\\o\nt\u{1}e\u{2028}*é"
            record.seat = Seat(request: Course.id, backend: "gpu\"1", model: "m\n:x")
            let line = record.logLine(at: Course.arrival, wall: Self.wall)
            #expect(!line.contains(UInt8(ascii: "\n")))
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            #expect(object["alias"] as? String == record.alias)
            #expect(object["backend"] as? String == "gpu\"1")
            #expect(object["model"] as? String == "m\n:x")
            #expect(object["endpoint"] as? String == endpoint.backendPath)
        }
    }

    @Test(arguments: [(0, "0"), (1, "0.001"), (10, "0.01"), (100, "0.1"), (999, "0.999"), (1000, "1"), (1050, "1.05")])
    func `times are milliseconds to the microsecond`(microseconds: Int, text: String) async throws {
        try await onLoop {
            let line = Self.record().logLine(at: Course.arrival + .microseconds(microseconds), wall: Self.wall)
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            #expect((object["total_ms"] as? NSNumber)?.doubleValue == Double(text))
        }
    }
}
