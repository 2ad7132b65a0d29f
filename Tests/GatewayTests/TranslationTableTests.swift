import Dialects
import Testing
import Vocabulary

/// The tables of the manual's page on translation are made by asking the translation itself.
@Suite struct TranslationTableTests {
    /// One row: a member, and a body that has it.
    private struct Row {
        let member: String
        let json: String

        init(_ member: String, _ json: String) {
            self.member = member
            self.json = json
        }
    }

    private static let schema = #"{"type":"object","properties":{"a":{"type":"string"}}}"#
    private static let function = #"{"type":"function","function":{"name":"f","parameters":\#(schema)}}"#
    private static let sampling = [
        Row("temperature", #""temperature":0.5"#), Row("top_p", #""top_p":0.5"#), Row("seed", #""seed":1"#),
        Row("frequency_penalty", #""frequency_penalty":0.5"#), Row("presence_penalty", #""presence_penalty":0.5"#),
    ]

    private static let chat: [Row] =
        sampling + [
            Row("top_k", #""top_k":5"#), Row("min_p", #""min_p":0.1"#), Row("stop", #""stop":["x"]"#),
            Row("max_tokens", #""max_tokens":5"#), Row("max_completion_tokens", #""max_completion_tokens":5"#),
            Row("n", #""n":2"#), Row("logit_bias", #""logit_bias":{"1":1}"#), Row("logprobs", #""logprobs":true"#),
            Row("top_logprobs", #""logprobs":true,"top_logprobs":2"#),
            Row("response_format (object)", #""response_format":{"type":"json_object"}"#),
            Row(
                "response_format (schema)",
                #""response_format":{"type":"json_schema","json_schema":{"name":"s","schema":\#(schema)}}"#),
            Row("tools", #""tools":[\#(function)]"#),
            Row("tools (hosted)", #""tools":[\#(function),{"type":"web_search"}]"#),
            Row("tool_choice (required)", #""tools":[\#(function)],"tool_choice":"required""#),
            Row("parallel_tool_calls", #""tools":[\#(function)],"parallel_tool_calls":false"#),
            Row("reasoning_effort", #""reasoning_effort":"low""#), Row("verbosity", #""verbosity":"low""#),
            Row("user", #""user":"u""#), Row("metadata", #""metadata":{"a":"b"}"#), Row("store", #""store":true"#),
            Row("service_tier", #""service_tier":"flex""#),
            Row("prediction", #""prediction":{"type":"content","content":"x"}"#),
            Row("modalities", #""modalities":["text","audio"]"#),
        ]

    private static let messages: [Row] = [
        Row("system", #""system":"be brief""#),
        Row("system[].cache_control", #""system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]"#),
        Row("stop_sequences", #""stop_sequences":["x"]"#), Row("temperature", #""temperature":0.5"#),
        Row("top_p", #""top_p":0.5"#), Row("top_k", #""top_k":5"#),
        Row("tools", #""tools":[{"name":"f","input_schema":\#(schema)}]"#),
        Row("tools (hosted)", #""tools":[{"type":"web_search_20250305","name":"web_search"}]"#),
        Row("tool_choice (any)", #""tools":[{"name":"f","input_schema":\#(schema)}],"tool_choice":{"type":"any"}"#),
        Row("thinking", #""thinking":{"type":"enabled","budget_tokens":1024}"#),
        Row("output_config.format", #""output_config":{"format":{"type":"json_schema","schema":\#(schema)}}"#),
        Row("output_config.effort", #""output_config":{"effort":"low"}"#),
        Row("metadata", #""metadata":{"user_id":"u"}"#), Row("service_tier", #""service_tier":"auto""#),
        Row("container", #""container":"c""#),
        Row("mcp_servers", #""mcp_servers":[{"type":"url","url":"https://x","name":"n"}]"#),
        Row("context_management", #""context_management":{"edits":[]}"#),
    ]

    private static let responses: [Row] = [
        Row("instructions", #""instructions":"be brief""#), Row("temperature", #""temperature":0.5"#),
        Row("top_p", #""top_p":0.5"#), Row("max_output_tokens", #""max_output_tokens":50"#),
        Row("tools (function)", #""tools":[{"type":"function","name":"f","parameters":\#(schema)}]"#),
        Row("tools (custom)", #""tools":[{"type":"custom","name":"f"}]"#),
        Row("tools (hosted)", #""tools":[{"type":"file_search","vector_store_ids":["v"]}]"#),
        Row(
            "tool_choice (required)",
            #""tools":[{"type":"function","name":"f","parameters":\#(schema)}],"tool_choice":"required""#),
        Row("parallel_tool_calls", #""parallel_tool_calls":false"#),
        Row("text.format", #""text":{"format":{"type":"json_schema","name":"s","schema":\#(schema)}}"#),
        Row("reasoning.effort", #""reasoning":{"effort":"low"}"#), Row("top_logprobs", #""top_logprobs":2"#),
        Row("store", #""store":true"#), Row("metadata", #""metadata":{"a":"b"}"#),
        Row("truncation", #""truncation":"auto""#),
        Row("user", #""user":"u""#), Row("service_tier", #""service_tier":"flex""#),
        Row("previous_response_id", #""previous_response_id":"resp_1""#), Row("background", #""background":true"#),
        Row("conversation", #""conversation":"conv_1""#),
    ]

    private static let native: [Row] =
        [
            Row("format (json)", #""format":"json""#), Row("format (schema)", #""format":\#(schema)"#),
            Row("think", #""think":true"#), Row("tools", #""tools":[\#(function)]"#),
            Row("logprobs", #""logprobs":true"#),
            Row("keep_alive", #""keep_alive":"5m""#), Row("truncate", #""truncate":false"#),
            Row("shift", #""shift":false"#),
        ]
        + [
            ("num_predict", "5"), ("temperature", "0.5"), ("top_k", "5"), ("top_p", "0.5"), ("min_p", "0.1"),
            ("seed", "1"),
            ("stop", #"["x"]"#), ("frequency_penalty", "0.5"), ("presence_penalty", "0.5"), ("repeat_penalty", "1.1"),
            ("num_ctx", "4096"), ("mirostat", "1"),
        ].map { Row("options.\($0)", #""options":{"\#($0)":\#($1)}"#) }

    private static let generate: [Row] = [
        Row("system", #""system":"be brief""#), Row("format (json)", #""format":"json""#),
        Row("suffix", #""suffix":"x""#),
        Row("raw", #""raw":true"#), Row("template", #""template":"{{ .Prompt }}""#),
        Row("context", #""context":[1,2]"#),
    ]

    private static let completions: [Row] = [
        Row("max_tokens", #""max_tokens":5"#), Row("suffix", #""suffix":"x""#), Row("echo", #""echo":true"#),
        Row("best_of", #""best_of":2"#), Row("n", #""n":2"#), Row("logprobs", #""logprobs":2"#),
        Row("user", #""user":"u""#),
    ]

    private static let tables: [(endpoint: Dialects.Endpoint, start: String, rows: [Row])] = [
        (.openAIChat, #""messages":[{"role":"user","content":"hi"}]"#, chat),
        (.openAIResponses, #""input":"hi""#, responses), (.openAICompletions, #""prompt":"hi""#, completions),
        (.anthropicMessages, #""max_tokens":9,"messages":[{"role":"user","content":"hi"}]"#, messages),
        (.ollamaChat, #""messages":[{"role":"user","content":"hi"}]"#, native),
        (.ollamaGenerate, #""prompt":"hi""#, generate),
    ]

    /// What becomes of a member at an API: a word of the table.
    private static func fate(
        _ row: Row, _ start: String, _ endpoint: Dialects.Endpoint, _ api: ProviderAPI
    ) throws -> String {
        let body = try RequestBody(Array("{\"model\":\"m\",\(start),\(row.json)}".utf8), endpoint: endpoint)
        let model = api == .anthropic ? "claude-sonnet-4-5" : api == .gemini ? "gemini-2.5-flash" : "m"
        do throws(BodyRefusal) {
            let plan = api == .ollama ? RewritePlan(servedModel: model) : RewritePlan(outside: model, api: api)
            let sent = try body.outgoing(for: plan)
            return sent.dropped.isEmpty ? sent.isTranslated ? "carried" : "passes" : "left out"
        } catch {
            return "refused"
        }
    }

    private static func table(of endpoint: Dialects.Endpoint, _ start: String, _ rows: [Row]) throws -> String {
        let apis: [ProviderAPI] = [.ollama, .openAI, .anthropic, .gemini]
        var lines = ["| member | \(apis.map(\.rawValue).joined(separator: " | ")) |", "|---|---|---|---|---|"]
        for row in rows {
            let fates = try apis.map { try Self.fate(row, start, endpoint, $0) }
            lines.append("| `\(row.member)` | \(fates.joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n")
    }

    @Test func `the manual's tables say what the translation does`() throws {
        let text = try ManualPages.text("Translation")
        for (endpoint, start, rows) in Self.tables {
            let table = try Self.table(of: endpoint, start, rows)
            #expect(text.contains(table), "the page needs this table for \(endpoint.path):\n\(table)")
        }
    }
}
