import Testing
import Vocabulary

@testable import Dialects

/// Answers of Anthropic's API, read.
@Suite struct AnthropicDecoderTests {
    private static func usage(
        _ prompt: Int?, _ output: Int?, cached: Int? = nil, written: Int? = nil, thought: Int? = nil
    ) -> AnswerUsage {
        var usage = AnswerUsage()
        usage.promptTokens = prompt
        usage.outputTokens = output
        usage.cachedTokens = cached
        usage.cacheWriteTokens = written
        usage.reasoningTokens = thought
        return usage
    }

    private func stream(_ records: [String]) throws -> [AnswerEvent] {
        try Codec.events(stream: [bytes(records.map { "data: \($0)\n\n" }.joined())], AnthropicDecoder())
    }

    /// All that the API streams, with its names of events.
    private static let full = """
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x",\
        "content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":3,\
        "cache_read_input_tokens":4,"output_tokens":1,"service_tier":"standard"}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

        event: ping
        data: {"type": "ping"}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm \\u003c"}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: content_block_start
        data: {"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"Em"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":1}

        event: content_block_start
        data: {"type":"content_block_start","index":2,"content_block":{"type":"text","text":"","citations":[]}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"so"}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"type":"x"}}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":2}

        event: content_block_start
        data: {"type":"content_block_start","index":3,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{}"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":3}

        event: content_block_start
        data: {"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{\\"a\\":"}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"1}"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":4}

        event: content_block_start
        data: {"type":"content_block_start","index":5,"content_block":{"type":"tool_use","id":"toolu_2","name":"g","input":{}}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":5}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":20,"output_tokens_details":{"thinking_tokens":5}}}

        event: message_stop
        data: {"type":"message_stop"}


        """

    private static let fullEvents: [AnswerEvent] = [
        .began(id: "msg_1", model: "claude-x"), .usage(usage(17, 1, cached: 4, written: 3)), .thinking("hm <"),
        .thinkingSignature("EqQB"), .sealedThinking("Em"), .text("so"),
        .toolCallBegan(index: 0, id: "toolu_1", name: "f"), .toolArguments(index: 0, bytes(#"{"a":"#)),
        .toolArguments(index: 0, bytes("1}")), .toolCallBegan(index: 1, id: "toolu_2", name: "g"),
        .toolArguments(index: 1, bytes("{}")), .usage(usage(17, 20, cached: 4, written: 3, thought: 5)),
        .ended(.toolCalls),
    ]

    @Test func `a stream with everything in it`() throws {
        #expect(try Codec.events(stream: [bytes(Self.full)], AnthropicDecoder()) == Self.fullEvents)
    }

    @Test func `wherever a stream is cut, it tells the same`() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<50 {
            let chunks = Codec.chunks(Self.full, most: 300, &random)
            #expect(try Codec.events(stream: chunks, AnthropicDecoder()) == Self.fullEvents)
        }
        #expect(try Codec.events(stream: bytes(Self.full).map { [$0] }, AnthropicDecoder()) == Self.fullEvents)
    }

    @Test func `a stream of an Ollama server`() throws {
        let events = try stream([
            #"{"type":"message_start","message":{"id":"msg_c","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":5,"output_tokens":0}}}"#,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":" wait"}}"#,
            #"{"type":"content_block_stop","index":0}"#,
            #"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
            #"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":" it is"}}"#,
            #"{"type":"content_block_stop","index":1}"#,
            #"{"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"input_tokens":27,"output_tokens":4}}"#,
            #"{"type":"message_stop"}"#,
        ])
        #expect(
            events == [
                .began(id: "msg_c", model: "m"), .usage(Self.usage(5, 0)), .thinking(" wait"), .text(" it is"),
                .usage(Self.usage(27, 4)), .ended(.length),
            ])
    }

    @Test func `a whole answer`() throws {
        let whole = """
            {"id":"msg_1","type":"message","role":"assistant","model":"m","content":[
            {"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"a"},{"type":"unheard_of"},
            {"type":"tool_use","id":"t","name":"f","input":{"city":"Oslo"}},
            {"type":"tool_use","id":"u","name":"g","input":{}}],"stop_reason":"tool_use","stop_sequence":null,
            "usage":{"input_tokens":335,"output_tokens":8}}
            """
        #expect(
            try Codec.events(whole: whole, AnthropicDecoder()) == [
                .began(id: "msg_1", model: "m"), .thinking("hm"), .thinkingSignature("s"), .text("a"),
                .toolCallBegan(index: 0, id: "t", name: "f"), .toolArguments(index: 0, bytes(#"{"city":"Oslo"}"#)),
                .toolCallBegan(index: 1, id: "u", name: "g"), .toolArguments(index: 1, bytes("{}")),
                .usage(Self.usage(335, 8)), .ended(.toolCalls),
            ])
    }

    @Test(arguments: [
        (#""end_turn""#, StopReason.stop(text: nil)), (#""max_tokens""#, .length), (#""tool_use""#, .toolCalls),
        (#""stop_sequence","stop_sequence":"END""#, .stop(text: "END")), (#""pause_turn""#, .stop(text: nil)),
        (#""model_context_window_exceeded""#, .length), (#""refusal""#, .contentFilter), (#""new""#, .stop(text: nil)),
    ])
    func `why it ended, whole and streamed`(_ reason: String, _ wanted: StopReason) throws {
        let whole = #"{"type":"message","content":[],"stop_reason":\#(reason)}"#
        #expect(try Codec.events(whole: whole, AnthropicDecoder()).last == .ended(wanted))
        let delta = #"{"type":"message_delta","delta":{"stop_reason":\#(reason)}}"#
        #expect(try stream([delta, #"{"type":"message_stop"}"#]) == [.ended(wanted)])
    }

    @Test func `a refusal tells why if the API does`() throws {
        let delta =
            #"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","explanation":"no"}}}"#
        #expect(try stream([delta, #"{"type":"message_stop"}"#]) == [.refusal("no"), .ended(.contentFilter)])
    }

    @Test func `an error ends everything`() throws {
        let error = #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
        let failed = AnswerEvent.failed("overloaded_error: Overloaded")
        #expect(try stream([error, #"{"type":"message_stop"}"#]) == [failed])
        #expect(try Codec.events(whole: error, AnthropicDecoder()) == [failed])
        #expect(try Codec.events(whole: "[]", AnthropicDecoder()) == [.failed("the answer is no message")])
    }

    @Test func `a stream that is cut does not end`() throws {
        let delta = #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#
        #expect(try stream([delta]) == [.text("a")])
        let whole = #"{"type":"message","content":[{"type":"text","text":"a"}],"stop_reason":null}"#
        #expect(
            try !Codec.events(whole: whole, AnthropicDecoder()).contains { if case .ended = $0 { true } else { false } }
        )
    }

    @Test(arguments: [
        "1", "[]", "null", "{}", #"{"type":1}"#, #"{"type":"message_start"}"#, #"{"type":"message_delta"}"#,
        #"{"type":"content_block_start"}"#, #"{"type":"content_block_delta"}"#, #"{"type":"content_block_stop"}"#,
        #"{"type":"content_block_start","index":"a","content_block":[]}"#, #"{"type":"new_event","index":1e99}"#,
        #"{"type":"content_block_delta","index":-9e99,"delta":{"type":"input_json_delta","partial_json":"{"}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":7,"text":[1]}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}}"#,
        #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":7,"input":[1]}}"#,
        #"{"type":"message_start","message":{"usage":{"input_tokens":9e18,"cache_read_input_tokens":9e18,"cache_creation_input_tokens":9e18,"output_tokens":"x"}}}"#,
        #"{"type":"message_start","message":{"usage":[]},"delta":5}"#,
    ])
    func `what makes no sense tells nothing and breaks nothing`(_ record: String) throws {
        let events = try stream([record, record])
        #expect(!events.contains { if case .ended = $0 { true } else { false } })
        _ = try Codec.events(whole: record, AnthropicDecoder())
    }

    @Test func `what is no JSON is a problem`() {
        #expect(throws: JSONProblem.self) { try stream([#"{"type":"#]) }
    }
}

/// Answers for Anthropic's clients, written.
@Suite struct AnthropicEncoderTests {
    private func stream(_ events: [AnswerEvent]) -> String {
        Codec.stream(events, AnthropicEncoder(Codec.context))
    }

    private func whole(_ events: [AnswerEvent]) -> String {
        text(AnthropicEncoder(Codec.context).whole(Codec.answer(events)))
    }

    private func usage(_ prompt: Int, _ output: Int) -> AnswerUsage {
        var usage = AnswerUsage()
        usage.promptTokens = prompt
        usage.outputTokens = output
        return usage
    }

    /// The names of the events, deltas by their kind.
    private func outline(_ stream: String) throws -> [String] {
        try stream.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map { line in
            let event = try Codec.view(String(line.dropFirst(6)))
            let index = event["index"].map { " \(text($0.bytes))" } ?? ""
            let kind = event["delta"]?["type"]?.string ?? event["content_block"]?["type"]?.string
            return (kind ?? event["type"]?.string ?? "") + index
        }
    }

    @Test func `a stream has the API's events in their order`() {
        let events: [AnswerEvent] = [
            .began(id: "chatcmpl-1", model: "gpt"), .thinking("hm"), .thinking("!"), .thinkingSignature("s"),
            .thinkingSignature("t"), .text("a"), .text("\n"), .toolCallBegan(index: 0, id: "c", name: "f"),
            .toolArguments(index: 0, bytes("{\"a\":1}")), .usage(usage(7, 5)), .ended(.toolCalls),
        ]
        let wanted = """
            event: message_start
            data: {"type":"message_start","message":{"id":"msg_0123","type":"message","role":"assistant","model":"gpt",\
            "content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}

            event: ping
            data: {"type":"ping"}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"!"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"st"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: content_block_start
            data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"a"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"\\n"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":1}

            event: content_block_start
            data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"c","name":"f","input":{}}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\\"a\\":1}"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":2}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},\
            "usage":{"input_tokens":7,"output_tokens":5}}

            event: message_stop
            data: {"type":"message_stop"}


            """
        #expect(stream(events) == wanted)
    }

    @Test func `a whole answer`() {
        var counts = usage(20, 5)
        counts.cachedTokens = 4
        counts.cacheWriteTokens = 3
        counts.reasoningTokens = 2
        let events: [AnswerEvent] = [
            .began(id: "msg_up", model: nil), .thinking("hm"), .sealedThinking("d"), .text("a"), .refusal("no"),
            .toolCallBegan(index: 0, id: "", name: "f"), .usage(counts), .ended(.stop(text: "END")),
        ]
        #expect(
            whole(events)
                == #"{"id":"msg_up","type":"message","role":"assistant","model":"shown","content":["#
                + #"{"type":"thinking","thinking":"hm","signature":""},{"type":"redacted_thinking","data":"d"},"#
                + #"{"type":"text","text":"a"},{"type":"text","text":"no"},"#
                + #"{"type":"tool_use","id":"toolu_0123_0","name":"f","input":{}}],"#
                + #""stop_reason":"stop_sequence","stop_sequence":"END","#
                + #""usage":{"input_tokens":13,"cache_creation_input_tokens":3,"cache_read_input_tokens":4,"#
                + #""output_tokens":5,"output_tokens_details":{"thinking_tokens":2}}}"#)
    }

    @Test func `counts may be any numbers`() {
        var counts = usage(.max, .max)
        counts.cachedTokens = .max
        counts.cacheWriteTokens = .max
        #expect(whole([.usage(counts), .ended(.length)]).contains(#""input_tokens":0,"#))
    }

    @Test func `an empty answer is whole, and a stream of it too`() throws {
        let events: [AnswerEvent] = [.began(id: nil, model: nil), .ended(.stop(text: nil))]
        #expect(whole(events).contains(#""content":[],"stop_reason":"end_turn","stop_sequence":null"#))
        #expect(try outline(stream(events)) == ["message_start", "ping", "message_delta", "message_stop"])
    }

    @Test func `counts known at the beginning are told there`() {
        let events: [AnswerEvent] = [.began(id: nil, model: nil), .usage(usage(9, 0)), .text("a")]
        #expect(stream(events).contains(#""usage":{"input_tokens":9,"output_tokens":0}"#))
    }

    @Test func `calls that take turns never overlap`() throws {
        let events: [AnswerEvent] = [
            .toolCallBegan(index: 0, id: "a", name: "f"), .toolCallBegan(index: 1, id: "b", name: "g"),
            .toolArguments(index: 1, bytes("{\"x\"")), .toolArguments(index: 0, bytes(#"{"y":"\"}"#)), .text("said"),
            .toolArguments(index: 1, bytes(":1}")), .toolArguments(index: 0, bytes("\"}")), .text(" more"),
            .ended(.toolCalls),
        ]
        let stream = stream(events)
        #expect(
            try outline(stream) == [
                "message_start", "ping", "tool_use 0", "input_json_delta 0", "input_json_delta 0",
                "content_block_stop 0", "tool_use 1", "input_json_delta 1", "content_block_stop 1", "text 2",
                "text_delta 2", "text_delta 2", "content_block_stop 2", "message_delta", "message_stop",
            ])
        let again = Codec.answer(try Codec.events(stream: [bytes(stream)], AnthropicDecoder()))
        #expect(
            again.blocks == [
                .toolCall(ToolCall(id: "a", name: "f", arguments: bytes(#"{"y":"\"}"}"#))),
                .toolCall(ToolCall(id: "b", name: "g", arguments: bytes(#"{"x":1}"#))), .text("said more"),
            ])
    }

    @Test func `a call whose arguments never become an object goes as it is, the rest behind it`() throws {
        let events: [AnswerEvent] = [
            .toolCallBegan(index: 0, id: "a", name: "f"), .toolArguments(index: 0, bytes("{\"x")), .text("b"),
            .toolCallBegan(index: 1, id: "", name: "g"), .ended(.length),
        ]
        let stream = stream(events)
        #expect(
            try outline(stream) == [
                "message_start", "ping", "tool_use 0", "input_json_delta 0", "content_block_stop 0", "text 1",
                "text_delta 1", "content_block_stop 1", "tool_use 2", "content_block_stop 2", "message_delta",
                "message_stop",
            ])
        #expect(stream.contains(#""id":"toolu_0123_1""#))
        #expect(whole(events).contains(#""input":{"arguments":"{\"x"}"#))
    }

    @Test func `arguments of no call are passed over`() throws {
        let events: [AnswerEvent] = [.toolArguments(index: 3, bytes("{}")), .text("a"), .logProbabilities(bytes("[]"))]
        #expect(try outline(stream(events)) == ["message_start", "ping", "text 0", "text_delta 0"])
    }

    @Test func `what is written reads back as it was, streamed and whole`() throws {
        for seed in 0..<300 {
            var models = NeutralModels(seed: UInt64(seed))
            let events = models.answerEvents(hasSignatures: true, id: "msg_\(seed)")
            let wanted = Codec.answer(events)
            let streamed = try Codec.events(
                stream: Codec.chunks(stream(events), most: 2000, &models.random), AnthropicDecoder())
            #expect(Codec.answer(streamed) == wanted, "seed \(seed)")
            let whole = try Codec.events(whole: whole(events), AnthropicDecoder())
            #expect(Codec.answer(whole) == wanted, "seed \(seed)")
        }
    }
}
