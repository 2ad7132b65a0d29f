import Testing
import Vocabulary

@testable import Dialects

/// Requests for Anthropic's API, written.
@Suite struct AnthropicEncodeTests {
    private func write(
        _ request: ChatRequest, model: String = "claude-opus-4-6", outputTokensMax: Int? = nil
    ) throws -> (text: String, losses: Losses) {
        let target = TranslationTarget(model: model, outputTokensMax: outputTokensMax)
        return try Codec.encode(request, target, AnthropicMessages.encode)
    }

    private func request(
        _ turns: [ChatTurn] = [ChatTurn(.user, "hi")], _ change: (inout ChatRequest) -> Void = { _ in }
    )
        -> ChatRequest
    {
        var request = ChatRequest()
        request.turns = turns
        change(&request)
        return request
    }

    private func member(_ name: StaticString, _ text: String) throws -> String? {
        try Codec.view(text)[name].map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test func `a plain request`() throws {
        let plain = request([ChatTurn(.system, "be brief"), ChatTurn(.user, "hi")]) { $0.streams = true }
        let (text, losses) = try write(plain)
        let wanted =
            #"{"model":"claude-opus-4-6","max_tokens":4096,"system":"be brief","messages":[{"role":"user","#
            + #""content":"hi"}],"stream":true}"#
        #expect(text == wanted)
        #expect(losses.isEmpty)
    }

    @Test func `turns of one speaker become one, and results come first`() throws {
        let call = { (id: String) in ChatPart.toolCall(ToolCall(id: id, name: "f", arguments: bytes("{}"))) }
        let result = { (id: String) in ChatPart.toolResult(ToolResult(id: id, parts: [.text("r")])) }
        let turns = [
            ChatTurn(.system, "a"), ChatTurn(.system, "b"), ChatTurn(.user, ""), ChatTurn(.user, "c"),
            ChatTurn(.assistant, [call("1")]), ChatTurn(.assistant, [call("2")]), ChatTurn(.user, [result("1")]),
            ChatTurn(.system, "d"), ChatTurn(.user, [result("2")]), ChatTurn(.user, "e"),
        ]
        let (text, losses) = try write(request(turns))
        let block = { (id: Int) in #"{"type":"tool_use","id":"\#(id)","name":"f","input":{}}"# }
        let told = { (id: Int) in #"{"type":"tool_result","tool_use_id":"\#(id)","content":"r"}"# }
        let words = { (word: String) in #"{"type":"text","text":"\#(word)"}"# }
        #expect(try member("system", text) == "[\(words("a")),\(words("b"))]")
        #expect(
            try member("messages", text)
                == #"[{"role":"user","content":"c"},{"role":"assistant","content":[\#(block(1)),\#(block(2))]},"#
                + #"{"role":"user","content":[\#(told(1)),\#(told(2)),\#(words("d")),\#(words("e"))]}]"#)
        #expect(losses.hints == ["messages[].role"])
    }

    @Test func `a system's words alone are said by the user`() throws {
        let (text, losses) = try write(request([ChatTurn(.system, "a")]))
        #expect(try member("messages", text) == #"[{"role":"user","content":"a"}]"#)
        #expect(try member("system", text) == nil)
        #expect(losses.hints == ["messages[].role"])
    }

    @Test func `thinking goes with its seal only`() throws {
        let turn = ChatTurn(
            .assistant,
            [
                .thinking("a", signature: nil), .thinking("b", signature: "s"), .sealedThinking("d"), .refusal("no"),
                .thinking("c", signature: "gemini:s"), .sealedThinking("gemini:s"),
            ])
        let (text, losses) = try write(request([ChatTurn(.user, "x"), turn]))
        #expect(
            text.contains(
                #"[{"type":"thinking","thinking":"b","signature":"s"},{"type":"redacted_thinking","data":"d"},"#
                    + #"{"type":"text","text":"no"}]"#))
        #expect(losses.hints == ["messages[].thinking"])
    }

    @Test func `ids become what the API takes, the same for call and result`() throws {
        let call = { (id: String, name: String) in ChatPart.toolCall(ToolCall(id: id, name: name, arguments: [])) }
        let result = { (id: String, name: String?) in ChatPart.toolResult(ToolResult(id: id, name: name, parts: [])) }
        let turns = [
            ChatTurn(.assistant, [call("a:1", "f"), call("", "f"), call("", "g")]),
            ChatTurn(.user, [result("", "g"), result("", nil), result("a:1", nil)]),
            ChatTurn(.assistant, [call("a:1", "f")]), ChatTurn(.user, [result("a:1", nil), result("é", nil)]),
        ]
        let text = try write(request(turns)).text
        let ids = text.split(separator: "\"").filter {
            $0.contains("call_") || $0.contains("a_3a1") || $0.contains("_c3")
        }
        #expect(
            ids == ["a_3a1", "call_2", "call_3", "call_3", "call_2", "a_3a1", "a_3a1_4", "a_3a1_4", "_c3_a9"])
    }

    @Test func `arguments that are no object are kept as text`() throws {
        let turns = ["", " ", "{\"a\":1} ", "[1]", "{\"a\":"].map { arguments in
            ChatTurn(.assistant, [.toolCall(ToolCall(id: "x", name: "f", arguments: bytes(arguments)))])
        }
        let text = try write(request(turns)).text
        let inputs = text.split(separator: #""input":"#).dropFirst().map { $0.prefix { $0 != "}" } }
        #expect(inputs == ["{", "{", "{\"a\":1", "{\"arguments\":\"[1]\"", "{\"arguments\":\"{\\\"a\\\":\""])
    }

    @Test func `pictures without a type are known by their first bytes`() throws {
        let turn = { (data: String) in
            ChatTurn(.user, [.image(ChatImage(mediaType: nil, base64: bytes(data)[...]))])
        }
        #expect(try write(request([turn("/9j/AAAA")])).text.contains(#""media_type":"image/jpeg","data":"/9j/AAAA""#))
        let nested = ChatTurn(.user, [.toolResult(ToolResult(id: "a", parts: turn("AAAA").parts))])
        for turns in [[turn("AAAA")], [nested]] {
            var losses = Losses()
            let target = TranslationTarget(model: "claude-opus-4-6")
            #expect(throws: BodyRefusal.self) {
                try AnthropicMessages.encode(request(turns), for: target, &losses)
            }
        }
    }

    @Test func `tools and their choice`() throws {
        let tools = [
            ChatTool(name: "a"), ChatTool(name: "b", parameters: bytes("{}")),
            ChatTool(name: "c", description: "d", parameters: bytes(#"{"properties":{}}"#), isStrict: true),
        ]
        let text = try write(request { $0.tools = tools }).text
        #expect(
            try member("tools", text)
                == #"[{"name":"a","input_schema":{"type":"object"}},{"name":"b","input_schema":{"type":"object"}},"#
                + #"{"name":"c","description":"d","input_schema":{"type":"object","properties":{},"additionalProperties":false},"#
                + #""strict":true}]"#)
        #expect(try member("tool_choice", text) == nil)
        let choices: [(ToolChoice?, Bool?, String)] = [
            (.auto, nil, #"{"type":"auto"}"#), (nil, false, #"{"type":"auto","disable_parallel_tool_use":true}"#),
            (.required, true, #"{"type":"any","disable_parallel_tool_use":false}"#),
            (.tool("a"), nil, #"{"type":"tool","name":"a"}"#), (ToolChoice.none, false, #"{"type":"none"}"#),
        ]
        for (choice, parallel, wanted) in choices {
            let text = try write(
                request {
                    $0.tools = tools
                    $0.toolChoice = choice
                    $0.callsInParallel = parallel
                }
            ).text
            #expect(try member("tool_choice", text) == wanted)
        }
        let without = try write(request { $0.toolChoice = .required })
        #expect(try member("tool_choice", without.text) == nil)
        #expect(without.losses.demands == ["tool_choice"])
    }

    @Test func `the bound on the answer`() throws {
        let bound = { (asked: Int?, most: Int?) in
            let (text, losses) = try self.write(self.request { $0.outputTokensMax = asked }, outputTokensMax: most)
            return "\(try self.member("max_tokens", text) ?? "-") \(losses.hints)"
        }
        #expect(try bound(nil, nil) == "4096 []")
        #expect(try bound(100, nil) == "100 []")
        #expect(try bound(nil, 200) == "200 []")
        #expect(try bound(300, 200) == #"200 ["max_tokens"]"#)
    }

    /// Model, temperature, `top_p`, `top_k`; what is sent; what is noted.
    private static let samplings: [(String, Double?, Double?, Int?, String, [String])] = [
        ("claude-3-7-sonnet-20250219", 0.5, 0.9, 5, #""temperature":0.5,"top_p":0.9,"top_k":5"#, []),
        ("claude-haiku-4-5", 0.5, 0.9, nil, #""temperature":0.5"#, ["top_p"]),
        ("claude-sonnet-4-20250514", 0.5, nil, 5, #""temperature":0.5,"top_k":5"#, []),
        ("claude-haiku-4-5", 1, 0.9, nil, #""top_p":0.9"#, []),
        ("claude-haiku-4-5", 0.5, 1, nil, #""temperature":0.5"#, []),
        ("claude-haiku-4-5", 1.7, nil, nil, #""temperature":1.0"#, ["temperature"]),
        ("claude-opus-4-7", 1, 1, nil, "", []),
        ("claude-opus-4-7", 0.2, 0.9, 5, "", ["temperature", "top_p", "top_k"]),
        ("kimi-k2", 0.5, 0.9, nil, #""temperature":0.5,"top_p":0.9"#, []),
    ]

    @Test(arguments: Self.samplings)
    func `sampling as the model takes it`(
        _ model: String, _ temperature: Double?, _ topP: Double?, _ topK: Int?, _ wanted: String, _ hints: [String]
    ) throws {
        let sampled = request {
            $0.sampling.temperature = temperature
            $0.sampling.topP = topP
            $0.sampling.topK = topK
        }
        let (text, losses) = try write(sampled, model: model)
        #expect(text.hasSuffix(#""content":"hi"}]\#(wanted.isEmpty ? "" : "," + wanted)}"#))
        #expect(losses.hints == hints)
    }

    /// Model, bound, what is asked; what is sent; is it noted?
    private static let thoughts: [(String, Int?, Reasoning, String, Bool)] = [
        ("claude-opus-4-6", nil, .off, #""thinking":{"type":"disabled"}"#, false),
        ("claude-opus-4-6", nil, .on, #""thinking":{"type":"adaptive"}"#, false),
        (
            "claude-opus-4-6", nil, .effort(.low), #""thinking":{"type":"adaptive"},"output_config":{"effort":"low"}"#,
            false
        ),
        (
            "claude-opus-4-6", nil, .effort(.minimal),
            #""thinking":{"type":"adaptive"},"output_config":{"effort":"low"}"#, true
        ),
        (
            "claude-opus-4-6", nil, .effort(.xhigh),
            #""thinking":{"type":"adaptive"},"output_config":{"effort":"high"}"#, true
        ),
        (
            "claude-opus-4-7", nil, .effort(.xhigh),
            #""thinking":{"type":"adaptive"},"output_config":{"effort":"xhigh"}"#, false
        ),
        (
            "claude-sonnet-5", nil, .budget(9000), #""thinking":{"type":"adaptive"},"output_config":{"effort":"high"}"#,
            true
        ),
        (
            "claude-opus-latest", nil, .budget(99_000),
            #""thinking":{"type":"adaptive"},"output_config":{"effort":"max"}"#, true
        ),
        ("claude-fable-5-1", nil, .off, "", true),
        (
            "claude-haiku-4-5-20251001", 9000, .budget(2000), #""thinking":{"type":"enabled","budget_tokens":2000}"#,
            false
        ),
        ("claude-haiku-4-5-20251001", 9000, .budget(20), #""thinking":{"type":"enabled","budget_tokens":1024}"#, true),
        (
            "claude-haiku-4-5-20251001", 2000, .budget(5000), #""thinking":{"type":"enabled","budget_tokens":1999}"#,
            true
        ),
        ("claude-haiku-4-5-20251001", 1000, .budget(2000), #""thinking":{"type":"disabled"}"#, true),
        (
            "claude-haiku-4-5-20251001", 8000, .effort(.max), #""thinking":{"type":"enabled","budget_tokens":6000}"#,
            false
        ),
        (
            "anthropic/claude-sonnet-4.5", 99_000, .effort(.low),
            #""thinking":{"type":"enabled","budget_tokens":2048}"#, false
        ),
        ("kimi-k2", 99_000, .on, #""thinking":{"type":"enabled","budget_tokens":8192}"#, false),
    ]

    @Test(arguments: Self.thoughts)
    func `thinking in the model's own form`(
        _ model: String, _ bound: Int?, _ asked: Reasoning, _ wanted: String, _ isNoted: Bool
    ) throws {
        let thinking = request {
            $0.reasoning = asked
            $0.outputTokensMax = bound
        }
        let (text, losses) = try write(thinking, model: model)
        #expect(text.hasSuffix(#""content":"hi"}]\#(wanted.isEmpty ? "" : "," + wanted)}"#))
        #expect(losses.hints == (isNoted ? [asked.name] : []))
    }

    @Test func `a budget may be any number`() throws {
        let text = try write(request { $0.reasoning = .budget(.max) }, model: "claude-sonnet-4-5").text
        #expect(try member("max_tokens", text) == "\(Int.max)")
    }

    @Test func `a budget that nobody bounds is added to the answer's own tokens`() throws {
        let text = try write(request { $0.reasoning = .effort(.high) }, model: "claude-sonnet-4-5").text
        #expect(try member("max_tokens", text) == "\(16_384 + 4096)")
    }

    @Test func `a call that must be made is stronger than thinking`() throws {
        let forced = request {
            $0.reasoning = .effort(.high)
            $0.tools = [ChatTool(name: "a")]
            $0.toolChoice = .required
        }
        for (model, wanted) in [("claude-opus-4-6", #"{"type":"disabled"}"#), ("claude-mythos-5", nil)] {
            let (text, losses) = try write(forced, model: model)
            #expect(try member("thinking", text) == wanted)
            #expect(try member("tool_choice", text) == #"{"type":"any"}"#)
            #expect(losses.hints == ["reasoning_effort"])
        }
    }

    @Test func `a model that thinks by budget does not begin behind calls without thinking`() throws {
        let call = ChatPart.toolCall(ToolCall(id: "a", name: "f", arguments: []))
        let result = ChatTurn(.user, [.toolResult(ToolResult(id: "a", parts: []))])
        let bare = [ChatTurn(.user, "x"), ChatTurn(.assistant, [call]), result]
        let sealed = [ChatTurn(.user, "x"), ChatTurn(.assistant, [.thinking("t", signature: "s"), call]), result]
        for (turns, model, type) in [
            (bare, "claude-haiku-4-5", "disabled"), (sealed, "claude-haiku-4-5", "enabled"),
            (bare, "claude-opus-4-6", "adaptive"),
        ] {
            let text = try write(request(turns) { $0.reasoning = .effort(.low) }, model: model).text
            #expect(try member("thinking", text)?.hasPrefix(#"{"type":"\#(type)""#) == true)
        }
    }

    @Test func `while it thinks, a model takes no sampling`() throws {
        let thinking = request {
            $0.reasoning = .on
            $0.sampling.temperature = 0.3
            $0.sampling.topK = 3
        }
        let (text, losses) = try write(thinking)
        #expect(try member("temperature", text) == nil)
        #expect(try member("top_k", text) == nil)
        #expect(losses.hints == ["temperature", "top_k"])
    }

    @Test func `a schema is written, any JSON object cannot be`() throws {
        let schema = AnswerSchema(name: "n", description: "d", schema: bytes(#"{"type":"object"}"#), isStrict: true)
        let (text, losses) = try write(request { $0.format = .schema(schema) })
        #expect(
            try member("output_config", text)
                == #"{"format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false}}}"#)
        #expect(losses.hints == ["response_format.description"])
        let any = try write(request { $0.format = .jsonObject })
        #expect(try member("output_config", any.text) == nil)
        #expect(any.losses.demands == ["response_format"])
    }

    @Test func `what the API does not know is named`() throws {
        let much = request {
            $0.sampling.seed = 1
            $0.sampling.minP = 0.1
            $0.sampling.frequencyPenalty = 1
            $0.sampling.presencePenalty = -1
            $0.sampling.stop = ["\n", "END"]
            $0.logProbabilities = LogProbabilities()
        }
        let (text, losses) = try write(much)
        #expect(try member("stop_sequences", text) == #"["END"]"#)
        #expect(losses.hints == ["seed", "min_p", "frequency_penalty", "presence_penalty"])
        #expect(losses.demands == ["stop", "logprobs"])
    }

    /// Everything that the API can say, in the form in which it is written.
    private func drawn(_ seed: UInt64) -> ChatRequest {
        var models = NeutralModels(seed: seed)
        var request = ChatRequest()
        if models.chance(50) {
            request.turns.append(ChatTurn(.system, (0...models.number(0...2)).map { _ in .text(models.words()) }))
        }
        var calls: [ToolCall] = []
        for turn in 0...models.number(0...5) {
            var parts: [ChatPart] = []
            if turn % 2 == 0 {
                parts += calls.map { call in
                    let content = (0..<models.number(0...2)).map { _ in models.material() }
                    let isError = models.chance(20)
                    return .toolResult(ToolResult(id: call.id, name: call.name, parts: content, isError: isError))
                }
                if parts.isEmpty || models.chance(50) { parts.append(models.material()) }
            } else {
                if models.chance(40) { parts.append(.thinking(models.words(), signature: models.words())) }
                if models.chance(20) { parts.append(.sealedThinking(models.words())) }
                parts.append(.text(models.words()))
                calls = (0..<models.number(0...2)).map { index in
                    ToolCall(id: "toolu_\(turn)-\(index)", name: models.name(), arguments: models.object())
                }
                parts += calls.map { .toolCall($0) }
            }
            request.turns.append(ChatTurn(turn % 2 == 0 ? .user : .assistant, parts))
        }
        request.tools = (0..<models.number(0...3)).map { _ in models.tool() }
        if let name = request.tools.first?.name, models.chance(60) {
            request.toolChoice = models.pick([.auto, ToolChoice.none, .required, .tool(name)])
            if request.toolChoice != ToolChoice.none, models.chance(50) { request.callsInParallel = models.chance(50) }
        }
        request.outputTokensMax = models.number(1...100_000)
        if models.chance(40) { request.format = .schema(AnswerSchema(schema: models.schema())) }
        if models.chance(40) { request.sampling.stop = ["END", models.words() + "x"] }
        if request.toolChoice?.isForced != true, models.chance(60) {
            request.reasoning = models.pick([.off, .on, .effort(.low), .effort(.high), .effort(.max)])
        }
        if request.reasoning == nil || request.reasoning == .off {
            if models.chance(50) { request.sampling.temperature = Double(models.number(0...100)) / 100 }
            if models.chance(50) { request.sampling.topK = models.number(1...99) }
        }
        request.streams = models.chance(50)
        return request
    }

    @Test func `what is written reads back as it was`() throws {
        for seed in 0..<500 {
            let request = drawn(UInt64(seed))
            let (text, losses) = try write(request)
            #expect(losses.isEmpty, "seed \(seed)")
            let again = try Codec.decode(text, AnthropicMessages.decode)
            #expect(again.request == request, "seed \(seed)")
            #expect(again.losses.isEmpty, "seed \(seed)")
        }
    }
}
