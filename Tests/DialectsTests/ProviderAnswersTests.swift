import Testing
import Vocabulary

@testable import Dialects

/// Answers as servers outside give them. Shapes: OpenAI's API reference ("The chat completion chunk object", "The chat
/// completion object", "The embedding object"), and what others that speak it do differently.
@Suite struct ProviderAnswersTests {
    private static let role =
        #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m-2025","service_tier":"default","system_fingerprint":"fp","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}"#
    private static func word(_ text: String) -> String {
        #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m-2025","choices":[{"index":0,"delta":{"content":"\#(text)"},"logprobs":null,"finish_reason":null}],"usage":null}"#
    }
    private static let stop =
        #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m-2025","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}"#
    private static let usage =
        #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m-2025","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}}"#

    private static func stream(_ events: [String], end: String = "\n\n") -> String {
        events.map { $0.hasPrefix(":") || $0.contains("data:") ? $0 + end : "data: \($0)\(end)" }.joined()
    }

    private static let whole = [Self.role, Self.word("Hi"), Self.word(" there"), Self.stop, Self.usage, "[DONE]"]

    private func outcome(
        _ answer: String, _ options: AnswerReader.Options = .init(), streamed: Bool = true,
        _ endpoint: Endpoint = .openAIChat
    ) -> Outcome {
        #expect(readEveryWay(endpoint, streamed: streamed, options, answer).count == 1, "the pieces must not matter")
        return read(endpoint, streamed: streamed, options, [bytes(answer)])
    }

    @Test func `a stream as OpenAI's passes byte for byte and is complete`() {
        let answer = Self.stream(Self.whole)
        let found = self.outcome(answer)
        #expect(text(found.out) == answer)
        #expect(found.isComplete)
        #expect(found.model == "m-2025")
        #expect(found.usage.promptTokens == 19 && found.usage.outputTokens == 10)
    }

    @Test func `neither the role nor an empty word is content`() {
        var reader = AnswerReader(endpoint: .openAIChat, streamed: true)
        var out: [UInt8] = []
        #expect(reader.consume(bytes(Self.stream([Self.role, ": OPENROUTER PROCESSING"])), into: &out) == [])
        #expect(reader.consume(bytes(Self.stream([Self.word("")])), into: &out) == [])
        #expect(reader.consume(bytes(Self.stream([Self.word("Hi")])), into: &out) == .content)
        #expect(reader.consume(bytes(Self.stream([Self.usage, "[DONE]"])), into: &out) == .terminal)
        #expect(reader.isComplete)
    }

    @Test func `a client that did not ask for usage does not get it`() {
        let found = self.outcome(Self.stream(Self.whole), .init(hidesUsage: true))
        #expect(text(found.out) == Self.stream(Self.whole.filter { $0 != Self.usage }))
        #expect(found.isComplete)
        #expect(found.usage.promptTokens == 19 && found.usage.outputTokens == 10)
    }

    /// A comment keeps the connection open before the first word and between two (HTML Living Standard 9.2.6).
    @Test(arguments: ["\n\n", "\r\n\r\n", "\r\r"])
    func `comments, event names and line ends of all kinds pass`(end: String) {
        let line = String(end.prefix(1))
        let answer = Self.stream(
            [": OPENROUTER PROCESSING", Self.role, ": keep-alive", "event: message\(line)data: \(Self.word("Hi"))"]
                + ["data:\(Self.word(" you"))", ":", "id: 7\(line)data: \(Self.stop)", Self.usage, "[DONE]"],
            end: end)
        let found = self.outcome(answer)
        #expect(found.isComplete)
        #expect(text(found.out) == answer)
        #expect(found.usage.outputTokens == 10)
    }

    /// Azure begins with what its filter says of the prompt.
    @Test func `a first chunk without a choice is not usage`() {
        let filter =
            #"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}"#
        let answer = Self.stream([filter] + Self.whole)
        let found = self.outcome(answer, .init(hidesUsage: true))
        #expect(found.isComplete && found.model == "m-2025")
        #expect(text(found.out).contains("prompt_filter_results"))
    }

    /// Groq and others tell usage in the last chunk that has a choice.
    @Test func `usage beside a choice is read, and cut out where nobody asked`() {
        let last =
            #"{"id":"c1","model":"m-2025","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#
        let found = self.outcome(Self.stream([Self.role, Self.word("Hi"), last, "[DONE]"]), .init(hidesUsage: true))
        #expect(found.isComplete && found.usage.promptTokens == 3 && found.usage.outputTokens == 2)
        #expect(text(found.out).contains(#""finish_reason":"stop"}]}"#))
    }

    @Test(arguments: [
        #"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":null}]}"#,
        #"{"choices":[{"index":0,"delta":{"refusal":"No"},"finish_reason":null}]}"#,
        #"{"choices":[{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":null}]}"#,
        #"{"choices":[{"index":0,"delta":{"reasoning":"hm","content":""},"finish_reason":null}]}"#,
        #"{"choices":[{"index":1,"delta":{"function_call":{"name":"f","arguments":""}},"finish_reason":null}]}"#,
    ])
    func `calls, refusals and thoughts are content`(chunk: String) {
        var reader = AnswerReader(endpoint: .openAIChat, streamed: true)
        var out: [UInt8] = []
        #expect(reader.consume(bytes(Self.stream([Self.role, chunk])), into: &out) == .content)
    }

    @Test(arguments: [
        #"data: {"error":{"message":"m","type":"server_error","code":null}}"#,
        #"data: {"id":"c1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}],"error":{"code":502,"message":"m"}}"#,
        "event: error\ndata: {\"message\":\"m\",\"type\":\"overloaded\"}",
        "event: error\ndata: {\"error\":{\"message\":\"m\"}}",
    ])
    func `an error inside a stream is one, before and after the first word`(event: String) {
        for before in [[Self.role], [Self.role, Self.word("Hi")]] {
            let found = self.outcome(Self.stream(before + [event, Self.word("more"), "[DONE]"]))
            #expect(found.signs.contains(.error) && !found.isComplete)
            #expect(found.error == "m")
            #expect(!text(found.out).contains("more"))
        }
    }

    @Test(arguments: [
        Self.stream([Self.role, Self.word("Hi")]), Self.stream([Self.role, Self.word("Hi"), Self.stop, Self.usage]),
        Self.stream([Self.role]), "",
    ])
    func `a stream without its end is not complete`(answer: String) {
        #expect(!self.outcome(answer).isComplete)
    }

    @Test func `a whole answer as OpenAI's is complete and passes byte for byte`() {
        let answer =
            #"{"id":"c1","object":"chat.completion","created":1,"model":"m-2025","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":0}},"service_tier":"default"}"#
        let found = self.outcome(answer, streamed: false)
        #expect(found.isComplete && text(found.out) == answer && found.model == "m-2025")
        #expect(found.usage.promptTokens == 19 && found.usage.outputTokens == 10)
        let cut = answer.replacing(#","finish_reason":"stop""#, with: "")
        #expect(!self.outcome(cut, streamed: false).isComplete)
        #expect(!self.outcome(String(answer.dropLast(9)), streamed: false).isComplete)
    }

    @Test func `a text completion and its stream are read`() {
        let answer =
            #"{"id":"t","object":"text_completion","created":1,"model":"m","choices":[{"text":"Hi","index":0,"logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}"#
        let found = self.outcome(answer, streamed: false, .openAICompletions)
        #expect(found.isComplete && found.usage.promptTokens == 5 && found.usage.outputTokens == 7)
        let chunk =
            #"{"id":"t","object":"text_completion","created":1,"choices":[{"text":"Hi","index":0,"logprobs":null,"finish_reason":null}],"model":"m"}"#
        let streamed = self.outcome(Self.stream([chunk, "[DONE]"]), .init(), .openAICompletions)
        #expect(streamed.isComplete && streamed.signs.contains(.content))
    }

    @Test func `embeddings are read`() {
        let answer =
            #"{"object":"list","data":[{"object":"embedding","embedding":[0.0023,-0.0093],"index":0}],"model":"e","usage":{"prompt_tokens":8,"total_tokens":8}}"#
        let found = self.outcome(answer, streamed: false, .openAIEmbeddings)
        #expect(found.isComplete && found.model == "e" && found.usage.promptTokens == 8)
        #expect(found.usage.outputTokens == nil)
    }

    @Test(
        arguments: [
            (
                #"{"error":{"message":"canary","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
                "invalid_api_key"
            ),
            (
                #"{"error":{"message":"canary","type":"insufficient_quota","param":null,"code":null}}"#,
                "insufficient_quota"
            ),
            (#"{"error":{"message":"canary","code":429}}"#, nil),
            (#"{"error":{"message":"canary","code":"429","type":"x"}}"#, "429"),
            (#"[{"error":{"code":400,"message":"canary","status":"INVALID_ARGUMENT"}}]"#, "INVALID_ARGUMENT"),
            (#"{"object":"error","message":"canary","type":"invalid_model","param":null,"code":"1500"}"#, "1500"),
            (#"{"error":{"code":"a b\r\ncanary","type":"plain"}}"#, "plain"),
            (#"{"error":"canary"}"#, nil), (#"{"detail":"canary"}"#, nil), ("<html>canary</html>", nil), ("", nil),
            ("[]", nil),
        ] as [(String, String?)])
    func `an error answer tells its code and never its words`(body: String, expected: String?) {
        #expect(ProviderErrors.code(bytes(body)) == expected)
    }

    /// Gemini API, "Troubleshooting"; `google.rpc.ErrorInfo` and `google.rpc.RetryInfo`.
    @Test func `Gemini's body tells of its key, and how long to wait`() {
        let error = { (details: String) in bytes(#"{"error":{"code":400,"message":"m","details":[\#(details)]}}"#) }
        let info = #"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}"#
        #expect(ProviderErrors.refusesKey(error(info)))
        #expect(ProviderErrors.refusesKey(bytes("[") + error(info) + bytes("]")))
        #expect(!ProviderErrors.refusesKey(error("")) && !ProviderErrors.refusesKey(bytes("no JSON")))
        let delay = { (text: String) in ProviderErrors.retryDelaySeconds(error(#"{},{"retryDelay":"\#(text)"}"#)) }
        #expect([delay("37s"), delay("0.4s"), delay("0s")] == [37, 1, 0])
        for odd in ["37", "s", "-1s", "nans", "infs", "1e9s", "x"] { #expect(delay(odd) == nil) }
        #expect(ProviderErrors.retryDelaySeconds(error(info)) == nil)
    }

    @Test func `the next event of a response has the next number`() {
        var reader = AnswerReader(endpoint: .openAIResponses, streamed: true)
        var out: [UInt8] = []
        #expect(reader.nextNumber == 0)
        let events = [
            #"{"type":"response.created","sequence_number":0,"response":{"model":"m"}}"#,
            #"{"type":"response.output_text.delta","sequence_number":1,"delta":"a"}"#,
            #"{"type":"response.output_text.delta","sequence_number":2,"delta":"b"}"#,
        ]
        for event in events { _ = reader.consume(bytes(": ping\n\nevent: x\ndata: \(event)\n\n"), into: &out) }
        #expect(reader.nextNumber == 3)
        let error = bytes("event: error\ndata: {\"type\":\"error\",\"message\":\"m\"}\n\n")
        let signs = reader.consume(error, into: &out)
        #expect(signs.contains(.error) && reader.nextNumber == 3)
    }
}
