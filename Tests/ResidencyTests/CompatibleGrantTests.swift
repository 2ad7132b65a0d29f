import Testing
import Vocabulary

@testable import Residency

/// Servers inside with OpenAI's API.
@Suite struct CompatibleGrantTests {
    private static let now = Instant.zero + .seconds(10)

    private func gate(_ credential: BackendCredential? = nil) throws -> Gate {
        try Gate(
            zones: [Zone(name: "lab", networks: [CIDR(parsing: "10.20.0.0/16")])],
            sites: [
                BackendSite(
                    id: "vllm1", endpoint: .tcp(host: "10.20.0.9", port: 8000), zone: "lab", api: .openAI,
                    credential: credential)
            ], generation: 1)
    }

    private func refusal(_ request: OutboundRequest, _ purpose: Purpose) throws -> Reason? {
        let gate = try self.gate()
        let checked = try #require(try gate.judgeWithoutResolving("vllm1", at: Self.now))
        do throws(Refusal) {
            _ = try gate.grant(request, to: "vllm1", at: checked, purpose: purpose, now: Self.now)
            return nil
        } catch {
            return error.reason
        }
    }

    private static var aRequest: Purpose {
        var generator = SeededGenerator(seed: 1)
        return .request(RequestID(at: WallTime(microseconds: 0), using: &generator), attempt: 1)
    }

    @Test func `a probe asks for its models alone, a request for what it can do`() throws {
        for path in BackendPath.allCases {
            let request =
                path.method == .get
                ? OutboundRequest.get(path) : .post(path, body: [0x7B, 0x7D], model: "meta-llama/Llama-3.1-8B")
            let mayAsk = [.openAIChat, .openAICompletions, .openAIEmbeddings].contains(path)
            #expect(try self.refusal(request, Self.aRequest) == (mayAsk ? nil : .pathForbidden), "\(path)")
            #expect(try self.refusal(request, .probe) == (path == .openAIModels ? nil : .pathForbidden), "\(path)")
            #expect(try self.refusal(request, .healing) == .pathForbidden, "\(path)")
        }
        #expect(try self.refusal(.unload("m"), .healing) == .pathForbidden, "it cannot be healed")
    }

    @Test(arguments: [
        ("meta-llama/Llama-3.1-8B-Instruct", nil), ("Qwen/Qwen2.5-7B-Instruct-AWQ", nil), ("sql-lora", nil),
        ("gpt-oss:120b-cloud", Reason.remoteModel), ("x:CLOUD", .remoteModel), ("ollama.com/x", .remoteModel),
        ("/models/x.gguf", .modelUnknown), ("m@q4", .modelUnknown), ("a b", .modelUnknown), ("", .modelUnknown),
    ])
    func `names are judged as everywhere`(model: String, reason: Reason?) throws {
        #expect(try self.refusal(.post(.openAIChat, body: [0x7B, 0x7D], model: model), Self.aRequest) == reason)
    }

    @Test func `its key is shown to it with requests and probes, and to nobody else`() throws {
        let gate = try self.gate(BackendCredential("sk-inside"))
        let checked = try #require(try gate.judgeWithoutResolving("vllm1", at: Self.now))
        let probe = try gate.grant(.get(.openAIModels), to: "vllm1", at: checked, purpose: .probe, now: Self.now)
        #expect(probe.credential?.header == .authorization)
        #expect(try probe.credential?.credential == BackendCredential("sk-inside"))
        let none = try self.gate()
        let fixed = try #require(try none.judgeWithoutResolving("vllm1", at: Self.now))
        #expect(
            try none.grant(.get(.openAIModels), to: "vllm1", at: fixed, purpose: .probe, now: Self.now).credential
                == nil)
    }

    @Test func `it stands in its zone as every other`() throws {
        let gate = try Gate(
            zones: [Zone(name: "lab", networks: [CIDR(parsing: "10.20.0.0/16")])],
            sites: [BackendSite(id: "v", endpoint: .tcp(host: "gpu3", port: 8000), zone: "lab", api: .openAI)],
            generation: 1)
        #expect(throws: Refusal.self) { try gate.judge([#require(IPAddress("8.8.8.8"))], of: "v", at: Self.now) }
        #expect(throws: GateProblems.self) {
            try Gate(
                zones: [],
                sites: [BackendSite(id: "v", endpoint: .tcp(host: "gpu3", port: 1), zone: .external, api: .openAI)],
                generation: 1)
        }
    }
}
