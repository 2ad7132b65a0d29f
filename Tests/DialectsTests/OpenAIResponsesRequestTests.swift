import Testing
import Vocabulary

@testable import Dialects

@Suite struct OpenAIResponsesRequestTests {
    private func decoded(
        _ body: String
    ) throws -> (request: ChatRequest, names: ResponsesNames, losses: Losses) {
        var losses = Losses()
        let read = try OpenAIResponses.decode(try JSONView(bytes(body)), &losses)
        return (read.request, read.names, losses)
    }

    private func refusal(_ body: String) -> BodyRefusal? {
        do {
            _ = try self.decoded(body)
            return nil
        } catch {
            return error as? BodyRefusal
        }
    }

    /// The shape of what Codex sends in its second turn (openai/codex, `ResponsesApiRequest` and `ResponseItem`), with
    /// words of our own.
    static let codex = #"""
        {"model":"gpt-x","instructions":"You edit code.","stream":true,"store":false,"tool_choice":"auto",
         "parallel_tool_calls":true,"reasoning":{"effort":"medium","summary":"auto"},
         "include":["reasoning.encrypted_content"],"prompt_cache_key":"0199","text":{"verbosity":"low"},
         "client_metadata":{"x-codex-installation-id":"i"},
         "tools":[
          {"type":"function","name":"shell","description":"Runs a command.","strict":false,
           "parameters":{"type":"object","properties":{"command":{"type":"string"}},"required":["command"]}},
          {"type":"custom","name":"apply_patch","description":"Edits files.",
           "format":{"type":"grammar","syntax":"lark","definition":"start: hunk+"}},
          {"type":"namespace","name":"mcp__notes","description":"Notes of the team.","tools":[
            {"type":"function","name":"find","description":"Finds one.","strict":false,"defer_loading":true,
             "parameters":{"type":"object","properties":{}}},
            {"type":"function","name":"add","description":"Adds one.","strict":false,
             "parameters":{"type":"object","properties":{}}}]},
          {"type":"tool_search","execution":"client","description":"d","parameters":{"type":"object"}},
          {"type":"web_search","external_web_access":false},
          {"type":"image_generation","output_format":"png"}],
         "input":[
          {"type":"message","role":"developer","content":[{"type":"input_text","text":"Sandbox: read-only."}]},
          {"type":"message","role":"user","content":[{"type":"input_text","text":"Fix it."},
            {"type":"input_image","image_url":"data:image/png;base64,AA==","detail":"auto"}]},
          {"type":"reasoning","summary":[{"type":"summary_text","text":"Look first."}],"encrypted_content":"anthropic:seal"},
          {"type":"message","role":"assistant","phase":"commentary","content":[{"type":"output_text","text":"I look."}]},
          {"type":"function_call","name":"shell","arguments":"{\"command\":\"ls\"}","call_id":"c1"},
          {"type":"function_call","name":"find","namespace":"mcp__notes","arguments":"{}","call_id":"c2"},
          {"type":"custom_tool_call","status":"completed","call_id":"c3","name":"apply_patch","input":"*** Begin\n"},
          {"type":"function_call_output","call_id":"c1","output":"a.swift"},
          {"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"none"},
            {"type":"input_image","image_url":"data:image/png;base64,AA=="}]},
          {"type":"custom_tool_call_output","call_id":"c3","output":"done"},
          {"type":"web_search_call","status":"completed","action":{"type":"search","query":"q"}}]}
        """#

    @Test func `what Codex sends becomes a conversation`() throws {
        let (request, _, losses) = try self.decoded(Self.codex)
        let image = ChatPart.image(ChatImage(mediaType: "image/png", base64: bytes("AA==")[...]))
        #expect(
            request.turns == [
                ChatTurn(.system, "You edit code."), ChatTurn(.system, "Sandbox: read-only."),
                ChatTurn(.user, [.text("Fix it."), image]),
                ChatTurn(
                    .assistant,
                    [
                        .thinking("Look first.", signature: "seal"), .text("I look."),
                        .toolCall(ToolCall(id: "c1", name: "shell", arguments: bytes(#"{"command":"ls"}"#))),
                        .toolCall(ToolCall(id: "c2", name: "mcp__notes__find", arguments: bytes("{}"))),
                        .toolCall(
                            ToolCall(id: "c3", name: "apply_patch", arguments: bytes(#"{"input":"*** Begin\n"}"#))),
                    ]),
                ChatTurn(
                    .user,
                    [
                        .toolResult(ToolResult(id: "c1", name: "shell", parts: [.text("a.swift")])),
                        .toolResult(ToolResult(id: "c2", name: "mcp__notes__find", parts: [.text("none"), image])),
                        .toolResult(ToolResult(id: "c3", name: "apply_patch", parts: [.text("done")])),
                    ]),
            ])
        #expect(request.streams && request.reasoning == .effort(.medium) && request.callsInParallel == true)
        #expect(request.toolChoice == .auto && request.format == nil && request.logProbabilities == nil)
        #expect(losses.demands.isEmpty)
        #expect(
            losses.hints == [
                "prompt_cache_key", "client_metadata", "tools.custom.format", "tools.hosted", "tools.web_search",
                "input[].web_search_call", "text.verbosity",
            ])
        #expect(throws: Never.self) { try RequestBody(bytes(Self.codex), endpoint: .openAIResponses) }
    }

    @Test func `Codex's tools are functions on the way, and its own on the way back`() throws {
        let (request, names, _) = try self.decoded(Self.codex)
        #expect(request.tools.map(\.name) == ["shell", "apply_patch", "mcp__notes__find", "mcp__notes__add"])
        #expect(
            request.tools.map(\.description) == [
                "Runs a command.", "Edits files.", "Notes of the team.\n\nFinds one.", "Adds one.",
            ])
        #expect(request.tools[0].isStrict == false)
        #expect(
            names.tool(named: "mcp__notes__add")
                == ResponsesNames.Tool(name: "add", namespace: "mcp__notes", isCustom: false))
        #expect(
            names.tool(named: "apply_patch") == ResponsesNames.Tool(name: "apply_patch", namespace: nil, isCustom: true)
        )
        #expect(names.tool(named: "shell") == ResponsesNames.Tool(name: "shell", namespace: nil, isCustom: false))
        #expect(names.tool(named: "other") == ResponsesNames.Tool(name: "other", namespace: nil, isCustom: false))
    }

    @Test func `tools within the input are tools, and those of the own namespace keep their names`() throws {
        let (request, names, losses) = try self.decoded(
            #"""
            {"input":[{"type":"additional_tools","role":"developer","tools":[
               {"type":"namespace","name":"functions","description":"","tools":[
                 {"type":"custom","name":"exec","description":"Runs."},{"type":"function","name":"wait"}]}]},
              {"type":"custom_tool_call","call_id":"c","name":"exec","input":"1"},
              {"role":"user","content":"Go on."}]}
            """#)
        #expect(losses.isEmpty && request.tools.map(\.name) == ["exec", "wait"])
        #expect(names.tool(named: "exec") == ResponsesNames.Tool(name: "exec", namespace: "functions", isCustom: true))
        #expect(
            request.turns == [
                ChatTurn(.assistant, [.toolCall(ToolCall(id: "c", name: "exec", arguments: bytes(#"{"input":"1"}"#)))]),
                ChatTurn(.user, "Go on."),
            ])
    }

    @Test func `the plain form is read`() throws {
        let (request, _, losses) = try self.decoded(
            #"""
            {"model":"m","input":"Hi","max_output_tokens":9,"temperature":0.5,"top_p":0.9,"top_logprobs":2,
             "include":["message.output_text.logprobs"],"truncation":"disabled","metadata":{},"background":false,
             "tool_choice":{"type":"function","name":"f"},"tools":[{"type":"function","name":"f","parameters":{}}],
             "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}}}
            """#)
        #expect(losses.isEmpty)
        #expect(request.turns == [ChatTurn(.user, "Hi")] && request.outputTokensMax == 9)
        #expect(request.sampling.temperature == 0.5 && request.sampling.topP == 0.9)
        #expect(request.logProbabilities == LogProbabilities(top: 2) && request.toolChoice == .tool("f"))
        let schema = AnswerSchema(name: "n", schema: bytes(#"{"type":"object"}"#), isStrict: true)
        #expect(request.format == .schema(schema))
        #expect(try self.decoded(#"{"text":{"format":{"type":"json_object"}}}"#).request.format == .jsonObject)
        #expect(try self.decoded(#"{"text":{"format":{"type":"text"}}}"#).request == ChatRequest())
    }

    @Test func `thinking goes with what follows it`() throws {
        let (request, _, _) = try self.decoded(
            #"""
            {"input":[{"role":"assistant","content":"One."},
              {"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"a"},{"type":"reasoning_text","text":"b"}]},
              {"type":"reasoning","summary":[],"encrypted_content":"anthropic:x"},{"type":"reasoning","summary":[]},
              {"role":"assistant","content":[{"type":"refusal","refusal":"No."}]},
              {"type":"function_call","call_id":"c","name":"f","arguments":""},
              {"type":"reasoning","summary":[{"type":"summary_text","text":"c"}]},
              {"role":"assistant","content":"Two."},{"type":"function_call","call_id":"d","name":"f","arguments":"{}"}]}
            """#)
        let call = { (id: String) in ChatPart.toolCall(ToolCall(id: id, name: "f", arguments: bytes("{}"))) }
        #expect(
            request.turns == [
                ChatTurn(.assistant, "One."),
                ChatTurn(
                    .assistant,
                    [
                        .thinking("a\n\nb", signature: nil), .sealedThinking("x"), .refusal("No."), call("c"),
                        .thinking("c", signature: nil), .text("Two."), call("d"),
                    ]),
            ])
    }

    @Test(arguments: [
        (#"{"previous_response_id":"resp_1"}"#, "previous_response_id"),
        (#"{"conversation":"conv_1"}"#, "conversation"),
        (#"{"conversation":{"id":"x"}}"#, "conversation"), (#"{"background":true}"#, "background"),
        (#"{"prompt":{"id":"p"}}"#, "prompt"),
        (#"{"input":[{"type":"item_reference","id":"x"}]}"#, "input[].item_reference"),
        (
            #"{"input":[{"role":"user","content":[{"type":"input_image","file_id":"f"}]}]}"#,
            "input[].content[].image_url"
        ),
        (#"{"tool_choice":{"type":"file_search"}}"#, "tool_choice"),
    ])
    func `what would have to be kept is not supported`(_ body: String, _ name: String) {
        let refusal = self.refusal(body)
        #expect(refusal?.reason == .unsupportedParameter && refusal?.parameter == name)
        #expect(refusal?.message.hasPrefix("\"\(name)\" is not supported: ") == true)
    }

    @Test(arguments: [
        (#"{"input":1}"#, "input"), (#"{"input":["x"]}"#, "input[]"), (#"{"input":[{"role":"bot"}]}"#, "input[].role"),
        (#"{"input":[{"type":"function_call","arguments":"{}"}]}"#, "input[].name"),
        (#"{"input":[{"type":"function_call","name":"f","arguments":{}}]}"#, "input[].arguments"),
        (#"{"input":[{"type":"function_call_output","output":1}]}"#, "input[].output"),
        (#"{"input":[{"type":"additional_tools"}]}"#, "input[].tools"), (#"{"instructions":[]}"#, "instructions"),
        (#"{"tools":{}}"#, "tools"), (#"{"tools":[{"name":"x"}]}"#, "tools[].type"),
        (#"{"tools":[{"type":"namespace","name":"x"}]}"#, "tools[].tools"),
        (#"{"tools":[{"type":"namespace","name":"x","tools":[{"type":"function"}]}]}"#, "tools[].tools[].name"),
        (#"{"tool_choice":{"type":"function"}}"#, "tool_choice.name"), (#"{"tool_choice":{}}"#, "tool_choice.type"),
        (#"{"text":{"format":{"type":"json_schema","name":"x"}}}"#, "text.format.schema"),
        (#"{"text":{"format":{"type":"xml"}}}"#, "text.format.type"),
        (#"{"reasoning":{"effort":"x"}}"#, "reasoning.effort"),
        (#"{"include":"x"}"#, "include"), (#"{"max_output_tokens":"x"}"#, "max_output_tokens"),
    ])
    func `a wrong type or value names its member`(_ body: String, _ name: String) {
        let refusal = self.refusal(body)
        #expect(refusal?.reason == .invalidField && refusal?.parameter == name)
    }

    @Test(arguments: [
        (#"{"store":true}"#, "store"), (#"{"truncation":"auto"}"#, "truncation"),
        (#"{"max_tool_calls":3}"#, "max_tool_calls"),
        (#"{"include":["file_search_call.results"]}"#, "include"), (#"{"reasoning":{"mode":"pro"}}"#, "reasoning.mode"),
        (#"{"metadata":{"a":"b"}}"#, "metadata"), (#"{"tools":[{"type":"mcp","server_label":"x"}]}"#, "tools.hosted"),
        (#"{"input":[{"type":"local_shell_call","call_id":"c"}]}"#, "input[].local_shell_call"),
        (
            #"{"tools":[],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[]}}"#,
            "tool_choice.allowed_tools"
        ),
    ])
    func `what changes nothing of the answer is a hint`(_ body: String, _ name: String) throws {
        let losses = try self.decoded(body).losses
        #expect(losses.hints == [name] && losses.demands.isEmpty)
    }

    @Test(arguments: [
        (#"{"input":[{"type":"compaction","encrypted_content":"x"}]}"#, "input[].compaction"),
        (#"{"input":[{"type":"never_heard_of"}]}"#, "input[].never_heard_of"),
        (
            #"{"input":[{"role":"user","content":[{"type":"input_file","file_data":"x"}]}]}"#,
            "input[].content[].input_file"
        ),
    ])
    func `what the model should have seen is a demand`(_ body: String, _ name: String) throws {
        let losses = try self.decoded(body).losses
        #expect(losses.demands == [name] && losses.hints.isEmpty)
    }

    @Test func `a search of the web is left out, or refused where it is demanded`() throws {
        let tools = #""tools":[{"type":"web_search"},{"type":"function","name":"f"}]"#
        #expect(try self.decoded("{\(tools)}").losses.hints == ["tools.web_search"])
        #expect(self.refusal(#"{\#(tools),"tool_choice":{"type":"web_search"}}"#) == .forcedWebSearch)
        #expect(self.refusal(#"{"tools":[{"type":"web_search"}],"tool_choice":"required"}"#) == .forcedWebSearch)
    }

    @Test func `what is written as items is read as turns`() throws {
        for seed in 0..<1_000 {
            var generator = OpenAIGenerator(seed: UInt64(seed))
            let all = generator.turns()
            // Words of the assistant's and its calls behind them are one turn.
            let turns = zip(all, all.dropFirst() + [ChatTurn(.user, [])]).filter {
                $0.role != .assistant || $1.role != .assistant
            }.map(\.0)
            let (request, _, losses) = try self.decoded(#"{"input":\#(text(Self.items(turns)))}"#)
            #expect(request.turns == turns && losses.isEmpty, "seed \(seed)")
        }
    }

    /// The input items that turns would be.
    private static func items(_ turns: [ChatTurn]) -> [UInt8] {
        var json = JSONWriter()
        json.array { list in
            for turn in turns {
                let isAssistant = turn.role == .assistant
                let said = turn.parts.filter { part in
                    switch part {
                    case .text, .image, .refusal: true
                    case .thinking, .sealedThinking, .toolCall, .toolResult: false
                    }
                }
                if !said.isEmpty || turn.parts.isEmpty { list.object { Self.message(turn.role, said, &$0) } }
                for part in turn.parts {
                    if case .toolCall(let call) = part {
                        list.object { item in
                            item.member("type", "function_call")
                            item.member("call_id", call.id)
                            item.member("name", call.name)
                            item.key("arguments")
                            item.string(utf8: call.arguments)
                        }
                    } else if case .toolResult(let result) = part, !isAssistant {
                        list.object { item in
                            item.member("type", "function_call_output")
                            item.member("call_id", result.id)
                            item.key("output")
                            item.array { Self.parts(result.parts, &$0) }
                        }
                    }
                }
            }
        }
        return json.bytes
    }

    private static func message(_ role: ChatTurn.Role, _ parts: [ChatPart], _ item: inout JSONWriter) {
        item.member("role", role == .system ? "developer" : role == .user ? "user" : "assistant")
        item.key("content")
        item.array { Self.parts(parts, &$0) }
    }

    private static func parts(_ parts: [ChatPart], _ list: inout JSONWriter) {
        for part in parts {
            list.object { object in
                if case .text(let text) = part {
                    object.member("type", "input_text")
                    object.member("text", text)
                } else if case .image(let image) = part {
                    object.member("type", "input_image")
                    object.key("image_url")
                    object.string(OpenAIImage.head(of: image), escaped: image.base64)
                } else if case .refusal(let text) = part {
                    object.member("type", "refusal")
                    object.member("refusal", text)
                }
            }
        }
    }
}
