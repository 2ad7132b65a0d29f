import Testing
import Vocabulary

@testable import Dialects

@Suite struct RewriteTests {
    private static let keep = RewritePlan(servedModel: "tiny", keepAlive: .caller)

    private func rewritten(
        _ source: String, _ endpoint: Endpoint, _ plan: RewritePlan = Self.keep
    ) throws -> (text: String, dropped: [String]) {
        let result = try body(source, endpoint).rewritten(for: plan)
        try JSONScanner.validate(result.bytes)
        return (text(result.bytes), result.dropped)
    }

    @Test func `what needs no change passes byte for byte`() throws {
        let source =
            " {\"model\" : \"tiny\",\"messages\":[ {\"role\":\"user\",\"content\":\"\\u00e9 \\/ \"} ]\n,\"x\":1.0e0 }\r\n"
        for endpoint in [Endpoint.openAIChat, .ollamaChat, .anthropicMessages] {
            #expect(try self.rewritten(source, endpoint) == (source, []))
        }
    }

    @Test func `the model gets the name that the backend knows, and nothing else changes`() throws {
        let plan = RewritePlan(servedModel: "big:7b", appendsLocal: true, keepAlive: .caller)
        #expect(plan.sentModel == "big:7b:local")
        #expect(
            try self.rewritten(
                #"{"a":"model", "model" : " tier\u002dx " , "b":{"model":"tier-x"}}"#, .openAIEmbeddings, plan)
                == (#"{"a":"model", "model" : "big:7b:local" , "b":{"model":"tier-x"}}"#, []))
        let odd = RewritePlan(servedModel: "a\"b", keepAlive: .caller)
        #expect(
            try self.rewritten(#"{"model":"x","input":""}"#, .openAIEmbeddings, odd).text
                == #"{"model":"a\"b","input":""}"#)
        #expect(
            try self.rewritten(#"{"name":"x","verbose":true}"#, .ollamaShow).text == #"{"verbose":true,"model":"tiny"}"#
        )
        #expect(try self.rewritten(#"{"name":"x"}"#, .ollamaShow).text == #"{"model":"tiny"}"#)
        #expect(try self.rewritten(#"{"name":"x","model":"x"}"#, .ollamaShow).text == #"{"model":"tiny"}"#)
    }

    @Test(arguments: [
        (
            #"{"model":"tiny","stream":true}"#,
            #"{"model":"tiny","stream":true,"stream_options":{"include_usage":true}}"#
        ),
        (
            #"{"stream_options":null,"model":"tiny","stream":true}"#,
            #"{"stream_options":{"include_usage":true},"model":"tiny","stream":true}"#
        ),
        (
            #"{"stream_options":{ },"model":"tiny","stream":true}"#,
            #"{"stream_options":{ "include_usage":true},"model":"tiny","stream":true}"#
        ),
        (
            #"{"stream_options":{"x":1},"model":"tiny","stream":true}"#,
            #"{"stream_options":{"x":1,"include_usage":true},"model":"tiny","stream":true}"#
        ),
        (
            #"{"stream_options":{"include_usage" : false},"model":"tiny","stream":true}"#,
            #"{"stream_options":{"include_usage" : true},"model":"tiny","stream":true}"#
        ),
        (
            #"{"stream_options":{"include_usage":null},"model":"tiny","stream":true}"#,
            #"{"stream_options":{"include_usage":true},"model":"tiny","stream":true}"#
        ),
        (
            #"{"stream_options":{"include_usage":true},"model":"tiny","stream":true}"#,
            #"{"stream_options":{"include_usage":true},"model":"tiny","stream":true}"#
        ),
        (#"{"model":"tiny","stream":false}"#, #"{"model":"tiny","stream":false}"#),
        (#"{"model":"tiny"}"#, #"{"model":"tiny"}"#),
    ])
    func `OpenAI streams are asked for their usage`(_ source: String, _ expected: String) throws {
        for endpoint in [Endpoint.openAIChat, .openAICompletions] {
            #expect(try self.rewritten(source, endpoint) == (expected, []))
        }
        #expect(try self.rewritten(source, .openAIResponses) == (source, []))
    }

    @Test(arguments: [
        (Endpoint.openAIChat, #""a":1"#, #""a":1,"max_tokens":100"#, []),
        (.openAIChat, #""max_tokens":50"#, #""max_tokens":50"#, []),
        (.openAIChat, #""max_tokens":500"#, #""max_tokens":100"#, ["max_tokens"]),
        (.openAIChat, #""max_tokens":0"#, #""max_tokens":100"#, ["max_tokens"]),
        (.openAIChat, #""max_tokens":-1"#, #""max_tokens":100"#, ["max_tokens"]),
        (.openAIChat, #""max_tokens":null"#, #""max_tokens":100"#, []),
        (.openAIChat, #""max_tokens":1e99"#, #""max_tokens":100"#, ["max_tokens"]),
        (.openAIChat, #""max_completion_tokens" : 50"#, #""max_tokens" : 50"#, []),
        (.openAIChat, #""max_completion_tokens":500"#, #""max_tokens":100"#, ["max_tokens"]),
        (.openAIChat, #""max_completion_tokens":null"#, #""max_completion_tokens":null,"max_tokens":100"#, []),
        (
            .openAIChat, #""max_tokens":50,"max_completion_tokens":40"#, #""max_tokens":40,"max_completion_tokens":40"#,
            []
        ),
        (
            .openAIChat, #""max_tokens":30,"max_completion_tokens":40"#, #""max_tokens":30,"max_completion_tokens":40"#,
            []
        ),
        (
            .openAIChat, #""max_tokens":null,"max_completion_tokens":40"#,
            #""max_tokens":40,"max_completion_tokens":40"#, []
        ),
        (.openAICompletions, #""max_tokens":500"#, #""max_tokens":100"#, ["max_tokens"]),
        (.openAIResponses, #""max_output_tokens":500"#, #""max_output_tokens":100"#, ["max_output_tokens"]),
        (.openAIResponses, #""a":1"#, #""a":1,"max_output_tokens":100"#, []),
        (.anthropicMessages, #""max_tokens":500"#, #""max_tokens":100"#, ["max_tokens"]),
        (.anthropicMessages, #""a":1"#, #""a":1"#, []),
        (.anthropicMessages, #""max_tokens":0"#, #""max_tokens":0"#, []),
        (.ollamaChat, #""a":1"#, #""a":1,"options":{"num_predict":100}"#, []),
        (.ollamaChat, #""options":null"#, #""options":{"num_predict":100}"#, []),
        (.ollamaChat, #""options":{}"#, #""options":{"num_predict":100}"#, []),
        (.ollamaChat, #""options":{"seed":1}"#, #""options":{"seed":1,"num_predict":100}"#, []),
        (
            .ollamaChat, #""options":{"num_predict":-1,"seed":1}"#, #""options":{"num_predict":100,"seed":1}"#,
            ["options.num_predict"]
        ),
        (.ollamaGenerate, #""options":{"num_predict":0}"#, #""options":{"num_predict":100}"#, ["options.num_predict"]),
        (.ollamaGenerate, #""options":{"num_predict":99}"#, #""options":{"num_predict":99}"#, []),
        (.ollamaEmbed, #""options":{"num_predict":0}"#, #""options":{"num_predict":0}"#, []),
        (.openAIEmbeddings, #""a":1"#, #""a":1"#, []),
    ])
    func `no answer is without a bound`(
        _ endpoint: Endpoint, _ members: String, _ expected: String, _ dropped: [String]
    ) throws {
        let plan = RewritePlan(servedModel: "tiny", keepAlive: .caller, outputTokensMax: 100)
        #expect(
            try self.rewritten("{\"model\":\"tiny\",\(members)}", endpoint, plan)
                == ("{\"model\":\"tiny\",\(expected)}", dropped))
    }

    @Test func `without a bound of the manifest the caller's stays, under the name that Ollama reads`() throws {
        #expect(
            try self.rewritten(#"{"model":"tiny","max_completion_tokens":5}"#, .openAIChat).text
                == #"{"model":"tiny","max_tokens":5}"#)
        #expect(
            try self.rewritten(#"{"model":"tiny","max_tokens":-1}"#, .openAIChat).text
                == #"{"model":"tiny","max_tokens":-1}"#)
        let source = #"{"model":"tiny","options":{"num_predict":-1}}"#
        #expect(try self.rewritten(source, .ollamaChat) == (source, []))
    }

    @Test(arguments: [
        (#""options":{"num_ctx":1}"#, #""options":{}"#, ["options.num_ctx"]),
        (#""options":{"num_ctx":1,"seed":2}"#, #""options":{"seed":2}"#, ["options.num_ctx"]),
        (#""options":{"seed":2 , "num_ctx":1}"#, #""options":{"seed":2 }"#, ["options.num_ctx"]),
        (
            #""options":{"num_ctx":1,"num_gpu":0,"seed":2,"num_thread":3}"#, #""options":{"seed":2}"#,
            ["options.num_ctx", "options.num_gpu", "options.num_thread"]
        ),
        (
            #""options":{"a":1,"num_batch":1,"main_gpu":0,"b":2}"#, #""options":{"a":1,"b":2}"#,
            ["options.num_batch", "options.main_gpu"]
        ),
        (
            #""options":{"use_mmap":true,"draft_num_predict":1,"numa":true}"#, #""options":{}"#,
            ["options.use_mmap", "options.draft_num_predict", "options.numa"]
        ),
        (#""options":{"num\u005fctx":1}"#, #""options":{}"#, ["options.num_ctx"]),
        (#""options":{"temperature":1,"top_p":0.5}"#, #""options":{"temperature":1,"top_p":0.5}"#, []),
        (#""shift":false"#, "", ["shift"]), (#""shift":null"#, #""shift":null"#, []),
        (#""truncate":false"#, #""truncate":false"#, []),
    ])
    func `load-time options are left out and named`(_ members: String, _ expected: String, _ dropped: [String]) throws {
        let after = expected.isEmpty ? "" : "," + expected
        for endpoint in [Endpoint.ollamaChat, .ollamaGenerate] {
            #expect(
                try self.rewritten("{\"model\":\"tiny\",\(members)}", endpoint) == (
                    "{\"model\":\"tiny\"\(after)}", dropped
                ))
        }
        // On `/v1` they mean nothing to Ollama (`ollama.md` 4) and pass.
        let source = "{\"model\":\"tiny\",\(members)}"
        #expect(try self.rewritten(source, .openAIChat) == (source, []))
    }

    @Test func `options emptied and bounded at once come out right`() throws {
        let plan = RewritePlan(servedModel: "tiny", keepAlive: .caller, outputTokensMax: 9)
        #expect(
            try self.rewritten(#"{"model":"tiny","options":{"num_ctx":1}}"#, .ollamaChat, plan).text
                == #"{"model":"tiny","options":{"num_predict":9}}"#)
        #expect(
            try self.rewritten(#"{"model":"tiny","options":{"num_ctx":1,"seed":1}}"#, .ollamaChat, plan).text
                == #"{"model":"tiny","options":{"seed":1,"num_predict":9}}"#)
    }

    @Test func `keep_alive follows the manifest`() throws {
        func result(_ members: String, _ keepAlive: RewritePlan.KeepAlive) throws -> (String, [String]) {
            let plan = RewritePlan(servedModel: "tiny", keepAlive: keepAlive)
            let result = try self.rewritten("{\"model\":\"tiny\"\(members)}", .ollamaChat, plan)
            return (result.text, result.dropped)
        }
        #expect(try result(#","keep_alive":0"#, .backend) == (#"{"model":"tiny"}"#, ["keep_alive"]))
        #expect(try result("", .backend) == (#"{"model":"tiny"}"#, []))
        #expect(
            try result(#","keep_alive":"1h""#, .seconds(600)) == (#"{"model":"tiny","keep_alive":600}"#, ["keep_alive"])
        )
        #expect(try result(#","keep_alive":600"#, .seconds(600)) == (#"{"model":"tiny","keep_alive":600}"#, []))
        #expect(try result("", .seconds(-1)) == (#"{"model":"tiny","keep_alive":-1}"#, []))
        #expect(try result(#","keep_alive":0"#, .caller) == (#"{"model":"tiny","keep_alive":0}"#, []))
        let source = #"{"model":"tiny","keep_alive":0}"#
        #expect(try self.rewritten(source, .openAIChat, RewritePlan(servedModel: "tiny")) == (source, []))
        #expect(
            try self.rewritten(
                #"{"model":"tiny"}"#, .ollamaShow, RewritePlan(servedModel: "tiny", keepAlive: .seconds(1))
            ).text == #"{"model":"tiny"}"#)
    }

    @Test(arguments: [
        (#"[{"type":"web_search"}]"#, "[]"),
        (#"[{"type":"web_search"},{"type":"function"}]"#, #"[{"type":"function"}]"#),
        (#"[ {"type":"function"} , {"type":"web_search"} ]"#, #"[ {"type":"function"} ]"#),
        (
            #"[{"type":"web_search"},{"type":"a"},{"type":"web_fetch"},{"type":"b"},{"type":"web_search_x"}]"#,
            #"[{"type":"a"},{"type":"b"}]"#
        ),
        (#"[{"type":"web_search"},{"type":"web_search"}]"#, "[]"),
    ])
    func `declared web search is left out and named`(_ tools: String, _ expected: String) throws {
        for endpoint in [Endpoint.openAIResponses, .anthropicMessages, .openAIChat, .ollamaChat] {
            #expect(
                try self.rewritten("{\"model\":\"tiny\",\"tools\":\(tools),\"x\":1}", endpoint)
                    == ("{\"model\":\"tiny\",\"tools\":\(expected),\"x\":1}", ["tools.web_search"]))
        }
    }

    @Test func `forced web search is refused`() throws {
        let read = try body(
            #"{"model":"tiny","tools":[{"type":"web_search"}],"tool_choice":"required"}"#, .openAIResponses)
        #expect { _ = try read.rewritten(for: Self.keep) } throws: { error in
            (error as? BodyRefusal)?.reason == .toolForbidden && (error as? BodyRefusal)?.parameter == "tool_choice"
        }
    }

    @Test func `the rendered prompt is never asked for`() throws {
        for endpoint in [Endpoint.ollamaChat, .ollamaGenerate, .openAIChat, .openAICompletions] {
            let source = #"{"_debug_render_only":true,"model":"tiny"}"#
            #expect(try body(source, endpoint).asksForRendering)
            #expect(try self.rewritten(source, endpoint) == (#"{"model":"tiny"}"#, ["_debug_render_only"]))
        }
    }

    /// Every subset of members that go, in every order of a few, with a neighbour that stays or not.
    @Test func `cutting members never breaks a comma`() throws {
        let members = [
            #""shift":true"#, #""keep_alive" : 1 "#, #""_debug_render_only":true"#, #" "x" : [1,2]"#, #""y":{}"#,
        ]
        for mask in 0..<32 {
            for rotation in 0..<6 {
                var chosen = (0..<5).filter { mask & 1 << $0 != 0 }.map { members[$0] } + [#""model":"tiny""#]
                chosen = (0..<chosen.count).map { chosen[($0 + rotation) % chosen.count] }
                let result = try self.rewritten(
                    "{" + chosen.joined(separator: ",") + "}", .ollamaChat, RewritePlan(servedModel: "tiny"))
                let stay = chosen.filter { !$0.contains("shift") && !$0.contains("keep") && !$0.contains("debug") }
                #expect(result.text == "{" + stay.joined(separator: ",") + "}")
                #expect(result.dropped.count == chosen.count - stay.count)
            }
        }
    }

    @Test func `all splices at once leave the rest alone`() throws {
        let source =
            #"{"model":"alias","messages":[{"role":"user","content":"x"}],"format":{"num_ctx":1},"options":{"num_ctx":8192,"num_predict":-1,"seed":7},"keep_alive":-1,"shift":false,"tools":[{"type":"web_search"},{"type":"function","function":{"name":"f"}}],"_debug_render_only":true,"think":"low"}"#
        let plan = RewritePlan(
            servedModel: "tiny:latest", appendsLocal: true, keepAlive: .seconds(300), outputTokensMax: 64)
        let result = try self.rewritten(source, .ollamaChat, plan)
        #expect(
            result.text
                == #"{"model":"tiny:latest:local","messages":[{"role":"user","content":"x"}],"format":{"num_ctx":1},"options":{"num_predict":64,"seed":7},"keep_alive":300,"tools":[{"type":"function","function":{"name":"f"}}],"think":"low"}"#
        )
        #expect(
            Set(result.dropped)
                == [
                    "options.num_predict", "shift", "options.num_ctx", "keep_alive", "tools.web_search",
                    "_debug_render_only",
                ])
    }
}
