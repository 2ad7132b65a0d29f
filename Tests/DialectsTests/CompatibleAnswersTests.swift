import Testing
import Vocabulary

@testable import Dialects

/// What servers with OpenAI's API say of themselves: the lists of vLLM 0.6, llama.cpp's server, LM Studio and TGI.
@Suite struct CompatibleAnswersTests {
    private static let vLLM = """
        {"object":"list","data":[{"id":"meta-llama/Llama-3.1-8B-Instruct","object":"model","created":1732400000,\
        "owned_by":"vllm","root":"meta-llama/Llama-3.1-8B-Instruct","parent":null,"max_model_len":8192,"permission":[\
        {"id":"modelperm-1","object":"model_permission","created":1732400000,"allow_sampling":true,"group":null}]},\
        {"id":"sql-lora","object":"model","created":1732400000,"owned_by":"vllm","root":"/adapters/sql",\
        "parent":"meta-llama/Llama-3.1-8B-Instruct","max_model_len":null,"permission":[]}]}
        """
    private static let llamaCpp = """
        {"models":[{"name":"qwen2.5-7b","model":"qwen2.5-7b"}],"object":"list","data":[{"id":"qwen2.5-7b","object":\
        "model","created":1732400001,"owned_by":"llamacpp","meta":{"vocab_type":2,"n_vocab":152064,"n_ctx_train":32768,\
        "n_embd":3584,"n_params":7615616512,"size":4677120000}}]}
        """

    @Test func `a list tells names and what it knows of contexts`() throws {
        let served = try CompatibleAnswers.models(bytes(Self.vLLM))
        #expect(served.map(\.id) == ["meta-llama/Llama-3.1-8B-Instruct", "sql-lora"])
        #expect(served.map(\.context) == [8192, nil] && served.map(\.contextMax) == [8192, nil])
        #expect(served[0].created == 1_732_400_000)
        let trained = try CompatibleAnswers.models(bytes(Self.llamaCpp))
        #expect(trained.map(\.id) == ["qwen2.5-7b"])
        #expect(trained[0].context == nil, "how long it is served is not told")
        #expect(trained[0].contextMax == 32768)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"data":{}}"#, #"{"data":"x"}"#, "404 page not found", #"{"models":[{"name":"tiny"}]}"#,
        #"{"object":"list","data":null}"#,
    ])
    func `what is no list of models is no answer`(answer: String) {
        #expect(throws: AnswerProblem.self) { try CompatibleAnswers.models(bytes(answer)) }
    }

    @Test func `odd entries do no harm`() throws {
        let answer =
            #"{"data":[null,1,"x",[],{"id":1},{},{"id":"a","created":-5,"max_model_len":"8192","meta":[]},"#
            + #"{"id":"b","created":9223372036854775807,"max_model_len":-1,"meta":{"n_ctx_train":0}}]}"#
        let models = try CompatibleAnswers.models(bytes(answer))
        #expect(models.map(\.id) == ["a", "b"])
        #expect(models.map(\.created) == [0, 253_402_300_799])
        #expect(models.allSatisfy { $0.context == nil && $0.contextMax == nil })
        #expect(try CompatibleAnswers.models(bytes(#"{"data":[]}"#)) == [])
    }

    /// Its cloud would go unasked.
    @Test func `an Ollama server is told from the others`() {
        let answer = #"{"object":"list","data":[{"id":"tiny:latest","created":1,"owned_by":"library"}]}"#
        do {
            _ = try CompatibleAnswers.models(bytes(answer))
            Issue.record("it was taken for another")
        } catch {
            #expect(error.message == "this is an Ollama server, which is a backend of kind `ollama`")
        }
    }

    @Test func `error texts are found in each shape`() {
        #expect(ProviderErrors.message(bytes(#"{"error":"model 'x' not found"}"#)) == "model 'x' not found")
        #expect(ProviderErrors.message(bytes(#"{"error":{"message":"m","type":"t"}}"#)) == "m")
        #expect(ProviderErrors.message(bytes(#"{"type":"error","error":{"type":"t","message":"m"}}"#)) == "m")
        #expect(ProviderErrors.message(bytes("404 page not found")) == nil)
        #expect(ProviderErrors.message(bytes(#"{"object":"error","message":"m","code":404}"#)) == "m")
        #expect(ProviderErrors.message(bytes(#"{"detail":"Not Found"}"#)) == nil)
        #expect(ProviderErrors.message([]) == nil)
    }
}
