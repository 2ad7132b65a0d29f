import Foundation
import Testing

@testable import LLMService

/// What each API is asked, to the letter.
@Suite struct AskingTests {
    static let call = ToolCall(id: "c1", name: "weather", arguments: #"{"city": "Oslo"}"#)

    /// Everything that can be said.
    static let everything: ChatRequest = {
        var request = ChatRequest(
            model: "general",
            messages: [
                .system("Be brief."),
                .user("What is this?", images: [ChatImage(Data([1, 2]), mediaType: "image/png")]),
                ChatMessage(
                    .assistant, [.thinking("hm", signature: "sig"), .text("Let me see."), .toolCall(Self.call)]),
                ChatMessage(.user, [.toolResult(ToolResult(of: Self.call, "rain", isError: true)), .text("And?")]),
            ])
        request.tools = [ChatTool("weather", "Tells the weather.", parameters: .object(["city": .string]))]
        request.toolChoice = .auto
        request.format = .schema(.object(["sky": .string]), name: "Sky")
        request.sampling = Sampling(temperature: 0.5, topP: 0.9, seed: 7, stop: ["END"])
        request.reasoning = .low
        request.outputTokensMax = 100
        return request
    }()

    static let parameters =
        #"{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}"#
    static let sky =
        #"{"type":"object","properties":{"sky":{"type":"string"}},"required":["sky"],"additionalProperties":false}"#

    @Test func `OpenAI is asked everything`() throws {
        let wire = try OpenAIDialect(outputBound: .maxCompletionTokens).chat(Self.everything, streams: true)
        #expect(wire.path == "/chat/completions")
        #expect(wire.dropped == ["thinking"])
        #expect(
            try wire.body.text()
                == #"{"model":"general","messages":[{"role":"system","content":"Be brief."},"#
                + #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AQI="}},"#
                + #"{"type":"text","text":"What is this?"}]},"#
                + #"{"role":"assistant","content":"Let me see.","tool_calls":[{"id":"c1","type":"function","#
                + #""function":{"name":"weather","arguments":"{\"city\": \"Oslo\"}"}}]},"#
                + #"{"role":"tool","tool_call_id":"c1","content":"rain"},{"role":"user","content":"And?"}],"#
                + #""stream":true,"stream_options":{"include_usage":true},"#
                + #""tools":[{"type":"function","function":{"name":"weather","description":"Tells the weather.","#
                + #""parameters":\#(Self.parameters)}}],"#
                + #""response_format":{"type":"json_schema","json_schema":{"name":"Sky","strict":true,"schema":\#(Self.sky)}},"#
                + #""temperature":0.5,"top_p":0.9,"seed":7,"stop":["END"],"reasoning_effort":"low","#
                + #""max_completion_tokens":100}"#)
    }

    @Test func `Anthropic is asked all that it has a word for`() throws {
        let wire = try AnthropicDialect(outputTokensMax: 9).chat(Self.everything, streams: false)
        #expect(wire.path == "/v1/messages")
        #expect(wire.dropped == ["seed"])
        #expect(
            try wire.body.text()
                == #"{"model":"general","max_tokens":100,"system":"Be brief.","messages":["#
                + #"{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQI="}},"#
                + #"{"type":"text","text":"What is this?"}]},"#
                + #"{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"sig"},"#
                + #"{"type":"text","text":"Let me see."},"#
                + #"{"type":"tool_use","id":"c1","name":"weather","input":{"city": "Oslo"}}]},"#
                + #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"rain","is_error":true},"#
                + #"{"type":"text","text":"And?"}]}],"stream":false,"#
                + #""tools":[{"name":"weather","description":"Tells the weather.","input_schema":\#(Self.parameters)}],"#
                + #""thinking":{"type":"adaptive"},"#
                + #""output_config":{"effort":"low","format":{"type":"json_schema","schema":\#(Self.sky)}},"#
                + #""temperature":0.5,"top_p":0.9,"stop_sequences":["END"]}"#)
    }

    @Test func `Ollama is asked everything`() throws {
        let wire = try OllamaDialect().chat(Self.everything, streams: true)
        #expect(wire.path == "/api/chat")
        #expect(wire.dropped == [])
        #expect(
            try wire.body.text()
                == #"{"model":"general","messages":[{"role":"system","content":"Be brief."},"#
                + #"{"role":"user","content":"What is this?","images":["AQI="]},"#
                + #"{"role":"assistant","content":"Let me see.","thinking":"hm","tool_calls":[{"id":"c1","#
                + #""function":{"name":"weather","arguments":{"city": "Oslo"}}}]},"#
                + #"{"role":"tool","tool_name":"weather","tool_call_id":"c1","content":"rain"},"#
                + #"{"role":"user","content":"And?"}],"stream":true,"#
                + #""tools":[{"type":"function","function":{"name":"weather","description":"Tells the weather.","#
                + #""parameters":\#(Self.parameters)}}],"format":\#(Self.sky),"think":"low","#
                + #""options":{"temperature":0.5,"top_p":0.9,"seed":7,"stop":["END"],"num_predict":100}}"#)
    }

    @Test func `little is asked in few words`() throws {
        let request = ChatRequest(model: "m", "Hello?")
        let hello = #"{"model":"m","messages":[{"role":"user","content":"Hello?"}],"stream":false}"#
        #expect(try OpenAIDialect(outputBound: .maxTokens).chat(request, streams: false).body.text() == hello)
        #expect(try OllamaDialect().chat(request, streams: false).body.text() == hello)
        #expect(
            try AnthropicDialect(outputTokensMax: 9).chat(request, streams: false).body.text()
                == #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"Hello?"}]}],"#
                + #""stream":false}"#)
    }

    @Test func `an older server hears of the bound by its old name`() throws {
        var request = ChatRequest(model: "m", "Hello?")
        request.outputTokensMax = 5
        let text = try OpenAIDialect(outputBound: .maxTokens).chat(request, streams: false).body.text()
        #expect(text.hasSuffix(#""max_tokens":5}"#))
    }

    @Test func `a choice of tools is said as each API says it`() throws {
        var request = ChatRequest(model: "m", "Hello?")
        request.tools = [ChatTool("t", "A tool.")]
        func said(_ choice: ToolChoice, _ dialect: some Dialect) throws -> String {
            request.toolChoice = choice
            let text = try dialect.chat(request, streams: false).body.text()
            return text.firstRange(of: #""tool_choice":"#).map { String(text[$0.upperBound...].dropLast()) } ?? ""
        }
        let openAI = OpenAIDialect(outputBound: .maxTokens)
        #expect(try said(.none, openAI) == #""none""#)
        #expect(try said(.required, openAI) == #""required""#)
        #expect(try said(.tool("t"), openAI) == #"{"type":"function","function":{"name":"t"}}"#)
        let anthropic = AnthropicDialect(outputTokensMax: 1)
        #expect(try said(.none, anthropic) == #"{"type":"none"}"#)
        #expect(try said(.required, anthropic) == #"{"type":"any"}"#)
        #expect(try said(.tool("t"), anthropic) == #"{"type":"tool","name":"t"}"#)
        request.toolChoice = .none
        #expect(try !OllamaDialect().chat(request, streams: false).body.text().contains("tools"))
    }

    @Test func `what an API cannot say and cannot do without is refused`() {
        func refusal(_ dialect: some Dialect, _ change: (inout ChatRequest) -> Void) -> LLMError.Kind? {
            var request = ChatRequest(model: "m", "Hello?")
            request.tools = [ChatTool("t", "A tool.")]
            change(&request)
            do throws(LLMError) {
                _ = try dialect.chat(request, streams: true).body.text()
                return nil
            } catch { return error.kind }
        }
        let (openAI, anthropic) = (OpenAIDialect(outputBound: .maxTokens), AnthropicDialect(outputTokensMax: 1))
        #expect(refusal(OllamaDialect()) { $0.toolChoice = .required } == .invalidRequest)
        #expect(refusal(OllamaDialect()) { $0.toolChoice = .tool("t") } == .invalidRequest)
        #expect(refusal(anthropic) { $0.format = .json } == .invalidRequest)
        #expect(refusal(anthropic) { $0.messages.append(.system("late")) } == .invalidRequest)
        #expect(refusal(openAI) { $0.sampling.temperature = .nan } == .invalidRequest)
        let broken = ChatMessage(.assistant, [.toolCall(ToolCall(id: "1", name: "t", arguments: "[1"))])
        #expect(refusal(anthropic) { $0.messages.append(broken) } == .invalidRequest)
        #expect(refusal(OllamaDialect()) { $0.messages.append(broken) } == .invalidRequest)
        #expect(refusal(openAI) { $0.messages.append(broken) } == nil, "there it is a text")
    }

    @Test func `vectors are asked for where there are any`() throws {
        let request = EmbeddingRequest(model: "m", ["a", "b"], dimensions: 8)
        let body = #"{"model":"m","input":["a","b"],"dimensions":8}"#
        #expect(try OpenAIDialect(outputBound: .maxTokens).embedding(request).body.text() == body)
        #expect(try OllamaDialect().embedding(request).body.text() == body)
        #expect(throws: LLMError.self) { try AnthropicDialect(outputTokensMax: 1).embedding(request) }
    }

    @Test func `tags are headers`() {
        #expect(RequestTags().headers == [:])
        let tags = RequestTags(
            project: "p", feature: "f", conversation: "c", sensitivity: .confidential, staysInside: true,
            priority: .batch)
        #expect(
            tags.headers == [
                "x-gatehouse-project": "p", "x-gatehouse-feature": "f", "x-gatehouse-conversation": "c",
                "x-gatehouse-sensitivity": "confidential", "x-gatehouse-external": "never",
                "x-gatehouse-priority": "batch",
            ])
    }
}
