import Testing
import Vocabulary

@testable import Dialects

/// Vectors, both ways.
@Suite struct OllamaEmbedTests {
    private func read(_ text: String, _ endpoint: Endpoint = .ollamaEmbed) throws -> (EmbeddingRequest, Losses) {
        var losses = Losses()
        return (try OllamaEmbed.decode(try Codec.view(text), endpoint, &losses), losses)
    }

    @Test func `a text or several`() throws {
        let (one, losses) = try read(#"{"model":"m","input":"a"}"#)
        #expect(one == EmbeddingRequest(inputs: ["a"]))
        #expect(losses.isEmpty)
        let several = try read(
            #"{"input":["a","b"],"dimensions":4,"truncate":false,"options":{"num_ctx":9},"keep_alive":"5m"}"#)
        #expect(several.0 == EmbeddingRequest(inputs: ["a", "b"], dimensions: 4))
        #expect(several.1.hints == ["truncate", "options", "keep_alive"])
        #expect(try read(#"{"input":[],"truncate":true}"#).0 == EmbeddingRequest(inputs: []))
        #expect(try read(#"{"prompt":"a"}"#, .ollamaEmbeddings).0 == EmbeddingRequest(inputs: ["a"]))
    }

    @Test(arguments: [
        (#"{"input":[1]}"#, "input"), (#"{"input":{}}"#, "input"), (#"{"dimensions":"4"}"#, "dimensions"),
    ])
    func `members of a wrong kind are refused by name`(_ text: String, _ parameter: String) throws {
        #expect(throws: BodyRefusal.self) { try read(text) }
        do { _ = try read(text) } catch let refusal as BodyRefusal { #expect(refusal.parameter == parameter) }
    }

    @Test func `what is written reads back as it was`() throws {
        var models = NeutralModels(seed: 5)
        for _ in 0..<200 {
            var request = EmbeddingRequest(inputs: (0..<models.number(0...4)).map { _ in models.words() })
            if models.chance(50) { request.dimensions = models.number(1...4096) }
            let body = OllamaEmbed.encode(request, for: TranslationTarget(model: "m"))
            let (again, losses) = try read(text(body))
            #expect(again == request)
            #expect(losses.isEmpty)
        }
    }

    @Test func `an answer, both ways`() throws {
        let body =
            #"{"model":"e","embeddings":[[-0.5,1e-05],[1,2]],"total_duration":30,"load_duration":12,"prompt_eval_count":6}"#
        let answer = try #require(OllamaEmbed.answer(try Codec.view(body)))
        var usage = AnswerUsage()
        usage.promptTokens = 6
        usage.totalDuration = .nanoseconds(30)
        usage.loadDuration = .nanoseconds(12)
        #expect(
            answer
                == EmbeddingAnswer(
                    model: "e", vectors: [.json(bytes("[-0.5,1e-05]")), .json(bytes("[1,2]"))], usage: usage))
        #expect(OllamaEmbed.encode(answer, .ollamaEmbed, Codec.context).map { text($0) } == body)
        #expect(
            OllamaEmbed.encode(answer, .ollamaEmbeddings, Codec.context).map { text($0) }
                == #"{"embedding":[-0.5,1e-05]}"#)
    }

    @Test(arguments: ["{}", "[]", #"{"embeddings":{}}"#, #"{"embeddings":[1]}"#, #"{"embeddings":[["a"]]}"#])
    func `what is no answer is none`(_ body: String) throws {
        #expect(OllamaEmbed.answer(try Codec.view(body)) == nil)
    }

    @Test func `base64 becomes numbers`() {
        let write = { (base64: String) in
            OllamaEmbed.encode(
                EmbeddingAnswer(vectors: [.base64(bytes(base64))]), .ollamaEmbeddings, Codec.context
            ).map { text($0) }
        }
        #expect(write("WfYOvg2jdz8hFR6+CDMUPg==") == #"{"embedding":[-0.13961162,0.9673317,-0.15437748,0.14472592]}"#)
        #expect(write("") == #"{"embedding":[]}"#)
        #expect(write("AACAPw==") == #"{"embedding":[1.0]}"#)
        // Three bytes, no base64, and infinity.
        for base64 in ["AACA", "####", "AACAfw=="] { #expect(write(base64) == nil) }
        #expect(OllamaEmbed.encode(EmbeddingAnswer(vectors: []), .ollamaEmbeddings, Codec.context) == nil)
        #expect(
            OllamaEmbed.encode(EmbeddingAnswer(vectors: []), .ollamaEmbed, Codec.context).map { text($0) }
                == #"{"model":"shown","embeddings":[],"prompt_eval_count":0}"#)
    }
}
