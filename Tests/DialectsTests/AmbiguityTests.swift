import Testing
import Vocabulary

@testable import Dialects

/// Every way in which Ollama could read a body otherwise than we do (`ollama.md` 1.11, 9).
@Suite struct AmbiguityTests {
    private static let inference = Endpoint.allCases.filter(\.hasBody)

    @Test(arguments: Self.inference)
    func `a second model is refused in each spelling of its key`(_ endpoint: Endpoint) {
        for key in [
            "model", "Model", "MODEL", "mOdEl", #"mod\u0065l"#, #"\u004dodel"#, #"\u006d\u006f\u0064\u0065\u006c"#,
        ] {
            let found = refusal(#"{"model":"tiny","\#(key)":"x:cloud"}"#, endpoint)
            #expect(found?.reason == .ambiguousBody, "\(key)")
            #expect(found?.parameter == "model")
            #expect(found?.message.contains("\"model\"") == true)
        }
    }

    @Test(arguments: Self.inference)
    func `an odd spelling is refused even alone`(_ endpoint: Endpoint) {
        #expect(refusal(#"{"MODEL":"x:cloud"}"#, endpoint)?.reason == .ambiguousBody)
        // An escaped key is the key itself.
        #expect(refusal(#"{"mod\u0065l":"tiny"}"#, endpoint) == nil)
    }

    @Test func `letters that Go folds to ASCII are seen`() {
        // U+017F is a long s, U+212A a Kelvin sign.
        for key in ["me\u{17F}sages", "mes\u{17F}ages", #"me\u017fsages"#, #"ME\u017F\u017FAGES"#, "message\u{17F}"] {
            #expect(refusal(#"{"model":"tiny","\#(key)":[]}"#)?.reason == .ambiguousBody, "\(key)")
        }
        for key in ["\u{212A}eep_alive", #"\u212aeep_alive"#, "\u{212A}EEP_ALIVE"] {
            let found = refusal(#"{"model":"tiny","\#(key)":0}"#, .ollamaChat)
            #expect(found?.parameter == "keep_alive", "\(key)")
        }
        for key in ["\u{17F}tream", "\u{17F}TREAM"] {
            #expect(refusal(#"{"model":"tiny","\#(key)":true}"#)?.parameter == "stream")
        }
        // Others that only look alike are other keys.
        for key in ["mod\u{435}l", "ｍodel", "model ", " model", "mode", "modell", "mod\u{E9}l", ""] {
            #expect(refusal(#"{"model":"tiny","\#(key)":1}"#) == nil, "\(key)")
        }
    }

    @Test(arguments: [
        (Endpoint.openAIChat, #"{"messages":[{"role":"user","content":"a","Content":"b"}]"#, "messages[].content"),
        (.openAIChat, #"{"messages":[{"role":"user"},{"role":"a","role":"b"}]"#, "messages[].role"),
        (.openAIChat, #"{"messages":[{"content":[{"type":"text","TYPE":"x"}]}]"#, "messages[].content[].type"),
        (
            .openAIChat, #"{"messages":[{"content":[{"image_url":{"url":"a","url":"b"}}]}]"#,
            "messages[].content[].image_url.url"
        ),
        (
            .openAIChat, #"{"stream_options":{"include_usage":true,"include_usage":false}"#,
            "stream_options.include_usage"
        ),
        (.openAIChat, #"{"tools":[{"type":"function","function":{"name":"a","Name":"b"}}]"#, "tools[].function.name"),
        (
            .openAIChat, #"{"messages":[{"tool_calls":[{"function":{"name":"a","name":"b"}}]}]"#,
            "messages[].tool_calls[].function.name"
        ),
        (.openAIChat, #"{"response_format":{"type":"json_schema","Json_schema":{}}"#, "response_format.json_schema"),
        (.openAIChat, #"{"reasoning":{"effort":"low","Effort":"high"}"#, "reasoning.effort"),
        (.openAICompletions, #"{"prompt":"a","prompt":"b""#, "prompt"),
        (.openAIEmbeddings, #"{"input":"a","INPUT":"b""#, "input"),
        (
            .openAIResponses, #"{"input":[{"role":"user","content":[{"text":"a","text":"b"}]}]"#,
            "input[].content[].text"
        ),
        (.openAIResponses, #"{"tools":[{"type":"function","Type":"web_search"}]"#, "tools[].type"),
        (.openAIResponses, #"{"text":{"format":{"type":"a","type":"b"}}"#, "text.format.type"),
        (.anthropicMessages, #"{"tools":[{"type":"custom","TYPE":"web_search_20250305"}]"#, "tools[].type"),
        (.anthropicMessages, #"{"system":[{"text":"a","text":"b"}]"#, "system[].text"),
        (
            .anthropicMessages, #"{"messages":[{"content":[{"source":{"data":"a","Data":"b"}}]}]"#,
            "messages[].content[].source.data"
        ),
        (.anthropicMessages, #"{"tool_choice":{"type":"auto","type":"any"}"#, "tool_choice.type"),
        (.ollamaChat, #"{"options":{"num_ctx":1,"num_ctx":2}"#, "options.num_ctx"),
        (.ollamaChat, #"{"options":{"NUM_CTX":1}"#, "options.num_ctx"),
        (.ollamaChat, #"{"options":{"num\u005fctx":1,"num_ctx":2}"#, "options.num_ctx"),
        (.ollamaChat, #"{"messages":[{"images":[],"Images":[]}]"#, "messages[].images"),
        (.ollamaChat, #"{"keep_alive":1,"Keep_Alive":0"#, "keep_alive"),
        (.ollamaChat, #"{"Options":{}"#, "options"),
        (.ollamaGenerate, #"{"prompt":"","PROMPT":"x""#, "prompt"),
        (.ollamaEmbed, #"{"input":"a","Input":"b""#, "input"),
        (.ollamaEmbeddings, #"{"Prompt":"b""#, "prompt"),
        (.ollamaShow, #"{"name":"tiny","Name":"x:cloud""#, "name"),
    ])
    func `levels that Ollama reads are looked at`(_ endpoint: Endpoint, _ start: String, _ key: String) {
        let found = refusal(start + #","model":"tiny"}"#, endpoint)
        #expect(found?.reason == .ambiguousBody)
        #expect(found?.parameter == key)
        #expect(found?.reason.status == 400)
    }

    @Test(arguments: [
        (Endpoint.ollamaChat, #"{"format":{"type":"object","Type":1,"properties":{"model":{},"MODEL":{},"model":{}}}"#),
        (
            .openAIChat,
            #"{"response_format":{"type":"json_schema","json_schema":{"schema":{"role":1,"Role":2,"role":3}}}"#
        ),
        (
            .openAIChat,
            #"{"tools":[{"type":"function","function":{"name":"f","parameters":{"Name":1,"name":2,"name":3}}}]"#
        ),
        (.ollamaChat, #"{"messages":[{"tool_calls":[{"function":{"name":"f","arguments":{"A":1,"a":2,"a":3}}}]}]"#),
        (.openAIChat, #"{"metadata":{"Model":1,"model":2,"model":3},"user":"x","User":"y""#),
        (.anthropicMessages, #"{"metadata":{"user_id":1,"User_id":2,"user_id":3}"#),
        (.anthropicMessages, #"{"tools":[{"name":"f","input_schema":{"Type":1,"type":2,"type":3}}]"#),
        (.anthropicMessages, #"{"messages":[{"content":[{"type":"tool_use","input":{"Type":1,"type":2,"type":3}}]}]"#),
        (.openAIResponses, #"{"tools":[{"type":"function","parameters":{"Type":1,"type":2,"type":3}}]"#),
        (.openAIResponses, #"{"text":{"format":{"type":"json_schema","schema":{"Type":1,"type":2,"type":3}}}"#),
        (.openAIChat, #"{"unknown":1,"unknown":2,"UNKNOWN":3"#),
    ])
    func `a caller's own keys are its own`(_ endpoint: Endpoint, _ start: String) {
        #expect(refusal(start + #","model":"tiny"}"#, endpoint) == nil)
    }

    @Test func `what is no single object is refused`() {
        #expect(refusal("")?.reason == .invalidJSON)
        #expect(refusal("")?.message == "the body is empty; send a JSON object")
        #expect(refusal(" \n")?.reason == .invalidJSON)
        #expect(refusal("[]")?.reason == .invalidJSON)
        #expect(refusal("\"x\"")?.reason == .invalidJSON)
        #expect(refusal("null")?.reason == .invalidJSON)
        #expect(refusal(#"{"model":"#)?.reason == .invalidJSON)
        #expect(refusal("\u{FEFF}{}")?.reason == .invalidJSON)
        #expect(refusal(#"{"model":"tiny"}{"model":"x:cloud"}"#)?.reason == .ambiguousBody)
        #expect(refusal(#"{"model":"tiny"} x"#)?.reason == .ambiguousBody)
        #expect(refusal("{\"model\":\"tiny\"}\u{0}")?.reason == .ambiguousBody)
        #expect(refusal("{\"model\":\"tiny\"}\r\n ") == nil)
        // zstd's magic number, and gzip's.
        #expect(throws: BodyRefusal.self) { try RequestBody([0x28, 0xB5, 0x2F, 0xFD, 0], endpoint: .openAIChat) }
        #expect(throws: BodyRefusal.self) { try RequestBody([0x1F, 0x8B, 8], endpoint: .openAIChat) }
    }

    @Test func `broken JSON is named before an ambiguity, and UTF-8 is checked`() {
        #expect(refusal(#"{"model":"tiny","Model":1,}"#)?.reason == .invalidJSON)
        #expect(throws: BodyRefusal.self) {
            try RequestBody(bytes(#"{"model":""#) + [0xC0, 0xAF] + bytes(#""}"#), endpoint: .openAIChat)
        }
        let deep = String(repeating: "[", count: 127) + String(repeating: "]", count: 127)
        #expect(refusal(#"{"model":"tiny","messages":\#(deep)}"#) == nil)
        #expect(refusal(#"{"model":"tiny","messages":[\#(deep)]}"#)?.reason == .invalidJSON)
        #expect(refusal(#"{"model":"tiny","x":[\#(deep)]}"#)?.reason == .invalidJSON)
    }

    @Test func `endpoints without a body take none`() {
        for endpoint in Endpoint.allCases where !endpoint.hasBody {
            #expect(refusal(#"{"model":"tiny"}"#, endpoint) != nil)
        }
    }
}
