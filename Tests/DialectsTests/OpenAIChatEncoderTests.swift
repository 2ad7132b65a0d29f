import Testing
import Vocabulary

@testable import Dialects

@Suite struct OpenAIChatEncoderTests {
    private static let head =
        #"data: {"id":"chatcmpl-a1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":["#

    private static func chunk(_ delta: String, finish: String = "null", logprobs: String = "null") -> String {
        Self.head + #"{"index":0,"delta":\#(delta),"logprobs":\#(logprobs),"finish_reason":\#(finish)}],"usage":null}"#
            + "\n\n"
    }

    private static var usage: AnswerUsage {
        var usage = AnswerUsage()
        (usage.promptTokens, usage.outputTokens, usage.reasoningTokens) = (5, 2, 1)
        return usage
    }

    private static let usageJSON =
        #"{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"completion_tokens_details":{"reasoning_tokens":1}}"#

    @Test func `a stream is what OpenAI sends`() {
        let events: [AnswerEvent] = [
            .began(id: "x", model: "m"), .thinking("hm"), .thinkingSignature("s"), .text("Hi"),
            .logProbabilities(bytes(#"[{"token":"Hi"}]"#)), .refusal("no"), .sealedThinking("x"),
            .toolCallBegan(index: 0, id: "c1", name: "f"), .toolArguments(index: 0, bytes(#"{"a":"é"}"#)),
            .toolCallBegan(index: 1, id: "", name: "g"), .usage(Self.usage), .ended(.toolCalls),
        ]
        let stream = OpenAITesting.stream(OpenAIChatEncoder(OpenAITesting.context), events)
        let expected = [
            Self.chunk(#"{"role":"assistant","content":"","refusal":null}"#),
            Self.chunk(#"{"reasoning_content":"hm"}"#),
            Self.chunk(#"{"content":"Hi"}"#),
            Self.chunk(#"{"content":""}"#, logprobs: #"{"content":[{"token":"Hi"}],"refusal":null}"#),
            Self.chunk(#"{"refusal":"no"}"#),
            Self.chunk(
                #"{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}"#),
            Self.chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":\"é\"}"}}]}"#),
            Self.chunk(
                #"{"tool_calls":[{"index":1,"id":"call_a1_1","type":"function","function":{"name":"g","arguments":""}}]}"#
            ),
            Self.chunk(#"{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}"#),
            Self.chunk("{}", finish: "\"tool_calls\""), Self.head + #"],"usage":\#(Self.usageJSON)}"# + "\n\n",
            "data: [DONE]\n\n",
        ]
        #expect(stream == expected.joined())
    }

    @Test func `who did not ask for usage gets none, and the model is the caller's where none is named`() {
        var context = OpenAITesting.context
        context.wantsUsage = false
        let events: [AnswerEvent] = [.began(id: nil, model: nil), .text("x"), .usage(Self.usage), .ended(.length)]
        let stream = OpenAITesting.stream(OpenAIChatEncoder(context), events)
        #expect(!stream.contains("usage") && stream.contains(#""model":"tiny""#))
        #expect(stream.hasSuffix(#""finish_reason":"length"}]}"# + "\n\ndata: [DONE]\n\n"))
    }

    @Test func `a whole answer is what OpenAI sends`() {
        let events: [AnswerEvent] = [
            .began(id: "x", model: "m"), .thinking("h"), .thinking("m"), .text("H"), .text("i"),
            .logProbabilities(bytes(#"[{"token":"H"},{"token":"i"}]"#)), .usage(Self.usage), .ended(.stop(text: "END")),
        ]
        let whole = text(OpenAIChatEncoder(OpenAITesting.context).whole(OpenAITesting.answer(events)))
        #expect(
            whole
                == #"{"id":"chatcmpl-a1","object":"chat.completion","created":1700000000,"model":"m","choices":["#
                + #"{"index":0,"message":{"role":"assistant","content":"Hi","refusal":null,"reasoning_content":"hm"},"#
                + #""logprobs":{"content":[{"token":"H"},{"token":"i"}],"refusal":null},"finish_reason":"stop"}],"#
                + #""usage":\#(Self.usageJSON)}"#)
    }

    @Test func `content is null beside calls or a refusal, and empty where nothing was said`() {
        func message(_ events: [AnswerEvent]) -> String {
            let whole = OpenAIChatEncoder(OpenAITesting.context).whole(OpenAITesting.answer(events))
            let choice = (try? JSONView(whole))?["choices"]?.first
            return text(choice?["message"]?.bytes ?? [])
        }
        let call: [AnswerEvent] = [.toolCallBegan(index: 0, id: "", name: "f"), .ended(.toolCalls)]
        #expect(
            message(call)
                == #"{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"call_a1_0","type":"function","#
                + #""function":{"name":"f","arguments":"{}"}}]}"#)
        #expect(message([.refusal("no")]) == #"{"role":"assistant","content":null,"refusal":"no"}"#)
        #expect(message([.ended(.length)]) == #"{"role":"assistant","content":"","refusal":null}"#)
    }

    @Test func `what was written is read again, streamed and whole`() throws {
        for seed in 0..<500 {
            var generator = OpenAIGenerator(seed: UInt64(seed))
            let mixed = generator.answer(isMixed: true, id: "chatcmpl-a1")
            let stream = OpenAITesting.stream(OpenAIChatEncoder(OpenAITesting.context), mixed)
            let events = OpenAITesting.events(OpenAIChatDecoder(), stream)
            #expect(events.map(OpenAITesting.joined) == OpenAITesting.joined(mixed), "seed \(seed)")

            let answer = OpenAITesting.answer(generator.answer(isMixed: false, id: "chatcmpl-a1"))
            let whole = text(OpenAIChatEncoder(OpenAITesting.context).whole(answer))
            let read = OpenAITesting.answer(try OpenAITesting.whole(OpenAIChatDecoder(), whole))
            // A whole answer always has a text where there is neither call nor refusal.
            #expect(
                read.blocks == answer.blocks && read.usage == answer.usage && read.stop == answer.stop, "seed \(seed)")
        }
    }

    @Test func `our streams and answers are complete in the eyes of the reader that passes others on`() {
        var generator = OpenAIGenerator(seed: 5)
        for _ in 0..<50 {
            let events = generator.answer(isMixed: true, id: "x")
            let stream = OpenAITesting.stream(OpenAIChatEncoder(OpenAITesting.context), events)
            let outcome = read(.openAIChat, [bytes(stream)])
            #expect(outcome.isComplete && text(outcome.out) == stream)
        }
    }
}
