import Testing
import Vocabulary

@testable import Routing

@Suite struct ResolveTests {
    let manifest: Manifest
    let catalogue: Catalogue

    init() throws {
        self.manifest = try Manifest(
            models: [
                ManifestModel(name: "llama3.2", context: 8192, outputTokensMax: 1000, keepAlive: .forever),
                model("qwen3:8b"), model("absent"), model("embedder", capabilities: ["embedding"]),
            ],
            tiers: [
                .init(name: "general", models: ["absent", "embedder", "qwen3:8b", "llama3.2"]),
                .init(name: "reasoning", models: ["absent"]),
            ],
            aliases: [
                .init(pattern: "gpt-4o", target: "llama3.2"), .init(pattern: "gpt-*", target: "general"),
                .init(pattern: "gpt-4*", target: "qwen3:8b"), .init(pattern: "*", target: "general"),
            ])
        self.catalogue = Catalogue([
            backend("gpu1", installed("llama3.2", "qwen3:8b", "found", context: 4096)),
            backend("gpu2", installed("llama3.2", "embedder"), loaded: ["llama3.2:latest"]),
        ])
    }

    private func models(_ name: String, for use: ModelCapability = .completion) -> [ModelName]? {
        try? self.manifest.resolve(name, for: use, in: self.catalogue).get().models
    }

    @Test func `a name without its tag is the latest`() throws {
        let found = try self.manifest.resolve("llama3.2", in: self.catalogue).get()
        #expect(found == (try self.manifest.resolve(" llama3.2\n", in: self.catalogue).get()))
        #expect(found.models == ["llama3.2:latest"])
        #expect(found.route == .named && found.alias == nil)
        #expect(found["llama3.2:latest"]?.outputTokensMax == Tokens(1000))
        #expect(found["llama3.2:latest"]?.keepAlive == .forever)
        #expect(found["llama3.2:latest"]?.context == Tokens(8192))
    }

    @Test func `the defaults hold for a model that is not named`() throws {
        let manifest = try Manifest(
            models: [model("qwen3:8b")],
            defaults: .init(outputTokensMax: Tokens(77), keepAlive: .idle(.seconds(60))))
        let found = try #require(try manifest.resolve("found", in: self.catalogue).get()["found:latest"])
        #expect(found.outputTokensMax == Tokens(77))
        #expect(found.keepAlive == .idle(.seconds(60)))
        let named = try #require(try manifest.resolve("qwen3:8b", in: self.catalogue).get()["qwen3:8b"])
        #expect(named.outputTokensMax == ManifestModel.outputTokensDefault)
        #expect(named.keepAlive == .asBackend)
    }

    @Test func `a tier is its installed models that can do it, in order`() throws {
        let found = try self.manifest.resolve("general", in: self.catalogue).get()
        #expect(found.models == ["qwen3:8b", "llama3.2:latest"])
        #expect(found.route == .tier("general"))
        #expect(self.models("general", for: .embedding) == ["embedder:latest", "qwen3:8b", "llama3.2:latest"])
    }

    @Test func `a tier of which nothing is known to be able is tried all the same`() throws {
        let manifest = try Manifest(
            models: [model("embedder", capabilities: ["embedding"])],
            tiers: [.init(name: "vectors", models: ["embedder"])])
        #expect(try manifest.resolve("vectors", for: .tools, in: self.catalogue).get().models == ["embedder:latest"])
    }

    @Test func `an exact alias beats a pattern, and the pattern that says more beats the other`() throws {
        #expect(self.models("gpt-4o") == ["llama3.2:latest"])
        #expect(self.models("gpt-4o:latest") == ["llama3.2:latest"])
        #expect(self.models("gpt-4-turbo") == ["qwen3:8b"])
        #expect(self.models("gpt-3.5") == ["qwen3:8b", "llama3.2:latest"])
        let found = try self.manifest.resolve("gpt-3.5", in: self.catalogue).get()
        #expect(found.alias == "gpt-*" && found.route == .tier("general"))
    }

    @Test func `an installed model beats a pattern that would fit it`() throws {
        let found = try self.manifest.resolve("found", in: self.catalogue).get()
        #expect(found.models == ["found:latest"] && found.route == .discovered)
        #expect(found["found:latest"]?.outputTokensMax == ManifestModel.outputTokensDefault)
        #expect(found["found:latest"]?.context == Tokens(4096))
    }

    @Test func `an unknown name is answered with the nearest`() {
        let manifest = Manifest.empty
        let found = manifest.resolve("lama3.2", in: self.catalogue)
        #expect(
            found
                == .failure(
                    Unresolved(
                        reason: .modelUnknown, message: "no model \"lama3.2\"; did you mean llama3.2:latest?",
                        retryAfter: nil)))
        guard case .failure(let far) = manifest.resolve("mistral", in: self.catalogue) else {
            Issue.record("resolved")
            return
        }
        #expect(
            far.message
                == "no model \"mistral\"; installed are embedder:latest, found:latest, llama3.2:latest, qwen3:8b")
    }

    @Test func `a named model that is nowhere is unavailable, not unknown`() {
        guard case .failure(let found) = self.manifest.resolve("absent", in: self.catalogue),
            case .failure(let tier) = self.manifest.resolve("reasoning", in: self.catalogue)
        else {
            Issue.record("resolved")
            return
        }
        #expect(found.reason == .modelUnavailable && tier.reason == .modelUnavailable)
        #expect(found.message.contains("`ollama pull absent:latest`"), "\(found.message)")
        #expect(tier.message.hasPrefix("the tier reasoning has absent:latest, of which none is in the manifest"))
    }

    @Test func `a withheld model is explained, and is not served`() throws {
        let manifest = try Manifest(models: [model("a", digest: "aaaaaaaaaaaa")], discovered: .refuse)
        let models = manifest.offer(
            [InstalledModel(name: "a:latest", digest: "bbbbbbbbbbbb"), InstalledModel(name: "b:latest")], of: "gpu1")
        let catalogue = Catalogue([backend("gpu1", models)])
        guard case .failure(let named) = manifest.resolve("a", in: catalogue),
            case .failure(let other) = manifest.resolve("b", in: catalogue)
        else {
            Issue.record("resolved")
            return
        }
        #expect(named.reason == .modelUnavailable)
        #expect(named.message.contains("gpu1 has a:latest, but its digest is bbbbbbbbbbbb"), "\(named.message)")
        #expect(other.reason == .modelUnknown)
        #expect(other.message.contains("gpu1 has b:latest, but it is not in the manifest"), "\(other.message)")
        #expect(manifest.listed(in: catalogue).isEmpty)
    }

    @Test(arguments: ["x:cloud", "llama3.2:7b-cloud", "X:CLOUD", "x：cloud"])
    func `a name that Ollama would answer from outside is refused, also where an alias would fit`(name: String) {
        guard case .failure(let found) = self.manifest.resolve(name, in: self.catalogue) else {
            Issue.record("resolved")
            return
        }
        #expect(found.reason == .remoteModel)
    }

    @Test func `while an inventory has never been seen nobody says that a model is nowhere`() throws {
        let catalogue = Catalogue([backend("gpu1", installed("a")), backend("gpu2", nil)])
        for name in ["unknown", "absent", "reasoning"] {
            guard case .failure(let found) = try self.manifestWithoutStar.resolve(name, in: catalogue) else {
                Issue.record("resolved")
                return
            }
            #expect(found.reason == .backendsUnavailable && found.retryAfter == .seconds(5))
            #expect(found.message.contains("gpu2"))
        }
        #expect((try? self.manifestWithoutStar.resolve("a", in: catalogue).get().models) == ["a:latest"])
    }

    private var manifestWithoutStar: Manifest {
        get throws {
            try Manifest(models: [model("absent")], tiers: [.init(name: "reasoning", models: ["absent"])])
        }
    }

    @Test func `a key that may not use a model is told so, and what it may use`() {
        let allowed = { (name: ModelName) in name == "qwen3:8b" }
        guard case .failure(let found) = self.manifest.resolve("llama3.2", in: self.catalogue, allowed: allowed),
            case .failure(let free) = self.manifest.resolve("found", in: self.catalogue, allowed: allowed)
        else {
            Issue.record("resolved")
            return
        }
        #expect(found.reason == .keyForbidden && free.reason == .keyForbidden)
        #expect(found.message == "the key may not use \"llama3.2\"; it may use qwen3:8b, general")
        let tier = try? self.manifest.resolve("general", in: self.catalogue, allowed: allowed).get()
        #expect(tier?.models == ["qwen3:8b"])
    }

    @Test func `in dev an empty tier is answered by one installed model that can do it`() throws {
        let manifest = try Manifest(
            models: [model("absent")], tiers: [.init(name: "general", models: ["absent"])],
            tierStandIn: .anyInstalled)
        let catalogue = Catalogue([
            backend(
                "gpu1",
                [
                    InstalledModel(name: "a-embedder:latest", capabilities: [.embedding]),
                    InstalledModel(name: "b-unsaid:latest"),
                    InstalledModel(name: "c-able:latest", capabilities: [.completion]),
                ]),
            backend("gpu2", [InstalledModel(name: "d-able:latest", capabilities: [.completion])]),
        ])
        let found = try manifest.resolve("general", in: catalogue).get()
        #expect(found.models == ["c-able:latest"] && found.route == .standIn(tier: "general"))
        #expect(try manifest.resolve("general", for: .embedding, in: catalogue).get().models == ["a-embedder:latest"])
        let loaded = Catalogue([
            backend(
                "gpu1",
                [
                    InstalledModel(name: "c-able:latest", capabilities: [.completion]),
                    InstalledModel(name: "d-able:latest", capabilities: [.completion]),
                ], loaded: ["d-able:latest"])
        ])
        #expect(try manifest.resolve("general", in: loaded).get().models == ["d-able:latest"])
        let nothing = Catalogue([backend("gpu1", [])])
        guard case .failure(let none) = manifest.resolve("general", in: nothing) else {
            Issue.record("resolved")
            return
        }
        #expect(none.reason == .modelUnavailable)
    }

    @Test func `the list holds every name that works and no other`() {
        let names = self.manifest.listed(in: self.catalogue)
        #expect(
            names.map(\.name) == [
                "embedder:latest", "found:latest", "llama3.2:latest", "qwen3:8b", "auto", "general", "gpt-4o",
            ]
        )
        #expect(names.map(\.isModel) == [true, true, true, true, false, false, false])
        for listed in names {
            #expect((try? self.manifest.resolve(listed.name, for: nil, in: self.catalogue).get()) != nil)
        }
    }

    @Test func `the catalogue joins what the backends say of one model`() {
        let catalogue = Catalogue([
            backend("gpu1", [InstalledModel(name: "a:latest", capabilities: [.completion], context: Tokens(4096))]),
            backend("gpu2", [InstalledModel(name: "a:latest", capabilities: [.tools], context: Tokens(2048))]),
            backend("gpu3", [InstalledModel(name: "a:latest", withheld: "no")]),
        ])
        #expect(catalogue["a:latest"]?.backends == ["gpu1", "gpu2"])
        #expect(catalogue["a:latest"]?.capabilities == [.completion, .tools])
        #expect(catalogue["a:latest"]?.context == Tokens(2048))
        #expect(catalogue["a:latest"]?.withheld == [.init(backend: "gpu3", why: "no")])
    }
}
