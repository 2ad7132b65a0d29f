import Testing
import Vocabulary

@testable import Dialects

@Suite struct AnswerWholeTests {
    private func only(_ endpoint: Endpoint, _ answer: String) -> Outcome {
        self.only(endpoint, .init(), answer)
    }

    private func only(
        _ endpoint: Endpoint, _ options: AnswerReader.Options, _ answer: String
    ) -> Outcome {
        let outcomes = readEveryWay(endpoint, streamed: false, options, answer)
        #expect(outcomes.count == 1, "\(outcomes)")
        return read(endpoint, streamed: false, options, [bytes(answer)])
    }

    private static let answers: [(Endpoint, String)] = [
        (
            .ollamaChat,
            #"{"model":"tiny","message":{"role":"assistant","content":" a"},"done":true,"done_reason":"length","prompt_eval_count":27,"eval_count":8}"#
        ),
        (
            .ollamaGenerate,
            #"{"model":"tiny","response":" a","done":true,"done_reason":"stop","prompt_eval_count":27,"eval_count":8}"#
        ),
        (
            .openAIChat,
            #"{"model":"tiny","choices":[{"index":0,"message":{"role":"assistant","content":" a"},"finish_reason":"length"}],"usage":{"prompt_tokens":27,"completion_tokens":8,"total_tokens":35}}"#
                + "\n"
        ),
        (
            .openAICompletions,
            #"{"model":"tiny","choices":[{"text":" a","index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":27,"completion_tokens":8}}"#
        ),
        (
            .openAIResponses,
            #"{"status":"completed","model":"tiny","output":[],"error":null,"usage":{"input_tokens":27,"output_tokens":8}}"#
        ),
        (
            .anthropicMessages,
            #"{"type":"message","model":"tiny","content":[],"stop_reason":"end_turn","usage":{"input_tokens":27,"output_tokens":8}}"#
        ),
    ]

    @Test(arguments: Self.answers)
    func `a whole answer comes out at its end, as it is`(_ endpoint: Endpoint, _ answer: String) {
        let outcome = self.only(endpoint, answer)
        #expect(text(outcome.out) == answer)
        #expect(outcome.signs == [.content, .terminal] && outcome.isComplete)
        #expect(outcome.usage.promptTokens == 27 && outcome.usage.outputTokens == 8)
        #expect(outcome.model == "tiny")
    }

    @Test(arguments: Self.answers)
    func `the local suffix is taken out, once`(_ endpoint: Endpoint, _ answer: String) {
        let options = AnswerReader.Options(sentModel: "tiny:local", shownModel: "tiny")
        let outcome = self.only(endpoint, options, answer.replacing(#":"tiny""#, with: #":"tiny:local""#))
        #expect(text(outcome.out) == answer && outcome.model == "tiny")
    }

    @Test(arguments: [
        // More than 30 equal tokens: Ollama stops silently (`ollama.md` 1.6).
        (Endpoint.ollamaChat, #"{"model":"tiny","message":{"content":" same same"},"done":false}"#),
        (
            .openAIChat,
            #"{"model":"tiny","choices":[{"message":{"content":" same"},"finish_reason":null}],"usage":{"prompt_tokens":0}}"#
        ),
        (.openAIResponses, #"{"status":"in_progress","model":"tiny"}"#),
        (.anthropicMessages, #"{"model":"tiny","content":[]}"#),
        (.ollamaEmbed, #"{"model":"tiny"}"#), (.openAIEmbeddings, #"{"model":"tiny"}"#),
        (.openAIChat, #"{"choices":[]}"#),
        (.ollamaChat, #"{"model":"tiny","done":tr"#), (.ollamaChat, ""), (.ollamaChat, "{"),
    ])
    func `an answer that is not whole by its own word is kept back`(_ endpoint: Endpoint, _ answer: String) {
        let outcome = self.only(endpoint, answer)
        #expect(outcome.out.isEmpty && !outcome.isComplete && outcome.signs == [])
    }

    @Test func `errors, remote answers and garbage are kept back`() {
        let failed = self.only(.openAIChat, #"{"error":{"message":"boom"}}"#)
        #expect(failed.signs == [.error] && failed.error == "boom" && failed.out.isEmpty)
        let native = self.only(.ollamaEmbed, #"{"error":"boom"}"#)
        #expect(native.signs == [.error] && native.error == "boom")
        let remote = self.only(
            .ollamaChat, #"{"model":"x","remote_host":"http://h","message":{"content":"x"},"done":true}"#)
        #expect(remote.signs.contains(.remoteModel) && remote.out.isEmpty && !remote.isComplete)
        #expect(self.only(.ollamaShow, #"{"remote_model":"x"}"#).signs.contains(.remoteModel))
        for garbage in ["<html>", "[]", "nul", #"{"a":1}x"#, "\u{1}"] where garbage != "nul" {
            #expect(self.only(.ollamaChat, garbage).signs == [.malformed])
        }
    }

    @Test(arguments: [#""","#, "null,", #""","remote_host":null,"#], [#"{"done":true,"#, "{"])
    func `a second member of the name hides no origin and no error`(_ second: String, _ lead: String) {
        for name in ["remote_host", "remote_model"] {
            let answer = lead + #""\#(name)":"x","\#(name)":\#(second)"model":"m","done":true}"#
            for endpoint in [Endpoint.ollamaChat, .ollamaGenerate, .ollamaEmbed, .openAIChat] {
                #expect(self.only(endpoint, answer).signs.contains(.remoteModel), "\(endpoint) \(answer)")
            }
        }
        for endpoint in [Endpoint.ollamaChat, .ollamaGenerate, .ollamaEmbed, .openAIChat] {
            let answer = self.only(endpoint, lead + #""error":"boom","error":null,"model":"m","done":true}"#)
            #expect(answer.signs.contains(.error) && !answer.isComplete, "\(endpoint)")
        }
    }

    @Test func `loading and embedding answers are whole`() {
        #expect(
            self.only(.ollamaGenerate, #"{"model":"tiny","response":"","done":true,"done_reason":"load"}"#).isComplete)
        let embed = self.only(
            .ollamaEmbed, #"{"model":"tiny","embeddings":[],"total_duration":5,"prompt_eval_count":3}"#)
        #expect(embed.isComplete && embed.usage.promptTokens == 3 && embed.usage.totalDuration == .nanoseconds(5))
        #expect(self.only(.ollamaEmbeddings, #"{"embedding":[0.5]}"#).isComplete)
        #expect(self.only(.ollamaShow, #"{"capabilities":[]}"#).isComplete)
        #expect(self.only(.ollamaRoot, "Ollama is running").isComplete)
        #expect(
            self.only(
                .openAIEmbeddings,
                #"{"object":"list","data":[],"model":"tiny","usage":{"prompt_tokens":3,"total_tokens":3}}"#
            ).usage.promptTokens == 3)
    }

    // MARK: Answers beyond the bound

    private static let vectors = String(repeating: "[-0.0574547,0.9983481],", count: 60_000) + "[0]"

    private func flow(_ endpoint: Endpoint, _ answer: String, chunk: Int) -> (outcome: Outcome, heldMax: Int) {
        let options = AnswerReader.Options(sentModel: "tiny:local", shownModel: "tiny")
        var reader = AnswerReader(endpoint: endpoint, streamed: false, options: options)
        var outcome = Outcome()
        var heldMax = 0
        let all = bytes(answer)
        for start in stride(from: 0, to: all.count, by: chunk) {
            _ = reader.consume(Array(all[start..<min(all.count, start + chunk)]), into: &outcome.out)
            if !outcome.out.isEmpty { heldMax = max(heldMax, reader.bytesHeld) }
        }
        _ = reader.finish(into: &outcome.out)
        outcome.signs = reader.signs
        outcome.isComplete = reader.isComplete
        outcome.usage = reader.usage
        return (outcome, heldMax)
    }

    @Test(arguments: [997, 16_384])
    func `a larger answer flows through a small window`(_ chunk: Int) {
        let native =
            #"{"model":"tiny:local","embeddings":[\#(Self.vectors)],"total_duration":5,"load_duration":4,"prompt_eval_count":3}"#
        let openAI =
            #"{"object":"list","data":[{"embedding":[\#(Self.vectors)]}],"model":"tiny:local","usage":{"prompt_tokens":3,"total_tokens":3}}"#
        for (endpoint, answer) in [(Endpoint.ollamaEmbed, native), (.openAIEmbeddings, openAI)] {
            let (outcome, held) = self.flow(endpoint, answer, chunk: chunk)
            #expect(text(outcome.out) == answer.replacing("tiny:local", with: "tiny"))
            #expect(outcome.isComplete && outcome.signs == [.content, .terminal])
            #expect(outcome.usage.promptTokens == 3)
            #expect(held < 8192)
        }
    }

    @Test func `a larger answer that is cut or goes on too long is no whole one`() {
        let answer =
            #"{"model":"x","message":{"content":"\#(String(repeating: "w\\\" ]", count: 400_000))"},"done":true,"eval_count":9}"#
        #expect(self.flow(.ollamaChat, answer, chunk: 9000).outcome.isComplete)
        #expect(self.flow(.ollamaChat, answer, chunk: 9000).outcome.usage.outputTokens == 9)
        #expect(!self.flow(.ollamaChat, String(answer.dropLast()), chunk: 9000).outcome.isComplete)
        #expect(
            !self.flow(.ollamaChat, answer.replacing(#""done":true"#, with: #""done":false"#), chunk: 9000).outcome
                .isComplete)
        #expect(self.flow(.ollamaChat, answer + "{}", chunk: 9000).outcome.signs.contains(.malformed))
        #expect(self.flow(.ollamaChat, "]" + answer, chunk: 9000).outcome.signs.contains(.malformed))
    }
}
