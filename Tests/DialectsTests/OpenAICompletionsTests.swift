import Testing
import Vocabulary

@testable import Dialects

@Suite struct OpenAICompletionsTests {
    private func decoded(_ body: String) throws -> (request: ChatRequest, losses: Losses) {
        var losses = Losses()
        let request = try OpenAICompletions.decode(try JSONView(bytes(body)), &losses)
        return (request, losses)
    }

    private func refusal(_ body: String) -> BodyRefusal? {
        do {
            _ = try self.decoded(body)
            return nil
        } catch {
            return error as? BodyRefusal
        }
    }

    @Test func `the prompt is what a user says`() throws {
        let (request, losses) = try self.decoded(
            #"{"model":"m","prompt":"Say \"hi\"","stream":true,"max_tokens":9,"temperature":0,"stop":"\n","n":1,"echo":false}"#
        )
        #expect(losses.isEmpty)
        #expect(request.turns == [ChatTurn(.user, "Say \"hi\"")])
        #expect(request.streams && request.outputTokensMax == 9 && request.sampling.temperature == 0)
        #expect(request.sampling.stop == ["\n"])
        #expect(try self.decoded(#"{"prompt":["x"]}"#).request.turns == [ChatTurn(.user, "x")])
    }

    @Test(arguments: [
        #"{"prompt":["a","b"]}"#, #"{"prompt":[1,2]}"#, #"{"prompt":[[1,2]]}"#, #"{"prompt":[]}"#, #"{"prompt":{}}"#,
        #"{"prompt":null}"#, "{}",
    ])
    func `any other prompt is refused`(_ body: String) {
        let refusal = self.refusal(body)
        #expect(refusal?.reason == .invalidField && refusal?.parameter == "prompt")
    }

    @Test(arguments: ["suffix", "echo", "best_of", "n", "logprobs", "logit_bias"])
    func `what chat cannot say is a demand`(_ name: String) throws {
        let value = ["suffix": "\"x\"", "echo": "true", "logit_bias": #"{"1":2}"#][name] ?? "2"
        #expect(try self.decoded(#"{"prompt":"x","\#(name)":\#(value)}"#).losses.demands == [name])
    }

    private static let head =
        #"data: {"id":"cmpl-a1","object":"text_completion","created":1700000000,"model":"m","choices":["#

    @Test func `a stream is what OpenAI sends`() {
        var usage = AnswerUsage()
        (usage.promptTokens, usage.outputTokens) = (5, 2)
        let events: [AnswerEvent] = [
            .began(id: nil, model: "m"), .thinking("hm"), .text("Hi"), .refusal("!"),
            .toolCallBegan(index: 0, id: "x", name: "f"), .usage(usage), .ended(.toolCalls),
        ]
        let chunk = { (text: String, finish: String) in
            Self.head + #"{"text":"\#(text)","index":0,"logprobs":null,"finish_reason":\#(finish)}],"usage":null}"#
                + "\n\n"
        }
        let told = #"],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}"# + "\n\ndata: [DONE]\n\n"
        let stream = OpenAITesting.stream(OpenAICompletionsEncoder(OpenAITesting.context), events)
        #expect(stream == chunk("Hi", "null") + chunk("!", "null") + chunk("", "\"stop\"") + Self.head + told)
        let outcome = read(.openAICompletions, [bytes(stream)])
        #expect(outcome.isComplete && outcome.usage.outputTokens == 2)
        let whole = OpenAICompletionsEncoder(OpenAITesting.context).whole(OpenAITesting.answer(events))
        #expect(
            text(whole)
                == #"{"id":"cmpl-a1","object":"text_completion","created":1700000000,"model":"m","choices":["#
                + #"{"text":"Hi!","index":0,"logprobs":null,"finish_reason":"stop"}],"#
                + #""usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}"#)
    }
}
