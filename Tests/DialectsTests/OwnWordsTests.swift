import Testing
import Vocabulary

@testable import Dialects

@Suite struct OwnWordsTests {
    private var id: RequestID {
        var generator = SeededGenerator(seed: 1)
        return RequestID(at: WallTime(microseconds: 1), using: &generator)
    }

    @Test func `errors are shaped as each dialect shapes them`() {
        func body(_ dialect: Dialect, _ reason: Reason, _ parameter: String? = nil) -> String {
            text(
                ErrorShape.body(
                    dialect: dialect, reason: reason, message: "no \"x\"", requestID: self.id, parameter: parameter))
        }
        #expect(
            body(.openAI, .modelUnknown)
                == #"{"error":{"message":"no \"x\"","type":"not_found_error","param":null,"code":"model_unknown"}}"#)
        #expect(
            body(.openAI, .invalidField, "stream")
                == #"{"error":{"message":"no \"x\"","type":"invalid_request_error","param":"stream","code":"invalid_field"}}"#
        )
        #expect(
            body(.anthropic, .modelUnknown)
                == #"{"type":"error","error":{"type":"not_found_error","message":"no \"x\"","code":"model_unknown"},"request_id":"\#(self.id)"}"#
        )
        #expect(
            body(.ollama, .modelUnknown) == #"{"error":"no \"x\"","code":"model_unknown","request_id":"\#(self.id)"}"#)
    }

    @Test func `every reason has an error that is valid JSON in every shape`() throws {
        for reason in Reason.allCases {
            for dialect in Dialect.allCases {
                try JSONScanner.validate(
                    ErrorShape.body(dialect: dialect, reason: reason, message: "m\n\"", requestID: nil))
            }
        }
        #expect(ErrorShape.type(503, .anthropic) == "overloaded_error")
        #expect(ErrorShape.type(503, .openAI) == "api_error")
        #expect(ErrorShape.type(429, .openAI) == "rate_limit_error")
        #expect(ErrorShape.type(401, .openAI) == "authentication_error")
        #expect(ErrorShape.type(403, .anthropic) == "permission_error")
        #expect(ErrorShape.type(413, .anthropic) == "request_too_large")
        #expect(ErrorShape.type(415, .openAI) == "invalid_request_error")
    }

    @Test func `error events are read back as errors by the same dialect`() {
        for endpoint in Endpoint.allCases where endpoint.generates {
            let event = ErrorShape.streamEvent(endpoint: endpoint, reason: .upstreamTruncated, message: "cut off")
            let outcome = read(endpoint, [event])
            #expect(outcome.signs == [.error] && outcome.error == "cut off", "\(endpoint)")
        }
        #expect(
            text(ErrorShape.streamEvent(endpoint: .openAIChat, reason: .upstreamTruncated, message: "m"))
                == #"data: {"error":{"message":"m","type":"api_error","param":null,"code":"upstream_truncated"}}"#
                + "\n\n")
        #expect(
            text(ErrorShape.streamEvent(endpoint: .ollamaChat, reason: .upstreamTruncated, message: "m"))
                == #"{"error":"m","code":"upstream_truncated"}"# + "\n")
        #expect(
            text(ErrorShape.streamEvent(endpoint: .anthropicMessages, reason: .upstreamTruncated, message: "m"))
                == "event: error\n"
                + #"data: {"type":"error","error":{"type":"api_error","message":"m","code":"upstream_truncated"}}"#
                + "\n\n")
    }

    @Test func `model lists have the shapes that SDKs read`() {
        let model = OwnAnswers.ListedModel(id: "tiny:latest", created: 5)
        #expect(text(OwnAnswers.openAIModels([])) == #"{"object":"list","data":[]}"#)
        #expect(
            text(OwnAnswers.openAIModels([model]))
                == #"{"object":"list","data":[{"id":"tiny:latest","object":"model","created":5,"owned_by":"library"}]}"#
        )
        #expect(
            text(OwnAnswers.openAIModel(model))
                == #"{"id":"tiny:latest","object":"model","created":5,"owned_by":"library"}"#)
        #expect(
            text(OwnAnswers.ollamaModels([bytes(#"{"name":"a"}"#), bytes(#"{"name":"b"}"#)]))
                == #"{"models":[{"name":"a"},{"name":"b"}]}"#)
        #expect(text(OwnAnswers.ollamaVersion("0.1")) == #"{"version":"0.1"}"#)
        #expect(text(OwnAnswers.tokenCount(3)) == #"{"input_tokens":3}"#)
    }

    @Test func `who speaks Anthropic's API gets its list, page by page`() throws {
        let models = ["a", "b", "c", "d"].map { OwnAnswers.ListedModel(id: $0, created: 5) }
        func page(_ limit: String? = nil, after: String? = nil, before: String? = nil) throws -> String {
            let page = try OwnAnswers.ModelPage(of: models, .init(limit: limit, after: after, before: before))
            return page.models.map(\.id).joined() + (page.hasMore ? "+" : "")
        }
        #expect(try page() == "abcd")
        #expect(try page("2") == "ab+")
        #expect(try page("2", after: "b") == "cd")
        #expect(try page("1", after: "b") == "c+")
        #expect(try page("2", before: "d") == "bc+")
        #expect(try page("9", before: "c") == "ab")
        #expect(try page(after: "a", before: "d") == "bc")
        #expect(try page(after: "c", before: "b") == "")
        for limit in ["0", "1001", "many", ""] {
            #expect(throws: BodyRefusal.self) { try page(limit) }
        }
        #expect(throws: BodyRefusal.self) { try page(after: "e") }
        #expect(throws: BodyRefusal.self) { try page(before: "") }
    }

    @Test func `a list for Anthropic's clients tells its ends, and a model its date`() throws {
        let model = OwnAnswers.ListedModel(id: "tiny:latest", created: 5)
        let told =
            #"{"type":"model","id":"tiny:latest","display_name":"tiny:latest","created_at":"1970-01-01T00:00:05.000Z"}"#
        #expect(text(OwnAnswers.anthropicModel(model)) == told)
        #expect(
            text(OwnAnswers.anthropicModels(try .init(of: [model], .init())))
                == #"{"data":[\#(told)],"has_more":false,"first_id":"tiny:latest","last_id":"tiny:latest"}"#)
        #expect(
            text(OwnAnswers.anthropicModels(try .init(of: [], .init())))
                == #"{"data":[],"has_more":false,"first_id":null,"last_id":null}"#)
    }

    @Test func `a listed alias reads as a model on disk`() throws {
        let entry = OwnAnswers.ollamaModel(name: "fast", modifiedAt: WallTime(microseconds: 0))
        let models = try OllamaAnswers.tags(OwnAnswers.ollamaModels([entry]))
        #expect(models.map(\.name) == ["fast"])
        #expect(models[0].modifiedAt == "1970-01-01T00:00:00.000Z" && !models[0].isRemote)
    }

    @Test func `a model of a server that is no Ollama reads as one of Ollama's`() throws {
        let entry = OwnAnswers.ollamaRunningModel(name: "meta-llama/Llama:latest", context: 8192)
        let running = try OllamaAnswers.ps(OwnAnswers.ollamaModels([entry]))
        #expect(running.map(\.name) == ["meta-llama/Llama:latest"])
        #expect(running[0].contextLength == 8192 && running[0].size == 0 && running[0].expiresAt.hasPrefix("2319"))
        #expect(
            try OllamaAnswers.ps(
                OwnAnswers.ollamaModels([
                    OwnAnswers.ollamaRunningModel(name: "a", context: nil)
                ]))[0].contextLength == nil)
        let time = WallTime(microseconds: 0)
        let shown = try OllamaAnswers.show(
            OwnAnswers.ollamaShow(capabilities: ["completion", "tools"], context: 8192, modifiedAt: time))
        #expect(shown.capabilities == ["completion", "tools"] && shown.contextMax == 8192 && !shown.isRemote)
        let bare = try OllamaAnswers.show(OwnAnswers.ollamaShow(capabilities: [], context: nil, modifiedAt: time))
        #expect(bare.capabilities == [] && bare.contextMax == nil)
    }

    @Test func `loading and unloading are answered as Ollama does`() {
        let now = WallTime(microseconds: 0)
        #expect(
            text(OwnAnswers.residence(.unload, endpoint: .ollamaChat, model: "tiny", now: now))
                == #"{"model":"tiny","created_at":"1970-01-01T00:00:00.000Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"unload"}"#
        )
        let load = OwnAnswers.residence(.load, endpoint: .ollamaGenerate, model: "tiny", now: now)
        #expect(
            text(load)
                == #"{"model":"tiny","created_at":"1970-01-01T00:00:00.000Z","response":"","done":true,"done_reason":"load"}"#
        )
        #expect(read(.ollamaGenerate, streamed: false, [load]).isComplete)
        #expect(read(.ollamaGenerate, [load]).isComplete)
    }
}
