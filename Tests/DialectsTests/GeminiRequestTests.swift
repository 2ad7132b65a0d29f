import Testing
import Vocabulary

@testable import Dialects

/// Requests as Google's own API wants them.
struct GeminiRequestTests {
    private let png = bytes("iVBORw0KGgoAAAANSUhEUg==")

    private func request(_ turns: ChatTurn...) -> ChatRequest {
        var request = ChatRequest()
        request.turns = turns
        return request
    }

    /// The body for a model, and what it lost.
    private func encode(
        _ request: ChatRequest, _ model: String = "gemini-2.5-flash", most: Int? = nil
    ) throws -> (body: String, losses: Losses) {
        var losses = Losses()
        let target = TranslationTarget(model: model, outputTokensMax: most)
        let encoded = try Gemini.encode(request, for: target, &losses)
        return (text(encoded), losses)
    }

    private func hints(_ request: ChatRequest, _ model: String = "gemini-2.5-flash") throws -> [String] {
        let losses = try self.encode(request, model).losses
        #expect(losses.demands.isEmpty)
        return losses.hints
    }

    private func refusal(_ request: ChatRequest) -> String? {
        var losses = Losses()
        do throws(BodyRefusal) {
            _ = try Gemini.encode(request, for: TranslationTarget(model: "gemini-2.5-flash"), &losses)
            return nil
        } catch {
            return error.parameter
        }
    }

    // MARK: Turns

    @Test func `words of the two speakers, and those of the system apart`() throws {
        let request = self.request(
            ChatTurn(.system, "Be brief."), ChatTurn(.user, "Hi \"you\""), ChatTurn(.assistant, "Hello."),
            ChatTurn(.user, "Bye"))
        let (body, losses) = try self.encode(request)
        #expect(
            body == #"{"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":["#
                + #"{"role":"user","parts":[{"text":"Hi \"you\""}]},{"role":"model","parts":[{"text":"Hello."}]},"#
                + #"{"role":"user","parts":[{"text":"Bye"}]}]}"#)
        #expect(losses.isEmpty)
    }

    @Test func `turns of one speaker become one, and empty words none`() throws {
        let request = self.request(
            ChatTurn(.user, "a"), ChatTurn(.user, ""), ChatTurn(.user, "b"), ChatTurn(.assistant, ""),
            ChatTurn(.user, "c"))
        #expect(
            try self.encode(request).body
                == #"{"contents":[{"role":"user","parts":[{"text":"a"},{"text":"b"},{"text":"c"}]}]}"#)
    }

    @Test func `a word of the system between two turns is moved to the front, and told`() throws {
        let request = self.request(ChatTurn(.user, "a"), ChatTurn(.system, "b"))
        let (body, losses) = try self.encode(request)
        #expect(body.hasPrefix(#"{"systemInstruction":{"parts":[{"text":"b"}]},"contents":[{"role":"user""#))
        #expect(losses.hints == ["messages[].role"])
    }

    @Test func `without a word of the two there is no request`() {
        #expect(self.refusal(self.request(ChatTurn(.system, "a"))) == "messages")
        #expect(self.refusal(self.request()) == "messages")
    }

    @Test func `a picture without a type gets it from its bytes, and none without a known beginning goes`() throws {
        let picture = ChatImage(mediaType: nil, base64: self.png[...])
        let said = ChatImage(mediaType: "image/webp", base64: self.png[...])
        let request = self.request(ChatTurn(.user, [.text("see"), .image(picture), .image(said)]))
        #expect(
            try self.encode(request).body
                == #"{"contents":[{"role":"user","parts":[{"text":"see"},"#
                + #"{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgoAAAANSUhEUg=="}},"#
                + #"{"inlineData":{"mimeType":"image/webp","data":"iVBORw0KGgoAAAANSUhEUg=="}}]}]}"#)
        let unknown = ChatImage(mediaType: nil, base64: bytes("AAAA")[...])
        #expect(self.refusal(self.request(ChatTurn(.user, [.image(unknown)]))) == "messages[].images")
    }

    // MARK: Calls

    private func call(_ id: String, _ name: String, _ arguments: String) -> ChatPart {
        .toolCall(ToolCall(id: id, name: name, arguments: bytes(arguments)))
    }

    private func result(_ id: String, _ words: String, name: String? = nil, isError: Bool = false) -> ChatPart {
        .toolResult(ToolResult(id: id, name: name, parts: [.text(words)], isError: isError))
    }

    @Test func `calls stand together, and their results too, with the names of the calls`() throws {
        let request = self.request(
            ChatTurn(.user, "go"), ChatTurn(.assistant, [self.call("1", "a", #"{"x":1}"#)]),
            ChatTurn(.assistant, [self.call("2", "b", "")]), ChatTurn(.user, [self.result("2", "two")]),
            ChatTurn(.user, [self.result("1", #"{"one":1}"#)]))
        let (body, losses) = try self.encode(request)
        #expect(
            body.hasSuffix(
                #"{"role":"model","parts":[{"functionCall":{"name":"a","id":"1","args":{"x":1}}},"#
                    + #"{"functionCall":{"name":"b","id":"2","args":{}}}]},"#
                    + #"{"role":"user","parts":[{"functionResponse":{"name":"b","id":"2","response":{"output":"two"}}},"#
                    + #"{"functionResponse":{"name":"a","id":"1","response":{"one":1}}}]}]}"#))
        #expect(losses.isEmpty)
    }

    @Test func `a result that failed says so`() throws {
        let request = self.request(
            ChatTurn(.assistant, [self.call("1", "a", "{}"), self.call("2", "a", "{}")]),
            ChatTurn(.user, [self.result("1", "no", isError: true), self.result("2", #"{"n":1}"#, isError: true)]))
        let body = try self.encode(request).body
        #expect(body.contains(#""id":"1","response":{"error":"no"}"#))
        #expect(body.contains(#""id":"2","response":{"error":{"n":1}}"#))
    }

    @Test func `results without an id are those of the last calls in order, or by name`() throws {
        let request = self.request(
            ChatTurn(.assistant, [self.call("", "a", "{}"), self.call("", "b", "{}"), self.call("", "c", "{}")]),
            ChatTurn(
                .user, [self.result("", "2", name: "b"), self.result("", "1"), self.result("", "3")]))
        let body = try self.encode(request).body
        #expect(body.contains(#"{"functionResponse":{"name":"b","response":{"output":"2"}}}"#))
        #expect(body.contains(#"{"functionResponse":{"name":"a","response":{"output":"1"}}}"#))
        #expect(body.contains(#"{"functionResponse":{"name":"c","response":{"output":"3"}}}"#))
    }

    @Test func `a result of a call that nobody made is refused`() {
        let request = self.request(ChatTurn(.user, [self.result("7", "x")]))
        #expect(self.refusal(request) == "messages[].tool_call_id")
    }

    @Test func `arguments that are no object are told within one`() throws {
        let request = self.request(ChatTurn(.assistant, [self.call("1", "a", "{oops")]))
        let (body, losses) = try self.encode(request)
        #expect(body.contains(#""args":{"arguments":"{oops"}"#))
        #expect(losses.hints == ["messages[].tool_calls[].function.arguments"])
    }

    @Test func `pictures of a result are in it from 3 on, and beside it before`() throws {
        let picture = ChatPart.image(ChatImage(mediaType: nil, base64: self.png[...]))
        let request = self.request(
            ChatTurn(.user, [.toolResult(ToolResult(id: "", name: "see", parts: [.text("it"), picture]))]))
        let data = #"{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgoAAAANSUhEUg=="}}"#
        #expect(
            try self.encode(request, "gemini-3-pro-preview").body.contains(
                #""response":{"output":"it"},"parts":[\#(data)]}}]"#))
        #expect(try self.encode(request).body.contains(#""response":{"output":"it"}}},\#(data)]"#))
    }

    // MARK: Seals

    @Test func `a seal of Gemini's goes back with the call after it`() throws {
        let request = self.request(
            ChatTurn(
                .assistant,
                [
                    .thinking("hm", signature: GeminiSeal.marked("c2VhbA==")), .text("so"), self.call("1", "a", "{}"),
                    self.call("2", "a", "{}"),
                ]))
        let (body, losses) = try self.encode(request, "gemini-3-pro-preview")
        #expect(
            body.contains(
                #"[{"text":"hm","thought":true},{"text":"so"},"#
                    + #"{"functionCall":{"name":"a","id":"1","args":{}},"thoughtSignature":"c2VhbA=="},"#
                    + #"{"functionCall":{"name":"a","id":"2","args":{}}}]"#))
        #expect(losses.isEmpty)
    }

    @Test(arguments: [
        ("gemini-3-pro-preview", true), ("models/gemini-4-flash", true), ("gemini-flash-latest", true),
        ("gemini-2.5-pro", false), ("models/gemini-2.0-flash", false), ("gemma-3-27b-it", false),
    ])
    func `a first call without a seal says that it has none, where one is demanded`(model: String, says: Bool) throws {
        let request = self.request(ChatTurn(.assistant, [self.call("1", "a", "{}"), self.call("2", "a", "{}")]))
        let body = try self.encode(request, model).body
        let first = #""id":"1","args":{}},"thoughtSignature":"skip_thought_signature_validator"}"#
        #expect(body.contains(first) == says)
        #expect(!body.contains(#""id":"2","args":{}},"#))
    }

    @Test func `another provider's seal does not go, and is told`() throws {
        let request = self.request(
            ChatTurn(
                .assistant, [.thinking("hm", signature: "EqRk"), .sealedThinking("x"), self.call("1", "a", "{}")]))
        let (body, losses) = try self.encode(request, "gemini-3-pro-preview")
        #expect(body.contains(#""thoughtSignature":"skip_thought_signature_validator""#))
        #expect(!body.contains("EqRk"))
        #expect(losses.hints == ["messages[].content[].signature", "messages[].content[].redacted_thinking"])
    }

    @Test func `a seal without a call stays with the thought, and is told where there is none`() throws {
        let seal = GeminiSeal.marked("c2VhbA==")
        let request = self.request(ChatTurn(.assistant, [.thinking("hm", signature: seal), .text("so")]))
        #expect(
            try self.encode(request).body.contains(#"{"text":"hm","thought":true,"thoughtSignature":"c2VhbA=="}"#))
        let bare = self.request(ChatTurn(.assistant, [.thinking("", signature: seal), .text("so")]))
        #expect(try self.hints(bare) == ["messages[].content[].signature"])
    }

    // MARK: Tools

    @Test func `functions keep their JSON Schema`() throws {
        var request = self.request(ChatTurn(.user, "go"))
        let schema = #"{"type":"object","properties":{"x":{"anyOf":[{"type":"integer"},{"const":"y"}]}}}"#
        request.tools = [
            ChatTool(name: "a", description: "does a", parameters: bytes(schema)), ChatTool(name: "b", isStrict: true),
        ]
        let (body, losses) = try self.encode(request)
        #expect(
            body.contains(
                #","tools":[{"functionDeclarations":[{"name":"a","description":"does a","parametersJsonSchema":\#(schema)},"#
                    + #"{"name":"b"}]}]}"#))
        #expect(losses.hints == ["tools[].strict"])
    }

    @Test(arguments: [
        (ToolChoice.auto, #"{"mode":"AUTO"}"#), (.none, #"{"mode":"NONE"}"#), (.required, #"{"mode":"ANY"}"#),
        (.tool("a"), #"{"mode":"ANY","allowedFunctionNames":["a"]}"#),
    ])
    func `whether one must be called`(choice: ToolChoice, config: String) throws {
        var request = self.request(ChatTurn(.user, "go"))
        request.tools = [ChatTool(name: "a")]
        request.toolChoice = choice
        let (body, losses) = try self.encode(request)
        #expect(body.hasSuffix(#","toolConfig":{"functionCallingConfig":\#(config)}}"#))
        #expect(losses.isEmpty)
    }

    @Test func `without functions there is nothing to choose`() throws {
        var request = self.request(ChatTurn(.user, "go"))
        request.toolChoice = .auto
        #expect(try self.encode(request).losses.isEmpty)
        request.toolChoice = .required
        let (body, losses) = try self.encode(request)
        #expect(!body.contains("toolConfig"))
        #expect(losses.demands == ["tool_choice"])
    }

    @Test func `one call at a time cannot be had`() throws {
        var request = self.request(ChatTurn(.user, "go"))
        request.callsInParallel = false
        #expect(try self.hints(request).isEmpty)
        request.tools = [ChatTool(name: "a")]
        #expect(try self.hints(request) == ["parallel_tool_calls"])
        request.callsInParallel = true
        #expect(try self.hints(request).isEmpty)
    }

    // MARK: Settings

    @Test func `how tokens are chosen`() throws {
        var request = self.request(ChatTurn(.user, "go"))
        request.sampling.temperature = 0.5
        request.sampling.topP = 0.25
        request.sampling.topK = 40
        request.sampling.presencePenalty = 1
        request.sampling.frequencyPenalty = -1.5
        request.sampling.seed = -7
        request.sampling.stop = ["a", "", "b"]
        request.outputTokensMax = 100
        request.logProbabilities = LogProbabilities(top: 3)
        let (body, losses) = try self.encode(request)
        #expect(
            body.hasSuffix(
                #","generationConfig":{"temperature":0.5,"topP":0.25,"topK":40,"presencePenalty":1.0,"#
                    + #""frequencyPenalty":-1.5,"seed":-7,"stopSequences":["a","b"],"maxOutputTokens":100,"#
                    + #""responseLogprobs":true,"logprobs":3}}"#))
        #expect(losses.isEmpty)
    }

    @Test func `what cannot be said is told`() throws {
        var request = self.request(ChatTurn(.user, "go"))
        request.sampling.minP = 0.1
        request.sampling.seed = 1 << 40
        request.sampling.topK = 1 << 40
        request.sampling.stop = ["1", "2", "3", "4", "5", "6"]
        request.format = .schema(AnswerSchema(name: "n", description: "d", schema: bytes("{}"), isStrict: true))
        let (body, losses) = try self.encode(request)
        #expect(losses.hints == ["min_p", "seed", "top_k", "response_format.json_schema.description"])
        #expect(losses.demands == ["stop"])
        #expect(body.contains(#"{"stopSequences":["1","2","3","4","5"],"#))
    }

    @Test func `the lower bound of the answer counts`() throws {
        var request = self.request(ChatTurn(.user, "go"))
        #expect(try self.encode(request, most: 50).body.contains(#""maxOutputTokens":50"#))
        request.outputTokensMax = 60
        let (body, losses) = try self.encode(request, most: 50)
        #expect(body.contains(#""maxOutputTokens":50"#))
        #expect(losses.hints == ["max_tokens"])
        request.outputTokensMax = .max
        #expect(try self.encode(request).body.contains(#""maxOutputTokens":2147483647"#))
    }

    @Test func `the form of the answer`() throws {
        var request = self.request(ChatTurn(.user, "go"))
        request.format = .jsonObject
        #expect(
            try self.encode(request).body.hasSuffix(#","generationConfig":{"responseMimeType":"application/json"}}"#))
        request.format = .schema(AnswerSchema(name: "n", schema: bytes(#"{"type":"array"}"#), isStrict: false))
        let (body, losses) = try self.encode(request)
        #expect(body.hasSuffix(#"{"responseMimeType":"application/json","responseJsonSchema":{"type":"array"}}}"#))
        #expect(losses.isEmpty)
    }

    @Test(arguments: [
        (Reasoning.off, #"{"thinkingBudget":0}"#, #"{"thinkingLevel":"LOW"}"#),
        (.on, #"{"includeThoughts":true,"thinkingBudget":-1}"#, #"{"includeThoughts":true}"#),
        (
            .effort(.minimal), #"{"includeThoughts":true,"thinkingBudget":1024}"#,
            #"{"includeThoughts":true,"thinkingLevel":"LOW"}"#
        ),
        (
            .effort(.medium), #"{"includeThoughts":true,"thinkingBudget":8192}"#,
            #"{"includeThoughts":true,"thinkingLevel":"MEDIUM"}"#
        ),
        (
            .effort(.max), #"{"includeThoughts":true,"thinkingBudget":24576}"#,
            #"{"includeThoughts":true,"thinkingLevel":"HIGH"}"#
        ),
        (
            .budget(31_999), #"{"includeThoughts":true,"thinkingBudget":24576}"#,
            #"{"includeThoughts":true,"thinkingBudget":24576}"#
        ),
    ])
    func `how much it shall think`(wish: Reasoning, early: String, late: String) throws {
        var request = self.request(ChatTurn(.user, "go"))
        request.reasoning = wish
        #expect(try self.encode(request).body.hasSuffix(#"{"thinkingConfig":\#(early)}}"#))
        #expect(try self.encode(request, "gemini-3.1-pro").body.hasSuffix(#"{"thinkingConfig":\#(late)}}"#))
    }

    @Test func `thinking that is not as asked is told`() throws {
        var request = self.request(ChatTurn(.user, "go"))
        for (wish, early, late) in [
            (Reasoning.off, [], ["reasoning"]), (.on, [], []), (.effort(.high), [], []),
            (.effort(.minimal), [], ["reasoning_effort"]),
            (.effort(.xhigh), ["reasoning_effort"], ["reasoning_effort"]),
            (.budget(1_024), [], []), (.budget(30_000), ["thinking.budget_tokens"], ["thinking.budget_tokens"]),
        ] as [(Reasoning, [String], [String])] {
            request.reasoning = wish
            #expect(try self.hints(request) == early, "\(wish)")
            #expect(try self.hints(request, "gemini-3-flash-preview") == late, "\(wish)")
        }
    }

    // MARK: Vectors

    @Test func `each text is a request of its own`() {
        let target = TranslationTarget(model: "gemini-embedding-001")
        #expect(
            text(GeminiEmbeddings.encode(EmbeddingRequest(inputs: ["a", "\"b\""], dimensions: 256), for: target))
                == #"{"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"a"}]},"#
                + #""outputDimensionality":256},{"model":"models/gemini-embedding-001","#
                + #""content":{"parts":[{"text":"\"b\""}]},"outputDimensionality":256}]}"#)
        let full = TranslationTarget(model: "models/x")
        #expect(
            text(GeminiEmbeddings.encode(EmbeddingRequest(inputs: ["a"]), for: full))
                == #"{"requests":[{"model":"models/x","content":{"parts":[{"text":"a"}]}}]}"#)
    }
}
