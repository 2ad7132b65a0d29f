import Testing
import Vocabulary

@_spi(Door) @_spi(Durable) @testable import Residency

@Suite struct ExternalGrantTests {
    @Test func `a grant holds what was judged and recorded, the key, and ends with its verdict`() throws {
        let madeAt = now - .seconds(12)
        let departure = Departure(madeAt: madeAt)
        let seen = try departure.ask(externalGate()) { grant in
            #expect(grant.request == departure.request)
            #expect(grant.path == "/v1/chat/completions")
            #expect(grant.credential?.credential.revealed == "sk-canary")
            #expect(grant.hostHeader == "api.example.com")
            #expect(grant.destination.trust == Trust(roots: .bundle([1, 2, 3]), pins: ["pin"]))
            #expect(grant.destination.proxy == nil)
            #expect(grant.purpose == .request(Departure.id, attempt: 2))
            #expect(grant.generation == 7)
            return grant.expires
        }
        #expect(try seen.get() == madeAt + Bounds.grantLife)
    }

    @Test(arguments: [
        ("/v1", "/v1/embeddings"), ("/api/v1", "/api/v1/embeddings"),
        ("/v1beta/openai", "/v1beta/openai/embeddings"), ("/a~b", "/a~b/embeddings"),
    ])
    func `the path stands below the backend's base path`(base: String, expected: String) throws {
        var departure = Departure()
        departure.request = .post(.openAIEmbeddings, body: Departure.body, model: "m-large")
        let gate = try externalGate(ExternalSite(jurisdiction: "EU", basePath: base))
        #expect(try departure.ask(gate) { $0.path }.get() == expected)
        #expect(try departure.ask(gate) { $0.credential == nil }.get())
    }

    @Test func `each API has paths of its own, with the model where it stands in them`() throws {
        func path(_ site: ExternalSite, _ path: BackendPath, model: String = "m-large") throws -> Result<
            String, Refusal
        > {
            var departure = Departure()
            departure.request = .post(path, body: Departure.body, model: model)
            return try departure.ask(externalGate(site)) { $0.path }
        }
        let azure = ExternalSite(jurisdiction: "EU", azureVersion: "2024-10-21")
        let found = [
            try path(azure, .openAIChat), try path(azure, .openAIEmbeddings),
            try path(.init(jurisdiction: "EU", basePath: "/openai/v1", credentialHeader: .apiKey), .openAIChat),
            try path(.init(jurisdiction: "EU", api: .anthropic), .anthropicMessages),
            try path(.init(jurisdiction: "EU", api: .gemini), .geminiGenerate),
            try path(.init(jurisdiction: "EU", api: .gemini), .geminiStream),
            try path(.init(jurisdiction: "EU", api: .gemini, basePath: "/v1"), .geminiEmbed),
        ]
        #expect(
            try found.map { try $0.get() } == [
                "/openai/deployments/m-large/chat/completions?api-version=2024-10-21",
                "/openai/deployments/m-large/embeddings?api-version=2024-10-21", "/openai/v1/chat/completions",
                "/v1/messages", "/v1beta/models/m-large:generateContent",
                "/v1beta/models/m-large:streamGenerateContent?alt=sse", "/v1/models/m-large:batchEmbedContents",
            ])
        for (api, other) in [
            (ProviderAPI.openAI, BackendPath.anthropicMessages), (.anthropic, .openAIChat), (.gemini, .openAIChat),
            (.openAI, .geminiStream), (.openAI, .chat),
        ] {
            let refusal = try path(ExternalSite(jurisdiction: "EU", api: api), other)
            #expect(throws: Refusal.self) { try refusal.get() }
        }
    }

    @Test func `each API is shown the key where it looks for it`() throws {
        let shown = try ProviderAPI.allCases.map { api in
            ExternalSite(jurisdiction: "EU", api: api, credential: try BackendCredential("sk-canary")).shownCredential?
                .line
        }
        #expect(
            shown == [
                "Authorization: Bearer sk-canary", "Authorization: Bearer sk-canary", "x-api-key: sk-canary",
                "x-goog-api-key: sk-canary",
            ])
        let azure = ExternalSite(
            jurisdiction: "EU", azureVersion: "2024-10-21", credential: try BackendCredential("sk-canary"))
        #expect(azure.shownCredential?.line == "api-key: sk-canary")
    }

    @Test(arguments: [
        (ProviderAPI.anthropic, OutboundHeader(.anthropicVersion, "2023-06-01"), true),
        (.anthropic, OutboundHeader(.anthropicBeta, "interleaved-thinking-2025-05-14,context-1m-2025-08-07"), true),
        (.anthropic, OutboundHeader(.anthropicBeta, "interleaved-thinking"), false),
        (.anthropic, OutboundHeader(.anthropicBeta, "secret words-2025-05-14"), false),
        (.anthropic, OutboundHeader(.anthropicVersion, "today"), false),
        (.openAI, OutboundHeader(.anthropicVersion, "2023-06-01"), false),
    ])
    func `Anthropic's headers go to Anthropic's API alone, and hold nothing else`(
        api: ProviderAPI, header: OutboundHeader, isSent: Bool
    ) throws {
        var departure = Departure()
        let path: BackendPath = api == .anthropic ? .anthropicMessages : .openAIChat
        departure.request = OutboundRequest(
            method: .post, path: path.rawValue, headers: [.contentTypeJSON, header], body: Departure.body,
            model: "m-large")
        let gate = try externalGate(ExternalSite(jurisdiction: "EU", api: api))
        #expect((try? departure.ask(gate) { _ in true }.get()) == (isSent ? true : nil))
    }

    @Test func `of a client's betas those are kept that are Anthropic's`() {
        #expect(
            OutboundHeader.anthropicBeta("a-2025-05-14, b c, tools-2024-04-04,x,claude-code-20250219")?.value
                == "a-2025-05-14,tools-2024-04-04,claude-code-20250219")
        #expect(OutboundHeader.anthropicBeta("code20250219,-2025-0219,a-2025021") == nil)
        #expect(OutboundHeader.anthropicBeta("my prompt") == nil)
    }

    @Test func `the whole departure is granted, so that each fault below is the only one`() throws {
        #expect(try Departure().refusal() == nil)
    }

    @Test(
        arguments: [
            (
                Departure(isAllowed: false), Reason.grantInvalid, "the verdict on backend `cloud` is `deny_rule`"
            ),
            (
                Departure(source: nil), .grantInvalid,
                "the verdict on backend `cloud` is of another policy than is in force"
            ),
            (
                Departure(source: .init(hash: .zero, revision: "1")), .grantInvalid,
                "the verdict on backend `cloud` is of another policy than is in force"
            ),
            (
                Departure(at: now + Bounds.grantLife), .grantInvalid,
                "the verdict on backend `cloud` is older than 30 s"
            ),
            (
                Departure(madeAt: now + .nanoseconds(1)), .grantInvalid,
                "the verdict on backend `cloud` is older than 30 s"
            ),
            (Departure(recordedModel: "m-small"), .grantInvalid, "the durable intent is of another verdict"),
            (Departure(recordedBody: Array("{}".utf8)), .grantInvalid, "the durable intent is of another body"),
            (
                Departure(recordedBytes: Departure.body.count + 1), .grantInvalid,
                "the durable intent is of another body"
            ),
            (
                Departure(recordedAddresses: ["8.8.8.8"]), .grantInvalid,
                "the durable intent does not name every address of backend `cloud`"
            ),
            (Departure(jurisdiction: "US"), .grantInvalid, "the durable intent names another jurisdiction"),
            (
                Departure(request: .post(.openAIChat, body: Departure.body, model: "m-small")), .grantInvalid,
                "the verdict is of model `m-large`, the request names another"
            ),
            (
                Departure(model: "m-huge", request: .post(.openAIChat, body: Departure.body, model: "m-huge")),
                .backendForbidden, "model `m-huge` is none that the policy lists for backend `cloud`"
            ),
            (
                Departure(backend: "gpu1", found: ["10.20.0.1"], recordedAddresses: ["10.20.0.1"]), .grantInvalid,
                "backend `gpu1` stands in zone `lab`, and needs no verdict"
            ),
            (
                Departure(backend: "unspoken", found: ["8.8.8.8"]), .noMatchingAllow,
                "backend `unspoken` stands outside and the policy does not speak of it, so nothing is sent there"
            ),
            (Departure(backend: "gone"), .grantInvalid, "backend `gone` is not configured, or no longer"),
        ] as [(Departure, Reason, String)])
    func `what is not as it was judged and recorded is refused`(
        departure: Departure, reason: Reason, message: String
    ) throws {
        #expect(try departure.refusal() == Refusal(reason, message))
    }

    @Test func `a verdict lives to its last nanosecond`() throws {
        #expect(try Departure(at: now + Bounds.grantLife - .nanoseconds(1)).refusal() == nil)
    }

    @Test func `a gate without a policy grants nothing outside`() throws {
        #expect(try Departure(source: nil).refusal(externalGate(policy: nil))?.reason == .grantInvalid)
    }

    @Test func `addresses that another gate judged, or of another backend, or too old, are worth nothing`() throws {
        let departure = Departure()
        let gate = try externalGate()
        let two = try addresses("8.8.8.8", "8.8.4.4")
        let older = try externalGate(generation: 6).judge(two, of: "cloud", at: now)
        let inside = try gate.judge(addresses("10.20.0.1"), of: "gpu1", at: now)
        let aged = try gate.judge(two, of: "cloud", at: now - CheckedAddresses.ageMax - .nanoseconds(1))
        let intent = try departure.intent()
        for destination in [older, inside, aged] {
            let found = reason { () throws(Refusal) in
                let grant = try gate.grant(
                    departure.request, at: destination, verdict: departure.verdict(),
                    intent: DurableIntent(intent, sequence: 1), now: now)
                return grant.generation
            }
            #expect(found == .grantInvalid)
        }
    }

    @Test func `three paths lead outside`() throws {
        for path in BackendPath.allCases {
            var departure = Departure()
            departure.request = OutboundRequest(
                method: path.method, path: path.rawValue, headers: [.acceptJSON], body: Departure.body,
                model: "m-large")
            let isOpen = [.openAIChat, .openAICompletions, .openAIEmbeddings].contains(path)
            #expect(try departure.refusal()?.reason == (isOpen ? nil : .pathForbidden), "\(path)")
        }
        for path in ["/v1/chat/completions?x=1", "/v1//embeddings", "/v1/models", "/api/v1/chat/completions", ""] {
            var departure = Departure()
            departure.request = OutboundRequest(
                method: .post, path: path, headers: [], body: Departure.body, model: "m-large")
            #expect(try departure.refusal()?.reason == .pathForbidden, "\(path)")
        }
        var departure = Departure()
        departure.request = OutboundRequest(
            method: .get, path: "/v1/embeddings", headers: [], body: Departure.body, model: "m-large")
        #expect(try departure.refusal()?.reason == .pathForbidden)
    }

    /// `residency.md` A6, L15.
    @Test func `two headers may go outside, each once and with its closed values`() throws {
        let version = OutboundHeader(.anthropicVersion, "2023-06-01")
        for (headers, isAllowed) in [
            ([.contentTypeJSON, .acceptEventStream], true), ([], true), ([.contentTypeJSON, version], false),
            ([.acceptJSON, .acceptJSON], false), ([OutboundHeader(.accept, "*/*; secret")], false),
        ] as [([OutboundHeader], Bool)] {
            var departure = Departure()
            departure.request = OutboundRequest(
                method: .post, path: "/v1/chat/completions", headers: headers, body: Departure.body, model: "m-large")
            #expect(try departure.refusal()?.reason == (isAllowed ? nil : .internalError), "\(headers)")
        }
    }

    /// `residency.md` A6, L27.
    @Test func `without a verdict nothing goes outside, a probe neither`() throws {
        let gate = try externalGate()
        let checked = try gate.judge(addresses("8.8.8.8"), of: "cloud", at: now)
        for path in BackendPath.allCases {
            let request =
                path.method == .get ? OutboundRequest.get(path) : .post(path, body: Departure.body, model: "m-large")
            for purpose in [.probe, .inspection, .administration, .request(Departure.id, attempt: 1)] as [Purpose] {
                #expect(
                    message { () throws(Refusal) in
                        let grant = try gate.grant(request, to: "cloud", at: checked, purpose: purpose, now: now)
                        return grant.generation
                    } == "backend `cloud` stands outside, where nothing is sent without a verdict and a durable intent")
            }
        }
    }

    @Test func `a key is never seen, however it is shown`() throws {
        let credential = try BackendCredential("sk-canary")
        let site = ExternalSite(jurisdiction: "EU", credential: try BackendCredential("sk-canary"))
        var dumped = ""
        dump(site, to: &dumped)
        let seen = try Departure().ask(externalGate()) { "\($0.destination) \(String(describing: $0.credential))" }
            .get()
        for text in ["\(site)", String(reflecting: site), dumped, "\(credential)", credential.debugDescription, seen] {
            #expect(!text.contains("canary"), "\(text)")
        }
        #expect("\(credential)" == "[redacted]")
    }

    @Test(
        arguments: [
            ("", "the key is empty"),
            (
                "a b",
                "the key has a blank, a control character or one beyond ASCII in it, expected one line of visible ASCII"
            ),
            ("a\r\nX-Evil: 1", nil), ("a\0", nil), ("a\u{7F}", nil), ("ключ", nil), ("a\n", nil), ("a\t", nil),
            (
                String(repeating: "a", count: 4097),
                "the key has 4097 bytes, expected 4096 at most: is it the right file?"
            ),
        ] as [(String, String?)])
    func `what cannot be a key is refused without being shown`(text: String, expected: String?) {
        let found = message { () throws(Refusal) in try BackendCredential(text) }
        #expect(found != nil)
        if let expected { #expect(found == expected) }
    }
}
