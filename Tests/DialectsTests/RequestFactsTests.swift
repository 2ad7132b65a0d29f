import Testing
import Vocabulary

@testable import Dialects

@Suite struct RequestFactsTests {
    @Test(arguments: [
        ("tiny", "tiny"), ("  tiny: cloud ", "tiny: cloud"), ("\u{A0}tiny\u{2003}\u{85}", "tiny"),
        (#"t\u0069ny\n"#, "tiny"),
        ("\u{200B}tiny", "\u{200B}tiny"),
    ])
    func `the model is trimmed as Ollama trims it`(_ sent: String, _ model: String) throws {
        #expect(try body(#"{"model":"\#(sent)"}"#).model == model)
    }

    @Test func `a body without a model is refused`() {
        for value in ["", #","model":null"#, #","model":"""#, #","model":" \n""#] {
            let found = refusal(#"{"messages":[]\#(value.replacing("\n", with: "\\n"))}"#)
            #expect(found?.reason == .modelMissing)
            #expect(found?.parameter == "model")
        }
    }

    @Test(arguments: [
        (Endpoint.openAIChat, #"{"model":5}"#, "model"), (.openAIChat, #"{"model":["x"]}"#, "model"),
        (.openAIChat, #"{"model":"x","stream":"yes"}"#, "stream"),
        (.openAIChat, #"{"model":"x","stream":1}"#, "stream"),
        (.openAIChat, #"{"model":"x","messages":"hi"}"#, "messages"),
        (.ollamaChat, #"{"model":"x","messages":{}}"#, "messages"),
        (.openAIChat, #"{"model":"x","tools":{}}"#, "tools"),
        (.openAIChat, #"{"model":"x","stream_options":true}"#, "stream_options"),
        (.openAIChat, #"{"model":"x","stream_options":{"include_usage":1}}"#, "stream_options.include_usage"),
        (.openAIChat, #"{"model":"x","max_tokens":"5"}"#, "max_tokens"),
        (.openAIChat, #"{"model":"x","max_completion_tokens":[]}"#, "max_completion_tokens"),
        (.openAIResponses, #"{"model":"x","max_output_tokens":true}"#, "max_output_tokens"),
        (.ollamaChat, #"{"model":"x","options":[]}"#, "options"),
        (.ollamaChat, #"{"model":"x","options":{"num_predict":"5"}}"#, "options.num_predict"),
        (.ollamaGenerate, #"{"model":"x","prompt":["a"]}"#, "prompt"),
    ])
    func `wrong types are named`(_ endpoint: Endpoint, _ source: String, _ parameter: String) {
        let found = refusal(source, endpoint)
        #expect(found?.reason == .invalidField)
        #expect(found?.parameter == parameter)
    }

    @Test func `null is as good as absent`() throws {
        let read = try body(
            #"{"model":"x","stream":null,"messages":null,"options":null,"keep_alive":null,"tools":null}"#, .ollamaChat)
        #expect(read.streams)
        #expect(read.residence == .load)
        #expect(!read.hasTools)
    }

    @Test func `only Ollama's own API streams by default, and only text streams`() throws {
        for endpoint in Endpoint.allCases where endpoint.hasBody {
            let extra = #""messages":[{}],"prompt":"x""#
            #expect(try body("{\"model\":\"x\",\(extra)}", endpoint).streams == endpoint.streamsByDefault)
            #expect(try body("{\"model\":\"x\",\"stream\":true,\(extra)}", endpoint).streams == endpoint.generates)
            #expect(try !body("{\"model\":\"x\",\"stream\":false,\(extra)}", endpoint).streams)
        }
    }

    @Test func `usage is wanted only if the client says so`() throws {
        #expect(try body(#"{"model":"x","stream_options":{"include_usage":true}}"#).wantsUsage)
        #expect(try !body(#"{"model":"x","stream_options":{"include_usage":false}}"#).wantsUsage)
        #expect(try !body(#"{"model":"x","stream_options":{}}"#).wantsUsage)
        #expect(try !body(#"{"model":"x"}"#).wantsUsage)
    }

    @Test(arguments: [
        (Endpoint.ollamaChat, #""messages":[]"#, RequestBody.Residence?.some(.load)), (.ollamaChat, "", .load),
        (.ollamaChat, #""messages":[ ],"keep_alive":0"#, .unload), (.ollamaChat, #""keep_alive":"0""#, .unload),
        (.ollamaChat, #""keep_alive":"0h0m0.0s""#, .unload), (.ollamaChat, #""keep_alive":0.0"#, .unload),
        (.ollamaChat, #""keep_alive":-1"#, .load), (.ollamaChat, #""keep_alive":"10m""#, .load),
        (.ollamaChat, #""messages":[{"role":"user","content":"x"}],"keep_alive":0"#, nil),
        (.ollamaGenerate, "", .load), (.ollamaGenerate, #""prompt":"""#, .load),
        (.ollamaGenerate, #""prompt":"","keep_alive":0"#, .unload), (.ollamaGenerate, #""prompt":"x""#, nil),
        (.ollamaEmbed, #""input":[]"#, nil), (.openAIChat, #""messages":[]"#, nil),
    ])
    func `empty native requests load or unload`(
        _ endpoint: Endpoint, _ members: String, _ residence: RequestBody.Residence?
    ) throws {
        let read = try body(#"{"model":"x"\#(members.isEmpty ? "" : ",")\#(members)}"#, endpoint)
        #expect(read.residence == residence)
        #expect(read.isLoadOrUnload == (residence != nil))
    }

    @Test func `images are seen in every dialect and are no prompt text`() throws {
        let image = String(repeating: "A", count: 4000)
        let bodies: [(Endpoint, String)] = [
            (
                .openAIChat,
                #""messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"\#(image)"}}]}]"#
            ),
            (.ollamaChat, #""messages":[{"role":"user","content":"x","images":["\#(image)"]}]"#),
            (.ollamaGenerate, #""prompt":"x","images":["\#(image)"]"#),
            (
                .anthropicMessages,
                #""messages":[{"role":"user","content":[{"type":"image","source":{"data":"\#(image)"}}]}]"#
            ),
            (
                .openAIResponses,
                #""input":[{"role":"user","content":[{"type":"input_image","image_url":"\#(image)"}]}]"#
            ),
        ]
        for (endpoint, members) in bodies {
            let read = try body("{\"model\":\"x\",\(members)}", endpoint)
            #expect(read.hasImages, "\(endpoint)")
            #expect(read.promptBytes < 200, "\(endpoint)")
        }
        #expect(try !body(#"{"model":"x","messages":[{"content":"x","images":[]}]}"#, .ollamaChat).hasImages)
        #expect(try !body(#"{"model":"x","messages":[{"content":"x","images":null}]}"#, .ollamaChat).hasImages)
        let words = String(repeating: "word ", count: 100)
        let read = try body(#"{"model":"x","messages":[{"role":"user","content":"\#(words)"}]}"#)
        #expect((500..<600).contains(read.promptBytes))
    }

    @Test(arguments: [
        (
            Endpoint.anthropicMessages, #""tools":[{"type":"web_search_20250305","name":"web_search"}]"#,
            WebSearch.declared
        ),
        (.anthropicMessages, #""tools":[{"type":"WEB_SEARCH_x","name":"s"}]"#, .declared),
        (.anthropicMessages, #""tools":[{"type":"web\u005fsearch_1"}]"#, .declared),
        (.anthropicMessages, #""tools":[{"type":"web_fetch_20250910","name":"web_fetch"}]"#, .declared),
        (.anthropicMessages, #""tools":[{"type":"custom","name":"web_search"}]"#, .none),
        (.anthropicMessages, #""tools":[{"name":"f"}],"tool_choice":{"type":"any"}"#, .none),
        (.anthropicMessages, #""tools":[{"type":"web_search_1","name":"s"}],"tool_choice":{"type":"any"}"#, .forced),
        (.anthropicMessages, #""tools":[{"type":"web_search_1","name":"s"}],"tool_choice":{"type":"auto"}"#, .declared),
        (
            .anthropicMessages,
            #""tools":[{"type":"web_search_1","name":"s"},{"name":"f"}],"tool_choice":{"type":"any"}"#, .declared
        ),
        (
            .anthropicMessages,
            #""tools":[{"type":"web_search_1","name":"s"},{"name":"f"}],"tool_choice":{"type":"tool","name":"s"}"#,
            .forced
        ),
        (
            .anthropicMessages,
            #""tools":[{"type":"web_search_1","name":"s"},{"name":"f"}],"tool_choice":{"type":"tool","name":"f"}"#,
            .declared
        ),
        (
            .anthropicMessages,
            #""tools":[{"type":"web_search_1","name":"s"},{"name":"s"}],"tool_choice":{"type":"tool","name":"s"}"#,
            .declared
        ),
        (.openAIResponses, #""tools":[{"type":"web_search"}]"#, .declared),
        (.openAIResponses, #""tools":[{"type":"web_search_preview_2025_03_11"}]"#, .declared),
        (.openAIResponses, #""tools":[{"type":"web_search"}],"tool_choice":"required""#, .forced),
        (.openAIResponses, #""tools":[{"type":"web_search"}],"tool_choice":"auto""#, .declared),
        (
            .openAIResponses,
            #""tools":[{"type":"web_search"},{"type":"function","name":"f"}],"tool_choice":"required""#, .declared
        ),
        (
            .openAIResponses,
            #""tools":[{"type":"web_search"},{"type":"function","name":"f"}],"tool_choice":{"type":"web_search"}"#,
            .forced
        ),
        (
            .openAIResponses,
            #""tools":[{"type":"web_search"}],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"web_search"}]}"#,
            .forced
        ),
        (
            .openAIResponses,
            #""tools":[{"type":"web_search"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"web_search"}]}"#,
            .declared
        ),
        (.openAIResponses, #""tools":[{"type":"function","name":"web_search"}]"#, .none),
        (.openAIChat, #""tools":[{"type":"web_search"}]"#, .declared), (.openAIChat, #""tools":[]"#, .none),
        (.openAIChat, #""tools":["x",null,3]"#, .none),
    ])
    func `hosted web search is told apart from tools of one's own`(
        _ endpoint: Endpoint, _ members: String, _ expected: WebSearch
    ) throws {
        #expect(try body("{\"model\":\"x\",\(members)}", endpoint).webSearch == expected)
    }

    @Test func `tools are those that the client runs itself`() throws {
        #expect(try body(#"{"model":"x","tools":[{"type":"function","function":{"name":"f"}}]}"#).hasTools)
        #expect(try !body(#"{"model":"x","tools":[]}"#).hasTools)
        #expect(try !body(#"{"model":"x","tools":[{"type":"web_search"}]}"#, .openAIResponses).hasTools)
        #expect(
            try body(#"{"model":"x","tools":[{"type":"web_search"},{"type":"function"}]}"#, .openAIResponses).hasTools)
    }

    @Test(arguments: [
        (Endpoint.openAIChat, #""max_tokens":5"#, Int?.some(5)), (.openAIChat, #""max_completion_tokens":7"#, 7),
        (.openAIChat, #""max_tokens":5,"max_completion_tokens":7"#, 5),
        (.openAIChat, #""max_tokens":9,"max_completion_tokens":7"#, 7), (.openAIChat, #""max_tokens":0"#, nil),
        (.openAIChat, #""max_tokens":-1"#, nil), (.openAIChat, #""max_tokens":null"#, nil),
        (.openAIResponses, #""max_output_tokens":3"#, 3), (.anthropicMessages, #""max_tokens":4"#, 4),
        (.ollamaChat, #""options":{"num_predict":8}"#, 8), (.ollamaChat, #""options":{"num_predict":-1}"#, nil),
        (.ollamaGenerate, #""options":{"num_predict":2.9}"#, 2), (.ollamaChat, #""options":{}"#, nil),
        (.ollamaEmbed, #""options":{"num_predict":8}"#, nil),
    ])
    func `the caller's own bound is found`(_ endpoint: Endpoint, _ members: String, _ bound: Int?) throws {
        #expect(try body("{\"model\":\"x\",\(members)}", endpoint).outputTokensMax == bound)
    }

    @Test func `show knows its model by an older name too`() throws {
        #expect(try body(#"{"name":"tiny"}"#, .ollamaShow).model == "tiny")
        #expect(try body(#"{"name":" tiny","model":"tiny"}"#, .ollamaShow).model == "tiny")
        #expect(refusal(#"{"name":"x:cloud","model":"tiny"}"#, .ollamaShow)?.reason == .ambiguousBody)
    }

    @Test func `random damage to a body never traps`() {
        var generator = SeededGenerator(seed: 11)
        let seed = bytes(
            #"{"model":"tiny","messages":[{"role":"user","content":[{"type":"text","text":"é"}]}],"stream":true,"#
                + #""options":{"num_ctx":5,"num_predict":0},"tools":[{"type":"web_search"}],"tool_choice":{"type":"any"}}"#
        )
        let plan = RewritePlan(servedModel: "t", appendsLocal: true, keepAlive: .seconds(5), outputTokensMax: 9)
        for round in 0..<3000 {
            var damaged = seed
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            let endpoint = Endpoint.allCases[round % Endpoint.allCases.count]
            guard let read = try? RequestBody(damaged, endpoint: endpoint),
                let rewritten = try? read.rewritten(for: plan)
            else { continue }
            // What we send is read by ourselves as we meant it.
            let again = try? RequestBody(rewritten.bytes, endpoint: endpoint)
            #expect(again?.model == "t:local")
        }
    }
}
