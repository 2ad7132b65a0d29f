import Testing
import Vocabulary

@testable import Dialects

@Suite struct OllamaAnswersTests {
    @Test func `version and cloud are read`() throws {
        #expect(try OllamaAnswers.version(bytes(#"{"version":"0.33.0-rc2"}"#)) == "0.33.0-rc2")
        let cloud = try OllamaAnswers.cloud(bytes(#"{"cloud":{"disabled":true,"source":"env"}}"#))
        #expect(cloud == CloudStatus(isDisabled: true, source: "env"))
        #expect(try !OllamaAnswers.cloud(bytes(#"{"cloud":{"disabled":false,"source":"none"}}"#)).isDisabled)
    }

    @Test(arguments: [
        "", "404 page not found", "[]", "{}", #"{"version":5}"#, #"{"version":""}"#, #"{"cloud":{"disabled":"no"}}"#,
    ])
    func `an answer that says nothing is a problem, not a default`(_ answer: String) {
        #expect(throws: AnswerProblem.self) { try OllamaAnswers.version(bytes(answer)) }
        #expect(throws: AnswerProblem.self) { try OllamaAnswers.cloud(bytes(answer)) }
    }

    @Test func `models on disk are read, remote ones told`() throws {
        let local =
            #"{"name":"tiny:latest","model":"tiny:latest","modified_at":"2026-11-23T21:27:27.248872581Z","size":742931,"digest":"6056","details":{"parent_model":"","format":"gguf","family":"llama","families":["llama"],"parameter_size":"181K","quantization_level":"Q4_K_M","context_length":2048,"embedding_length":64},"capabilities":["completion","tools"]}"#
        let remote =
            #"{"name":"innocent:latest","remote_model":"big:120b","remote_host":"http://127.0.0.1:1","size":272}"#
        let models = try OllamaAnswers.tags(bytes(#"{"models":[\#(local),\#(remote),{"size":1},5]}"#))
        #expect(models.map(\.name) == ["tiny:latest", "innocent:latest"])
        let tiny = models[0]
        #expect(
            tiny.digest == "6056" && tiny.size == 742_931 && tiny.parameterSize == "181K"
                && tiny.quantization == "Q4_K_M")
        #expect(tiny.contextMax == 2048 && tiny.capabilities == ["completion", "tools"] && tiny.family == "llama")
        #expect(text(tiny.json) == local && !tiny.isRemote)
        #expect(
            models[1].isRemote && models[1].remoteHost == "http://127.0.0.1:1" && models[1].remoteModel == "big:120b")
        #expect(try OllamaAnswers.tags(bytes(#"{"models":null}"#)).isEmpty)
        #expect(throws: AnswerProblem.self) { try OllamaAnswers.tags(bytes(#"{"models":{}}"#)) }
        #expect(throws: AnswerProblem.self) { try OllamaAnswers.tags(bytes(#"{"models":[}"#)) }
        // Either of the two marks a model, and an empty one does not.
        #expect(try OllamaAnswers.tags(bytes(#"{"models":[{"name":"a","remote_model":"b"}]}"#))[0].isRemote)
        #expect(try !OllamaAnswers.tags(bytes(#"{"models":[{"name":"a","remote_host":""}]}"#))[0].isRemote)
    }

    @Test func `models in memory are read`() throws {
        let models = try OllamaAnswers.ps(
            bytes(
                #"{"models":[{"name":"tiny:latest","size":4404018,"digest":"60","expires_at":"2319-03-05T21:18:13.28Z","size_vram":12,"context_length":2048},{"name":"old"}]}"#
            ))
        #expect(models[0].size == 4_404_018 && models[0].sizeVRAM == 12 && models[0].contextLength == 2048)
        #expect(models[0].expiresAt == "2319-03-05T21:18:13.28Z")
        #expect(models[1].contextLength == nil)
        #expect(try OllamaAnswers.ps(bytes(#"{"models":[]}"#)).isEmpty)
    }

    @Test func `details tell template, context and capabilities`() throws {
        let go = try OllamaAnswers.show(
            bytes(
                #"{"parameters":"num_predict                    48\nnum_ctx                        8192","template":"{{- range .Messages }}","details":{"family":"llama","parameter_size":"7B","quantization_level":"Q8_0"},"model_info":{"general.architecture":"llama","llama.context_length":131072,"llama.rope.dimension_count":64},"capabilities":["completion","insert"]}"#
            ))
        #expect(go.template == .go && go.contextMax == 131_072 && go.contextDefault == 8192)
        #expect(go.capabilities == ["completion", "insert"] && go.parameterSize == "7B" && !go.isRemote)
        let chat = try OllamaAnswers.show(bytes(#"{"template":"{% for m in messages %}","remote_host":"http://h"}"#))
        #expect(chat.template == .chat && chat.isRemote && chat.contextMax == nil && chat.contextDefault == nil)
    }

    @Test func `an answer beyond the bound is refused unread`() {
        let long = [UInt8](repeating: 0x20, count: Bounds.probeAnswer.count + 1)
        #expect(throws: AnswerProblem.self) { try OllamaAnswers.tags(long) }
    }
}
