import Foundation
import Testing

@testable import LLMService

@Suite struct ExchangeTests {
    static let start = ContinuousClock.now
    static let head = AnswerHead(status: 200, headers: [:])
    static let limits = ExchangeState.Limits(
        firstByte: .seconds(10), silence: .seconds(5), whole: .seconds(100), bytesMax: 8)

    /// A state that events come to, at so many seconds from its start.
    final class Play {
        var state = ExchangeState(ExchangeTests.limits, startedAt: ExchangeTests.start)

        static func answering() -> Play {
            let play = Play()
            play.head(at: 0)
            return play
        }

        func head(at seconds: Int) {
            self.state.headCame(ExchangeTests.head, at: ExchangeTests.start + .seconds(seconds))
        }

        func bytes(_ text: String, at seconds: Int = 0) -> Bool {
            self.state.bytesCame(Data(text.utf8), at: ExchangeTests.start + .seconds(seconds))
        }

        func passes(to seconds: Int) -> Bool { self.state.timePassed(to: ExchangeTests.start + .seconds(seconds)) }

        func take() throws(LLMError) -> Data? { try self.state.take() }

        /// What the answer ended with, after all that has come of it.
        func end() -> LLMError.Kind? {
            do throws(LLMError) {
                while let data = try self.take(), !data.isEmpty {}
                return nil
            } catch { return error.kind }
        }

        /// Seconds from the start.
        var deadline: Duration? { self.state.deadline.map { ExchangeTests.start.duration(to: $0) } }
    }

    @Test func `what has come is taken once, and then the end`() throws {
        let play = Play.answering()
        #expect(!play.state.hasNews)
        #expect(play.bytes("ab"))
        #expect(play.bytes("cd"))
        #expect(play.state.hasNews)
        #expect(try play.take() == Data("abcd".utf8))
        #expect(try play.take() == Data())
        play.state.ended(nil)
        #expect(try play.take() == nil)
        #expect(play.deadline == nil)
    }

    @Test func `bytes that came before a connection broke are told before the break`() throws {
        let play = Play.answering()
        _ = play.bytes("ab")
        play.state.ended(LLMError(.transport, "broken"))
        #expect(try play.state.head?.get() == Self.head)
        #expect(try play.take() == Data("ab".utf8))
        #expect(play.end() == .transport)
    }

    @Test func `an answer that is too long fails, and nothing of it is kept`() {
        let play = Play.answering()
        #expect(play.bytes("12345678"))
        #expect(!play.bytes("9"))
        #expect(play.end() == .malformedAnswer)
        #expect(play.bytes("9"))
        #expect(play.end() == .malformedAnswer)
    }

    @Test func `an answer must begin in time`() {
        let play = Play()
        #expect(play.deadline == .seconds(10))
        #expect(!play.passes(to: 9))
        #expect(play.passes(to: 10))
        #expect(play.end() == .timeout)
        play.head(at: 11)
        #expect(play.end() == .timeout, "what comes late changes nothing")
    }

    @Test func `each byte gives the server more time, up to the bound on the whole`() {
        let play = Play.answering()
        #expect(play.deadline == .seconds(5))
        _ = play.bytes("a", at: 4)
        #expect(play.deadline == .seconds(9))
        #expect(!play.passes(to: 8))
        _ = play.bytes("a", at: 97)
        #expect(play.deadline == .seconds(100))
        #expect(play.passes(to: 100))
        #expect(play.end() == .timeout)
    }

    @Test func `the first end counts`() {
        let play = Play.answering()
        play.state.fail(LLMError(.cancelled, "left"))
        play.state.ended(LLMError(.transport, "aborted"))
        #expect(play.end() == .cancelled)
        let other = Play()
        other.state.ended(nil)
        other.state.fail(LLMError(.cancelled, "left"))
        #expect(other.end() == .transport)
    }

    @Test func `a server has a moment to end an answer that is complete`() {
        let play = Play.answering()
        play.state.settle(at: Self.start + .seconds(3))
        #expect(!play.state.isUnderWay)
        #expect(play.deadline == .seconds(5))
        #expect(!play.passes(to: 4))
        #expect(play.passes(to: 5))
        #expect(play.deadline == nil)
        #expect(play.end() == nil, "the answer stays complete")
    }
}

@Suite struct AnswerHeadTests {
    @Test func `headers are found whatever their case`() {
        let head = AnswerHead(
            status: 200,
            headers: [
                "X-Gatehouse-Request-Id": "01", "x-gatehouse-route": "local:gpu1", "X-GATEHOUSE-REASON": "allow_local",
                "x-gatehouse-dropped": "seed, logit_bias", "request-id": "other",
            ])
        #expect(
            head.origin
                == ReplyOrigin(
                    requestID: "01", route: "local:gpu1", reason: "allow_local", dropped: ["seed", "logit_bias"]))
        #expect(AnswerHead(status: 200, headers: ["Request-Id": "r"]).origin == ReplyOrigin(requestID: "r"))
    }

    @Test(arguments: [
        ("3", 3.0), ("0.5", 0.5), ("Tue, 24 Nov 2026 17:00:30 GMT", 30), ("Tue, 24 Nov 2026 16:00:00 GMT", 0),
        ("-1", nil), ("soon", nil), ("1e9", nil), ("", nil),
    ])
    func `a wish to be left alone is seconds or a date`(text: String, seconds: Double?) {
        let now = Date(timeIntervalSince1970: 1_795_539_600)  // 2026-11-24 17:00:00 UTC
        let head = AnswerHead(status: 429, headers: ["Retry-After": text])
        #expect(head.retryAfter(now: now) == seconds.map { .seconds($0) })
    }

    @Test(arguments: [
        (401, LLMError.Kind.unauthorized), (403, .forbidden), (404, .notFound), (400, .invalidRequest),
        (413, .invalidRequest), (422, .invalidRequest), (408, .timeout), (504, .timeout), (429, .rateLimited),
        (500, .unavailable), (502, .unavailable), (503, .unavailable), (529, .unavailable), (302, .malformedAnswer),
    ])
    func `a status is a kind`(status: Int, kind: LLMError.Kind) {
        let error = LLMError(answer: AnswerHead(status: status, headers: [:]), body: Data(), now: .now)
        #expect(error.kind == kind)
        #expect(error.status == status)
        #expect(!error.message.isEmpty)
    }

    @Test(
        arguments: [
            (
                #"{"error":{"message":"no such model","type":"not_found_error","code":"model_unknown"}}"#,
                "no such model",
                "model_unknown"
            ),
            (#"{"error":{"message":"no","type":"api_error","param":null,"code":null}}"#, "no", "api_error"),
            (#"{"error":{"message":"no","code":404}}"#, "no", nil),
            (
                #"{"type":"error","error":{"type":"overloaded_error","message":"busy"},"request_id":"r"}"#, "busy",
                "overloaded_error"
            ),
            (#"{"error":"model 'x' not found"}"#, "model 'x' not found", nil),
            (#"{"message":"gone"}"#, "gone", nil), (#"{"detail":"Not Found"}"#, "Not Found", nil),
            ("404 page not found\n", "404 page not found", nil), ("", "the server answered with status 404", nil),
            (#"{"error":[1]}"#, #"{"error":[1]}"#, nil),
        ] as [(String, String, String?)])
    func `an error's words are found in every shape`(body: String, message: String, code: String?) {
        let error = LLMError(answer: AnswerHead(status: 404, headers: [:]), body: Data(body.utf8), now: .now)
        #expect(error.message == message)
        #expect(error.code == code)
    }

    @Test func `Gatehouse's reason is the code, and its text is bounded`() {
        let head = AnswerHead(
            status: 403,
            headers: ["x-gatehouse-reason": "deny_rule", "x-gatehouse-request-id": "01", "retry-after": "2"])
        let body = Data(("{\"error\":{\"message\":\"" + String(repeating: "x", count: 5000) + "\"}}").utf8)
        let error = LLMError(answer: head, body: body, now: .now)
        #expect(error.code == "deny_rule")
        #expect(error.requestID == "01")
        #expect(error.retryAfter == .seconds(2))
        #expect(error.message.count == 2048)
    }
}

@Suite struct EnvironmentProxiesTests {
    static func variable(_ environment: [String: String], _ url: String) -> String? {
        EnvironmentProxies(environment).variable(for: URL(string: url)!)
    }

    @Test func `each scheme has its variables`() {
        let proxy = "http://proxy:3128"
        #expect(Self.variable(["http_proxy": proxy], "http://node:11430/v1") == "http_proxy")
        #expect(Self.variable(["HTTP_PROXY": proxy], "http://node/") == nil, "a CGI script gets that from a client")
        #expect(Self.variable(["https_proxy": proxy], "http://node/") == nil)
        #expect(Self.variable(["HTTPS_PROXY": proxy], "https://node/") == "HTTPS_PROXY")
        #expect(Self.variable(["http_proxy": proxy], "https://node/") == nil)
        #expect(Self.variable(["ALL_PROXY": proxy], "http://node/") == "ALL_PROXY")
        #expect(Self.variable(["all_proxy": proxy], "https://node/") == "all_proxy")
        #expect(Self.variable(["http_proxy": ""], "http://node/") == nil)
        #expect(Self.variable([:], "http://node/") == nil)
    }

    @Test(arguments: [
        ("*", true), ("node.example.org", true), ("example.org", true), (".example.org", true),
        ("other, EXAMPLE.ORG", true), ("ample.org", false), ("node", false), ("", false), ("10.0.0.0/8", false),
    ])
    func `a host may be left out`(list: String, isLeftOut: Bool) {
        for name in ["no_proxy", "NO_PROXY"] {
            let found = Self.variable(["http_proxy": "p", name: list], "http://Node.example.org/")
            #expect((found == nil) == isLeftOut, "\(name)=\(list)")
        }
    }
}
