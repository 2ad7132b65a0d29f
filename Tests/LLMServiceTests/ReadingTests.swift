import Foundation
import Testing

@testable import LLMService

/// What each API answers, as its reference and real servers have it.
@Suite struct ReadingTests {
    static func whole<Reading: AnswerReading>(_ type: Reading.Type, _ text: String) throws(LLMError) -> ChatReply {
        var reading = Reading()
        do { try reading.whole(Data(text.utf8)) } catch { throw LLMError(reading: error) }
        return reading.draft.finish(from: ReplyOrigin())
    }

    /// The pieces of a stream of these records, and what they are together; `nil` as long as it is not complete.
    static func stream<Reading: AnswerReading>(
        _ type: Reading.Type, _ records: [String]
    ) throws(LLMError) -> (pieces: [ChatChunk], reply: ChatReply?) {
        var reading = Reading()
        var pieces: [ChatChunk] = []
        for record in records {
            do { if try reading.record(Data(record.utf8)) { break } } catch { throw LLMError(reading: error) }
            pieces += reading.draft.takeChunks()
        }
        guard reading.draft.stop != nil else { return (pieces, nil) }
        let reply = reading.draft.finish(from: ReplyOrigin())
        return (pieces + reading.draft.takeChunks(), reply)
    }

    static let calls = [
        ToolCall(id: "c1", name: "weather", arguments: #"{"city":"Oslo"}"#),
        ToolCall(id: "c2", name: "time", arguments: "{}"),
    ]

    /// The same answer, told by each API in one piece and in many.
    static let expected = ChatReply(
        parts: [.thinking("hm", signature: nil), .text("Let me see."), .toolCall(calls[0]), .toolCall(calls[1])],
        stop: .toolCalls, model: "m",
        usage: TokenUsage(inputTokens: 9, cachedTokens: 4, outputTokens: 7, reasoningTokens: 2))
    static let pieces: [ChatChunk] = [
        .thinking("h"), .thinking("m"), .text("Let me"), .text(" see."), .toolCall(calls[0]), .toolCall(calls[1]),
    ]

    // MARK: OpenAI

    static func openAI(_ delta: String, _ finish: String = "null", _ more: String = "") -> String {
        #"{"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":\#(delta),"#
            + #""finish_reason":\#(finish)}]\#(more)}"#
    }

    static let openAIUsage =
        #""usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":4},"#
        + #""completion_tokens_details":{"reasoning_tokens":2}}"#

    @Test func `an OpenAI answer in one piece`() throws {
        let text =
            #"{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Let me see.","#
            + #""reasoning":"hm","refusal":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","#
            + #""arguments":"{\"city\":\"Oslo\"}"}},{"id":"c2","function":{"name":"time","arguments":""}}]},"#
            + #""finish_reason":"tool_calls"}],\#(Self.openAIUsage)}"#
        #expect(try Self.whole(OpenAIReading.self, text) == Self.expected)
    }

    @Test func `an OpenAI stream`() throws {
        let (pieces, reply) = try Self.stream(
            OpenAIReading.self,
            [
                Self.openAI(#"{"role":"assistant","content":""}"#), Self.openAI(#"{"reasoning":"h"}"#),
                Self.openAI(#"{"reasoning_content":"m"}"#), Self.openAI(#"{"content":"Let me"}"#),
                Self.openAI(#"{"content":" see."}"#),
                Self.openAI(#"{"tool_calls":[{"index":0,"id":"c1","function":{"name":"weather","arguments":""}}]}"#),
                Self.openAI(#"{"tool_calls":[{"index":1,"id":"c2","function":{"name":"time","arguments":""}}]}"#),
                Self.openAI(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}"#),
                Self.openAI(#"{"tool_calls":[{"index":0,"function":{"arguments":"\"Oslo\"}"}}]}"#),
                Self.openAI("{}", #""tool_calls""#), #"{"choices":[],"model":"m",\#(Self.openAIUsage)}"#, "[DONE]",
                Self.openAI(#"{"content":"too late"}"#),
            ])
        #expect(pieces == Self.pieces)
        #expect(reply == Self.expected)
    }

    @Test func `calls that no server has counted`() throws {
        let (_, reply) = try Self.stream(
            OpenAIReading.self,
            [
                Self.openAI(#"{"tool_calls":[{"id":"c1","function":{"name":"weather","arguments":"{\"city\":"}}]}"#),
                Self.openAI(#"{"tool_calls":[{"function":{"arguments":"\"Oslo\"}"}}]}"#),
                Self.openAI(#"{"tool_calls":[{"id":"c2","function":{"name":"time"}}]}"#), Self.openAI("{}", #""stop""#),
            ])
        #expect(reply?.toolCalls == Self.calls)
        #expect(reply?.stop == .toolCalls)
    }

    @Test func `the broken stream of an Ollama has no end`() throws {
        // `ollama.md` 1.5: a clean end of the connection, an empty chunk, and nothing else.
        let broken =
            #"{"model":"","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#
        #expect(try Self.stream(OpenAIReading.self, [Self.openAI(#"{"content":"Let"}"#), broken]).reply == nil)
        #expect(try Self.stream(OpenAIReading.self, ["[DONE]"]).reply == nil)
    }

    @Test func `a refusal is told`() throws {
        let text = #"{"choices":[{"message":{"content":null,"refusal":"No."},"finish_reason":"content_filter"}]}"#
        let reply = try Self.whole(OpenAIReading.self, text)
        #expect(reply.refusal == "No.")
        #expect(reply.stop == .contentFilter)
        #expect(reply.parts == [])
    }

    // MARK: Anthropic

    @Test func `an Anthropic answer in one piece`() throws {
        let text =
            #"{"id":"x","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","#
            + #""signature":"sig"},{"type":"redacted_thinking","data":"zz"},{"type":"text","text":"Let me see."},"#
            + #"{"type":"tool_use","id":"c1","name":"weather","input":{"city":"Oslo"}},{"type":"tool_use","id":"c2","#
            + #""name":"time","input":{}},{"type":"yet_to_come"}],"stop_reason":"tool_use","stop_sequence":null,"#
            + #""usage":{"input_tokens":4,"cache_read_input_tokens":4,"cache_creation_input_tokens":1,"output_tokens":7}}"#
        var expected = Self.expected
        expected.parts[0] = .thinking("hm", signature: "sig")
        expected.parts.insert(.sealedThinking("zz"), at: 1)
        expected.usage.reasoningTokens = nil
        #expect(try Self.whole(AnthropicReading.self, text) == expected)
    }

    @Test func `an Anthropic stream`() throws {
        func delta(_ index: Int, _ delta: String) -> String {
            #"{"type":"content_block_delta","index":\#(index),"delta":{"type":\#(delta)}}"#
        }
        func begin(_ index: Int, _ block: String) -> String {
            #"{"type":"content_block_start","index":\#(index),"content_block":{"type":\#(block)}}"#
        }
        func stop(_ index: Int) -> String { #"{"type":"content_block_stop","index":\#(index)}"# }
        let (pieces, reply) = try Self.stream(
            AnthropicReading.self,
            [
                #"{"type":"message_start","message":{"id":"x","model":"m","content":[],"stop_reason":null,"#
                    + #""usage":{"input_tokens":4,"cache_read_input_tokens":4,"cache_creation_input_tokens":1,"output_tokens":1}}}"#,
                #"{"type":"ping"}"#, begin(0, #""thinking","thinking":"","signature":"""#),
                delta(0, #""thinking_delta","thinking":"h""#), delta(0, #""thinking_delta","thinking":"m""#),
                delta(0, #""signature_delta","signature":"sig""#), stop(0), begin(1, #""text","text":"""#),
                delta(1, #""text_delta","text":"Let me""#),
                #"{"type":"yet_to_come","index":"odd"}"#.replacing(#""odd""#, with: "7"),
                delta(1, #""text_delta","text":" see.""#), stop(1),
                begin(2, #""tool_use","id":"c1","name":"weather","input":{}"#),
                delta(2, #""input_json_delta","partial_json":"""#),
                delta(2, #""input_json_delta","partial_json":"{\"city\":""#),
                delta(2, #""input_json_delta","partial_json":"\"Oslo\"}""#), stop(2),
                begin(3, #""tool_use","id":"c2","name":"time","input":{}"#), stop(3),
                #"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":7}}"#,
                #"{"type":"message_stop"}"#,
            ])
        var expected = Self.expected
        expected.parts[0] = .thinking("hm", signature: "sig")
        expected.usage.reasoningTokens = nil
        #expect(pieces == Self.pieces)
        #expect(reply == expected)
    }

    // MARK: Ollama

    @Test func `an Ollama answer in one piece`() throws {
        let text =
            #"{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"Let me see.","#
            + #""thinking":"hm","tool_calls":[{"id":"c1","function":{"index":0,"name":"weather","arguments":{"city":"Oslo"}}},"#
            + #"{"id":"c2","function":{"index":1,"name":"time","arguments":{}}}]},"done":true,"done_reason":"stop","#
            + #""prompt_eval_count":9,"eval_count":7}"#
        var expected = Self.expected
        expected.usage = TokenUsage(inputTokens: 9, outputTokens: 7)
        #expect(try Self.whole(OllamaReading.self, text) == expected)
    }

    @Test func `an Ollama stream`() throws {
        func record(_ message: String, _ more: String = #""done":false"#) -> String {
            #"{"model":"m","message":{"role":"assistant",\#(message)},\#(more)}"#
        }
        let (pieces, reply) = try Self.stream(
            OllamaReading.self,
            [
                record(#""content":"","thinking":"h""#), record(#""content":"","thinking":"m""#),
                record(#""content":"Let me""#), record(#""content":" see.""#),
                record(
                    #""content":"","tool_calls":[{"id":"c1","function":{"name":"weather","arguments":{"city":"Oslo"}}}]"#
                ),
                record(
                    #""content":"","tool_calls":[{"id":"c2","function":{"name":"time","arguments":{}}}]"#,
                    #""done":true,"done_reason":"stop","prompt_eval_count":9,"eval_count":7"#),
            ])
        var expected = Self.expected
        expected.usage = TokenUsage(inputTokens: 9, outputTokens: 7)
        #expect(pieces == Self.pieces)
        #expect(reply == expected)
    }

    @Test func `an Ollama answer that is not done is none`() {
        // `ollama.md` 1.6
        let text = #"{"model":"m","message":{"role":"assistant","content":"no no no"},"done":false}"#
        #expect(throws: LLMError.self) { try Self.whole(OllamaReading.self, text) }
    }

    @Test func `calls without names of their own are told apart`() throws {
        let call = #"{"function":{"name":"time","arguments":{}}}"#
        let text = #"{"message":{"content":"","tool_calls":[\#(call),\#(call)]},"done":true}"#
        #expect(try Self.whole(OllamaReading.self, text).toolCalls.map(\.id) == ["call_0", "call_1"])
    }

    // MARK: All of them

    @Test(arguments: [
        (#""stop""#, StopReason.stop), (#""length""#, .length), (#""tool_calls""#, .toolCalls),
        (#""function_call""#, .toolCalls), (#""content_filter""#, .contentFilter), (#""odd""#, .other("odd")),
    ])
    func `OpenAI's reasons for an end`(word: String, reason: StopReason) throws {
        let text = #"{"choices":[{"message":{"content":"x"},"finish_reason":\#(word)}]}"#
        #expect(try Self.whole(OpenAIReading.self, text).stop == reason)
    }

    @Test(arguments: [
        ("end_turn", StopReason.stop), ("stop_sequence", .stop), ("max_tokens", .length),
        ("model_context_window_exceeded", .length), ("tool_use", .toolCalls), ("refusal", .contentFilter),
        ("pause_turn", .other("pause_turn")),
    ])
    func `Anthropic's reasons for an end`(word: String, reason: StopReason) throws {
        #expect(try Self.whole(AnthropicReading.self, #"{"content":[],"stop_reason":"\#(word)"}"#).stop == reason)
    }

    @Test func `an error within a stream is told with its words`() {
        func error<Reading: AnswerReading>(_ type: Reading.Type, _ record: String) -> LLMError? {
            do throws(LLMError) {
                _ = try Self.stream(type, [record])
                return nil
            } catch { return error }
        }
        let openAI = error(
            OpenAIReading.self, #"{"error":{"message":"lost","type":"api_error","code":"upstream_stalled"}}"#)
        #expect(openAI == LLMError(.unavailable, "lost", code: "upstream_stalled"))
        let anthropic = error(
            AnthropicReading.self, #"{"type":"error","error":{"type":"overloaded_error","message":"lost"}}"#)
        #expect(anthropic == LLMError(.unavailable, "lost", code: "overloaded_error"))
        #expect(error(OllamaReading.self, #"{"error":"lost"}"#) == LLMError(.unavailable, "lost"))
    }

    static let hostile = [
        "", "null", "1", "[]", "{}", "{", #"{"choices":1}"#, #"{"choices":[1]}"#, #"{"choices":[]}"#,
        #"{"choices":[{}]}"#,
        #"{"choices":[{"delta":{"content":1}}]}"#,
        #"{"choices":[{"delta":{"tool_calls":[{"index":-9,"function":{}}]}}]}"#,
        #"{"choices":[{"delta":{"tool_calls":[{"index":9223372036854775807,"id":"x","function":{"name":"n"}}]}}]}"#,
        #"{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"x"}}]}}]}"#,
        #"{"usage":{"prompt_tokens":1e99}}"#, #"{"type":"content_block_start","index":0}"#,
        #"{"type":"content_block_delta","index":-1,"delta":{"type":"input_json_delta","partial_json":"x"}}"#,
        #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","input":[1,{"a":null}]}}"#,
        #"{"type":"content_block_delta","index":5,"delta":{"type":"signature_delta","signature":"x"}}"#,
        #"{"type":"message_start","message":{"usage":{"input_tokens":9223372036854775807,"cache_read_input_tokens":9223372036854775807}}}"#,
        #"{"type":1}"#, #"{"message":{"content":null,"tool_calls":[{}]},"done":true}"#, #"{"message":3}"#,
        #"{"message":{"tool_calls":[{"function":{"arguments":"text"}}]}}"#, #"{"done":"yes"}"#,
        String(repeating: "[", count: 100_000), #"{"choices":"# + String(repeating: "[", count: 100_000),
        #"{"message":{"tool_calls":[{"function":{"name":"n","arguments":"# + String(repeating: "[", count: 5000),
    ]

    @Test(arguments: Self.hostile.indices)
    func `no answer can do harm`(index: Int) {
        func read<Reading: AnswerReading>(_ type: Reading.Type) {
            // Any error will do, and so will none.
            _ = try? Self.whole(type, Self.hostile[index])
            _ = try? Self.stream(type, [Self.hostile[index], Self.hostile[index]])
        }
        read(OpenAIReading.self)
        read(AnthropicReading.self)
        read(OllamaReading.self)
    }

    @Test func `vectors come in the order of their texts`() throws {
        let openAI = try OpenAIDialect(outputBound: .maxTokens).embeddings(
            in: Data(
                #"{"model":"m","data":[{"index":1,"embedding":[3]},{"index":0,"embedding":[1.5,2]}],"usage":{"prompt_tokens":4}}"#
                    .utf8))
        #expect(openAI == EmbeddingReply(vectors: [[1.5, 2], [3]], model: "m", usage: TokenUsage(inputTokens: 4)))
        let ollama = try OllamaDialect().embeddings(
            in: Data(#"{"model":"m","embeddings":[[1.5,2],[3]],"prompt_eval_count":4}"#.utf8))
        #expect(ollama == openAI)
    }
}
