import Health
import Testing
import Vocabulary

struct `Risks` {
    private let wise = OllamaVersion("0.33.0")
    private let models = [model("llama3.2:latest", digest: "a")]

    private func messages(_ inventory: Inventory, _ expectation: BackendExpectation = BackendExpectation()) -> [String]
    {
        inventory.risks(of: "gpu2", expecting: expectation).map { "\($0.severity) \($0.code.rawValue) \($0.message)" }
    }

    private func loaded(_ size: Int, _ sizeVRAM: Int, context: Int? = nil) -> Inventory {
        let entry = LoadedModel(
            name: "llama3.2:latest", size: Bytes(size), sizeVRAM: Bytes(sizeVRAM), context: context.map { Tokens($0) })
        var known = self.models
        known[0].contextMax = Tokens(131_072)
        return Inventory(models: known, loaded: [entry], version: self.wise, cloud: .off)
    }

    @Test func `of a backend that is as it should be there are none`() {
        #expect(self.messages(self.loaded(100, 100, context: 131_072)) == [])
        #expect(self.messages(Inventory(models: self.models, version: OllamaVersion("0.11.0"))) == [])
    }

    @Test func `a cloud that is on is told in plain words`() {
        #expect(
            self.messages(Inventory(models: self.models, version: self.wise, cloud: .on)) == [
                "danger cloud_on gpu2: Ollama's cloud is on; any name ending in :cloud would leave the building; "
                    + "set OLLAMA_NO_CLOUD=1 there"
            ])
    }

    @Test(arguments: [
        (
            "0.33.0",
            "danger cloud_unknown gpu2: it does not say whether Ollama's cloud is on; set OLLAMA_NO_CLOUD=1 there"
        ),
        (
            "0.0.0",
            "danger cloud_unknown gpu2: it does not say whether Ollama's cloud is on; set OLLAMA_NO_CLOUD=1 there"
        ),
        (
            "0.15.3",
            "danger version_without_switch gpu2: Ollama 0.15.3 knows remote models and has no switch to turn them off; "
                + "update it to 0.16.2 or later"
        ),
    ])
    func `a cloud that is not told is a danger unless the version is too old to have one`(version: String, line: String)
    {
        #expect(self.messages(Inventory(models: self.models, version: OllamaVersion(version))) == [line])
    }

    @Test func `a backend of which nothing is known says nothing of its cloud`() {
        #expect(
            self.messages(Inventory()) == [
                "danger cloud_unknown gpu2: it does not say whether Ollama's cloud is on"
            ])
    }

    @Test func `an alias that is answered from elsewhere is named with its place`() {
        let alias = InventoryModel(
            name: "big:latest", digest: "b", size: Bytes(1), remoteHost: "https://ollama.com:443",
            remoteModel: "gpt-oss:120b")
        #expect(
            self.messages(Inventory(models: [alias], version: self.wise, cloud: .off)) == [
                "danger remote_model gpu2: big:latest is answered by https://ollama.com:443 as gpt-oss:120b, not by this "
                    + "server; Gatehouse does not serve it"
            ])
    }

    @Test func `a model on the CPU is told with its share`() {
        #expect(
            self.messages(self.loaded(100, 60)) == [
                "warning partly_on_cpu gpu2: llama3.2:latest runs to 40 % on the CPU; its memory does not fit the "
                    + "accelerator"
            ])
        #expect(
            self.messages(self.loaded(100, 0)) == [
                "warning partly_on_cpu gpu2: llama3.2:latest runs on the CPU; expect it to be slow"
            ])
        #expect(self.messages(self.loaded(1000, 999))[0].contains("runs to 1 %"))
    }

    @Test func `a context is held against the manifest, and without one against the model`() {
        let small = self.loaded(100, 100, context: 4096)
        #expect(
            self.messages(small) == [
                "notice context_small gpu2: llama3.2:latest is loaded with a context of 4096 tokens, it was made for "
                    + "131072; longer prompts lose their beginning silently"
            ])
        #expect(
            self.messages(small, BackendExpectation(contexts: ["llama3.2:latest": Tokens(8192)])) == [
                "warning context_differs gpu2: llama3.2:latest is loaded with a context of 4096 tokens, the manifest "
                    + "says 8192; set OLLAMA_CONTEXT_LENGTH there or the manifest"
            ])
        #expect(self.messages(small, BackendExpectation(contexts: ["llama3.2:latest": Tokens(4096)])) == [])
    }

    @Test func `what only the configuration or the looker knows is told too`() {
        let well = Inventory(models: self.models, version: self.wise, cloud: .off)
        #expect(
            self.messages(well, BackendExpectation(slotsAssumed: true, reachedFromOutside: true)) == [
                "warning reachable_directly gpu2: it answers anyone who can reach it, without a key and past every rule; "
                    + "let only Gatehouse through",
                "notice slots_assumed gpu2: one request at a time is assumed; set slots to its OLLAMA_NUM_PARALLEL, "
                    + "which it tells no one",
            ])
        #expect(
            self.messages(Inventory(version: self.wise, cloud: .off)) == [
                "notice no_models gpu2: it has no models; pull one there"
            ])
    }

    @Test func `the worst comes first, equals in the order of models`() {
        var inventory = self.loaded(100, 10, context: 4096)
        inventory.cloud = .on
        inventory.models += [
            model("x:latest", digest: "1", remoteHost: "h"), model("y:latest", digest: "2", remoteHost: "h"),
        ]
        let risks = inventory.risks(of: "gpu2", expecting: BackendExpectation(slotsAssumed: true))
        #expect(
            risks.map(\.code) == [
                .cloudOn, .remoteModel, .remoteModel, .partlyOnCPU, .contextSmall, .slotsAssumed,
            ])
        #expect(risks.compactMap(\.model) == ["x:latest", "y:latest", "llama3.2:latest", "llama3.2:latest"])
    }

    @Test func `whether a model thinks is known once it has been shown`() {
        let model = { (can: Set<String>, context: Int?) in
            InventoryModel(
                name: "a", digest: "d", size: Bytes(1), capabilities: can, contextMax: context.map { Tokens($0) })
        }
        #expect(model(["completion", "thinking"], nil).thinks == true)
        #expect(model(["completion"], 4096).thinks == false)
        #expect(model(["completion"], nil).thinks == nil)
    }
}
