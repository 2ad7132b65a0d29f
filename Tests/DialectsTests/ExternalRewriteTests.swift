import Testing
import Vocabulary

@testable import Dialects

@Suite struct ExternalRewriteTests {
    private static let plan = RewritePlan(outside: "m-large")

    private func rewritten(
        _ source: String, _ endpoint: Endpoint = .openAIChat, _ plan: RewritePlan = Self.plan
    ) throws -> (text: String, dropped: [String]) {
        let result = try body(source, endpoint).rewritten(for: plan)
        try JSONScanner.validate(result.bytes)
        return (text(result.bytes), result.dropped)
    }

    @Test func `what needs no change passes byte for byte`() throws {
        let source =
            " {\"model\" : \"m-large\",\"messages\":[ {\"role\":\"user\",\"content\":\"\\u00e9 \\/ \"} ]\n,\"n\":1 }\r\n"
        #expect(try self.rewritten(source) == (source, []))
    }

    @Test func `the model gets the name that it has outside`() throws {
        #expect(
            try self.rewritten(#"{"model":"general","messages":[{"role":"user","content":"model"}]}"#)
                == (#"{"model":"m-large","messages":[{"role":"user","content":"model"}]}"#, []))
        let odd = RewritePlan(outside: "openai/m\"4:free")
        #expect(odd.sentModel == "openai/m\"4:free")
        #expect(
            try self.rewritten(#"{"model":"x","input":"y"}"#, .openAIEmbeddings, odd).text
                == #"{"model":"openai/m\"4:free","input":"y"}"#)
    }

    /// OpenAI's API reference, "Create chat completion".
    @Test func `every member of the API is either sent or withheld for a reason`() throws {
        let api: Set<String> = [
            "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs",
            "max_completion_tokens", "max_tokens", "messages", "metadata", "modalities", "model", "n",
            "parallel_tool_calls", "prediction", "presence_penalty", "prompt_cache_key", "prompt_cache_retention",
            "reasoning_effort", "response_format", "safety_identifier", "seed", "service_tier", "stop", "store",
            "stream", "stream_options", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user",
            "verbosity", "web_search_options",
        ]
        let withheld = Set(ExternalMembers.withheld.map(\.member))
        #expect(ExternalMembers.chat.union(withheld) == api)
        #expect(ExternalMembers.chat.isDisjoint(with: withheld))
        #expect(ExternalMembers.withheld.allSatisfy { !$0.reason.isEmpty })
    }

    @Test func `each withheld member stays here and is named`() throws {
        for (member, _) in ExternalMembers.withheld {
            for endpoint in [Endpoint.openAIChat, .openAICompletions, .openAIEmbeddings] {
                #expect(
                    try self.rewritten("{\"\(member)\":\"canary\",\"model\":\"m-large\"}", endpoint)
                        == (#"{"model":"m-large"}"#, [member]), "\(member)")
            }
        }
    }

    @Test(arguments: [
        (#"{"model":"m-large","user":"u","n":1}"#, #"{"model":"m-large","n":1}"#, ["user"]),
        (#"{"user":"u" , "model":"m-large"}"#, #"{ "model":"m-large"}"#, ["user"]),
        (#"{"model":"m-large","user":"u"}"#, #"{"model":"m-large"}"#, ["user"]),
        (#"{"model":"m-large","us\u0065r":"u"}"#, #"{"model":"m-large"}"#, ["user"]),
        (#"{"model":"m-large","User":"u"}"#, #"{"model":"m-large"}"#, ["User"]),
        (#"{"model":"m-large","user":null}"#, #"{"model":"m-large"}"#, []),
        (#"{"model":"m-large","user":"a","user":"b"}"#, #"{"model":"m-large"}"#, ["user"]),
        (#"{"model":"m-large","store":true}"#, #"{"model":"m-large"}"#, ["store"]),
        (#"{"model":"m-large","store":false}"#, #"{"model":"m-large","store":false}"#, []),
        (#"{"model":"m-large","store":"false"}"#, #"{"model":"m-large"}"#, ["store"]),
        (
            #"{"model":"m-large","options":{"num_ctx":1},"keep_alive":"5m","think":true,"format":"json"}"#,
            #"{"model":"m-large"}"#, ["options", "keep_alive", "think", "format"]
        ),
        (
            #"{"model":"m-large","plugins":[{"id":"web"}],"models":["x"]}"#, #"{"model":"m-large"}"#,
            ["plugins", "models"]
        ),
        (#"{"model":"m-large","a b\r\nX: y":1}"#, #"{"model":"m-large"}"#, ["other"]),
        (#"{"model":"m-large","":1,"é":2}"#, #"{"model":"m-large"}"#, ["other"]),
        (#"{"model":"m-large","_debug_render_only":true}"#, #"{"model":"m-large"}"#, ["_debug_render_only"]),
    ])
    func `what the API does not know stays here, in every spelling and place`(
        source: String, expected: String, dropped: [String]
    ) throws {
        #expect(try self.rewritten(source) == (expected, dropped))
    }

    @Test func `what was left out is named within bounds`() throws {
        let members = (0..<100).map { "\"x\($0)\":1" }.joined(separator: ",")
        let result = try self.rewritten("{\(members),\"model\":\"m-large\"}")
        #expect(result.text == #"{"model":"m-large"}"#)
        #expect(result.dropped.count == 17)
        #expect(result.dropped.last == "other")
    }

    @Test(arguments: [
        (
            Endpoint.openAIChat, #"{"model":"m-large","stream":true}"#,
            #"{"model":"m-large","stream":true,"stream_options":{"include_usage":true}}"#
        ),
        (
            .openAIChat, #"{"stream_options":null,"model":"m-large","stream":true}"#,
            #"{"stream_options":{"include_usage":true},"model":"m-large","stream":true}"#
        ),
        (
            .openAIChat, #"{"stream_options":{},"model":"m-large","stream":true}"#,
            #"{"stream_options":{"include_usage":true},"model":"m-large","stream":true}"#
        ),
        (
            .openAIChat, #"{"stream_options":{"include_obfuscation":false},"model":"m-large","stream":true}"#,
            #"{"stream_options":{"include_obfuscation":false,"include_usage":true},"model":"m-large","stream":true}"#
        ),
        (
            .openAIChat, #"{"stream_options":{"include_usage":false},"model":"m-large","stream":true}"#,
            #"{"stream_options":{"include_usage":true},"model":"m-large","stream":true}"#
        ),
        (
            .openAICompletions, #"{"model":"m-large","prompt":"p","stream":true}"#,
            #"{"model":"m-large","prompt":"p","stream":true,"stream_options":{"include_usage":true}}"#
        ),
        (.openAIEmbeddings, #"{"model":"m-large","input":"i"}"#, #"{"model":"m-large","input":"i"}"#),
        (.openAIChat, #"{"model":"m-large","stream":false}"#, #"{"model":"m-large","stream":false}"#),
    ])
    func `streams are asked for their usage`(endpoint: Endpoint, source: String, expected: String) throws {
        #expect(try self.rewritten(source, endpoint) == (expected, []))
    }

    @Test(arguments: [
        (#""n":1"#, #""n":1"#, []),
        (#""max_tokens":50"#, #""max_tokens":50"#, []),
        (#""max_tokens":100"#, #""max_tokens":100"#, []),
        (#""max_tokens":500"#, #""max_tokens":100"#, ["max_tokens"]),
        (#""max_tokens":-1"#, #""max_tokens":100"#, ["max_tokens"]),
        (#""max_tokens":0"#, #""max_tokens":100"#, ["max_tokens"]),
        (#""max_tokens":null"#, #""max_tokens":null"#, []),
        (#""max_completion_tokens" : 500"#, #""max_completion_tokens" : 100"#, ["max_completion_tokens"]),
        (#""max_completion_tokens":50"#, #""max_completion_tokens":50"#, []),
        (
            #""max_tokens":500,"max_completion_tokens":40"#, #""max_tokens":100,"max_completion_tokens":40"#,
            ["max_tokens"]
        ),
    ])
    func `the bound keeps its name and is no higher than the manifest's`(
        source: String, expected: String, dropped: [String]
    ) throws {
        let plan = RewritePlan(outside: "m-large", outputTokensMax: 100)
        for endpoint in [Endpoint.openAIChat, .openAICompletions] {
            #expect(
                try self.rewritten(#"{"model":"m-large",\#(source)}"#, endpoint, plan)
                    == (#"{"model":"m-large",\#(expected)}"#, dropped))
        }
        #expect(try self.rewritten(#"{"model":"m-large",\#(source)}"#).text == #"{"model":"m-large",\#(source)}"#)
    }

    /// `residency.md` A6, L11.
    @Test(arguments: [
        (
            #""tools":[{"type":"function","function":{"name":"f"}}]"#,
            #""tools":[{"type":"function","function":{"name":"f"}}]"#, []
        ),
        (
            #""tools":[{"type":"custom","custom":{"name":"c"}}]"#,
            #""tools":[{"type":"custom","custom":{"name":"c"}}]"#, []
        ),
        (
            #""tools":[{"type":"function"},{"type":"web_search"}],"tool_choice":"auto""#,
            #""tools":[{"type":"function"}],"tool_choice":"auto""#, ["tools.web_search"]
        ),
        (
            #""tools":[{"type":"mcp","server_url":"https://x"},{"type":"function"},{"type":"code_interpreter"}]"#,
            #""tools":[{"type":"function"}]"#, ["tools.hosted"]
        ),
        (#""tools":[{"type":"mcp"},{"type":"web_search"}]"#, "", ["tools.web_search", "tools.hosted"]),
        (#""tools":[{"type":1}]"#, "", ["tools.hosted"]),
        (#""tools":[{"type":"file_search"}],"tool_choice":"auto","parallel_tool_calls":true"#, "", ["tools.hosted"]),
        (#""tools":[]"#, #""tools":[]"#, []),
    ])
    func `tools that the provider would run stay here`(source: String, expected: String, dropped: [String]) throws {
        let comma = expected.isEmpty ? "" : ","
        #expect(
            try self.rewritten(#"{"model":"m-large",\#(source)}"#)
                == (#"{"model":"m-large"\#(comma)\#(expected)}"#, dropped))
    }

    @Test func `forced web search cannot go outside`() throws {
        let request = try body(
            #"{"model":"m","tools":[{"type":"web_search"}],"tool_choice":{"type":"web_search"}}"#)
        #expect(request.obstacleOutside?.reason == .toolForbidden)
        #expect(throws: BodyRefusal.self) { try request.rewritten(for: Self.plan) }
    }

    private func obstacle(part: String) throws -> BodyRefusal? {
        try body(#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"https://x"},\#(part)]}]}"#)
            .obstacleOutside
    }

    /// `residency.md` A6, L11.
    @Test(arguments: [
        #"{"type":"image_url","image_url":{"url":"https://x/a.png"}}"#,
        #"{"type":"image_url","image_url":{"url":"HTTP://x/a.png"}}"#,
        #"{"type":"image_url","image_url":{"url":" \n https://x"}}"#,
        #"{"type":"image_url","image_url":{"url":"ht\ntps://x"}}"#,
        #"{"type":"image_url","image_url":{"url":"\u0068ttps://x"}}"#,
        #"{"type":"image_url","image_url":{"url":"//x/a.png"}}"#,
        #"{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}"#,
        #"{"type":"image_url","image_url":{"url":"gs://bucket/a"}}"#,
        #"{"type":"image_url","image_url":"https://x/a.png"}"#,
        #"{"type":"image_url","image_url":{"url":"data:image/png;base64,AA","other":{"deep":["https://x"]}}}"#,
        #"{"type":"image_url","\u0069mage":"https://x"}"#,
        #"{"type":"text","text":"t","image_url":{"url":"https://x"}}"#,
        #"{"type":"file","file":{"file_id":"file-1"}}"#,
        #"{"type":"file","file":{"file_data":"https://x/a.pdf"}}"#,
        #"{"type":"input_audio","input_audio":{"data":"http:x","format":"wav"}}"#,
        #"{"type":"video_url","video_url":{"url":"data:video/mp4;base64,AA"}}"#,
        #"{"type":"input_image","image_url":"data:image/png;base64,AA"}"#, #"{"text":"no type"}"#,
    ])
    func `a part that names another place cannot go outside`(part: String) throws {
        let refusal = try #require(try self.obstacle(part: part))
        #expect(refusal.reason == .toolForbidden)
        #expect(refusal.parameter == "messages[].content[]")
        #expect(!refusal.message.contains("//x"))
    }

    @Test(arguments: [
        #"{"type":"text","text":"see https://x and //y"}"#, #"{"type":"refusal","refusal":"http://no"}"#,
        #"{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"}}"#,
        #"{"type":"image_url","image_url":{"url":"DATA:image/png;base64,AA"}}"#,
        #"{"type":"image_url","image_url":{"url":"iVBORw0KGgo="}}"#,
        #"{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}}"#,
        #"{"type":"file","file":{"file_data":"data:application/pdf;base64,AA","filename":"C:\\x.pdf"}}"#,
        #"{"type":"file","file":{"file_data":"AA==","file_id":null}}"#,
    ])
    func `what a request holds itself may go outside`(part: String) throws {
        #expect(try self.obstacle(part: part) == nil)
    }

    @Test(arguments: [
        (#"{"role":"user","content":{"type":"image_url","image_url":{"url":"https://x"}}}"#, true),
        (#"{"role":"user","content":"","images":["https://x"]}"#, true),
        (#"{"role":"user","content":"https://x","name":"a:b"}"#, false),
        (#"{"role":"assistant","content":null,"tool_calls":[{"function":{"arguments":"https://x"}}]}"#, false),
        (#"{"role":"assistant","content":"c","reasoning_content":"https://x"}"#, false),
    ])
    func `every member of a message is looked at, and words may speak of any place`(
        message: String, isObstacle: Bool
    ) throws {
        let found = try body(#"{"model":"m","messages":[\#(message)]}"#).obstacleOutside
        #expect((found != nil) == isObstacle)
    }

    /// L11 again: Anthropic's sources, and blocks that are not known.
    @Test(arguments: [
        (
            #"[{"type":"text","text":"https://x"},{"type":"tool_use","id":"t","name":"n","input":{"u":"https://x"}}]"#,
            false
        ),
        (#"[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA"}}]"#, false),
        (#"[{"type":"tool_result","tool_use_id":"t","content":"https://x"}]"#, false),
        (#"[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"https://x"}]}]"#, false),
        (#""https://x""#, false),
        (#"[{"type":"image","source":{"type":"url","url":"https://x/a.png"}}]"#, true),
        (#"[{"type":"document","source":{"type":"file","file_id":"f"}}]"#, true),
        (#"[{"type":"tool_result","content":[{"type":"image","source":{"type":"url","url":"https://x"}}]}]"#, true),
        (#"[{"type":"container_upload","file_id":"f"}]"#, true), (#"[{"text":"no type"}]"#, true),
    ])
    func `of Anthropic's blocks those stay here that stand elsewhere`(content: String, isObstacle: Bool) throws {
        let found = try body(
            #"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":\#(content)}]}"#, .anthropicMessages
        ).obstacleOutside
        #expect((found?.reason == .toolForbidden) == isObstacle)
    }

    @Test func `to Anthropic go the members that are listed, and the tools that the caller runs`() throws {
        let request = try body(
            #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"metadata":{"user_id":"u"},"#
                + #""mcp_servers":[{"url":"https://x"}],"tools":[{"name":"a","input_schema":{}},"#
                + #"{"type":"bash_20250124","name":"bash"},{"type":"code_execution_20250522","name":"c"}]}"#,
            .anthropicMessages)
        let sent = try request.outgoing(for: RewritePlan(outside: "claude", api: .anthropic))
        #expect(
            String(decoding: sent.bytes, as: UTF8.self)
                == #"{"model":"claude","max_tokens":9,"messages":[{"role":"user","content":"x"}],"#
                + #""tools":[{"name":"a","input_schema":{}},{"type":"bash_20250124","name":"bash"}]}"#)
        #expect(sent.dropped == ["metadata", "mcp_servers", "tools.hosted"])
        #expect(sent.call == .endpoint(.anthropicMessages) && !sent.isTranslated)
    }
}
