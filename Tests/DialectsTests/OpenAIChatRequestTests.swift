import Testing
import Vocabulary

@testable import Dialects

@Suite struct OpenAIChatRequestTests {
    @Test func `all members that have a form are read`() throws {
        let (request, losses) = try OpenAITesting.chat(
            """
            {"model":"gpt-x","stream":true,"stream_options":{"include_usage":true},
             "messages":[{"role":"developer","content":"Be brief."},
                         {"role":"user","content":[{"type":"text","text":"What is this?"},
                            {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"auto"}}]}],
             "tools":[{"type":"function","function":{"name":"look","description":"Looks.","strict":true,
                       "parameters":{"type":"object","properties":{"at":{"type":"string"}}}}}],
             "tool_choice":{"type":"function","function":{"name":"look"}},"parallel_tool_calls":false,
             "response_format":{"type":"json_schema","json_schema":{"name":"out","description":"d","strict":true,
                       "schema":{"type":"object"}}},
             "stop":["END","STOP"],"max_tokens":100,"max_completion_tokens":50,"seed":7,"temperature":0.5,"top_p":0.9,
             "top_k":40,"min_p":0.05,"frequency_penalty":-1,"presence_penalty":1.5,"logprobs":true,"top_logprobs":3,
             "reasoning_effort":"high","n":1,"store":false,"logit_bias":{},"modalities":["text"],"user":null}
            """)
        #expect(losses.isEmpty)
        #expect(request.streams && request.outputTokensMax == 50 && request.callsInParallel == false)
        let image = ChatImage(mediaType: "image/png", base64: bytes("iVBORw0KGgo=")[...])
        #expect(
            request.turns == [
                ChatTurn(.system, "Be brief."), ChatTurn(.user, [.text("What is this?"), .image(image)]),
            ])
        let parameters = bytes(#"{"type":"object","properties":{"at":{"type":"string"}}}"#)
        #expect(
            request.tools == [ChatTool(name: "look", description: "Looks.", parameters: parameters, isStrict: true)])
        #expect(request.toolChoice == .tool("look") && request.reasoning == .effort(.high))
        let schema = AnswerSchema(name: "out", description: "d", schema: bytes(#"{"type":"object"}"#), isStrict: true)
        #expect(request.format == .schema(schema) && request.logProbabilities == LogProbabilities(top: 3))
        var sampling = Sampling()
        (sampling.temperature, sampling.topP, sampling.topK, sampling.minP) = (0.5, 0.9, 40, 0.05)
        (sampling.frequencyPenalty, sampling.presencePenalty, sampling.seed) = (-1, 1.5, 7)
        sampling.stop = ["END", "STOP"]
        #expect(request.sampling == sampling)
    }

    @Test func `a conversation with calls becomes turns with their results together`() throws {
        let (request, losses) = try OpenAITesting.chat(
            """
            {"messages":[
              {"role":"user","content":"Weather?"},
              {"role":"assistant","content":null,"reasoning_content":"Two towns.","refusal":null,"annotations":[],
               "tool_calls":[{"id":"c1","type":"function","function":{"name":"at","arguments":"{\\"t\\":1}"}},
                             {"id":"c2","type":"function","function":{"name":"at","arguments":""}}]},
              {"role":"tool","tool_call_id":"c1","content":"sun"},
              {"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"rain"}]},
              {"role":"assistant","content":"","refusal":"No."},
              {"role":"user","content":""}]}
            """)
        #expect(losses.isEmpty)
        #expect(
            request.turns == [
                ChatTurn(.user, "Weather?"),
                ChatTurn(
                    .assistant,
                    [
                        .thinking("Two towns.", signature: nil),
                        .toolCall(ToolCall(id: "c1", name: "at", arguments: bytes(#"{"t":1}"#))),
                        .toolCall(ToolCall(id: "c2", name: "at", arguments: bytes("{}"))),
                    ]),
                ChatTurn(
                    .user,
                    [
                        .toolResult(ToolResult(id: "c1", name: "at", parts: [.text("sun")])),
                        .toolResult(ToolResult(id: "c2", name: "at", parts: [.text("rain")])),
                    ]),
                ChatTurn(.assistant, [.refusal("No.")]), ChatTurn(.user, []),
            ])
    }

    @Test func `functions from before there were tools are read, and said to come back as calls of tools`() throws {
        let (request, losses) = try OpenAITesting.chat(
            """
            {"messages":[{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
                         {"role":"function","name":"f","content":"1"}],
             "functions":[{"name":"f","parameters":{}}],"function_call":{"name":"f"}}
            """)
        #expect(losses.demands == ["functions"] && losses.hints.isEmpty)
        #expect(request.tools == [ChatTool(name: "f", parameters: bytes("{}"))] && request.toolChoice == .tool("f"))
        #expect(request.turns[0].parts == [.toolCall(ToolCall(id: "", name: "f", arguments: bytes("{}")))])
        #expect(request.turns[1].parts == [.toolResult(ToolResult(id: "", name: "f", parts: [.text("1")]))])
    }

    @Test func `a custom tool is a function of one text, and its grammar is told to the model`() throws {
        let (request, losses) = try OpenAITesting.chat(
            """
            {"messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"patch","input":"a\\"b"}}]}],
             "tools":[{"type":"custom","custom":{"name":"patch","description":"Patches.",
               "format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: X"}}}}]}
            """)
        #expect(losses.demands == ["tools.custom"] && losses.hints == ["tools.custom.format"])
        let schema = try JSONView(try #require(request.tools.first?.parameters))
        let about = schema["properties"]?["input"]?["description"]?.string
        #expect(about == "The whole input, as text of this grammar (lark):\nstart: X")
        #expect(
            request.turns[0].parts == [
                .toolCall(ToolCall(id: "c", name: "patch", arguments: bytes(#"{"input":"a\"b"}"#)))
            ])
        #expect(OpenAICustomTool.input(bytes(#"{"input":"a\"b"}"#)) == "a\"b")
        #expect(OpenAICustomTool.input(bytes("plain words")) == "plain words")
    }

    @Test func `hosted tools are left out and noted`() throws {
        let (request, losses) = try OpenAITesting.chat(
            #"{"tools":[{"type":"web_search_preview"},{"type":"mcp","server_url":"x"},{"type":"function","function":{"name":"f"}}]}"#
        )
        #expect(request.tools.map(\.name) == ["f"])
        #expect(losses.hints == ["tools.web_search", "tools.hosted"] && losses.demands.isEmpty)
    }

    @Test(arguments: [
        (#"{"n":2}"#, "n"), (#"{"logit_bias":{"50256":-100}}"#, "logit_bias"), (#"{"audio":{"voice":"x"}}"#, "audio"),
        (#"{"modalities":["text","audio"]}"#, "modalities"), (#"{"suffix":"x"}"#, "suffix"),
        (#"{"response_format":{"type":"grammar"}}"#, "response_format"), (#"{"guided_json":{"a":1}}"#, "guided_json"),
        (
            #"{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"eA=="}}]}]}"#,
            "messages[].content[].input_audio"
        ),
        (
            #"{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"x"}}]}]}"#,
            "messages[].content[].file"
        ),
    ])
    func `what would make another answer is a demand`(_ body: String, _ name: String) throws {
        let losses = try OpenAITesting.chat(body).losses
        #expect(losses.demands == [name] && losses.hints.isEmpty)
    }

    @Test(arguments: [
        (#"{"user":"u"}"#, "user"), (#"{"metadata":{"a":"b"}}"#, "metadata"), (#"{"store":true}"#, "store"),
        (#"{"service_tier":"flex"}"#, "service_tier"), (#"{"verbosity":"low"}"#, "verbosity"),
        (#"{"never_heard_of":1}"#, "never_heard_of"), (#"{"web_search_options":{"a":1}}"#, "web_search_options"),
        (#"{"messages":[{"role":"user","name":"bob","content":"x"}]}"#, "messages[].name"),
        (
            #"{"messages":[{"role":"user","cache_control":{"type":"ephemeral"},"content":"x"}]}"#,
            "messages[].cache_control"
        ),
        (
            #"{"messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"e"}}]}]}"#,
            "messages[].content[].cache_control"
        ),
        (
            #"{"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}}}"#,
            "tool_choice.allowed_tools"
        ),
    ])
    func `what changes nothing of the answer is a hint`(_ body: String, _ name: String) throws {
        let losses = try OpenAITesting.chat(body).losses
        #expect(losses.hints == [name] && losses.demands.isEmpty)
    }

    @Test(arguments: [
        #"{"n":1}"#, #"{"store":false}"#, #"{"metadata":{}}"#, #"{"user":""}"#, #"{"service_tier":"auto"}"#,
        #"{"unknown":null}"#, #"{"unknown":[]}"#, #"{"unknown":false}"#, #"{"model":"x","stream":false}"#,
        #"{"stream_options":{"include_usage":false}}"#, #"{"max_tokens":-1}"#,
    ])
    func `what means the default is no loss`(_ body: String) throws {
        let (request, losses) = try OpenAITesting.chat(body)
        #expect(losses.isEmpty && request == ChatRequest())
    }

    @Test(arguments: [
        (#"{"messages":{}}"#, "messages"), (#"{"messages":["x"]}"#, "messages[]"),
        (#"{"messages":[{"content":"x"}]}"#, "messages[].role"), (#"{"messages":[{"role":"bot"}]}"#, "messages[].role"),
        (#"{"messages":[{"role":"user","content":1}]}"#, "messages[].content"),
        (#"{"messages":[{"role":"user","content":[{"text":"x"}]}]}"#, "messages[].content[].type"),
        (#"{"messages":[{"role":"user","content":[{"type":"text"}]}]}"#, "messages[].content[].text"),
        (#"{"messages":[{"role":"assistant","tool_calls":[{"id":"x"}]}]}"#, "messages[].tool_calls[].function"),
        (#"{"tools":{}}"#, "tools"), (#"{"tools":[{"type":"function"}]}"#, "tools[].function"),
        (#"{"tools":[{"type":"function","function":{"name":""}}]}"#, "tools[].function.name"),
        (#"{"tool_choice":"maybe"}"#, "tool_choice"),
        (#"{"temperature":"hot"}"#, "temperature"), (#"{"temperature":1e400}"#, "temperature"),
        (#"{"seed":"x"}"#, "seed"), (#"{"stop":[1]}"#, "stop"), (#"{"top_logprobs":21}"#, "top_logprobs"),
        (#"{"reasoning_effort":"huge"}"#, "reasoning_effort"), (#"{"response_format":"json"}"#, "response_format"),
        (#"{"response_format":{"type":"json_schema"}}"#, "response_format.json_schema"),
        (#"{"max_tokens":"many"}"#, "max_tokens"), (#"{"stream":1}"#, "stream"),
    ])
    func `a wrong type or value names its member`(_ body: String, _ name: String) {
        let refusal = OpenAITesting.chatRefusal(body)
        #expect(refusal?.reason == .invalidField && refusal?.parameter == name)
    }

    @Test func `a demanded tool of the provider's is not supported`() {
        let refusal = OpenAITesting.chatRefusal(#"{"tool_choice":{"type":"file_search"}}"#)
        #expect(refusal?.reason == .unsupportedParameter && refusal?.parameter == "tool_choice")
    }

    @Test func `a demanded search of the web is refused`() {
        let body = #"{"tools":[{"type":"web_search"}],"tool_choice":"required"}"#
        #expect(OpenAITesting.chatRefusal(body) == .forcedWebSearch)
    }

    // MARK: Images

    private func image(_ url: String) -> String {
        #"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"\#(url)"}}]}]}"#
    }

    @Test func `base64 lies where it came`() throws {
        let body = bytes(self.image("DATA:image/jpeg;name=x;BASE64,/9j/AA=="))
        var losses = Losses()
        let request = try OpenAIChat.decode(try JSONView(body), &losses)
        guard case .image(let image)? = request.turns.first?.parts.first else {
            Issue.record("no image")
            return
        }
        #expect(image.mediaType == "image/jpeg" && text(image.base64) == "/9j/AA==")
        let isShared = body.withUnsafeBufferPointer { all in
            image.base64.withUnsafeBufferPointer { part in
                all.baseAddress.map { start in part.baseAddress.map { $0 >= start && $0 < start + all.count } ?? false }
            }
        }
        #expect(isShared == true)
    }

    @Test func `escaped slashes are read, and nothing that JSON would have to escape comes through`() throws {
        let (request, _) = try OpenAITesting.chat(self.image(#"data:image\/jpeg;base64,\/9j\/"#))
        #expect(request.turns[0].parts == [.image(ChatImage(mediaType: "image/jpeg", base64: bytes("/9j/")[...]))])
        for tail in [#"\""#, #"\u0022"#, #"\\"#, #"\n"#] {
            let refusal = OpenAITesting.chatRefusal(self.image("data:image/png;base64,iVBO" + tail))
            #expect(refusal?.reason == .invalidField, "\(tail)")
        }
    }

    @Test(arguments: ["https://example.com/x.png", "//example.com/x", "file:///etc/passwd", "iVBORw0KGgo="])
    func `an image elsewhere is not fetched`(_ url: String) {
        let refusal = OpenAITesting.chatRefusal(self.image(url))
        #expect(refusal?.reason == .toolForbidden && refusal?.parameter == "messages[].content[].image_url")
    }

    @Test(arguments: ["data:image/svg+xml,%3Csvg%3E", "data:image/png;base64,", "data:image/png;base64"])
    func `a data URL must be base64`(_ url: String) {
        #expect(OpenAITesting.chatRefusal(self.image(url))?.reason == .invalidField)
    }

    @Test func `an image without a type is told by its first bytes`() {
        let head = { (type: String?, base64: String) in
            OpenAIImage.head(of: ChatImage(mediaType: type, base64: bytes(base64)[...]))
        }
        #expect(head(nil, "/9j/4AAQ") == "data:image/jpeg;base64,")
        #expect(head(nil, "AAAA") == "data:application/octet-stream;base64,")
        #expect(head("image/svg+xml", "AAAA") == "data:image/svg+xml;base64,")
        let long = head("image/" + String(repeating: "x", count: 200), "AAAA")
        #expect(OpenAITesting.chatRefusal(self.image(long + "AAAA")) == nil)
        #expect(head("image/\"x\\;", "AAAA") == "data:image/x;base64,")
    }
}
