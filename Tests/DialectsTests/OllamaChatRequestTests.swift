import Testing
import Vocabulary

@testable import Dialects

/// Requests of Ollama's clients, read, and requests for Ollama servers, written.
@Suite struct OllamaRequestTests {
    private func read(_ text: String) throws -> (request: ChatRequest, losses: Losses) {
        try Codec.decode(text, OllamaChat.decode)
    }

    private func generate(_ text: String) throws -> (request: ChatRequest, losses: Losses) {
        try Codec.decode(text, OllamaGenerate.decode)
    }

    private func write(_ request: ChatRequest, thinks: Bool? = nil) throws -> (text: String, losses: Losses) {
        var target = TranslationTarget(model: "m", outputTokensMax: nil)
        target.thinks = thinks
        return try Codec.encode(request, target, OllamaChat.encode)
    }

    private func request(
        _ turns: [ChatTurn] = [ChatTurn(.user, "hi")], _ change: (inout ChatRequest) -> Void = { _ in }
    ) -> ChatRequest {
        var request = ChatRequest()
        request.turns = turns
        change(&request)
        return request
    }

    private func member(_ name: StaticString, _ text: String) throws -> String? {
        try Codec.view(text)[name].map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    // MARK: Read

    @Test func `a chat with everything`() throws {
        let text = """
            {"model":"m","messages":[{"role":"System","content":"be brief"},{"role":"user","content":"what is it?",
            "images":["iVBORw0KGgo="]},{"role":"assistant","content":"","thinking":"hm","tool_calls":[{"id":"call_1",
            "function":{"index":0,"name":"look","arguments":{"a":1}}},{"function":{"name":"go"}}]},
            {"role":"tool","tool_call_id":"call_1","content":"x"},{"role":"tool","tool_name":"go","content":"y"}],
            "tools":[{"type":"function","function":{"name":"look","description":"d","parameters":{"type":"object"}}}],
            "options":{"num_predict":8,"temperature":0.5,"top_k":40,"top_p":0.9,"min_p":0.1,"seed":3,"stop":["e"],
            "presence_penalty":1,"frequency_penalty":-1},"think":"low","logprobs":true,"top_logprobs":2}
            """
        let (request, losses) = try read(text)
        var wanted = ChatRequest()
        wanted.turns = [
            ChatTurn(.system, "be brief"),
            ChatTurn(
                .user, [.text("what is it?"), .image(ChatImage(mediaType: nil, base64: bytes("iVBORw0KGgo=")[...]))]),
            ChatTurn(
                .assistant,
                [
                    .thinking("hm", signature: nil),
                    .toolCall(ToolCall(id: "call_1", name: "look", arguments: bytes(#"{"a":1}"#))),
                    .toolCall(ToolCall(id: "", name: "go", arguments: bytes("{}"))),
                ]),
            ChatTurn(
                .user,
                [
                    .toolResult(ToolResult(id: "call_1", name: "look", parts: [.text("x")])),
                    .toolResult(ToolResult(id: "", name: "go", parts: [.text("y")])),
                ]),
        ]
        wanted.tools = [ChatTool(name: "look", description: "d", parameters: bytes(#"{"type":"object"}"#))]
        wanted.outputTokensMax = 8
        wanted.sampling.temperature = 0.5
        wanted.sampling.topK = 40
        wanted.sampling.topP = 0.9
        wanted.sampling.minP = 0.1
        wanted.sampling.seed = 3
        wanted.sampling.stop = ["e"]
        wanted.sampling.presencePenalty = 1
        wanted.sampling.frequencyPenalty = -1
        wanted.reasoning = .effort(.low)
        wanted.logProbabilities = LogProbabilities(top: 2)
        wanted.streams = true
        #expect(request == wanted)
        #expect(losses.isEmpty)
    }

    @Test(
        arguments: [
            (#""think":true"#, Reasoning.on), (#""think":false"#, .off), (#""think":"max""#, .effort(.max)),
            (#""think":null"#, nil),
        ] as [(String, Reasoning?)])
    func `how much is thought`(_ member: String, _ wanted: Reasoning?) throws {
        #expect(try read("{\"messages\":[],\(member)}").request.reasoning == wanted)
    }

    @Test func `the form of the answer`() throws {
        #expect(try read(#"{"format":"json"}"#).request.format == .jsonObject)
        #expect(try read(#"{"format":""}"#).request.format == nil)
        let schema = AnswerSchema(schema: bytes(#"{"type":"object"}"#))
        #expect(try read(#"{"format":{"type":"object"}}"#).request.format == .schema(schema))
    }

    @Test func `no bound and no seed are said by what is below them`() throws {
        for number in ["-1", "0", "-2"] {
            #expect(try read(#"{"options":{"num_predict":\#(number)}}"#).request.outputTokensMax == nil)
        }
        #expect(try read(#"{"options":{"seed":-1}}"#).request.sampling.seed == nil)
        #expect(try read(#"{"options":{"seed":0}}"#).request.sampling.seed == 0)
    }

    @Test func `what has no neutral form is named`() throws {
        let text = """
            {"messages":[{"role":"user","content":"a","name":"n"}],"keep_alive":-1,"truncate":false,"shift":true,
            "_debug_render_only":true,"wat":1,"options":{"num_ctx":4096,"repeat_penalty":1.1,"use_mmap":false},
            "tools":[{"type":"web_search"},{"type":"other"}],"top_logprobs":3}
            """
        let losses = try read(text).losses
        #expect(
            losses.hints == [
                "messages[].name", "tools.web_search", "tools.hosted", "options.num_ctx", "options.repeat_penalty",
                "truncate", "keep_alive", "wat",
            ])
        #expect(losses.demands == ["_debug_render_only"])
    }

    @Test func `a prompt is a turn`() throws {
        let text = #"{"model":"m","prompt":"hi","system":"be brief","images":["AAAA"],"stream":false,"context":[]}"#
        let (request, losses) = try generate(text)
        let image = ChatPart.image(ChatImage(mediaType: nil, base64: bytes("AAAA")[...]))
        #expect(request.turns == [ChatTurn(.system, "be brief"), ChatTurn(.user, [.text("hi"), image])])
        #expect(!request.streams)
        #expect(losses.isEmpty)
    }

    @Test func `what speaks of the model's own template or tokens is a demand`() throws {
        let text = #"{"prompt":"hi","raw":true,"template":"t","context":[1],"suffix":"s","width":9,"keep_alive":"5m"}"#
        let losses = try generate(text).losses
        #expect(losses.demands == ["raw", "template", "context", "suffix", "width"])
        #expect(losses.hints == ["keep_alive"])
    }

    @Test(arguments: [
        (#"{"messages":{}}"#, "messages"), (#"{"messages":[1]}"#, "messages[]"),
        (#"{"messages":[{"content":"a"}]}"#, "messages[].role"),
        (#"{"messages":[{"role":"robot"}]}"#, "messages[].role"),
        (#"{"messages":[{"role":"user","content":[]}]}"#, "messages[].content"),
        (#"{"messages":[{"role":"user","images":"AAAA"}]}"#, "messages[].images"),
        (#"{"messages":[{"role":"user","images":[1]}]}"#, "messages[].images[]"),
        (#"{"messages":[{"role":"user","images":["https://x/y.png"]}]}"#, "messages[].images[]"),
        (#"{"messages":[{"role":"user","tool_calls":[{}]}]}"#, "messages[].tool_calls[].function"),
        (
            #"{"messages":[{"role":"user","tool_calls":[{"function":{"name":"a","arguments":"{}"}}]}]}"#,
            "messages[].tool_calls[].function.arguments"
        ),
        (#"{"tools":[{"function":{"name":""}}]}"#, "tools[].function.name"),
        (#"{"tools":[{"function":{}}]}"#, "tools[].function.name"), (#"{"tools":[{}]}"#, "tools[].function"),
        (#"{"options":[]}"#, "options"), (#"{"options":{"temperature":"hot"}}"#, "options.temperature"),
        (#"{"options":{"stop":"e"}}"#, "options.stop"), (#"{"format":"xml"}"#, "format"),
        (#"{"think":"much"}"#, "think"),
        (#"{"think":1}"#, "think"), (#"{"logprobs":true,"top_logprobs":21}"#, "top_logprobs"),
        (#"{"stream":"no"}"#, "stream"), (#"{"truncate":1}"#, "truncate"),
    ])
    func `members of a wrong kind are refused by name`(_ text: String, _ parameter: String) throws {
        let refusal = try Codec.refusal(text, OllamaChat.decode)
        #expect(refusal?.reason == .invalidField)
        #expect(refusal?.parameter == parameter)
    }

    // MARK: Written

    @Test func `a plain request`() throws {
        let (text, losses) = try write(request([ChatTurn(.system, "s"), ChatTurn(.user, "hi")]))
        #expect(
            text
                == #"{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}],"stream":false}"#
        )
        #expect(losses.isEmpty)
    }

    @Test func `results get messages of their own, parts their one place`() throws {
        let image = ChatPart.image(ChatImage(mediaType: "image/png", base64: bytes("AAAA")[...]))
        let call = ToolCall(id: "c", name: "f", arguments: bytes("[1]"))
        let turns = [
            ChatTurn(.user, [.text("a"), image, .text("b")]),
            ChatTurn(
                .assistant,
                [.thinking("h", signature: "s"), .sealedThinking("d"), .text("x"), .text("y"), .toolCall(call)]),
            ChatTurn(
                .user,
                [
                    .toolResult(ToolResult(id: "c", name: "f", parts: [.text("r"), image], isError: true)),
                    .text("now"),
                ]),
            ChatTurn(.user, []),
        ]
        let (text, losses) = try write(request(turns))
        #expect(
            try member("messages", text)
                == #"[{"role":"user","content":"a\n\nb","images":["AAAA"]},"#
                + #"{"role":"assistant","content":"xy","thinking":"h","tool_calls":[{"id":"c","function":{"index":0,"#
                + #""name":"f","arguments":{"arguments":"[1]"}}}]},"#
                + #"{"role":"tool","content":"r","images":["AAAA"],"tool_name":"f","tool_call_id":"c"},"#
                + #"{"role":"user","content":"now"},{"role":"user","content":""}]"#)
        #expect(
            losses.hints == [
                "messages[].content[].signature", "messages[].thinking", "messages[].content[].is_error",
            ])
        #expect(losses.demands.isEmpty)
    }

    /// What is asked, and of a model that thinks; what is sent; is it noted?
    private static let thoughts: [(Reasoning?, Bool?, String?, Bool)] = [
        (nil, nil, nil, false), (.off, nil, "false", false), (.off, false, nil, false), (.on, nil, nil, false),
        (.on, true, "true", false), (.on, false, nil, true), (.effort(.max), nil, #""max""#, false),
        (.effort(.minimal), nil, #""low""#, true), (.effort(.xhigh), true, #""high""#, true),
        (.effort(.high), false, nil, true), (.budget(99), nil, nil, true), (.budget(99), true, "true", true),
    ]

    @Test(arguments: Self.thoughts)
    func `thinking as the server takes it`(
        _ asked: Reasoning?, _ thinks: Bool?, _ wanted: String?, _ isNoted: Bool
    ) throws {
        let (text, losses) = try write(request { $0.reasoning = asked }, thinks: thinks)
        #expect(try member("think", text) == wanted)
        #expect(losses.hints == (isNoted ? [asked?.name] : []))
    }

    @Test func `a tool that must not be called is not declared, one that must is a wish`() throws {
        let tools = [ChatTool(name: "f", isStrict: true)]
        let choices: [(ToolChoice?, Bool, [String])] = [
            (ToolChoice.none, false, []), (.auto, true, ["tools[].strict"]),
            (.required, true, ["tool_choice", "tools[].strict"]),
            (.tool("f"), true, ["tool_choice", "tools[].strict"]),
        ]
        for (choice, isDeclared, hints) in choices {
            let (text, losses) = try write(
                request {
                    $0.tools = tools
                    $0.toolChoice = choice
                })
            let declared =
                #"[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]"#
            #expect(try member("tools", text) == (isDeclared ? declared : nil))
            #expect(losses.hints == hints)
        }
        let oneByOne = try write(request { $0.callsInParallel = false })
        #expect(oneByOne.losses.hints == ["parallel_tool_calls"])
    }

    @Test func `the lower bound holds`() throws {
        var losses = Losses()
        let target = TranslationTarget(model: "m", outputTokensMax: 100)
        let body = try OllamaChat.encode(request { $0.outputTokensMax = 200 }, for: target, &losses)
        #expect(try member("options", text(body)) == #"{"num_predict":100}"#)
        #expect(losses.hints == ["max_tokens"])
    }

    /// Everything that the API can say, in the form in which it is written.
    private func drawn(_ seed: UInt64) -> ChatRequest {
        var models = NeutralModels(seed: seed)
        var request = ChatRequest()
        for turn in 0...models.number(0...6) {
            let image = ChatPart.image(ChatImage(mediaType: nil, base64: models.base64()))
            switch (models.number(0...3), request.turns.last) {
            case (0, _): request.turns.append(ChatTurn(.system, models.words()))
            case (1, _):
                request.turns.append(ChatTurn(.user, [.text(models.words())] + (models.chance(30) ? [image] : [])))
            case (2, let last?) where last.role == .assistant:
                let results = last.parts.compactMap { part in
                    if case .toolCall(let call) = part {
                        ChatPart.toolResult(
                            ToolResult(
                                id: call.id, name: call.name, parts: models.chance(80) ? [.text(models.words())] : []))
                    } else {
                        nil
                    }
                }
                if !results.isEmpty { request.turns.append(ChatTurn(.user, results)) }
            case (_, _):
                var parts: [ChatPart] = models.chance(30) ? [.thinking(models.words(), signature: nil)] : []
                if models.chance(80) { parts.append(.text(models.words())) }
                for index in 0..<models.number(0...2) {
                    let id = models.chance(80) ? "call_\(turn)_\(index)" : ""
                    parts.append(.toolCall(ToolCall(id: id, name: models.name(), arguments: models.object())))
                }
                request.turns.append(ChatTurn(.assistant, parts))
            }
        }
        request.tools = (0..<models.number(0...3)).map { _ in
            var tool = models.tool()
            tool.isStrict = nil
            return tool
        }
        request.format = models.pick([nil, .jsonObject, .schema(AnswerSchema(schema: models.object()))])
        request.reasoning = models.pick([nil, .off, .on, .effort(.low), .effort(.max)])
        if models.chance(40) { request.logProbabilities = LogProbabilities(top: models.number(0...20)) }
        if models.chance(40) { request.outputTokensMax = models.number(1...9000) }
        if models.chance(40) { request.sampling.temperature = Double(models.number(0...200)) / 100 }
        if models.chance(40) { request.sampling.topP = Double(models.number(0...100)) / 100 }
        if models.chance(40) { request.sampling.topK = models.number(1...100) }
        if models.chance(40) { request.sampling.minP = 1e-05 }
        if models.chance(40) { request.sampling.frequencyPenalty = -1.5 }
        if models.chance(40) { request.sampling.presencePenalty = 0 }
        if models.chance(40) { request.sampling.seed = models.number(0...Int.max) }
        if models.chance(40) { request.sampling.stop = [models.words(), "\n"] }
        request.streams = models.chance(50)
        return request
    }

    @Test func `what is written reads back as it was`() throws {
        for seed in 0..<500 {
            let request = drawn(UInt64(seed))
            let (text, losses) = try write(request, thinks: true)
            #expect(losses.isEmpty, "seed \(seed)")
            let again = try read(text)
            #expect(again.request == request, "seed \(seed)")
            #expect(again.losses.isEmpty, "seed \(seed)")
        }
    }
}
