import Testing
import Vocabulary

@testable import Dialects

/// Requests of Anthropic's clients, read.
@Suite struct AnthropicRequestTests {
    private func read(_ text: String) throws -> (request: ChatRequest, losses: Losses) {
        try Codec.decode(text, AnthropicMessages.decode)
    }

    private func refusal(_ text: String) throws -> BodyRefusal? {
        try Codec.refusal(text, AnthropicMessages.decode)
    }

    private func message(_ content: String, _ role: String = "user") -> String {
        #"{"model":"m","max_tokens":9,"messages":[{"role":"\#(role)","content":\#(content)}]}"#
    }

    @Test func `a plain request`() throws {
        let text = """
            {"model":"m","max_tokens":100,"system":"be brief","messages":[{"role":"user","content":"hi"},
            {"role":"assistant","content":[{"type":"text","text":"ho"}]},{"role":"user","content":[]}],
            "temperature":0.5,"top_p":1,"top_k":40,"stop_sequences":["END"],"stream":true}
            """
        let (request, losses) = try read(text)
        var wanted = ChatRequest()
        wanted.turns = [
            ChatTurn(.system, "be brief"), ChatTurn(.user, "hi"), ChatTurn(.assistant, "ho"), ChatTurn(.user, []),
        ]
        wanted.outputTokensMax = 100
        wanted.sampling.temperature = 0.5
        wanted.sampling.topP = 1
        wanted.sampling.topK = 40
        wanted.sampling.stop = ["END"]
        wanted.streams = true
        #expect(request == wanted)
        #expect(losses.isEmpty)
    }

    @Test func `a turn of tools, pictures and thinking`() throws {
        let text = """
            {"max_tokens":9,"messages":[
            {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},
            {"type":"redacted_thinking","data":"d"},{"type":"thinking","thinking":"ah","signature":""},
            {"type":"tool_use","id":"t1","name":"look","input":{"a":1},"caller":{"type":"direct"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":[
            {"type":"text","text":"x"},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},
            {"type":"tool_result","tool_use_id":"t2"},{"type":"tool_result","tool_use_id":"t1","content":"y"}]}]}
            """
        let (request, losses) = try read(text)
        let image = ChatPart.image(ChatImage(mediaType: "image/png", base64: bytes("AAAA")[...]))
        #expect(
            request.turns == [
                ChatTurn(
                    .assistant,
                    [
                        .thinking("hm", signature: "s"), .sealedThinking("d"), .thinking("ah", signature: nil),
                        .toolCall(ToolCall(id: "t1", name: "look", arguments: bytes(#"{"a":1}"#))),
                    ]),
                ChatTurn(
                    .user,
                    [
                        .toolResult(ToolResult(id: "t1", name: "look", parts: [.text("x"), image], isError: true)),
                        .toolResult(ToolResult(id: "t2", parts: [])),
                        .toolResult(ToolResult(id: "t1", name: "look", parts: [.text("y")])),
                    ]),
            ])
        #expect(losses.isEmpty)
    }

    @Test func `a system turn among the others stays where it is`() throws {
        let text = """
            {"max_tokens":9,"messages":[{"role":"user","content":"a"},
            {"role":"system","content":[{"type":"text","text":"from now on"}]}]}
            """
        #expect(try read(text).request.turns == [ChatTurn(.user, "a"), ChatTurn(.system, "from now on")])
    }

    @Test(arguments: [
        (#"{"type":"auto"}"#, ToolChoice.auto), (#"{"type":"any"}"#, .required), (#"{"type":"none"}"#, ToolChoice.none),
        (#"{"type":"tool","name":"b"}"#, .tool("b")),
    ])
    func `tools and their choice`(_ choice: String, _ wanted: ToolChoice) throws {
        let text = """
            {"max_tokens":9,"messages":[],"tools":[{"name":"a","description":"d","input_schema":{"type":"object"},
            "strict":true},{"type":"custom","name":"b"}],"tool_choice":\(choice)}
            """
        let (request, losses) = try read(text)
        #expect(
            request.tools == [
                ChatTool(name: "a", description: "d", parameters: bytes(#"{"type":"object"}"#), isStrict: true),
                ChatTool(name: "b"),
            ])
        #expect(request.toolChoice == wanted)
        #expect(request.callsInParallel == nil)
        #expect(losses.isEmpty)
    }

    @Test func `one call at a time`() throws {
        let text =
            #"{"messages":[],"tools":[{"name":"a"}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true}}"#
        #expect(try read(text).request.callsInParallel == false)
    }

    @Test func `tools that the provider has stay behind and are named`() throws {
        let text = """
            {"messages":[],"tools":[{"type":"web_search_20250305","name":"web_search","max_uses":8},
            {"type":"bash_20250124","name":"bash"},{"type":"mcp_toolset","mcp_server_name":"x"}],
            "tool_choice":{"type":"any"},"mcp_servers":[{"type":"url","url":"https://x","name":"x"}]}
            """
        let (request, losses) = try read(text)
        #expect(request.tools.isEmpty)
        #expect(request.toolChoice == nil)
        #expect(losses.hints == ["tools.web_search", "tools.hosted", "mcp_servers"])
        #expect(losses.demands == ["tool_choice"])
    }

    @Test(arguments: [
        (#""thinking":{"type":"enabled","budget_tokens":2000}"#, Reasoning.budget(2000), []),
        (#""thinking":{"type":"enabled"}"#, .on, []), (#""thinking":{"type":"disabled"}"#, .off, []),
        (#""thinking":{"type":"adaptive"}"#, .on, []), (#""output_config":{"effort":"high"}"#, .effort(.high), []),
        (#""thinking":{"type":"adaptive"},"output_config":{"effort":"xhigh"}"#, .effort(.xhigh), []),
        (
            #""thinking":{"type":"enabled","budget_tokens":3000,"display":"omitted"},"output_config":{"effort":"low"}"#,
            .budget(3000), ["thinking.display", "output_config.effort"]
        ),
        (#""thinking":{"type":"between_tools"}"#, .off, ["thinking.type"]),
    ])
    func `how much is thought`(_ member: String, _ wanted: Reasoning, _ hints: [String]) throws {
        let (request, losses) = try read("{\"messages\":[],\(member)}")
        #expect(request.reasoning == wanted)
        #expect(losses.hints == hints)
        #expect(losses.demands.isEmpty)
    }

    @Test(arguments: ["output_config\":{\"format", "output_format"])
    func `a schema for the answer, by either name`(_ name: String) throws {
        let close = name == "output_format" ? "" : "}"
        let text = #"{"messages":[],"\#(name)":{"type":"json_schema","schema":{"type":"object"}}\#(close)}"#
        let (request, losses) = try read(text)
        #expect(request.format == .schema(AnswerSchema(schema: bytes(#"{"type":"object"}"#))))
        #expect(losses.isEmpty)
    }

    @Test func `what has no neutral form is named`() throws {
        let text = """
            {"messages":[{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"},
            "citations":[{"type":"char_location"}]}]}],"metadata":{"user_id":"u"},"service_tier":"standard_only",
            "container":"c","context_management":{"edits":[{"type":"x"}]},"inference_geo":"eu","new_thing":1,
            "tools":[{"name":"a","cache_control":{"type":"ephemeral"},"defer_loading":true,
            "eager_input_streaming":false}]}
            """
        let losses = try read(text).losses
        #expect(
            losses.hints == [
                "citations", "cache_control", "tools[].defer_loading", "metadata", "service_tier", "container",
                "context_management", "new_thing",
            ])
        #expect(losses.demands == ["inference_geo"])
    }

    @Test func `what says what holds anyway is no loss`() throws {
        let text = """
            {"messages":[{"role":"user","content":[{"type":"text","text":"a","citations":null}]}],"metadata":{},
            "service_tier":"auto","speed":"standard","container":null,"context_management":{},"new":false,"stream":false,"mcp_servers":[]}
            """
        #expect(try read(text).losses.isEmpty)
    }

    @Test func `documents that are text go as text, others are demands`() throws {
        let content = """
            [{"type":"document","source":{"type":"text","media_type":"text/plain","data":"words"},"title":"t"},
            {"type":"document","source":{"type":"content","content":[{"type":"text","text":"more"}]}},
            {"type":"search_result","source":"https://x","title":"t","content":[{"type":"text","text":"found"}]},
            {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"}},
            {"type":"server_tool_use","id":"s","name":"web_search","input":{}},
            {"type":"web_search_tool_result","tool_use_id":"s","content":[]}]
            """
        let (request, losses) = try read(message(content))
        #expect(request.turns == [ChatTurn(.user, [.text("words"), .text("more"), .text("found")])])
        #expect(losses.hints == ["messages[].content[].document", "messages[].content[].search_result"])
        #expect(
            losses.demands == [
                "messages[].content[].document", "messages[].content[].server_tool_use",
                "messages[].content[].web_search_tool_result",
            ])
    }

    @Test(arguments: [
        #"[{"type":"image","source":{"type":"url","url":"https://x/y.png"}}]"#,
        #"[{"type":"image","source":{"type":"file","file_id":"file_1"}}]"#,
        #"[{"type":"document","source":{"type":"url","url":"https://x/y.pdf"}}]"#,
        #"[{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"url","url":"x"}}]}]"#,
    ])
    func `what a provider would have to fetch is refused`(_ content: String) throws {
        let refusal = try refusal(message(content))
        #expect(refusal?.reason == .toolForbidden)
        #expect(refusal?.parameter == "messages[].content[].source")
    }

    @Test func `base64 is a part of the body, and escapes in it are resolved`() throws {
        let source = { (data: String) in
            #"[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"\#(data)"}}]"#
        }
        let image = { (part: ChatPart?) -> String? in
            if case .image(let image)? = part { text(image.base64) } else { nil }
        }
        #expect(image(try read(message(source("AAAA"))).request.turns[0].parts.first) == "AAAA")
        #expect(image(try read(message(source(#"A\/\nA="#))).request.turns[0].parts.first) == "A/A=")
        #expect(try refusal(message(source(#"A\"A"#)))?.parameter == "messages[].content[].source.data")
    }

    @Test(arguments: [
        (#"{"max_tokens":9}"#, "messages"), (#"{"messages":{}}"#, "messages"),
        (#"{"messages":[],"max_tokens":0}"#, "max_tokens"), (#"{"messages":[],"max_tokens":"9"}"#, "max_tokens"),
        (#"{"messages":[1]}"#, "messages[]"), (#"{"messages":[{"content":"a"}]}"#, "messages[].role"),
        (#"{"messages":[{"role":"tool","content":"a"}]}"#, "messages[].role"),
        (#"{"messages":[{"role":"user"}]}"#, "messages[].content"),
        (#"{"messages":[{"role":"user","content":1}]}"#, "messages[].content"),
        (#"{"messages":[{"role":"user","content":[{}]}]}"#, "messages[].content[].type"),
        (#"{"messages":[{"role":"user","content":[{"type":"text"}]}]}"#, "messages[].content[].text"),
        (
            #"{"messages":[{"role":"user","content":[{"type":"tool_use","id":"a","name":"b","input":[]}]}]}"#,
            "messages[].content[].input"
        ),
        (#"{"messages":[],"system":1}"#, "system"), (#"{"messages":[],"system":[{"type":"image"}]}"#, "system[].type"),
        (#"{"messages":[],"temperature":1e400}"#, "temperature"), (#"{"messages":[],"top_k":"1"}"#, "top_k"),
        (#"{"messages":[],"stop_sequences":"x"}"#, "stop_sequences"),
        (#"{"messages":[],"stop_sequences":[1]}"#, "stop_sequences"), (#"{"messages":[],"tools":{}}"#, "tools"),
        (#"{"messages":[],"tools":[{"input_schema":{}}]}"#, "tools[].name"),
        (#"{"messages":[],"tools":[{"name":""}]}"#, "tools[].name"),
        (#"{"messages":[],"tools":[{"name":"a","input_schema":"x"}]}"#, "tools[].input_schema"),
        (#"{"messages":[],"tool_choice":"auto"}"#, "tool_choice"),
        (#"{"messages":[],"tool_choice":{"type":"required"}}"#, "tool_choice.type"),
        (#"{"messages":[],"thinking":true}"#, "thinking"),
        (#"{"messages":[],"thinking":{"type":"on"}}"#, "thinking.type"),
        (#"{"messages":[],"thinking":{"type":"enabled","budget_tokens":-1}}"#, "thinking.budget_tokens"),
        (#"{"messages":[],"output_config":{"effort":"huge"}}"#, "output_config.effort"),
        (#"{"messages":[],"output_config":{"format":{"type":"json"}}}"#, "output_config.format.type"),
        (#"{"messages":[],"stream":"yes"}"#, "stream"),
    ])
    func `members of a wrong kind are refused by name`(_ text: String, _ parameter: String) throws {
        let refusal = try refusal(text)
        #expect(refusal?.reason == .invalidField)
        #expect(refusal?.parameter == parameter)
    }

    /// Written by hand after the requests that Claude Code is seen to send to `/v1/messages?beta=true`.
    @Test func `a request of Claude Code`() throws {
        let text = #"""
            {"model":"claude-opus-4-6","messages":[{"role":"user","content":[
            {"type":"text","text":"<system-reminder>\nToday is a day.\n</system-reminder>"},
            {"type":"text","text":"list the files","cache_control":{"type":"ephemeral"}}]},
            {"role":"assistant","content":[{"type":"thinking","thinking":"A list.","signature":"EqQB"},
            {"type":"text","text":"I will look."},
            {"type":"tool_use","id":"toolu_01A","name":"Bash","input":{"command":"ls","description":"List files"}}]},
            {"role":"user","content":[{"tool_use_id":"toolu_01A","type":"tool_result","content":"a.txt","is_error":false,
            "cache_control":{"type":"ephemeral"}}]}],
            "system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.37.0d9; cch=fa690;"},
            {"type":"text","text":"You are a coding agent.","cache_control":{"type":"ephemeral","ttl":"1h"}},
            {"type":"text","text":"Use the tools.","cache_control":{"type":"ephemeral"}}],
            "tools":[{"name":"Bash","description":"Runs a command.","input_schema":
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
            "properties":{"command":{"type":"string"}},"required":["command"],"additionalProperties":false}},
            {"name":"Read","description":"Reads a file.","input_schema":{"type":"object"},"defer_loading":true},
            {"type":"web_search_20250305","name":"web_search","max_uses":8}],
            "metadata":{"user_id":"{\"device_id\":\"d\",\"account_uuid\":\"\",\"session_id\":\"s\"}"},
            "max_tokens":64000,"thinking":{"type":"adaptive"},
            "context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},
            "output_config":{"effort":"high"},"stream":true}
            """#
        _ = try body(text, .anthropicMessages)
        let (request, losses) = try read(text)
        #expect(request.turns.map(\.role) == [.system, .user, .assistant, .user])
        #expect(request.turns[0].parts == [.text("You are a coding agent."), .text("Use the tools.")])
        #expect(
            request.turns[3].parts == [.toolResult(ToolResult(id: "toolu_01A", name: "Bash", parts: [.text("a.txt")]))])
        #expect(request.tools.map(\.name) == ["Bash", "Read"])
        #expect(request.reasoning == .effort(.high))
        #expect(request.outputTokensMax == 64_000)
        #expect(
            losses.hints == [
                "cache_control", "system[].x-anthropic-billing-header", "tools[].defer_loading", "tools.web_search",
                "metadata", "context_management",
            ])
        #expect(losses.demands.isEmpty)
    }
}
