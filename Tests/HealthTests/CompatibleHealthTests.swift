import Testing
import Vocabulary

@testable import Health

/// Servers with OpenAI's API: vLLM, llama.cpp, LM Studio, TGI.
struct `Rounds of a server with OpenAI's API` {
    private let options = BackendHealth.Options(requireCloudOff: true, round: .compatible)

    @Test func `one list of models is a round, and makes a backend usable`() {
        var shell = Shell(self.options)
        shell.play(for: .seconds(60))
        #expect(Set(shell.probes()) == [.models])
        #expect(shell.sent.count > 9, "each round asks again")
        #expect(shell.changes == [UsabilityChange(from: .unknown, to: .usable, cause: "it answered")])
        #expect(shell.health.hasBeenProbed)
    }

    @Test func `what it lists it has in memory, by the name that everybody uses and by its own`() {
        var shell = Shell(self.options)
        shell.server.served = [
            ServedModel(spelling: "meta-llama/Llama-3.1-8B", context: Tokens(8192), contextMax: Tokens(8192)),
            ServedModel(spelling: "qwen2.5:7b", contextMax: Tokens(32768)),
            ServedModel(spelling: "meta-llama/Llama-3.1-8B:latest", context: Tokens(1)),
        ]
        shell.play(for: .seconds(1))
        let inventory = shell.health.inventory
        #expect(inventory.models.map(\.name) == ["meta-llama/Llama-3.1-8B:latest", "qwen2.5:7b"])
        #expect(inventory.models.map(\.spelling) == ["meta-llama/Llama-3.1-8B", "qwen2.5:7b"])
        #expect(inventory.models.map(\.contextMax) == [Tokens(8192), Tokens(32768)])
        #expect(inventory.loaded.map(\.name) == inventory.models.map(\.name))
        #expect(inventory.loaded.map(\.context) == [Tokens(8192), nil], "made for is not served with")
        #expect(inventory.version == nil && inventory.cloud == .absent && !inventory.needsLocalSuffix)
        let changes = shell.inventoryChanges
        shell.play(for: .seconds(60))
        #expect(shell.inventoryChanges == changes, "the same list is no news")
        shell.server.served = []
        shell.play(for: .seconds(7))
        #expect(shell.health.inventory.models.isEmpty && shell.health.inventory.loaded.isEmpty)
    }

    @Test func `it falls after three rounds, rises after two, and has no cloud at any time`() {
        var shell = Shell(self.options)
        shell.play(for: .seconds(1))
        shell.server.failure = .upstreamConnectFailed
        shell.play(for: .seconds(9))
        let detail = "GET /v1/models: upstream_connect_failed"
        #expect(shell.health.usability == .unusable(.upstreamConnectFailed, detail: detail))
        #expect(shell.health.inventory.cloud == .absent)
        #expect(shell.health.inventory.models.count == 1, "known models are absent for now")
        shell.server.failure = nil
        shell.play(for: .seconds(15))
        #expect(shell.health.usability == .usable)
        #expect(shell.changes.last?.cause == "2 probe rounds in a row succeeded")
    }

    @Test func `a doubt about its models brings the next round forward, and is then at an end`() {
        var shell = Shell(self.options)
        shell.play(for: .seconds(60))
        let before = shell.sent.count
        shell.run(shell.health.trafficFailed(.modelUnknown, at: shell.now))
        shell.play(for: .seconds(2))
        #expect(shell.sent.count == before + 1)
        shell.play(for: .seconds(60))
        #expect(shell.sent.count < before + 15, "the usual interval again")
    }

    @Test func `risks of an Ollama server are not told of it`() {
        var shell = Shell(self.options)
        shell.play(for: .seconds(1))
        #expect(shell.health.inventory.risks(of: "vllm1") == [])
        let expecting = BackendExpectation(contexts: ["meta-llama/Llama-3.1-8B:latest": Tokens(16384)])
        #expect(
            shell.health.inventory.risks(of: "vllm1", expecting: expecting).map(\.message) == [
                "vllm1: meta-llama/Llama-3.1-8B:latest is loaded with a context of 8192 tokens, the manifest says 16384; "
                    + "set its length there or the manifest"
            ])
    }

    @Test func `whether a model is ready is told as for all others`() {
        var shell = Shell(self.options)
        #expect(ModelReadiness(of: "meta-llama/Llama-3.1-8B:latest", in: [shell.health]) == .unknown)
        shell.play(for: .seconds(1))
        #expect(ModelReadiness(of: "meta-llama/Llama-3.1-8B:latest", in: [shell.health]) == .ready)
    }
}
