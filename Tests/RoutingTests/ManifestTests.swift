import Testing
import Vocabulary

@testable import Routing

func model(_ name: String, capabilities: [String]? = nil, backends: [BackendID]? = nil, digest: String? = nil) throws
    -> ManifestModel
{
    try ManifestModel(name: name, digest: digest, capabilities: capabilities, backends: backends)
}

@Suite struct ManifestTests {
    private func problems(_ make: () throws -> Void) -> [String] {
        do {
            try make()
            return []
        } catch let problems as ManifestProblems {
            return problems.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `a model has a positive bound on output even if none is written`() throws {
        let model = try ManifestModel(name: "llama3.2")
        #expect(model.name == "llama3.2:latest")
        #expect(model.outputTokensMax == Tokens(4096))
        #expect(model.keepAlive == .asBackend)
    }

    @Test func `all mistakes of a model are told at once, each at its place`() {
        let found = self.problems {
            _ = try ManifestModel(
                name: "a b", digest: "xyz", context: 0, capabilities: ["completon", "tools"], backends: [],
                outputTokensMax: -1, keepAlive: .idle(.seconds(-1)), slots: 0)
        }
        #expect(
            found == [
                "models.a b: `a b` cannot be the name of an Ollama model, expected letters, digits and `._-/:`",
                "models.a b.context: 0 is not a positive number",
                "models.a b.outputTokensMax: -1 is not a positive number",
                "models.a b.slots: 0 is not a positive number",
                "models.a b.capabilities: unknown capability \"completon\"; known are completion, tools, insert, "
                    + "vision, embedding, thinking, image, audio; did you mean completion?",
                "models.a b.digest: \"xyz\" is not 12 to 64 hexadecimal digits, as `ollama list` shows them",
                "models.a b.backends: the list is empty, so nothing may serve it; leave it out to allow all",
                "models.a b.keepAlive: a negative time; write \"forever\" to keep the model in memory",
            ])
    }

    @Test(arguments: ["gpt-oss:120b-cloud", "gpt-oss:cloud", "GPT-OSS:Cloud"])
    func `a model that Ollama would answer from outside is no model`(name: String) {
        let found = self.problems { _ = try ManifestModel(name: name) }
        #expect(found.count == 1 && found[0].contains("cloud"), "\(found)")
    }

    @Test func `a digest is known in all its spellings`() throws {
        #expect(try model("a", digest: "sha256:0123456789AB").digest == "0123456789ab")
    }

    @Test func `all mistakes between names are told at once`() {
        let found = self.problems {
            _ = try Manifest(
                models: [model("llama3.2"), model("llama3.2:latest"), model("qwen3:8b")],
                tiers: [
                    .init(name: "general", models: ["llama3.2", "lama3.1", "llama3.2:latest"]),
                    .init(name: "general", models: ["qwen3:8b"]),
                    .init(name: "simple", models: []),
                    .init(name: "llama3.2", models: ["qwen3:8b"]),
                    .init(name: "x*", models: ["qwen3:8b"]),
                ],
                aliases: [
                    .init(pattern: "gpt-4*", target: "genral"), .init(pattern: "fast", target: "fast"),
                    .init(pattern: "quick", target: "fast"), .init(pattern: "general", target: "qwen3:8b"),
                    .init(pattern: "qwen3:8b", target: "general"), .init(pattern: "dup", target: "general"),
                    .init(pattern: "dup:latest", target: "general"), .init(pattern: "dup", target: "general"),
                ])
        }
        #expect(
            found == [
                "models.llama3.2:latest: the model llama3.2:latest is named twice (\"llama3.2\" is the same name)",
                "tiers.general.1: the manifest has no model \"lama3.1\"; did you mean \"llama3.2:latest\"?",
                "tiers.general.2: the model llama3.2:latest stands twice in this tier",
                "tiers.general: the tier is named twice",
                "tiers.simple: the tier has no models; name at least one, or leave it out",
                "tiers.llama3.2: \"llama3.2:latest\" is a model's name already; a name leads to one thing only",
                "tiers.x*: a tier's name holds no \"*\"",
                "aliases.gpt-4*: the manifest has no model or tier \"genral\"; did you mean \"general\"?",
                "aliases.fast: the alias leads to itself",
                "aliases.quick: \"fast\" is an alias itself; name the model or tier it leads to",
                "aliases.general: this is a model's or tier's name already; the alias would never be used",
                "aliases.qwen3:8b: this is a model's or tier's name already; the alias would never be used",
                "aliases.dup:latest: \"dup\" is the same name",
                "aliases.dup: the alias is named twice",
            ])
    }

    @Test func `two aliases that lead to each other are both refused`() {
        let found = self.problems {
            _ = try Manifest(
                models: [], aliases: [.init(pattern: "a", target: "b"), .init(pattern: "b", target: "a")])
        }
        #expect(
            found == [
                "aliases.a: \"b\" is an alias itself; name the model or tier it leads to",
                "aliases.b: \"a\" is an alias itself; name the model or tier it leads to",
            ])
    }

    @Test func `what a backend must not serve is marked with the reason`() throws {
        let manifest = try Manifest(
            models: [
                model("bound", backends: ["gpu2"]), model("pinned", digest: "aaaaaaaaaaaa"), model("free"),
            ], discovered: .refuse)
        let offer = manifest.offer(
            [
                InstalledModel(name: "bound:latest"),
                InstalledModel(name: "pinned:latest", digest: "sha256:AAAAAAAAAAAA1234"),
                InstalledModel(name: "pinned:latest", digest: "bbbbbbbbbbbb1234"),
                InstalledModel(name: "pinned:latest"),
                InstalledModel(name: "free:latest"), InstalledModel(name: "found:latest"),
                InstalledModel(name: "x:cloud"),
                InstalledModel(name: "free:latest", withheld: "it is an alias of a remote model"),
            ], of: "gpu1")
        #expect(
            offer.map(\.withheld) == [
                "the manifest binds it to gpu2", nil,
                "its digest is bbbbbbbbbbbb, the manifest wants aaaaaaaaaaaa",
                "its digest is unknown, the manifest wants aaaaaaaaaaaa", nil, "it is not in the manifest",
                "it would be answered by Ollama's cloud", "it is an alias of a remote model",
            ])
        #expect(manifest.offer([InstalledModel(name: "bound:latest")], of: "gpu2")[0].withheld == nil)
    }
}
