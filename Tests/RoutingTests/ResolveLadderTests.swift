import Testing
import Vocabulary

@testable import Routing

/// Names that lead up a ladder: where nothing is installed, or nothing is able.
@Suite struct ResolveLadderTests {
    let manifest: Manifest
    let catalogue: Catalogue

    init() throws {
        self.manifest = try Manifest(
            models: [
                ManifestModel(
                    name: "big", context: 4_000, capabilities: ["completion"],
                    ladder: LadderNames(
                        smaller: ["small", "wide", "absent"], external: ["m-large", "m-eyes"],
                        fallbackReply: "big is away")),
                ManifestModel(name: "small", context: 2_000, capabilities: ["completion", "tools"]),
                ManifestModel(name: "wide", context: 32_000, capabilities: ["completion"]),
                ManifestModel(name: "absent", ladder: LadderNames(external: ["m-large"])),
                ManifestModel(name: "alone"), ManifestModel(name: "vectors", capabilities: ["embedding"]),
            ],
            tiers: [
                .init(
                    name: "good", models: ["absent", "big"],
                    ladder: LadderNames(external: ["m-eyes"], fallbackReply: "none is good")),
                .init(name: "gone", models: ["absent", "alone"], ladder: LadderNames(external: ["m-large"])),
                .init(name: "plain", models: ["big"]),
            ],
            aliases: [
                .init(pattern: "gpt-4o", target: "m-large"), .init(pattern: "gpt-*", target: "good"),
                .init(pattern: "claude-*", target: "m-eyes"),
            ],
            external: [
                ExternalModel(
                    name: "m-large", backend: "cloud", model: "vendor/large", context: Tokens(100_000),
                    capabilities: [.completion, .tools]),
                ExternalModel(name: "m-eyes", backend: "far", capabilities: [.completion, .vision]),
            ], defaults: .init(fallbackReply: "come again"))
        self.catalogue = Catalogue([backend("gpu1", installed("big", "small", "wide", "found", "vectors"))])
    }

    private func find(
        _ name: String, for use: ModelCapability? = .completion, tokens: Int? = nil, in catalogue: Catalogue? = nil,
        allowed: @escaping (ModelName) -> Bool = { _ in true }
    ) throws -> Resolution {
        try self.manifest.resolve(
            name, for: use, promptTokens: tokens.map { Tokens($0) }, in: catalogue ?? self.catalogue, allowed: allowed
        ).get()
    }

    private func rungs(_ found: Resolution) -> [String] {
        found.rungs.map { rung in
            switch rung {
            case .local(let models): models.map(\.rawValue).joined(separator: " ")
            case .external(let backend, let model): "\(backend)/\(model)"
            case .reply(let text): "\"\(text)\""
            }
        }
    }

    @Test func `a model that can is first, then the smaller ones that can, then outside, then the reply`() throws {
        let found = try self.find("big")
        #expect(found.trouble == nil && found.models == ["big:latest"])
        #expect(
            self.rungs(found)
                == ["big:latest", "small:latest wide:latest", "cloud/vendor/large", "far/m-eyes", "\"big is away\""])
    }

    @Test func `who is on the ladder is known with its limits`() throws {
        let found = try self.find("big")
        #expect(found["wide:latest"]?.context == Tokens(32_000) && found["absent:latest"] == nil)
        #expect(found.context(of: "wide:latest") == Tokens(32_000) && found.context(of: "absent:latest") == nil)
        #expect(found.context(of: "vendor/large") == Tokens(100_000))
        #expect(found.external("vendor/large", at: "cloud")?.name == "m-large")
        #expect(found.external("vendor/large", at: "far") == nil)
    }

    @Test func `a model without a ladder has the reply of all`() throws {
        #expect(self.rungs(try self.find("small")) == ["small:latest", "\"come again\""])
        #expect(self.rungs(try self.find("found")) == ["found:latest", "\"come again\""])
    }

    // MARK: What a request needs

    @Test func `a prompt that is too long goes to who can hold it`() throws {
        let found = try self.find("big", tokens: 5_000)
        #expect(found.models.isEmpty && found.trouble?.trigger == .contextOverflow)
        #expect(found.trouble?.told.reason == .contextOverflow && found.trouble?.told.retryAfter == nil)
        #expect(
            found.trouble?.told.message == "the request is about 5000 tokens long, and big:latest takes 4000")
        #expect(self.rungs(found) == ["wide:latest", "cloud/vendor/large", "far/m-eyes", "\"big is away\""])
    }

    @Test func `a prompt as long as the context is not too long`() throws {
        #expect(try self.find("big", tokens: 4_000).trouble == nil)
        #expect(try self.find("big", tokens: 4_001).trouble != nil)
    }

    @Test func `nobody knows how long: nobody is passed over`() throws {
        #expect(try self.find("big", tokens: nil).trouble == nil)
    }

    @Test(arguments: [
        (ModelCapability.tools, ["small:latest", "cloud/vendor/large", "\"big is away\""]),
        (.vision, ["far/m-eyes", "\"big is away\""]),
    ])
    func `what a model cannot do is done by who can`(use: ModelCapability, expected: [String]) throws {
        let found = try self.find("big", for: use)
        #expect(found.models.isEmpty && found.trouble?.trigger == .capabilityMissing)
        #expect(found.trouble?.told.reason == .capabilityMissing)
        #expect(
            found.trouble?.told.message == "no model of \"big\" can do what the request needs: \(use.rawValue)")
        #expect(self.rungs(found) == expected)
    }

    @Test func `where nobody on the ladder can, the model itself says what it lacks`() throws {
        let found = try self.find("big", for: .tools, tokens: 200_000)
        #expect(found.trouble == nil && self.rungs(found) == ["big:latest", "\"big is away\""])
        let vectors = try self.find("big", for: .embedding)
        #expect(vectors.trouble == nil && self.rungs(vectors) == ["big:latest"])
    }

    @Test func `words are given in place of no vector`() throws {
        for name in ["big", "good", "vectors", "found", "m-large"] {
            #expect(try self.find(name, for: .embedding).ladder.fallbackReply == nil, "\(name)")
        }
    }

    // MARK: What is installed

    @Test func `a model that is nowhere leads on`() throws {
        let found = try self.find("absent")
        #expect(found.models.isEmpty && found.trouble?.trigger == .localDown)
        #expect(found.trouble?.told.reason == .modelUnavailable)
        #expect(self.rungs(found) == ["cloud/vendor/large", "\"come again\""])
    }

    @Test func `a reply alone is a way`() throws {
        let found = try self.find("alone")
        #expect(self.rungs(found) == ["\"come again\""] && found.trouble?.trigger == .localDown)
    }

    @Test func `without any way on, a model that is nowhere is unavailable`() throws {
        let bare = try Manifest(models: [model("alone")])
        guard case .failure(let told) = bare.resolve("alone", in: self.catalogue) else {
            Issue.record("resolved")
            return
        }
        #expect(told.reason == .modelUnavailable)
    }

    @Test func `while an inventory is unseen the trouble says so`() throws {
        let catalogue = Catalogue([backend("gpu1", nil)])
        let found = try self.find("absent", in: catalogue)
        #expect(found.trouble?.told.reason == .backendsUnavailable && found.trouble?.trigger == .localDown)
    }

    // MARK: Tiers, aliases, keys

    @Test func `a tier has a ladder of its own`() throws {
        let found = try self.find("good")
        #expect(found.route == .tier("good") && found.models == ["big:latest"])
        #expect(self.rungs(found) == ["big:latest", "far/m-eyes", "\"none is good\""])
        #expect(self.rungs(try self.find("plain")) == ["big:latest", "\"come again\""])
        let gone = try self.find("gone")
        #expect(gone.trouble?.told.message.hasPrefix("the tier gone has absent:latest, alone:latest, of which") == true)
        #expect(self.rungs(gone) == ["cloud/vendor/large", "\"come again\""])
    }

    @Test func `a tier of which nothing can goes up`() throws {
        let found = try self.find("good", for: .vision)
        #expect(found.trouble?.trigger == .capabilityMissing)
        #expect(self.rungs(found) == ["far/m-eyes", "\"none is good\""])
    }

    @Test func `a model outside may be asked for by its name, and through an alias`() throws {
        for (name, alias, rung) in [
            ("m-large", nil, "cloud/vendor/large"), (" m-large ", nil, "cloud/vendor/large"),
            ("gpt-4o", "gpt-4o", "cloud/vendor/large"), ("claude-9", "claude-*", "far/m-eyes"),
        ] as [(String, String?, String)] {
            let found = try self.find(name)
            #expect(found.route == .external && found.alias == alias)
            #expect(found.trouble?.trigger == .callerRequested)
            #expect(self.rungs(found) == [rung, "\"come again\""])
        }
        let told = try self.find("m-large").trouble?.told
        #expect(told?.message == "\"m-large\" is answered outside, by cloud")
        #expect(told?.reason == .backendsUnavailable && told?.retryAfter == .seconds(10))
        #expect(try self.find("gpt-3.5").route == .tier("good"))
    }

    @Test func `a key may be kept from a name outside, and from smaller models`() throws {
        let allowed = { (name: ModelName) in name != "m-large" && name != "small:latest" }
        for name in ["m-large", "gpt-4o"] {
            guard
                case .failure(let told) = self.manifest.resolve(name, in: self.catalogue, allowed: allowed)
            else {
                Issue.record("\(name) was resolved")
                continue
            }
            #expect(told.reason == .keyForbidden)
        }
        #expect(try self.find("big", allowed: allowed).ladder.smaller.map(\.name) == ["wide:latest"])
    }

    @Test func `a list of models has a name that leads outside alone where that may be`() {
        let here = ["big:latest", "found:latest", "small:latest", "vectors:latest", "wide:latest", "auto", "good"]
        #expect(self.manifest.listed(in: self.catalogue).map(\.name) == here + ["plain"])
        let named = self.manifest.listed(
            in: self.catalogue, outside: { $0.backend == "cloud" && $1 == .callerRequested })
        #expect(named.map(\.name) == here + ["plain", "gpt-4o", "m-large"])
        #expect(named.suffix(2).map(\.model) == ["vendor/large", "vendor/large"])
        #expect(named.suffix(2).map(\.isModel) == [false, false])
        let down = self.manifest.listed(in: self.catalogue, outside: { $1 == .localDown })
        #expect(down.map(\.name) == here + ["gone", "plain"])
    }

    @Test func `another tag is another name`() {
        guard case .failure(let told) = self.manifest.resolve("m-large:7b", in: self.catalogue) else {
            Issue.record("resolved")
            return
        }
        #expect(told.reason == .modelUnknown)
    }
}
