import Testing
import Vocabulary

@testable import Routing

/// What `auto` leads to.
@Suite struct AutoTests {
    private static let models: [(String, [String]?, Int?)] = [
        ("small", ["completion", "tools"], nil), ("chat", ["completion", "tools"], 8192),
        ("deep", ["completion", "thinking", "tools"], nil), ("wide", ["completion", "tools"], 131_072),
        ("eyes", ["completion", "vision"], nil), ("vectors", ["embedding"], nil), ("absent", nil, nil),
    ]
    private static let tiers: [Manifest.Tier] = [
        .init(name: "simple", models: ["small"]), .init(name: "general", models: ["chat"]),
        .init(name: "reasoning", models: ["deep"]), .init(name: "long-context", models: ["wide"]),
        .init(name: "seeing", models: ["eyes"]), .init(name: "embedding", models: ["vectors"]),
    ]
    private static let catalogue = Catalogue([
        backend("gpu1", installed("small", "chat", "deep", "wide", "eyes", "vectors"))
    ])

    private func manifest(
        _ auto: Manifest.Auto? = nil, tiers: [Manifest.Tier] = Self.tiers, aliases: [Manifest.Alias] = [],
        external: [ExternalModel] = []
    ) throws -> Manifest {
        try Manifest(
            models: Self.models.map { try ManifestModel(name: $0.0, context: $0.2, capabilities: $0.1) }, tiers: tiers,
            aliases: aliases, external: external, auto: auto)
    }

    private func found(
        _ manifest: Manifest, _ facts: RequestFacts = .init(), name: String = "auto",
        catalogue: Catalogue = Self.catalogue
    ) throws -> Resolution {
        try manifest.resolve(name, facts, in: catalogue).get()
    }

    /// Tier and rule, as a caller is told them.
    private func told(_ manifest: Manifest, _ facts: RequestFacts = .init()) throws -> String {
        let found = try self.found(manifest, facts)
        let choice = try #require(found.choice)
        #expect(found.tier == choice.tier)
        #expect(found.route == .tier(choice.tier))
        return "\(choice.tier) \(choice.rule)"
    }

    private static func tokens(_ count: Int) -> PromptLength { PromptLength(Tokens(count)) }

    // MARK: The program's rules

    @Test(arguments: [
        (RequestFacts(), "general default"),
        (RequestFacts(prompt: tokens(8192)), "general default"),
        (RequestFacts(prompt: tokens(8193)), "long-context prompt_tokens_over"),
        (RequestFacts(prompt: tokens(8193), feature: "classify"), "long-context prompt_tokens_over"),
        (RequestFacts(feature: "classification"), "simple features"),
        (RequestFacts(feature: "mail/sentiment"), "simple features"),
        (RequestFacts(feature: "invoice-extraction"), "simple features"),
        (RequestFacts(use: .tools, feature: "spam_check", hasTools: true), "simple features"),
        (RequestFacts(feature: "code-review"), "reasoning features"),
        (RequestFacts(feature: "trip.planning"), "reasoning features"),
        (RequestFacts(feature: "decoder"), "general default"),
        (RequestFacts(feature: "explanation"), "general default"),
        (RequestFacts(feature: "search"), "general default"),
        (RequestFacts(use: .tools, hasTools: true), "general tools"),
        (RequestFacts(use: .vision, hasTools: true, hasImages: true), "seeing images"),
        (RequestFacts(use: .vision, prompt: tokens(9000), feature: "code", hasImages: true), "seeing images"),
        (RequestFacts(use: .embedding), "embedding embeddings"),
        (RequestFacts(use: .embedding, feature: "classify"), "embedding embeddings"),
        (RequestFacts(use: nil), "general default"),
    ])
    func `the built-in rules`(facts: RequestFacts, expected: String) throws {
        #expect(try self.told(self.manifest(), facts) == expected)
    }

    @Test func `where no context of the default tier is known, a prompt is long from 16384 tokens`() throws {
        let tiers = Self.tiers.map { $0.name == "general" ? Manifest.Tier(name: "general", models: ["deep"]) : $0 }
        let manifest = try self.manifest(tiers: tiers)
        #expect(try self.told(manifest, .init(prompt: Self.tokens(16_384))) == "general default")
        #expect(try self.told(manifest, .init(prompt: Self.tokens(16_385))) == "long-context prompt_tokens_over")
    }

    @Test func `only tiers that there are take part, and the first that talks is the default`() throws {
        let manifest = try self.manifest(tiers: [
            .init(name: "embedding", models: ["vectors"]), .init(name: "ours", models: ["chat"]),
            .init(name: "theirs", models: ["deep"]),
        ])
        #expect(try self.told(manifest, .init(feature: "code")) == "ours default")
        #expect(try self.told(manifest, .init(use: .tools, hasTools: true)) == "ours default")
        #expect(try self.told(manifest, .init(prompt: Self.tokens(8193))) == "ours default")
    }

    @Test func `images go to the default tier if it is known to see, and stay there if nobody is`() throws {
        let seeing = try self.manifest(
            tiers: [.init(name: "seeing", models: ["eyes"]), .init(name: "general", models: ["chat", "eyes"])])
        let image = RequestFacts(use: .vision, hasImages: true)
        #expect(try self.told(seeing, image) == "general images")
        #expect(try self.found(seeing, image).models == ["eyes:latest"])
        let blind = try self.manifest(tiers: [.init(name: "general", models: ["absent"])])
        let installed = Catalogue([backend("gpu1", installed("absent"))])
        let found = try self.found(blind, image, catalogue: installed)
        #expect(found.choice?.rule == "default" && found.choice?.passedOver == [])
    }

    @Test func `a rule whose tier has nobody for the request is passed over, and told`() throws {
        let tiers = Self.tiers.map {
            $0.name == "reasoning" ? Manifest.Tier(name: "reasoning", models: ["absent"]) : $0
        }
        let choice = try #require(try self.found(self.manifest(tiers: tiers), .init(feature: "code")).choice)
        #expect(choice.tier == "general" && choice.rule == "default")
        #expect(choice.passedOver.map { "\($0.tier) \($0.rule)" } == ["reasoning features"])
    }

    @Test func `while a backend has never been seen, no tier is taken to be empty`() throws {
        let tiers = Self.tiers.map {
            $0.name == "reasoning" ? Manifest.Tier(name: "reasoning", models: ["absent"]) : $0
        }
        let unseen = Catalogue([backend("gpu1", installed("chat")), backend("gpu2", nil)])
        let result = try self.manifest(tiers: tiers).resolve("auto", .init(feature: "code"), in: unseen)
        guard case .failure(let told) = result else { throw Unmet() }
        #expect(told.reason == .backendsUnavailable)
        #expect(
            told.message.hasPrefix(
                "`auto` leads to tier reasoning, since its feature `code` fits `code*`: cannot say yet"))
    }

    @Test func `a tier that is answered outside takes part`() throws {
        let manifest = try self.manifest(
            tiers: [
                .init(name: "general", models: ["chat"]),
                .init(name: "reasoning", models: ["absent"], ladder: LadderNames(external: ["far"])),
            ], external: [ExternalModel(name: "far", backend: "cloud", context: Tokens(1000))])
        let short = RequestFacts(prompt: Self.tokens(1000), feature: "code")
        #expect(try self.found(manifest, short).choice?.rule == "features")
        #expect(try self.found(manifest, short).ladder.external.map(\.name) == ["far"])
        let long = RequestFacts(prompt: Self.tokens(1001), feature: "code")
        #expect(try self.told(manifest, long) == "general default")
    }

    // MARK: Rules of a manifest

    @Test func `the first rule that holds decides, and all its conditions must hold`() throws {
        let manifest = try self.manifest(
            .init(
                rules: [
                    AutoRule(tier: "long-context", features: ["legal*"], promptTokensOver: .tokens(Tokens(100))),
                    AutoRule(tier: "reasoning", features: ["legal*", "tax"]),
                    AutoRule(tier: "simple", tools: false, images: false),
                ], standard: "seeing"))
        let long = Self.tokens(101)
        #expect(
            try self.told(manifest, .init(prompt: long, feature: "legal/nda"))
                == "long-context features+prompt_tokens_over")
        #expect(try self.told(manifest, .init(prompt: Self.tokens(100), feature: "legal")) == "reasoning features")
        #expect(try self.told(manifest, .init(prompt: long, feature: "tax")) == "reasoning features")
        #expect(try self.told(manifest, .init(prompt: long)) == "simple tools+images")
        #expect(try self.told(manifest, .init(use: .vision, hasImages: true)) == "seeing default")
        #expect(try self.told(manifest, .init(use: .embedding)) == "embedding embeddings")
    }

    @Test func `no rules are rules too, and a default alone keeps the built-in ones`() throws {
        let none = try self.manifest(.init(rules: []))
        #expect(try self.told(none, .init(use: .tools, feature: "code", hasTools: true)) == "general default")
        let simple = try self.manifest(.init(standard: "simple"))
        #expect(try self.told(simple) == "simple default")
        #expect(try self.told(simple, .init(feature: "code")) == "reasoning features")
    }

    @Test func `the words say what was found`() throws {
        let manifest = try self.manifest(
            .init(rules: [
                AutoRule(tier: "general", features: ["a*"], promptTokensOver: .tokens(Tokens(5)), tools: true)
            ]))
        let facts = RequestFacts(use: .tools, prompt: Self.tokens(6), feature: "abc", hasTools: true)
        let choice = try #require(try self.found(manifest, facts).choice)
        #expect(
            choice.why
                == "its feature `abc` fits `a*`, its prompt of about 6 tokens is over 5, it declares tools")
        #expect(try self.found(manifest).choice?.why == "no rule decides")
    }

    @Test func `tokens are those of the default tier's first model, as learnt`() throws {
        var estimates = TokenEstimates()
        for _ in 0..<200 {
            estimates.learn("chat:latest", promptBytes: 10_000, promptTokens: 5_000, context: nil)
        }
        let manifest = try self.manifest()
        let bytes = 8192 * 3
        #expect(try self.told(manifest, .init(prompt: PromptLength(bytes: bytes))) == "general default")
        #expect(
            try self.told(manifest, .init(prompt: PromptLength(bytes: bytes, estimates)))
                == "long-context prompt_tokens_over")
    }

    @Test func `each model of a tier is measured by its own tokens`() throws {
        let manifest = try Manifest(
            models: [ManifestModel(name: "a", context: 1000), ManifestModel(name: "b", context: 1000)],
            tiers: [.init(name: "general", models: ["a", "b"])])
        var estimates = TokenEstimates()
        for _ in 0..<200 { estimates.learn("a:latest", promptBytes: 1000, promptTokens: 500, context: nil) }
        let facts = RequestFacts(prompt: PromptLength(bytes: 3000, estimates))
        let catalogue = Catalogue([backend("gpu1", installed("a", "b"))])
        #expect(try manifest.resolve("general", facts, in: catalogue).get().models == ["b:latest"])
    }

    // MARK: The name

    @Test func `an alias may lead to it`() throws {
        let manifest = try self.manifest(aliases: [
            .init(pattern: "gpt-5", target: "auto"), .init(pattern: "claude-*", target: "auto"),
        ])
        for name in ["gpt-5", "claude-opus"] {
            let found = try self.found(manifest, .init(feature: "code"), name: name)
            #expect(found.choice?.tier == "reasoning" && found.alias != nil && found.requested == name)
        }
    }

    @Test func `a name of the manifest keeps its meaning, an installed model and a pattern do not`() throws {
        let tier = try self.manifest(tiers: [.init(name: "auto", models: ["deep"])])
        #expect(try self.found(tier).choice == nil && tier.auto == nil)
        let alias = try self.manifest(aliases: [.init(pattern: "auto", target: "simple")])
        #expect(try self.found(alias).models == ["small:latest"])
        let outside = try self.manifest(external: [ExternalModel(name: "auto", backend: "cloud")])
        #expect(try self.found(outside).route == .external)
        let model = try Manifest(
            models: [ManifestModel(name: "auto")], tiers: [.init(name: "general", models: ["auto"])])
        let catalogue = Catalogue([backend("gpu1", installed("auto", "chat"))])
        #expect(try self.found(model, catalogue: catalogue).route == .named)
        let pattern = try self.manifest(aliases: [.init(pattern: "*", target: "simple")])
        #expect(try self.found(pattern, catalogue: catalogue).choice?.tier == "general")
    }

    @Test func `without tiers there is none`() throws {
        let manifest = try self.manifest(tiers: [])
        #expect(manifest.auto == nil)
        #expect(throws: Unresolved.self) { try self.found(manifest) }
    }

    @Test func `it is listed where it leads somewhere`() throws {
        #expect(try self.manifest().listed(in: Self.catalogue).map(\.name).contains("auto"))
        #expect(try !self.manifest().listed(in: Catalogue([backend("gpu1", [])])).map(\.name).contains("auto"))
        #expect(try !self.manifest(tiers: []).listed(in: Self.catalogue).map(\.name).contains("auto"))
    }

    @Test func `every mistake in its rules is told`() {
        let auto = Manifest.Auto(
            rules: [
                AutoRule(tier: "reasonning", tools: true), AutoRule(tier: "simple"),
                AutoRule(tier: "simple", features: []),
            ] + Array(repeating: AutoRule(tier: "simple", tools: true), count: 62), standard: "generl")
        #expect(
            self.problems { try self.manifest(auto) } == [
                "auto.default: the manifest has no tier \"generl\"; did you mean \"general\"?",
                "auto.rules: 65 rules, expected at most 64",
                "auto.rules.0.tier: the manifest has no tier \"reasonning\"; did you mean \"reasoning\"?",
                "auto.rules.1: the rule has no conditions; name its tier as `default` of `auto`",
                "auto.rules.2.features: the list is empty, so that the rule never holds",
            ])
        #expect(
            self.problems { try self.manifest(.init(), tiers: []) } == [
                "auto: the manifest has no tiers that `auto` could choose from"
            ])
        #expect(
            self.problems { try self.manifest(.init(), aliases: [.init(pattern: "auto", target: "simple")]) } == [
                "auto: \"auto\" is a name of this manifest already, and would never be looked up here"
            ])
    }

    @Test func `two names for one model outside are a mistake`() {
        let external = [
            ExternalModel(name: "a", backend: "cloud", model: "m"),
            ExternalModel(name: "b", backend: "other", model: "m"),
            ExternalModel(name: "m", backend: "cloud"),
        ]
        #expect(
            self.problems { try self.manifest(external: external) } == [
                "external.m: \"a\" is the model m of cloud already; use that name, or an alias for it"
            ])
    }

    private struct Unmet: Error {}

    private func problems(_ make: () throws -> Manifest) -> [String] {
        do {
            _ = try make()
            return []
        } catch let problems as ManifestProblems {
            return problems.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }
}
