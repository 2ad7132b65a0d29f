import Accounting
import Dialects
import Routing
import Testing
import Vocabulary

@testable import Gateway

/// What a caller wants, read and judged before a backend is chosen.
@Suite struct RequestOrderTests {
    static let arrival = Instant(nanoseconds: 5_000_000_000)

    /// Three models on one server, one of them called as if it had Ollama's suffix.
    static let catalogue = Catalogue([
        BackendView(
            id: "gpu1", availability: .usable,
            models: [
                InstalledModel(name: "llama3.2:3b", capabilities: [.completion, .tools]),
                InstalledModel(name: "llava:7b", capabilities: [.completion, .vision]),
                InstalledModel(name: "embed:latest", capabilities: [.embedding]),
                InstalledModel(name: "ours:local", capabilities: [.completion]),
            ])
    ])

    static let manifest = try! Manifest(
        models: [
            ManifestModel(name: "llama3.2:3b"), ManifestModel(name: "llava:7b"), ManifestModel(name: "embed"),
        ],
        tiers: [Manifest.Tier(name: "any", models: ["llama3.2:3b", "llava:7b", "embed"])],
        aliases: [Manifest.Alias(pattern: "gpt-4*", target: "any")])

    static func key(
        models: [String] = [], projects: [String] = [], features: [String] = [], principalHeader: String? = nil
    ) -> Key {
        Key(
            id: "abcd2345", name: "app", environment: "live", project: "default",
            projects: projects.map { NamePattern($0) }, features: features.map { NamePattern($0) },
            models: models.map { NamePattern($0) }, principalHeader: principalHeader,
            createdAt: WallTime(microseconds: 0), secrets: [])
    }

    static func order(
        _ body: String, _ endpoint: Gateway.Endpoint = .openAIChat, headers: [String] = [], key: Key? = nil
    ) throws -> RequestOrder {
        try RequestOrder(
            reading: Array(body.utf8), endpoint, RequestWishes(head(headers), endpoint, key), key: key,
            manifest: manifest, catalogue: catalogue,
            isSettled: true, arrivedAt: arrival)
    }

    static func chat(_ model: String, _ more: String = "") -> String {
        #"{"model":"\#(model)","messages":[{"role":"user","content":"hi"}]\#(more)}"#
    }

    static func refusal(
        _ body: String, _ endpoint: Gateway.Endpoint = .openAIChat, headers: [String] = [], key: Key? = nil
    ) throws -> RequestRefusal {
        do {
            _ = try order(body, endpoint, headers: headers, key: key)
        } catch let refusal as RequestRefusal {
            return refusal
        }
        throw Unexpected("nothing was refused")
    }

    // MARK: Models

    @Test(arguments: [
        "gpt-oss:120b-cloud", "qwen3:cloud", "QWEN3:CLOUD", "llama3.2:3b-Cloud", "ollama.com/library/llama3.2",
        "qwen3:480b\u{FF0D}cloud", "qwen3\u{FF1A}cloud", "qwen3%3Acloud",
    ])
    func `a model of Ollama's cloud is refused in every spelling`(model: String) throws {
        let refusal = try Self.refusal(Self.chat(model))
        #expect(refusal.reason == .remoteModel)
        #expect(refusal.parameter == "model")
    }

    @Test func `an unknown model is told with what comes near`() throws {
        let refusal = try Self.refusal(Self.chat("llama3.2:3"))
        #expect(refusal.reason == .modelUnknown)
        #expect(refusal.parameter == "model")
        #expect(refusal.message == "no model \"llama3.2:3\"; did you mean llama3.2:3b?")
    }

    @Test func `a body without a model, and one that is no JSON, are told with their member`() throws {
        let missing = try Self.refusal(#"{"messages":[]}"#)
        #expect(missing.reason == .modelMissing)
        #expect(missing.parameter == "model")
        #expect(try Self.refusal("{").reason == .invalidJSON)
        #expect(try Self.refusal(#"{"model":"llama3.2:3b","MODEL":"x","messages":[]}"#).reason == .ambiguousBody)
    }

    @Test func `a caller's own local suffix is taken off`() throws {
        #expect(try Self.order(Self.chat("llama3.2:3b:local")).resolution.models == ["llama3.2:3b"])
        #expect(try Self.order(Self.chat("llama3.2:3b:LOCAL")).resolution.models == ["llama3.2:3b"])
    }

    @Test func `a model that is really called so is meant by its whole name`() throws {
        #expect(try Self.order(Self.chat("ours:local")).resolution.models == ["ours:local"])
    }

    @Test func `the alias is remembered as the manifest writes it`() throws {
        let order = try Self.order(Self.chat("gpt-4-whatever-the-caller-typed"))
        #expect(order.resolution.alias == "gpt-4*")
        #expect(order.resolution.models == ["llama3.2:3b", "llava:7b"])
    }

    // MARK: Auto

    static let forms = try! Manifest(
        models: [
            ManifestModel(name: "llama3.2:3b", context: 1000), ManifestModel(name: "llava:7b"),
            ManifestModel(name: "embed", capabilities: ["embedding"]),
        ],
        tiers: [
            .init(name: "general", models: ["llama3.2:3b"]), .init(name: "simple", models: ["llava:7b"]),
            .init(name: "long-context", models: ["llava:7b"]), .init(name: "vectors", models: ["embed"]),
        ])

    static func auto(
        _ body: String, _ endpoint: Gateway.Endpoint = .openAIChat, headers: [String] = [], key: Key? = nil,
        estimates: TokenEstimates = TokenEstimates()
    ) throws -> RequestOrder {
        try RequestOrder(
            reading: Array(body.utf8), endpoint, RequestWishes(head(headers), endpoint), key: key, manifest: forms,
            catalogue: catalogue, isSettled: true, arrivedAt: arrival, estimates: estimates)
    }

    private static func choice(_ order: RequestOrder) -> String? {
        order.resolution.choice.map { "\($0.tier) \($0.rule)" }
    }

    @Test func `auto knows feature, tools, images, length and what for`() throws {
        #expect(Self.choice(try Self.auto(Self.chat("auto"))) == "general default")
        #expect(Self.choice(try Self.auto(Self.chat("auto:local"))) == "general default")
        let tools = #","tools":[{"type":"function","function":{"name":"f"}}]"#
        #expect(Self.choice(try Self.auto(Self.chat("auto", tools))) == "general tools")
        let key = Self.key(features: ["classify"])
        let tagged = try Self.auto(Self.chat("auto"), headers: ["x-gatehouse-feature: classify"], key: key)
        #expect(Self.choice(tagged) == "simple features")
        // Nobody vouches for it.
        let free = try Self.auto(Self.chat("auto"), headers: ["x-gatehouse-feature: classify"])
        #expect(Self.choice(free) == "general default")
        let image = #"[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]"#
        let vision = #"{"model":"auto","messages":[{"role":"user","content":\#(image)}]}"#
        #expect(Self.choice(try Self.auto(vision)) == "simple images")
        let long = Self.chat("auto").replacing("hi", with: String(repeating: "word ", count: 1000))
        #expect(Self.choice(try Self.auto(long)) == "long-context prompt_tokens_over")
        #expect(
            Self.choice(try Self.auto(#"{"model":"auto","input":"x"}"#, .openAIEmbeddings)) == "vectors embeddings")
        #expect(try Self.auto(Self.chat("general")).resolution.choice == nil)
    }

    @Test func `a key may be led to a tier by its right to auto or to the tier, and to no other`() throws {
        for models in [["auto"], ["general"], ["*"], []] {
            #expect(Self.choice(try Self.auto(Self.chat("auto"), key: Self.key(models: models))) == "general default")
        }
        #expect(throws: RequestRefusal.self) { try Self.auto(Self.chat("auto"), key: Self.key(models: ["simple"])) }
        let long = Self.chat("auto").replacing("hi", with: String(repeating: "word ", count: 1000))
        #expect(throws: RequestRefusal.self) { try Self.auto(long, key: Self.key(models: ["general"])) }
    }

    @Test func `what was learnt of a model's tokens decides what fits`() throws {
        var estimates = TokenEstimates()
        for _ in 0..<300 {
            estimates.learn("llama3.2:3b", promptBytes: 10_000, promptTokens: 5_000, context: nil)
        }
        let body = Self.chat("auto").replacing("hi", with: String(repeating: "word ", count: 500))
        #expect(Self.choice(try Self.auto(body)) == "general default")
        #expect(Self.choice(try Self.auto(body, estimates: estimates)) == "long-context prompt_tokens_over")
        let first = try Self.auto(Self.chat("llama3.2:3b"), estimates: estimates)
        #expect(first.promptTokens.count == first.body.promptBytes / 2 + first.body.promptBytes % 2)
    }

    // MARK: What for

    @Test func `the use of a request chooses among the models of a tier`() throws {
        let image = #"[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]"#
        let vision = #"{"model":"any","messages":[{"role":"user","content":\#(image)}]}"#
        #expect(try Self.order(vision).resolution.models == ["llava:7b"])
        let tools = Self.chat("any", #","tools":[{"type":"function","function":{"name":"f"}}]"#)
        #expect(try Self.order(tools).resolution.models == ["llama3.2:3b"])
        let input = #"{"model":"any","input":"hi"}"#
        #expect(try Self.order(input, .openAIEmbeddings).resolution.models == ["embed:latest"])
        #expect(try Self.order(input, .ollamaEmbed).resolution.models == ["embed:latest"])
        let prompt = #"{"model":"any","prompt":"hi"}"#
        #expect(try Self.order(prompt, .ollamaEmbeddings).resolution.models == ["embed:latest"])
        #expect(try Self.order(Self.chat("any")).resolution.models == ["llama3.2:3b", "llava:7b"])
        #expect(try Self.order(#"{"model":"any"}"#, .ollamaShow).resolution.models == ["llama3.2:3b", "llava:7b"])
    }

    @Test func `a forced web search is refused before a slot is taken, a declared one is not`() throws {
        let tools = #","tools":[{"type":"web_search_20250305","name":"web_search"}]"#
        let forced = Self.chat("llama3.2:3b", tools + #","tool_choice":{"type":"any"},"max_tokens":5"#)
        #expect(try Self.refusal(forced, .anthropicMessages).reason == .toolForbidden)
        let declared = Self.chat("llama3.2:3b", tools + #","max_tokens":5"#)
        #expect(try Self.order(declared, .anthropicMessages).body.webSearch == .declared)
    }

    // MARK: Rights

    @Test func `a key's models are a border, also for aliases`() throws {
        let key = Self.key(models: ["llama*"])
        #expect(try Self.order(Self.chat("llama3.2:3b"), key: key).key == key)
        for model in ["llava:7b", "any", "gpt-4o"] {
            let refusal = try Self.refusal(Self.chat(model), key: key)
            #expect(refusal.reason == .keyForbidden)
            #expect(refusal.parameter == "model")
        }
        #expect(try Self.order(Self.chat("gpt-4o"), key: Self.key(models: ["gpt-*"])).resolution.alias == "gpt-4*")
    }

    @Test func `a key's models hold for the name without its local suffix`() throws {
        let key = Self.key(models: ["llama3.2:3b"])
        #expect(try Self.order(Self.chat("llama3.2:3b:local"), key: key).resolution.models == ["llama3.2:3b"])
        #expect(try Self.refusal(Self.chat("llava:7b:local"), key: key).reason == .keyForbidden)
    }

    @Test func `a cloud model is told as such, whatever the key may do`() throws {
        #expect(try Self.refusal(Self.chat("qwen3:cloud"), key: Self.key(models: ["llama*"])).reason == .remoteModel)
    }

    // MARK: Tags

    @Test func `project and feature are taken within the key's rights`() throws {
        let key = Self.key(projects: ["web-*"], features: ["search"])
        let headers = ["x-gatehouse-project: web-shop", "x-gatehouse-feature: search"]
        let order = try Self.order(Self.chat("llama3.2:3b"), headers: headers, key: key)
        #expect(order.project == "web-shop")
        #expect(order.feature == "search")
        let plain = try Self.order(Self.chat("llama3.2:3b"), key: key)
        #expect(plain.project == "default")
        #expect(plain.feature == nil)
        for wrong in [
            "x-gatehouse-project: payroll", "x-gatehouse-project: web-a b", "x-gatehouse-feature: chat",
            "x-gatehouse-feature:", "x-gatehouse-project: web-\(String(repeating: "x", count: 61))",
        ] {
            #expect(try Self.refusal(Self.chat("llama3.2:3b"), headers: [wrong], key: key).reason == .keyForbidden)
        }
    }

    @Test func `without keys nobody vouches for a tag`() throws {
        let headers = ["x-gatehouse-project: web-shop", "x-gatehouse-feature: search"]
        let order = try Self.order(Self.chat("llama3.2:3b"), headers: headers)
        #expect(order.project == nil)
        #expect(order.feature == nil)
    }

    // MARK: The person

    @Test func `a person is named in the header of the key, and in no other`() throws {
        let key = Self.key(principalHeader: "X-OpenWebUI-User-Id")
        let named = ["x-openwebui-user-id: 8d538040-438d", "X-Other-User: eve"]
        #expect(try Self.order(Self.chat("llama3.2:3b"), headers: named, key: key).principal == "8d538040-438d")
        #expect(try Self.order(Self.chat("llama3.2:3b"), headers: [], key: key).principal == nil)
        #expect(try Self.order(Self.chat("llama3.2:3b"), headers: ["X-OpenWebUI-User-Id:"], key: key).principal == nil)
        #expect(try Self.order(Self.chat("llama3.2:3b"), headers: named, key: Self.key()).principal == nil)
        #expect(try Self.order(Self.chat("llama3.2:3b"), headers: named).principal == nil)
    }

    @Test func `what names nobody is refused, since it would stand in the books`() throws {
        let key = Self.key(principalHeader: "x-user")
        for wrong in [
            ["x-user: Jörg"], ["x-user: a b"], ["x-user: \(String(repeating: "x", count: 129))"],
            ["x-user: alice", "x-user: bob"], [#"x-user: "a""#],
        ] {
            let refusal = try Self.refusal(Self.chat("llama3.2:3b"), headers: wrong, key: key)
            #expect(refusal.reason == .invalidField && refusal.message.contains("person"))
        }
        #expect(try Self.refusal(Self.chat("llama3.2:3b"), headers: ["x-user: a\tb"], key: key).reason == .invalidField)
    }

    // MARK: Wishes

    @Test func `of two lines of one header neither counts alone`() throws {
        let wishes = [
            "x-gatehouse-sensitivity: public", "x-gatehouse-external: never", "x-gatehouse-priority: batch",
            "x-request-timeout: 5",
        ]
        for wish in wishes {
            _ = try Self.order(Self.chat("llama3.2:3b"), headers: [wish])
            let refusal = try Self.refusal(Self.chat("llama3.2:3b"), headers: [wish, wish])
            #expect(refusal.reason == .invalidField, "\(wish)")
        }
        let raised = ["x-gatehouse-sensitivity: public", "x-gatehouse-sensitivity: restricted"]
        #expect(try Self.refusal(Self.chat("llama3.2:3b"), headers: raised).reason == .invalidField)
        let named = ["x-gatehouse-conversation: a", "x-gatehouse-conversation: b"]
        #expect(try Self.order(Self.chat("llama3.2:3b"), headers: named).conversation == Array("a, b".utf8))
    }

    // MARK: Priority and patience

    @Test func `the priority is one of two words`() throws {
        func priority(_ value: String) throws -> RequestPriority {
            try Self.order(Self.chat("llama3.2:3b"), headers: ["x-gatehouse-priority: \(value)"]).priority
        }
        #expect(try Self.order(Self.chat("llama3.2:3b")).priority == .interactive)
        #expect(try priority("interactive") == .interactive)
        #expect(try priority("batch") == .batch)
        for wrong in ["Batch", "high", "0", ""] {
            let refusal = try Self.refusal(
                Self.chat("llama3.2:3b"), headers: ["x-gatehouse-priority: \(wrong)"])
            #expect(refusal.reason == .invalidField)
            #expect(refusal.message == "x-gatehouse-priority is neither `interactive` nor `batch`")
        }
    }

    @Test(arguments: [
        ("0.001", 1_000_000), ("0.5", 500_000_000), (".5", 500_000_000), ("1", 1_000_000_000),
        ("30", 30_000_000_000), ("86400", 86_400_000_000_000), ("86400.0", 86_400_000_000_000),
    ])
    func `a caller's patience counts from its arrival`(text: String, nanoseconds: Int64) throws {
        let order = try Self.order(Self.chat("llama3.2:3b"), headers: ["x-request-timeout: \(text)"])
        #expect(order.deadline == Self.arrival + .nanoseconds(nanoseconds))
    }

    @Test func `without a word of its own a caller has no deadline`() throws {
        #expect(try Self.order(Self.chat("llama3.2:3b")).deadline == nil)
    }

    @Test(arguments: [
        "0", "0.0009", "-1", "86400.001", "86401", "1e3", "nan", "inf", "infinity", "0x10", "5s", "five", "", "1,5",
        "+5", "1 2", "1.2.3", ".", "99999999999999999999999999",
    ])
    func `a patience that is no number of seconds within the bounds is refused`(text: String) throws {
        let refusal = try Self.refusal(Self.chat("llama3.2:3b"), headers: ["x-request-timeout: \(text)"])
        #expect(refusal.reason == .invalidField)
        #expect(refusal.message == "x-request-timeout is not a number of seconds from 0.001 to 86400")
    }
}
