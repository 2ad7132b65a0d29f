import Testing
import Vocabulary

@testable import Dialects

@Suite struct OpenAIChatEncodeTests {
    @Test func `what was written is read again`() throws {
        var target = TranslationTarget(model: "m")
        target.traits.takesTopK = true
        for seed in 0..<500 {
            var generator = OpenAIGenerator(seed: UInt64(seed))
            let request = generator.request()
            target.traits.takesNewerBound = seed % 2 == 0
            let (body, losses) = try OpenAITesting.encoded(request, for: target)
            #expect(losses.isEmpty, "seed \(seed)")
            let read = try OpenAITesting.chat(body)
            #expect(read.request == request && read.losses.isEmpty, "seed \(seed): \(body)")
            // A client's body is refused where the backend could read it otherwise; ours never is.
            #expect(throws: Never.self) { try RequestBody(bytes(body), endpoint: .openAIChat) }
        }
    }

    @Test func `a request looks as OpenAI's reference shows it`() throws {
        var request = ChatRequest()
        request.turns = [
            ChatTurn(.system, "Be \"brief\"."),
            ChatTurn(.user, [.text("Look"), .image(ChatImage(mediaType: "image/png", base64: bytes("AA==")[...]))]),
            ChatTurn(.assistant, [.toolCall(ToolCall(id: "c1", name: "at", arguments: bytes(#"{"t":1}"#)))]),
            ChatTurn(.user, [.toolResult(ToolResult(id: "c1", parts: [.text("sun")]))]),
        ]
        request.tools = [ChatTool(name: "at", parameters: bytes("{}"))]
        request.toolChoice = .required
        request.outputTokensMax = 9
        request.sampling.temperature = 1
        request.streams = true
        let (body, losses) = try OpenAITesting.encoded(request)
        #expect(losses.isEmpty)
        #expect(
            body
                == #"{"model":"m","messages":[{"role":"system","content":"Be \"brief\"."},"#
                + #"{"role":"user","content":[{"type":"text","text":"Look"},"#
                + #"{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},"#
                + #"{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","#
                + #""function":{"name":"at","arguments":"{\"t\":1}"}}]},"#
                + #"{"role":"tool","tool_call_id":"c1","content":"sun"}],"#
                + #""tools":[{"type":"function","function":{"name":"at","parameters":{}}}],"tool_choice":"required","#
                + #""max_tokens":9,"temperature":1.0,"stream":true,"stream_options":{"include_usage":true}}"#)
    }

    @Test func `the thinking of earlier turns is left out and noted`() throws {
        var request = ChatRequest()
        request.turns = [
            ChatTurn(.assistant, [.thinking("hm", signature: "s"), .text("Yes.")]),
            ChatTurn(.assistant, [.sealedThinking("x")]), ChatTurn(.user, "Go on."),
        ]
        let (body, losses) = try OpenAITesting.encoded(request)
        #expect(
            body
                == #"{"model":"m","messages":[{"role":"assistant","content":"Yes."},{"role":"user","content":"Go on."}]}"#
        )
        #expect(losses.hints == ["messages[].thinking"] && losses.demands.isEmpty)
    }

    @Test func `results stand before the words of their turn, and their images in front of these`() throws {
        let image = ChatImage(mediaType: "image/png", base64: bytes("AA==")[...])
        var request = ChatRequest()
        request.turns = [
            ChatTurn(.assistant, [.toolCall(ToolCall(id: "a", name: "see", arguments: []))]),
            ChatTurn(
                .user,
                [
                    .text("And?"),
                    .toolResult(ToolResult(id: "a", parts: [.text("One: "), .image(image)], isError: true)),
                ]),
        ]
        let (body, losses) = try OpenAITesting.encoded(request)
        #expect(
            body.hasSuffix(
                #""arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"One: "},"#
                    + #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},"#
                    + #"{"type":"text","text":"And?"}]}]}"#))
        #expect(losses.hints == ["messages[].content[].is_error", "messages[].content[].image"])
        #expect(losses.demands.isEmpty)
    }

    @Test func `calls without an id, or with one too long, get one that their results name`() throws {
        let long = String(repeating: "x", count: 41)
        var request = ChatRequest()
        request.turns = [
            ChatTurn(
                .assistant,
                [
                    .toolCall(ToolCall(id: "", name: "a", arguments: [])),
                    .toolCall(ToolCall(id: "", name: "b", arguments: [])),
                    .toolCall(ToolCall(id: long, name: "c", arguments: [])),
                ]),
            ChatTurn(
                .user,
                [
                    .toolResult(ToolResult(id: "", name: "b", parts: [])), .toolResult(ToolResult(id: long, parts: [])),
                    .toolResult(ToolResult(id: "", parts: [])), .toolResult(ToolResult(id: "", parts: [])),
                ]),
        ]
        let read = try OpenAITesting.chat(try OpenAITesting.encoded(request).body).request
        let calls = read.turns[0].parts.compactMap { if case .toolCall(let call) = $0 { call.id } else { nil } }
        let results = read.turns[1].parts.compactMap { if case .toolResult(let result) = $0 { result.id } else { nil } }
        #expect(calls == ["call_1", "call_2", "call_3"])
        #expect(results == ["call_2", "call_3", "call_1", "call_4"])
    }

    @Test func `the bound is at most the manifest's, under the name that the server knows`() throws {
        var request = ChatRequest()
        var target = TranslationTarget(model: "m", outputTokensMax: 100)
        #expect(try OpenAITesting.encoded(request, for: target).body.contains(#""max_tokens":100"#))
        request.outputTokensMax = 500
        target.traits.takesNewerBound = true
        let (body, losses) = try OpenAITesting.encoded(request, for: target)
        #expect(body.contains(#""max_completion_tokens":100"#) && !body.contains("max_tokens\""))
        #expect(losses.hints == ["max_completion_tokens"])
    }

    @Test func `what the server does not know is noted`() throws {
        var request = ChatRequest()
        request.sampling.topK = 3
        request.sampling.minP = 0.1
        request.toolChoice = .required
        request.turns = [ChatTurn(.system, [.image(ChatImage(mediaType: nil, base64: []))])]
        let (body, losses) = try OpenAITesting.encoded(request)
        #expect(body == #"{"model":"m","messages":[{"role":"system","content":""}]}"#)
        #expect(losses.hints == ["tool_choice", "top_k", "min_p"])
        #expect(losses.demands == ["messages[].content[].image"])
    }

    @Test func `thinking by tokens becomes a word`() throws {
        for (reasoning, word) in [
            (Reasoning.on, "medium"), (.off, "none"), (.budget(1_024), "low"), (.budget(2_049), "medium"),
            (.budget(8_193), "high"), (.effort(.xhigh), "xhigh"),
        ] {
            var request = ChatRequest()
            request.reasoning = reasoning
            let (body, losses) = try OpenAITesting.encoded(request)
            #expect(body.contains(#""reasoning_effort":"\#(word)""#))
            if case .budget = reasoning { #expect(losses.hints == ["thinking.budget_tokens"]) }
        }
    }

    @Test func `OpenRouter's reasoning is read`() throws {
        for (body, reasoning) in [
            (#"{"effort":"low"}"#, Reasoning.effort(.low)), (#"{"max_tokens":2000}"#, .budget(2_000)),
            (#"{"enabled":true}"#, .on), (#"{"enabled":false,"effort":"low"}"#, .off), (#"{"max_tokens":0}"#, .off),
        ] {
            #expect(try OpenAITesting.chat(#"{"reasoning":\#(body)}"#).request.reasoning == reasoning)
        }
        #expect(try OpenAITesting.chat(#"{"reasoning":{"exclude":true}}"#).losses.hints == ["reasoning.exclude"])
    }
}
