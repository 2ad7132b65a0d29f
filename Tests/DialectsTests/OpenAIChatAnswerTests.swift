import Testing
import Vocabulary

@testable import Dialects

@Suite struct OpenAIChatAnswerTests {
    private static func chunk(_ choice: String, _ more: String = "") -> String {
        #"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[\#(choice)]\#(more)}"#
            + "\n\n"
    }

    private static func delta(_ delta: String, finish: String = "null") -> String {
        Self.chunk(#"{"index":0,"delta":\#(delta),"logprobs":null,"finish_reason":\#(finish)}"#)
    }

    private static let done = "data: [DONE]\n\n"
    private static let usage = Self.chunk(
        "",
        #","usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":4},"#
            + #""completion_tokens_details":{"reasoning_tokens":1}}"#)

    private func read(_ stream: String) -> [AnswerEvent]? {
        OpenAITesting.events(OpenAIChatDecoder(), stream)
    }

    private var told: AnswerUsage {
        var usage = AnswerUsage()
        (usage.promptTokens, usage.outputTokens, usage.cachedTokens, usage.reasoningTokens) = (9, 3, 4, 1)
        return usage
    }

    // MARK: Reading

    @Test func `a stream of OpenAI's is read, however it is cut`() {
        let stream =
            Self.delta(#"{"role":"assistant","content":"","refusal":null}"#)
            + Self.delta(#"{"reasoning_content":"hm"}"#)
            + Self.chunk(
                #"{"index":0,"delta":{"content":"Hé"},"logprobs":{"content":[{"token":"H"}],"refusal":null},"finish_reason":null}"#
            )
            + Self.delta(
                #"{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}"#)
            + Self.delta(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]}"#)
            + Self.delta(
                #"{"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]}"#)
            + Self.delta(#"{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}"#)
            + Self.delta("{}", finish: "\"tool_calls\"") + Self.usage + Self.done
        let events: [AnswerEvent] = [
            .began(id: "c", model: "m"), .thinking("hm"), .text("Hé"), .logProbabilities(bytes(#"[{"token":"H"}]"#)),
            .toolCallBegan(index: 0, id: "c1", name: "f"), .toolArguments(index: 0, bytes(#"{"a""#)),
            .toolCallBegan(index: 1, id: "c2", name: "g"), .toolArguments(index: 1, bytes("{}")),
            .toolArguments(index: 0, bytes(":1}")), .usage(self.told), .ended(.toolCalls),
        ]
        let all = bytes(stream)
        for border in 0...all.count {
            let pieces = [Array(all[..<border]), Array(all[border...])]
            #expect(OpenAITesting.events(OpenAIChatDecoder(), pieces) == events, "cut at \(border)")
        }
        #expect(OpenAITesting.events(OpenAIChatDecoder(), all.map { [$0] }) == events)
    }

    @Test func `a clean end is complete if a reason to stop was told`() {
        let words = Self.delta(#"{"content":"x"}"#)
        let ended: [AnswerEvent] = [.began(id: "c", model: "m"), .text("x"), .ended(.length)]
        #expect(self.read(words + Self.delta("{}", finish: "\"length\"")) == ended)
        #expect(self.read(words) == [.began(id: "c", model: "m"), .text("x")])
        #expect(self.read(words + Self.usage) == [.began(id: "c", model: "m"), .text("x"), .usage(self.told)])
        #expect(self.read(words + Self.done)?.last == .ended(.stop(text: nil)))
        #expect(self.read("") == [])
    }

    @Test func `nothing is read behind the end`() {
        let stream = Self.delta(#"{"content":"x"}"#, finish: "\"stop\"") + Self.done + Self.delta(#"{"content":"y"}"#)
        #expect(self.read(stream) == [.began(id: "c", model: "m"), .text("x"), .ended(.stop(text: nil))])
    }

    @Test func `only the first choice counts`() {
        let stream =
            Self.chunk(#"{"index":1,"delta":{"content":"no"},"finish_reason":"length"}"#)
            + Self.delta(#"{"content":"yes"}"#, finish: "\"stop\"") + Self.done
        #expect(self.read(stream) == [.began(id: "c", model: "m"), .text("yes"), .ended(.stop(text: nil))])
    }

    @Test(arguments: [
        ("stop", StopReason.stop(text: nil)), ("length", .length), ("model_length", .length),
        ("content_filter", .contentFilter), ("tool_calls", .toolCalls), ("function_call", .toolCalls),
        ("eos", .stop(text: nil)),
    ])
    func `reasons to stop`(_ word: String, _ reason: StopReason) {
        #expect(self.read(Self.delta("{}", finish: "\"\(word)\"") + Self.done)?.last == .ended(reason))
    }

    @Test func `a stop text is told where the server tells it, and a stop with calls waits for them`() {
        let named = Self.chunk(#"{"index":0,"delta":{},"finish_reason":"stop","stop_reason":"END"}"#)
        #expect(self.read(named)?.last == .ended(.stop(text: "END")))
        let number = Self.chunk(#"{"index":0,"delta":{},"finish_reason":"stop","stop_reason":128009}"#)
        #expect(self.read(number)?.last == .ended(.stop(text: nil)))
        let call = Self.delta(#"{"tool_calls":[{"id":"x","function":{"name":"f"}}]}"#)
        #expect(self.read(call + named)?.last == .ended(.toolCalls))
    }

    @Test(arguments: [
        #"data: {"error":{"message":"boom","type":"server_error"}}"#, #"data: {"error":"boom"}"#,
        "event: error\ndata: {\"message\":\"boom\"}", #"data: {"object":"error","message":"boom","code":500}"#,
    ])
    func `an error ends the stream in its own words`(_ record: String) {
        let stream = Self.delta(#"{"content":"x"}"#) + record + "\n\n" + Self.done
        #expect(self.read(stream) == [.began(id: "c", model: "m"), .text("x"), .failed("boom")])
    }

    @Test(arguments: ["insufficient_system_resource", "abort", "error"])
    func `a broken answer has failed, though the server calls it finished`(_ word: String) {
        let events = self.read(Self.delta("{}", finish: "\"\(word)\"") + Self.done)
        #expect(events?.last == .failed("the server broke off the answer: \(word)"))
    }

    @Test func `usage in every chunk is told once, and zeros are none`() {
        let chunk = { (usage: Int, finish: String) in
            Self.chunk(
                #"{"index":0,"delta":{"content":"x"},"finish_reason":\#(finish)}"#,
                #","usage":{"prompt_tokens":5,"completion_tokens":\#(usage)}"#)
        }
        var usage = AnswerUsage()
        (usage.promptTokens, usage.outputTokens) = (5, 2)
        let events = self.read(chunk(0, "null") + chunk(1, "null") + chunk(2, "\"stop\""))
        #expect(events?.suffix(2) == [.usage(usage), .ended(.stop(text: nil))])
        #expect(self.read(chunk(0, "null")) == [.began(id: "c", model: "m"), .text("x")])
    }

    @Test(arguments: [
        // No index, ids in the first pieces only.
        #"{"id":"a","function":{"name":"f","arguments":"1"}}|{"function":{"arguments":"2"}}|{"id":"b","function":{"name":"g","arguments":"3"}}"#,
        // All calls have the index 0, as Ollama had it.
        #"{"index":0,"id":"a","function":{"name":"f","arguments":"12"}}|{"index":0,"id":"b","function":{"name":"g","arguments":"3"}}"#,
        // Id and name are repeated.
        #"{"index":0,"id":"a","function":{"name":"f","arguments":"1"}}|{"index":0,"id":"a","function":{"name":"f","arguments":"2"}}|{"index":1,"id":"b","function":{"name":"g","arguments":"3"}}"#,
        // The name comes behind the first arguments, the index is any.
        #"{"index":7,"id":"a","function":{"arguments":"1"}}|{"index":7,"function":{"name":"f","arguments":"2"}}|{"index":9,"id":"b","function":{"name":"g","arguments":3}}|{"index":9,"function":{"arguments":"3"}}"#,
        // Two calls in one chunk.
        #"{"index":0,"id":"a","function":{"name":"f","arguments":"12"}},{"index":1,"id":"b","function":{"name":"g","arguments":"3"}}"#,
    ])
    func `calls are put together, however a server cuts them`(_ pieces: String) throws {
        let stream = pieces.components("|").map { Self.delta(#"{"tool_calls":[\#($0)]}"#) }.joined()
        let answer = OpenAITesting.answer(try #require(self.read(stream + Self.delta("{}", finish: "\"tool_calls\""))))
        #expect(
            answer.blocks == [
                .toolCall(ToolCall(id: "a", name: "f", arguments: bytes("12"))),
                .toolCall(ToolCall(id: "b", name: "g", arguments: bytes("3"))),
            ])
    }

    @Test func `calls without ids are told apart by their names`() throws {
        let stream =
            Self.delta(#"{"tool_calls":[{"function":{"name":"f","arguments":{"a":1}}},{"function":{"name":"f"}}]}"#)
            + Self.delta(#"{"function_call":{"name":"old","arguments":"{}"}}"#)
        let answer = OpenAITesting.answer(try #require(self.read(stream)))
        #expect(
            answer.blocks == [
                .toolCall(ToolCall(id: "", name: "f", arguments: bytes(#"{"a":1}"#))),
                .toolCall(ToolCall(id: "", name: "f", arguments: [])),
                .toolCall(ToolCall(id: "", name: "old", arguments: bytes("{}"))),
            ])
    }

    @Test func `more calls than anybody could use are a failure`() {
        let calls = (0...OpenAICallReader.countMax).map { #"{"id":"\#($0)","function":{"name":"f"}}"# }
        let events = self.read(Self.delta(#"{"tool_calls":[\#(calls.joined(separator: ","))]}"#) + Self.done)
        #expect(events?.last == .failed("the answer has too many calls"))
    }

    @Test func `Ollama's and OpenRouter's reasoning is thinking, told once`() {
        let stream =
            Self.delta(#"{"content":"","reasoning":"hm","reasoning_content":"hm"}"#) + Self.delta(#"{"reasoning":"!"}"#)
        #expect(self.read(stream) == [.began(id: "c", model: "m"), .thinking("hm"), .thinking("!")])
    }

    @Test func `Mistral's parts are words and thinking`() {
        let stream = Self.delta(
            #"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"x"},{"type":"new"}]}"#
        )
        #expect(self.read(stream) == [.began(id: "c", model: "m"), .thinking("hm"), .text("x")])
    }

    @Test func `Azure's first chunk is not the beginning`() {
        let first =
            #"data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[]}"# + "\n\n"
        #expect(self.read(first + Self.delta(#"{"content":"x"}"#)) == [.began(id: "c", model: "m"), .text("x")])
    }

    @Test func `a record that is no JSON throws`() {
        #expect(OpenAITesting.events(OpenAIChatDecoder(), "data: {oops\n\n") == nil)
    }

    @Test func `a whole answer is read`() throws {
        let body = """
            {"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant",
             "content":"Hi","refusal":null,"reasoning_content":"hm","tool_calls":[{"id":"a","type":"function",
             "function":{"name":"f","arguments":"{}"}}]},"logprobs":{"content":[{"token":"Hi"}]},"finish_reason":"stop"}],
             "usage":{"prompt_tokens":9,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4},
             "completion_tokens_details":{"reasoning_tokens":1}},"error":null}
            """
        #expect(
            try OpenAITesting.whole(OpenAIChatDecoder(), body) == [
                .began(id: "c", model: "m"), .thinking("hm"), .text("Hi"), .toolCallBegan(index: 0, id: "a", name: "f"),
                .toolArguments(index: 0, bytes("{}")), .logProbabilities(bytes(#"[{"token":"Hi"}]"#)),
                .usage(self.told),
                .ended(.toolCalls),
            ])
    }

    @Test(arguments: [
        ("[]", "the answer is no JSON object"), ("{}", "the answer has no choices"),
        (#"{"error":{"message":"boom"}}"#, "boom"),
    ])
    func `a whole answer that is none has failed`(_ body: String, _ message: String) throws {
        #expect(try OpenAITesting.whole(OpenAIChatDecoder(), body) == [.failed(message)])
    }

    @Test func `a whole answer without a reason to stop is not complete`() throws {
        let body = #"{"model":"m","choices":[{"message":{"content":"x"}}]}"#
        #expect(try OpenAITesting.whole(OpenAIChatDecoder(), body) == [.began(id: nil, model: "m"), .text("x")])
    }

    @Test func `no bytes of a server trap, and nothing follows an end`() {
        var generator = OpenAIGenerator(seed: 11)
        let answers = (0..<20).map { number in
            OpenAITesting.stream(
                OpenAIChatEncoder(OpenAITesting.context), generator.answer(isMixed: true, id: "chatcmpl-\(number)"))
        }
        let words = [#"null"#, #"[]"#, "{}", #""x""#, "-1", "1e999", #"[[{"a":null}]]"#, "true"]
        for round in 0..<1_000 {
            var stream = bytes(answers[round % answers.count])
            for _ in 0...generator.number(0...3) where !stream.isEmpty {
                let at = generator.number(0...(stream.count - 1))
                if generator.number(0...1) == 0 {
                    stream[at] = UInt8(generator.number(0...255))
                } else if let colon = stream[at...].firstIndex(of: 0x3A) {
                    stream.insert(
                        contentsOf: bytes(words[generator.number(0...(words.count - 1))] + ","), at: colon + 1)
                }
            }
            guard let events = OpenAITesting.events(OpenAIChatDecoder(), [stream]) else { continue }
            let ends = events.indices.filter { index in
                switch events[index] {
                case .ended, .failed: true
                default: false
                }
            }
            #expect(ends.isEmpty || ends == [events.count - 1], "round \(round)")
        }
    }
}
