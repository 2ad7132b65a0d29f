import Testing
import Vocabulary

@testable import Dialects

@Suite struct CompatibleRewriteTests {
    private static let model = "meta-llama/Llama-3.1-8B"

    private func rewritten(
        _ source: String, _ endpoint: Endpoint = .openAIChat, bound: Int? = nil, addsBound: Bool = false
    ) throws -> (text: String, dropped: [String]) {
        let plan = RewritePlan(compatible: Self.model, outputTokensMax: bound, addsBound: addsBound)
        let outgoing = try body(source, endpoint).outgoing(for: plan)
        try JSONScanner.validate(outgoing.bytes)
        #expect(outgoing.call == .endpoint(endpoint) && !outgoing.isTranslated)
        return (text(outgoing.bytes), outgoing.dropped)
    }

    /// Members of such servers' own, and what outside would be kept here.
    @Test(arguments: [
        (
            Endpoint.openAIChat,
            #" {"model" : "meta-llama/Llama-3.1-8B","messages":[ {"role":"user","content":"\u00e9 \/ http:\/\/a"} "#
                + #"],"user":"u","metadata":{"a":1},"guided_json":{"type":"object"},"chat_template_kwargs":{"x":false},"#
                + #""top_k":40,"min_p":0.1,"cache_prompt":true,"id_slot":1,"stream":true,"#
                + #""stream_options":{"include_usage":true},"keep_alive":"5m" } "#
        ),
        (
            Endpoint.openAICompletions,
            #"{"model":"meta-llama/Llama-3.1-8B","prompt":[1,2,3],"n_predict":9,"echo":true}"#
        ),
        (
            Endpoint.openAIEmbeddings,
            #"{"model":"meta-llama/Llama-3.1-8B","input":["a","http://b"],"encoding_format":"base64"}"#
        ),
    ])
    func `what needs no change passes byte for byte`(endpoint: Endpoint, source: String) throws {
        #expect(try self.rewritten(source, endpoint, bound: 100) == (source, []))
    }

    @Test func `the model gets the name as its server spells it`() throws {
        #expect(
            try self.rewritten(#"{"model":"general","messages":[]}"#)
                == (#"{"model":"meta-llama/Llama-3.1-8B","messages":[]}"#, []))
    }

    @Test func `usage is asked for on streams`() throws {
        #expect(
            try self.rewritten(#"{"model":"x","messages":[],"stream":true}"#).text.hasSuffix(
                #""stream":true,"stream_options":{"include_usage":true}}"#))
        #expect(
            try self.rewritten(#"{"model":"x","input":"a","stream":true}"#, .openAIEmbeddings).text.hasSuffix(
                #""stream":true}"#))
    }

    @Test(arguments: [
        (#""max_tokens":50"#, #""max_tokens":50"#, []),
        (#""max_tokens":5000"#, #""max_tokens":100"#, ["max_tokens"]),
        (#""max_completion_tokens":5000"#, #""max_completion_tokens":100"#, ["max_completion_tokens"]),
        (#""n_predict":-1"#, #""n_predict":100"#, ["n_predict"]),
        (#""n_predict":1,"n_predict":-1"#, #""n_predict":1,"n_predict":100"#, ["n_predict"]),
        (#""max_tokens":0"#, #""max_tokens":100"#, ["max_tokens"]),
        (#""max_tokens":null"#, #""max_tokens":null"#, []),
    ])
    func `a bound of the caller's is no higher than the manifest's`(
        said: String, sent: String, dropped: [String]
    ) throws {
        let found = try self.rewritten("{\"model\":\"m\",\(said)}", .openAICompletions, bound: 100)
        #expect(found == ("{\"model\":\"meta-llama/Llama-3.1-8B\",\(sent)}", dropped))
    }

    @Test func `the manifest's bound is added only where the plan says so and the caller has none`() throws {
        func sent(_ said: String, _ endpoint: Endpoint = .openAIChat) throws -> String {
            try self.rewritten(
                "{\"model\":\"meta-llama/Llama-3.1-8B\"\(said)}", endpoint, bound: 100, addsBound: true
            ).text
        }
        let head = #"{"model":"meta-llama/Llama-3.1-8B""#
        #expect(try sent("") == head + #","max_tokens":100}"#)
        #expect(try sent(#","max_tokens":null"#) == head + #","max_tokens":100}"#)
        #expect(try sent(#","max_completion_tokens":5"#) == head + #","max_completion_tokens":5}"#)
        #expect(try sent(#","n_predict":5"#) == head + #","n_predict":5}"#)
        #expect(try sent("", .openAIEmbeddings) == head + "}", "vectors have no length")
    }

    @Test func `a translated request gets the bound by the same rule`() throws {
        func sent(_ addsBound: Bool) throws -> String {
            let plan = RewritePlan(compatible: Self.model, outputTokensMax: 100, addsBound: addsBound)
            let request = try body(#"{"model":"x","messages":[{"role":"user","content":"a"}]}"#, .ollamaChat)
            let outgoing = try request.outgoing(for: plan)
            #expect(outgoing.isTranslated && outgoing.call == .endpoint(.openAIChat))
            return text(outgoing.bytes)
        }
        #expect(try sent(true).contains(#""max_tokens":100"#))
        #expect(try !sent(false).contains("max_"))
        #expect(try sent(false).contains(#""model":"meta-llama/Llama-3.1-8B""#))
    }

    @Test func `tools that the server would run are left out, and refused where they are demanded`() throws {
        let own = #"{"type":"function","function":{"name":"look"}}"#
        let others = [#"{"type":"web_search"}"#, #"{"type":"mcp","server_url":"https://x"}"#]
        let found = try self.rewritten(
            #"{"model":"meta-llama/Llama-3.1-8B","tools":[\#(others[0]),\#(own),\#(others[1])]}"#)
        #expect(found.text == #"{"model":"meta-llama/Llama-3.1-8B","tools":[\#(own)]}"#)
        #expect(found.dropped == ["tools.web_search", "tools.hosted"])
        #expect(throws: BodyRefusal.self) {
            try self.rewritten(#"{"model":"m","tools":[{"type":"web_search"}],"tool_choice":"required"}"#)
        }
    }

    @Test func `no host of the caller's choice is connected to`() throws {
        #expect(
            try self.rewritten(
                #"{"model":"meta-llama/Llama-3.1-8B","kv_transfer_params":{"remote_host":"a"},"kv_transfer_params":1}"#)
                == (#"{"model":"meta-llama/Llama-3.1-8B"}"#, ["kv_transfer_params"]))
        #expect(
            try self.rewritten(#"{"model":"meta-llama/Llama-3.1-8B","kv_transfer_params":null}"#).dropped == [])
    }

    @Test(arguments: ["image_url", "video_url", "audio_url", "of_tomorrow"], [Endpoint.openAIChat, .openAIEmbeddings])
    func `nothing is fetched for a message, data within it passes`(type: String, endpoint: Endpoint) throws {
        func source(_ place: String) -> String {
            #"{"model":"meta-llama/Llama-3.1-8B","input":"a","messages":[{"role":"user","content":[{"type":"\#(type)","#
                + #""\#(type)":{"url":"\#(place)"}}]}]}"#
        }
        let data = source("data:image/png;base64,iVBORw0KGgo=")
        #expect(try self.rewritten(data, endpoint) == (data, []))
        for place in ["https://example.com/x.png", "file:///etc/passwd", "//host/x"] {
            do {
                _ = try self.rewritten(source(place), endpoint)
                Issue.record("\(place) was sent on")
            } catch let refusal as BodyRefusal {
                #expect(refusal.reason == .toolForbidden)
                #expect(refusal.message.contains("not sent on, since the server would fetch"))
            }
        }
    }
}
