import Testing
import Vocabulary

@testable import Dialects

/// Answers of Google's own API.
struct GeminiAnswerTests {
    /// The events of a whole answer.
    private func whole(_ answer: String) throws -> [AnswerEvent] {
        var decoder = GeminiDecoder()
        var events: [AnswerEvent] = []
        decoder.whole(try JSONView(bytes(answer)), into: &events)
        return events
    }

    /// The events of records that end cleanly.
    private func stream(_ records: String...) throws -> [AnswerEvent] {
        var decoder = GeminiDecoder()
        var events: [AnswerEvent] = []
        for record in records { try decoder.record(name: [], bytes(record)[...], into: &events) }
        decoder.finish(into: &events)
        return events
    }

    private func usage(_ prompt: Int?, _ output: Int?, cached: Int? = nil, reasoning: Int? = nil) -> AnswerEvent {
        var usage = AnswerUsage()
        usage.promptTokens = prompt
        usage.outputTokens = output
        usage.cachedTokens = cached
        usage.reasoningTokens = reasoning
        return .usage(usage)
    }

    @Test func `a whole answer`() throws {
        let events = try self.whole(
            #"{"candidates":[{"content":{"parts":[{"text":"Let me see","thought":true},{"text":"Four"},{"text":"."}],"#
                + #""role":"model"},"finishReason":"STOP","avgLogprobs":-0.1,"index":0}],"#
                + #""usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":2,"totalTokenCount":44,"#
                + #""cachedContentTokenCount":8,"thoughtsTokenCount":30,"promptTokensDetails":[{"modality":"TEXT"}]},"#
                + #""modelVersion":"gemini-2.5-flash","responseId":"r-1"}"#)
        #expect(
            events == [
                .began(id: "r-1", model: "gemini-2.5-flash"), .thinking("Let me see"), .text("Four"), .text("."),
                self.usage(12, 32, cached: 8, reasoning: 30), .ended(.stop(text: nil)),
            ])
    }

    @Test func `calls are whole, and what ends with them waits for their results`() throws {
        let events = try self.whole(
            #"{"candidates":[{"content":{"parts":[{"text":"On it"},"#
                + #"{"functionCall":{"name":"a","args":{"x":[1,{"y":null}]},"id":"c1"},"thoughtSignature":"c2VhbA=="},"#
                + #"{"functionCall":{"name":"b"}}]},"finishReason":"STOP"}]}"#)
        #expect(
            events == [
                .began(id: nil, model: nil), .text("On it"), .thinkingSignature("gemini:c2VhbA=="),
                .toolCallBegan(index: 0, id: "c1", name: "a"),
                .toolArguments(index: 0, bytes(#"{"x":[1,{"y":null}]}"#)),
                .toolCallBegan(index: 1, id: "", name: "b"), .toolArguments(index: 1, bytes("{}")),
                .ended(.toolCalls),
            ])
    }

    @Test func `a stream is over when it ends and a reason was told`() throws {
        let one =
            #"{"candidates":[{"content":{"parts":[{"text":"Hel"}]}}],"usageMetadata":{"promptTokenCount":3},"#
            + #""modelVersion":"m","responseId":"r"}"#
        let two =
            #"{"candidates":[{"content":{"parts":[{"text":"lo"}]},"finishReason":"MAX_TOKENS"}],"#
            + #""usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2},"modelVersion":"m","responseId":"r"}"#
        // Usage may be told once more behind the reason.
        let three = #"{"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4}}"#
        let began: [AnswerEvent] = [.began(id: "r", model: "m"), .text("Hel")]
        #expect(try self.stream(one) == began)
        #expect(try self.stream(one, two) == began + [.text("lo"), self.usage(3, 2), .ended(.length)])
        #expect(try self.stream(one, two, three) == began + [.text("lo"), self.usage(3, 4), .ended(.length)])
    }

    @Test func `calls of several records are counted on`() throws {
        let one = #"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"a","args":{}}}]}}]}"#
        let two = #"{"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP"}]}"#
        #expect(
            try self.stream(one, one, two) == [
                .began(id: nil, model: nil), .toolCallBegan(index: 0, id: "", name: "a"),
                .toolArguments(index: 0, bytes("{}")), .toolCallBegan(index: 1, id: "", name: "a"),
                .toolArguments(index: 1, bytes("{}")), .ended(.toolCalls),
            ])
    }

    @Test(arguments: [
        ("STOP", StopReason.stop(text: nil)), ("MAX_TOKENS", .length), ("CONTINUATION", .length),
        ("SAFETY", .contentFilter), ("RECITATION", .contentFilter), ("LANGUAGE", .contentFilter),
        ("BLOCKLIST", .contentFilter), ("PROHIBITED_CONTENT", .contentFilter), ("SPII", .contentFilter),
    ])
    func `why it is over`(reason: String, stop: StopReason) throws {
        let events = try self.whole(#"{"candidates":[{"finishReason":"\#(reason)"}]}"#)
        #expect(events == [.began(id: nil, model: nil), .ended(stop)])
    }

    @Test(arguments: ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MISSING_THOUGHT_SIGNATURE", "OTHER", "NEWS"])
    func `what the model made wrong is no answer`(reason: String) throws {
        let events = try self.whole(#"{"candidates":[{"finishReason":"\#(reason)"}]}"#)
        #expect(events == [.began(id: nil, model: nil), .failed("finishReason \(reason)")])
    }

    @Test func `a prompt that is blocked is filtered`() throws {
        let events = try self.whole(
            #"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":5}}"#)
        #expect(events == [.began(id: nil, model: nil), self.usage(5, nil), .ended(.contentFilter)])
    }

    @Test func `an error ends it, in a list or not, at once or later`() throws {
        let error = #"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#
        let failed: [AnswerEvent] = [.failed("The model is overloaded.")]
        #expect(try self.whole(error) == failed)
        #expect(try self.whole("[\(error)]") == failed)
        let word = #"{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#
        #expect(try self.stream(word, error, word) == [.began(id: nil, model: nil), .text("a")] + failed)
        #expect(try self.whole(#"{"error":7}"#) == [.failed("an error without a message")])
    }

    @Test func `a whole answer without a reason is none`() throws {
        let events = try self.whole(#"{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#)
        #expect(events.last == .failed("the answer has no finishReason"))
    }

    @Test func `probabilities are told as OpenAI tells them`() throws {
        let events = try self.whole(
            #"{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP","logprobsResult":{"#
                + #""topCandidates":[{"candidates":[{"token":"Hi","tokenId":7,"logProbability":-0.25},"#
                + #"{"token":"\"","tokenId":8,"logProbability":-1e-05}]}],"#
                + #""chosenCandidates":[{"token":"Hi","tokenId":7,"logProbability":-0.25},{"token":"!"}]}}]}"#)
        let list =
            #"[{"token":"Hi","logprob":-0.25,"bytes":null,"top_logprobs":[{"token":"Hi","logprob":-0.25,"bytes":null},"#
            + #"{"token":"\"","logprob":-1e-05,"bytes":null}]},"#
            + #"{"token":"!","logprob":0,"bytes":null,"top_logprobs":[]}]"#
        #expect(events[2] == .logProbabilities(bytes(list)))
        var answer = ChatAnswer()
        for event in events { answer.add(event) }
        #expect(answer.logProbabilities.count == 2)
    }

    @Test(arguments: [
        "{}", "[]", "7", "null", #""x""#, #"{"candidates":7}"#, #"{"candidates":[7]}"#, #"{"candidates":[]}"#,
        #"{"candidates":[{"content":7}]}"#, #"{"candidates":[{"content":{"parts":{}}}]}"#,
        #"{"candidates":[{"content":{"parts":[7,null,{},{"text":7},{"functionCall":7},{"inlineData":{}}]}}]}"#,
        #"{"candidates":[{"finishReason":7,"logprobsResult":7}]}"#, #"{"usageMetadata":7,"promptFeedback":7}"#,
        #"{"candidates":[{"logprobsResult":{"chosenCandidates":{},"topCandidates":[7]}}]}"#, #"{"modelVersion":7}"#,
    ])
    func `what is of a wrong type says nothing`(answer: String) throws {
        #expect(try self.whole(answer).last == .failed("the answer has no finishReason"))
        #expect(try !self.stream(answer).contains { if case .ended = $0 { true } else { false } })
    }

    @Test func `numbers of any size are no trap`() throws {
        let events = try self.whole(
            #"{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1e300,"#
                + #""toolUsePromptTokenCount":9223372036854775807,"candidatesTokenCount":-4,"thoughtsTokenCount":2}}"#)
        #expect(events[1] == self.usage(.max, 2, reasoning: 2))
    }

    @Test func `a call without a name cannot be made`() throws {
        let events = try self.whole(
            #"{"candidates":[{"content":{"parts":[{"functionCall":{"args":{}}},{"text":"b"}]},"finishReason":"STOP"}]}"#
        )
        #expect(events == [.began(id: nil, model: nil), .failed("a function call without a name")])
    }

    @Test func `data that is no JSON is a problem, but for the end of other streams`() throws {
        #expect(throws: JSONProblem.self) { try self.stream(#"{"candidates":["#) }
        #expect(try self.stream("[DONE]").isEmpty)
    }

    @Test func `vectors, one for each text`() throws {
        let answer = #"{"embeddings":[{"values":[0.1, -2e-3]},{"values":[1]}],"usageMetadata":{"promptTokenCount":6}}"#
        let read = try #require(GeminiEmbeddings.decode(JSONView(bytes(answer))))
        #expect(read.vectors == [.json(bytes("[0.1, -2e-3]")), .json(bytes("[1]"))])
        #expect(read.usage.promptTokens == 6)
        #expect(read.model == nil)
        for wrong in ["{}", "[]", #"{"embeddings":7}"#, #"{"embeddings":[{}]}"#, #"{"embeddings":[{"values":7}]}"#] {
            #expect(try GeminiEmbeddings.decode(JSONView(bytes(wrong))) == nil, "\(wrong)")
        }
    }
}
