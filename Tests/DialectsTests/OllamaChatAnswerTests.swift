import Testing
import Vocabulary

@testable import Dialects

/// Answers of Ollama servers, read.
@Suite struct OllamaDecoderTests {
    private func lines(_ lines: [String]) throws -> [AnswerEvent] {
        try Codec.events(lines: [bytes(lines.map { $0 + "\n" }.joined())], OllamaChatDecoder())
    }

    private static let lines = [
        #"{"model":"m","created_at":"2026-11-23T21:27:30.83880298Z","message":{"role":"assistant","content":"","thinking":" wait"},"done":false}"#,
        #"{"model":"m","created_at":"2026-11-23T21:27:30.99521057Z","message":{"role":"assistant","content":" it \u003c"},"done":false}"#,
        #"{"model":"m","created_at":"2026-11-23T21:27:31.02846868Z","message":{"role":"assistant","content":"","tool_calls":[{"id":"7iSW","function":{"index":0,"name":"get_weather","arguments":{"city":"Oslo"}}}]},"done":false}"#,
        #"{"model":"m","created_at":"2026-11-23T21:27:31.12846868Z","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"go","arguments":{}}}]},"done":true,"done_reason":"stop","total_duration":497584169,"load_duration":263179604,"prompt_eval_count":335,"prompt_eval_duration":39021000,"eval_count":8,"eval_duration":185625000}"#,
    ]

    private static var events: [AnswerEvent] {
        var usage = AnswerUsage()
        usage.promptTokens = 335
        usage.outputTokens = 8
        usage.totalDuration = .nanoseconds(497_584_169)
        usage.loadDuration = .nanoseconds(263_179_604)
        usage.promptDuration = .nanoseconds(39_021_000)
        usage.outputDuration = .nanoseconds(185_625_000)
        return [
            .began(id: nil, model: "m"), .thinking(" wait"), .text(" it <"),
            .toolCallBegan(index: 0, id: "7iSW", name: "get_weather"),
            .toolArguments(index: 0, bytes(#"{"city":"Oslo"}"#)), .toolCallBegan(index: 1, id: "", name: "go"),
            .toolArguments(index: 1, bytes("{}")), .usage(usage), .ended(.toolCalls),
        ]
    }

    @Test func `a stream`() throws {
        #expect(try lines(Self.lines) == Self.events)
    }

    @Test func `wherever a stream is cut, it tells the same`() throws {
        let stream = Self.lines.map { $0 + "\n" }.joined()
        var random = SeededGenerator(seed: 11)
        for _ in 0..<50 {
            let chunks = Codec.chunks(stream, most: 400, &random)
            #expect(try Codec.events(lines: chunks, OllamaChatDecoder()) == Self.events)
        }
        #expect(try Codec.events(lines: bytes(stream).map { [$0] }, OllamaChatDecoder()) == Self.events)
    }

    @Test func `a whole answer`() throws {
        let whole = """
            {"model":"m","created_at":"x","message":{"role":"assistant","content":" it is hot","thinking":" wait"},
            "done":true,"done_reason":"length","logprobs":[{"token":" it","logprob":-1.5,"bytes":[32]}],"eval_count":9}
            """
        var usage = AnswerUsage()
        usage.outputTokens = 9
        #expect(
            try Codec.events(whole: whole, OllamaChatDecoder()) == [
                .began(id: nil, model: "m"), .thinking(" wait"), .text(" it is hot"),
                .logProbabilities(bytes(#"[{"token":" it","logprob":-1.5,"bytes":[32]}]"#)), .usage(usage),
                .ended(.length),
            ])
    }

    @Test func `without its last record an answer does not end`() throws {
        let record = #"{"model":"m","message":{"role":"assistant","content":"a"},"done":false}"#
        #expect(try lines([record]) == [.began(id: nil, model: "m"), .text("a")])
        #expect(try Codec.events(whole: record, OllamaChatDecoder()) == [.began(id: nil, model: "m"), .text("a")])
    }

    @Test func `an error ends everything`() throws {
        let failed = AnswerEvent.failed("an error was encountered while running the model: unexpected EOF")
        let error = #"{"error":"an error was encountered while running the model: unexpected EOF"}"#
        #expect(try lines([error, Self.lines[3]]) == [failed])
        #expect(try Codec.events(whole: error, OllamaChatDecoder()) == [failed])
        #expect(try Codec.events(whole: "[]", OllamaChatDecoder()) == [.failed("the answer is no object")])
    }

    @Test(arguments: [#""remote_host":"https://ollama.com:443""#, #""remote_model":"big""#])
    func `an answer from elsewhere counts as failed`(_ member: String) throws {
        let record = #"{"model":"m",\#(member),"message":{"role":"assistant","content":"a"},"done":true}"#
        #expect(try lines([record]) == [.failed("the answer comes from a remote host")])
        #expect(
            try Codec.events(whole: record, OllamaChatDecoder()) == [.failed("the answer comes from a remote host")])
    }

    @Test func `nothing is told behind the end`() throws {
        let end = #"{"model":"m","message":{"content":""},"done":true,"done_reason":"stop"}"#
        #expect(
            try lines([end, Self.lines[1], end]) == [
                .began(id: nil, model: "m"), .usage(AnswerUsage()), .ended(.stop(text: nil)),
            ])
    }

    @Test(arguments: [
        "1", "null", "", " ", "[{}]", "{}", #"{"message":1,"done":"yes"}"#, #"{"message":{"content":1,"thinking":[]}}"#,
        #"{"message":{"tool_calls":{}}}"#, #"{"message":{"tool_calls":[1,{},{"function":1}]},"logprobs":7}"#,
        #"{"model":7,"message":[],"error":null}"#,
    ])
    func `what makes no sense tells nothing and breaks nothing`(_ record: String) throws {
        let events = try lines([record, record])
        #expect(!events.contains { if case .ended = $0 { true } else { false } })
        #expect(!events.contains { if case .text = $0 { true } else { false } })
    }

    @Test func `arguments as text are taken as they are`() throws {
        let record = #"{"message":{"tool_calls":[{"function":{"name":"f","arguments":"{\"a\":1}"}}]}}"#
        #expect(try lines([record]).last == .toolArguments(index: 0, bytes(#"{"a":1}"#)))
    }

    @Test func `what is no JSON is a problem`() {
        #expect(throws: JSONProblem.self) { try lines([#"{"message":"#]) }
    }
}

/// Answers for Ollama's clients, written.
@Suite struct OllamaEncoderTests {
    private static let head = #"{"model":"gpt","created_at":"2025-11-24T16:00:00.042Z","#

    private static var usage: AnswerUsage {
        var usage = AnswerUsage()
        usage.promptTokens = 7
        usage.outputTokens = 5
        return usage
    }

    private static let events: [AnswerEvent] = [
        .began(id: "x", model: "gpt"), .thinking("hm"), .thinkingSignature("s"), .sealedThinking("d"), .text("a\n"),
        .logProbabilities(bytes(#"[{"token":"a"}]"#)), .refusal("no"), .toolCallBegan(index: 0, id: "c", name: "f"),
        .toolCallBegan(index: 1, id: "", name: "g"), .toolArguments(index: 1, bytes("{\"x\":")),
        .toolArguments(index: 0, bytes("{\"y\"")), .toolArguments(index: 1, bytes("1}")), .usage(usage),
        .ended(.toolCalls),
    ]

    private static let calls =
        #""tool_calls":[{"id":"c","function":{"index":0,"name":"f","arguments":{"arguments":"{\"y\""}}},"#
        + #"{"id":"call_0123_1","function":{"index":1,"name":"g","arguments":{"x":1}}}]"#

    private static let end = #""done":true,"done_reason":"stop","prompt_eval_count":7,"eval_count":5}"#

    @Test func `a stream of a chat`() {
        let wanted = [
            #""message":{"role":"assistant","content":"","thinking":"hm"},"done":false}"#,
            #""message":{"role":"assistant","content":"a\n"},"done":false}"#,
            #""message":{"role":"assistant","content":""},"done":false,"logprobs":[{"token":"a"}]}"#,
            #""message":{"role":"assistant","content":"no"},"done":false}"#,
            #""message":{"role":"assistant","content":"",\#(Self.calls)},"done":false}"#,
            #""message":{"role":"assistant","content":""},\#(Self.end)"#,
        ]
        #expect(
            Codec.stream(Self.events, OllamaChatEncoder(Codec.context))
                == wanted.map { Self.head + $0 + "\n" }.joined())
    }

    @Test func `a whole chat`() {
        #expect(
            text(OllamaChatEncoder(Codec.context).whole(Codec.answer(Self.events)))
                == Self.head + #""message":{"role":"assistant","content":"a\nno","thinking":"hm",\#(Self.calls)},"#
                + #""logprobs":[{"token":"a"}],\#(Self.end)"#)
    }

    @Test func `generate has its words at the top, and no calls`() {
        let wanted = [
            #""response":"","thinking":"hm","done":false}"#, #""response":"a\n","done":false}"#,
            #""response":"","done":false,"logprobs":[{"token":"a"}]}"#, #""response":"no","done":false}"#,
            #""response":"",\#(Self.end)"#,
        ]
        #expect(
            Codec.stream(Self.events, OllamaGenerateEncoder(Codec.context))
                == wanted.map { Self.head + $0 + "\n" }.joined())
        #expect(
            text(OllamaGenerateEncoder(Codec.context).whole(Codec.answer(Self.events)))
                == Self.head + #""response":"a\nno","thinking":"hm","logprobs":[{"token":"a"}],\#(Self.end)"#)
    }

    @Test func `why it ended, and what the server measured`() {
        var usage = AnswerUsage()
        usage.totalDuration = .nanoseconds(9)
        usage.loadDuration = .nanoseconds(8)
        usage.promptDuration = .nanoseconds(7)
        usage.outputDuration = .nanoseconds(6)
        let head =
            #"{"model":"shown","created_at":"2025-11-24T16:00:00.042Z","message":{"role":"assistant","content":""},"#
        for (reason, word) in [
            (StopReason.stop(text: "E"), "stop"), (.length, "length"), (.contentFilter, "content_filter"),
        ] {
            let stream = Codec.stream([.usage(usage), .ended(reason)], OllamaChatEncoder(Codec.context))
            let tail =
                #""done":true,"done_reason":"\#(word)","total_duration":9,"load_duration":8,"#
                + #""prompt_eval_duration":7,"eval_duration":6}"#
            #expect(stream == head + tail + "\n")
        }
    }

    @Test func `a record is one line, whatever a provider wrote`() {
        let events: [AnswerEvent] = [
            .logProbabilities(bytes("[\n]")), .toolCallBegan(index: 0, id: "c", name: "f"),
            .toolArguments(index: 0, bytes("{\r\n\"a\": \"\\n\"\n}")), .ended(.toolCalls),
        ]
        let lines = Codec.stream(events, OllamaChatEncoder(Codec.context)).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].contains(#""logprobs":[]"#))
        #expect(lines[1].contains(#""arguments":{"a": "\n"}"#))
    }

    @Test func `what is written reads back as it was, streamed and whole`() throws {
        for seed in 0..<300 {
            var models = NeutralModels(seed: UInt64(seed))
            let events = models.answerEvents(hasSignatures: false)
            var wanted = Codec.answer(events)
            let stream = Codec.stream(events, OllamaChatEncoder(Codec.context))
            let streamed = Codec.answer(
                try Codec.events(lines: Codec.chunks(stream, most: 500, &models.random), OllamaChatDecoder()))
            let whole = Codec.answer(
                try Codec.events(
                    whole: text(OllamaChatEncoder(Codec.context).whole(wanted)), OllamaChatDecoder()))
            // A record has one place for calls, at its end, and calls are a reason of their own.
            let calls = wanted.blocks.filter { if case .toolCall = $0 { true } else { false } }
            if !calls.isEmpty, wanted.stop != .length { wanted.stop = .toolCalls }
            if calls.isEmpty, wanted.stop == .toolCalls { wanted.stop = .stop(text: nil) }
            #expect(Self.plain(streamed) == Self.plain(wanted), "seed \(seed)")
            #expect(Self.plain(whole) == Self.plain(wanted), "seed \(seed)")
        }
    }

    /// All that is said, thought and called, each in order, and how it ended.
    private static func plain(_ answer: ChatAnswer) -> [String] {
        var said = ""
        var thought = ""
        var calls: [String] = []
        for block in answer.blocks {
            switch block {
            case .text(let text), .refusal(let text): said += text
            case .thinking(let text, _): thought += text
            case .sealedThinking: break
            case .toolCall(let call): calls.append("\(call.id) \(call.name) \(text(call.arguments))")
            }
        }
        return [said, thought] + calls + ["\(answer.stop as StopReason?)", "\(answer.usage)", answer.model ?? "-"]
    }
}
