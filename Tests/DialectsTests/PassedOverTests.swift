import Testing
import Vocabulary

@testable import Dialects

/// Members that Ollama's `/v1` drops without a word, in requests that it reads as they are.
@Suite struct PassedOverTests {
    private func sent(
        _ source: String, _ endpoint: Endpoint, _ losses: LossRule = .dropHints
    ) throws -> Outgoing {
        try body(source, endpoint).outgoing(for: RewritePlan(servedModel: "m", losses: losses))
    }

    private func refused(_ source: String, _ endpoint: Endpoint, _ losses: LossRule = .dropHints) -> BodyRefusal? {
        do throws(BodyRefusal) {
            _ = try RequestBody(bytes(source), endpoint: endpoint)
                .outgoing(for: RewritePlan(servedModel: "m", losses: losses))
            return nil
        } catch {
            return error
        }
    }

    private static let asking: [(Endpoint, String, String)] = [
        (.openAIChat, #""tool_choice":"required""#, "tool_choice"),
        (.openAIChat, #""tool_choice":{"type":"function","function":{"name":"f"}}"#, "tool_choice"),
        (.openAIChat, #""parallel_tool_calls":false"#, "parallel_tool_calls"), (.openAIChat, #""user":"u""#, "user"),
        (.openAIChat, #""store":true"#, "store"), (.openAIChat, #""top_k":5"#, "top_k"),
        (.openAIChat, #""options":{"num_ctx":1}"#, "options"), (.openAIChat, #""us\u0065r":"u""#, "user"),
        (.openAIResponses, #""include":["file_search_call.results"]"#, "include"),
        (.openAIResponses, #""tool_choice":"none""#, "tool_choice"), (.openAIEmbeddings, #""user":"u""#, "user"),
        (.anthropicMessages, #""tool_choice":{"type":"any"}"#, "tool_choice"),
        (
            .anthropicMessages, #""tool_choice":{"type":"auto","disable_parallel_tool_use":true}"#,
            "tool_choice.disable_parallel_tool_use"
        ),
        (.anthropicMessages, #""metadata":{"user_id":"u"}"#, "metadata"),
        (.anthropicMessages, #""mcp_servers":[{"url":"x"}]"#, "mcp_servers"),
    ]

    @Test(arguments: asking)
    func `a hint is named, and passes as it came`(_ endpoint: Endpoint, _ member: String, _ name: String) throws {
        let source = #"{"model":"m", \#(member) }"#
        for rule in [LossRule.dropHints, .drop] {
            let sent = try self.sent(source, endpoint, rule)
            #expect(sent.dropped == [name] && text(sent.bytes) == source && !sent.isTranslated)
        }
        let refusal = self.refused(source, endpoint, .refuse)
        #expect(refusal?.reason == .unsupportedParameter && refusal?.parameter == name)
    }

    @Test(arguments: [
        (Endpoint.openAIChat, #""n":2"#, "n"), (.openAIChat, #""logit_bias":{"1":5}"#, "logit_bias"),
        (.openAIChat, #""functions":[{"name":"f"}]"#, "functions"), (.openAICompletions, #""best_of":2"#, "best_of"),
        (.openAICompletions, #""echo":true"#, "echo"), (.openAIResponses, #""top_logprobs":2"#, "logprobs"),
        (.openAIResponses, #""include":["message.output_text.logprobs"]"#, "logprobs"),
        (.anthropicMessages, #""inference_geo":"eu""#, "inference_geo"),
    ])
    func `a demand is refused, unless all may be dropped`(
        _ endpoint: Endpoint, _ member: String, _ name: String
    ) throws {
        let source = #"{"model":"m",\#(member)}"#
        for rule in [LossRule.refuse, .dropHints] {
            let refusal = self.refused(source, endpoint, rule)
            #expect(refusal?.reason == .unsupportedParameter && refusal?.parameter == name)
        }
        #expect(try self.sent(source, endpoint, .drop).dropped == [name])
    }

    @Test(arguments: [#""previous_response_id":"r""#, #""conversation":"c""#, #""background":true"#])
    func `what needs a state is refused, since the answer would lack it`(member: String) {
        let refusal = self.refused(#"{"model":"m","input":"a",\#(member)}"#, .openAIResponses, .drop)
        #expect(refusal?.reason == .unsupportedParameter)
    }

    @Test(arguments: [
        (Endpoint.openAIChat, #""n":1,"tool_choice":"auto","parallel_tool_calls":true,"store":false,"user":null"#),
        (.openAIChat, #""max_completion_tokens":5,"seed":1,"logprobs":true,"stream_options":{"include_usage":true}"#),
        (.openAIResponses, #""store":false,"background":false,"include":["reasoning.encrypted_content"]"#),
        (.openAIResponses, #""top_logprobs":0,"stream_options":{"include_obfuscation":false}"#),
        (.anthropicMessages, #""tool_choice":{"type":"auto"},"service_tier":"auto","metadata":{}"#),
        (.ollamaChat, #""n":2,"tool_choice":"required""#),
    ])
    func `what asks for nothing, or of a server for what it knows, is not named`(
        _ endpoint: Endpoint, _ members: String
    ) throws {
        let plan = RewritePlan(servedModel: "m", losses: .refuse)
        let sent = try body(#"{"model":"m","messages":[],\#(members)}"#, endpoint).outgoing(for: plan)
        #expect(sent.dropped.isEmpty)
    }

    @Test func `more than a few unknown members are not kept, and a demand`() {
        let many = (0..<100).map { #""x\#($0)":1"# }.joined(separator: ",")
        #expect(self.refused(#"{"model":"m",\#(many)}"#, .openAIChat)?.parameter == "other")
    }

    @Test(arguments: [
        #""output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}"#,
        #""output_format":{"type":"json_schema","schema":{"type":"object"}}"#,
    ])
    func `the form of an answer goes by Ollama's own API`(member: String) throws {
        let source = #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"}],\#(member)}"#
        let sent = try self.sent(source, .anthropicMessages)
        #expect(sent.call == .endpoint(.ollamaChat) && sent.dropped.isEmpty)
        #expect(try JSONView(sent.bytes)["format"]?["type"]?.string == "object")
    }

    @Test(arguments: ["[1,2]", "[[1,2],[3]]"])
    func `tokens in place of texts are refused in words`(input: String) {
        let refusal = self.refused(#"{"model":"m","input":\#(input)}"#, .openAIEmbeddings)
        #expect(refusal?.reason == .invalidField && refusal?.message.contains("check_embedding_ctx_length") == true)
    }

    @Test func `a model that can think is told to`() throws {
        let source =
            #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"}],"thinking":{"type":"adaptive"},"#
            + #""output_config":{"format":{"type":"json_schema","schema":{}}}}"#
        for (thinks, told) in [(true, true), (false, nil), (nil, nil)] as [(Bool?, Bool?)] {
            var plan = RewritePlan(servedModel: "m")
            plan.thinks = thinks
            let sent = try body(source, .anthropicMessages).outgoing(for: plan)
            #expect(try JSONView(sent.bytes)["think"]?.bool == told)
            #expect(sent.dropped == (thinks == false ? ["reasoning_effort"] : []))
        }
    }
}
