import Foundation
import Residency
import Testing
import Vocabulary

@testable import Gateway

/// What `gatehouse explain` prints, letter by letter.
@Suite struct ExplainTests {
    private typealias Stage = ExplainStage

    private func text(_ explanation: Explanation) -> String { ExplanationText(explanation).text }

    // MARK: Stories

    @Test func `a public request while nobody inside works`() throws {
        let told = try Stage().explain(
            Stage.chat("llama3.2:3b", "hi", #","user":"u","metadata":{}"#), in: .down)
        #expect(told.isAnswered)
        #expect(
            self.text(told) == """
                POST /v1/chat/completions, 92 bytes, at 2026-11-24T12:00:00.000Z
                  policy        first, SHA-256 27e2eb0caae8
                  caller        key website (v6qphqn2), project website
                  asks for      llama3.2:3b for completion, in one piece, a prompt of about 8 tokens
                  sensitivity   public (project)
                  which is      a model of the manifest

                its way, until somebody answers
                  1  inside: llama3.2:3b at gpu1 or gpu2
                  2  outside: m-large (m-large-2026 there) at euai, jurisdiction EU
                     68 bytes would leave; without user, metadata
                     local_down: allowed, allow_rule, rule `public-when-down`
                       `legal-stays` would deny it but for its caller
                       `public-when-down` allows it

                left today
                  by `public-when-down`: 0 of 2 requests, 0 bytes

                taken for granted
                  every model of the manifest is installed on each backend that may serve it
                  no earlier turn of its conversation was more sensitive: only the node remembers them
                  who may be asked outside answers: its address, its certificate and the audit chain are looked at then

                what the client gets
                  if none works (local_down)  200 allow_rule, route external:euai
                """)
    }

    @Test func `a tier by an alias, in every case`() throws {
        let told = try Stage().explain(Stage.chat("gpt-4o", String(repeating: "word ", count: 100)))
        #expect(told.isAnswered)
        #expect(
            self.text(told) == """
                POST /v1/chat/completions, 560 bytes, at 2026-11-24T12:00:00.000Z
                  policy        first, SHA-256 27e2eb0caae8
                  caller        key website (v6qphqn2), project website
                  asks for      gpt-4o for completion, in one piece, a prompt of about 133 tokens
                  sensitivity   public (project)
                  which is      alias `gpt-4*` of tier `general`
                  passed over   llama3.2:1b: its context is 100 tokens, the prompt has about 133
                  passed over   m-small: its context is 8 tokens, the prompt has about 133

                its way, until somebody answers
                  1  inside: llama3.2:3b at gpu1 or gpu2
                  2  outside: m-large (m-large-2026 there) at euai, jurisdiction EU
                     566 bytes would leave
                     local_down, local_timeout: allowed, allow_rule, rule `public-when-down`
                       `legal-stays` would deny it but for its caller
                       `public-when-down` allows it
                     local_saturated: denied, trigger_forbidden, rule `public-when-down`
                       `legal-stays` would deny it but for its caller
                       `public-when-down` would allow it but for its trigger
                  3  the words of the manifest: Not now.

                left today
                  by `public-when-down`: 0 of 2 requests, 0 bytes

                taken for granted
                  every model of the manifest is installed on each backend that may serve it
                  no backend has a model called `gpt-4o`, which would come before the alias
                  no earlier turn of its conversation was more sensitive: only the node remembers them
                  who may be asked outside answers: its address, its certificate and the audit chain are looked at then

                what the client gets
                  if a backend inside answers                          200 allow_local, route local
                  if none works (local_down)                           200 allow_rule, route external:euai
                  if all are busy for long (local_saturated)           200 fallback_reply, route fallback
                  if one is silent and no other works (local_timeout)  200 allow_rule, route external:euai
                """)
    }

    @Test func `a tier that auto chose`() throws {
        let stage = try Stage(
            manifest: Stage.manifest.replacing(
                "tiers:\n",
                with: """
                    auto:
                      rules:
                        - {tier: broad, when: {prompt_tokens_over: 50, tools: false}}
                        - {tier: seeing, when: {images: false}}
                    tiers:
                      broad: [llama3.2:1b]
                      seeing: [llava:7b]

                    """),
            keys: Stage.keys.replacing("models: [", with: "models: [auto, "))
        let told = stage.explain(Stage.chat("auto", String(repeating: "word ", count: 100)), in: .down)
        #expect(told.request?.promptTokens == 133)
        #expect(
            told.resolution?.auto
                == .init(
                    rule: "images", why: "it holds no images",
                    passedOver: [.init(tier: "broad", rule: "prompt_tokens_over+tools")]))
        let text = self.text(told)
        #expect(
            text.contains(
                """
                  asks for      auto for completion, in one piece, a prompt of about 133 tokens
                  sensitivity   public (project)
                  which is      `auto`, which leads to tier `seeing`
                  passed over   rule prompt_tokens_over+tools: tier `broad` has nobody for it
                  since         it holds no images (rule=images)

                """))
        #expect(
            text.contains(
                "  four bytes of the prompt are a token: what is learnt of a model's tokens only the node knows\n"))
    }

    @Test func `an alias of auto, and a key that may only use the tier`() throws {
        let stage = try Stage(
            manifest: Stage.manifest.replacing("general\n", with: "general\n  gpt-5: auto\n"))
        #expect(
            self.text(stage.explain(Stage.chat("gpt-5"))).contains(
                "alias `gpt-5` of `auto`, which leads to tier `general`"))
        let direct = stage.explain(Stage.chat("auto"))
        #expect(direct.isAnswered && direct.resolution?.tier == "general")
        let keys = Stage.keys.replacing("general, ", with: "")
        let refused = try Stage(keys: keys).explain(Stage.chat("auto"))
        #expect(refused.cases.map(\.outcome.reason) == ["key_forbidden"])
    }

    @Test func `a request that its caller calls restricted`() throws {
        let told = try Stage().explain(
            Stage.chat("llama3.2:3b"), "/v1/chat/completions", .init(sensitivity: "restricted"), in: .down)
        #expect(!told.isAnswered)
        #expect(
            self.text(told) == """
                POST /v1/chat/completions, 93 bytes, at 2026-11-24T12:00:00.000Z
                  policy        first, SHA-256 27e2eb0caae8
                  caller        key website (v6qphqn2), project website
                  asks for      llama3.2:3b for completion, in one piece, a prompt of about 15 tokens
                  sensitivity   restricted (caller)
                  which is      a model of the manifest

                its way, until somebody answers
                  1  inside: llama3.2:3b at gpu1 or gpu2
                  2  outside: m-large (m-large-2026 there) at euai, jurisdiction EU
                     94 bytes would leave
                     local_down: denied, sensitivity_too_high, rule `public-when-down`
                       `legal-stays` would deny it but for its caller
                       `public-when-down` would allow it but for its sensitivity

                left today
                  by `public-when-down`: 0 of 2 requests, 0 bytes

                taken for granted
                  every model of the manifest is installed on each backend that may serve it
                  no earlier turn of its conversation was more sensitive: only the node remembers them
                  who may be asked outside answers: its address, its certificate and the audit chain are looked at then

                what the client gets
                  if none works (local_down)  403 sensitivity_too_high, route none, again in 10 s
                    no backend can answer for llama3.2:3b: gpu1 is not usable (taken to be down), gpu2 is not usable (taken to be down); try again in 10 s; euai outside may not be asked: the request counts as restricted, which no rule lets out (rule public-when-down); have its key, project or feature classified lower, or wait for a local backend
                """)
    }

    @Test func `a project that a hard rule keeps here`() throws {
        let told = try Stage().explain(
            Stage.chat("llama3.2:3b"), "/v1/chat/completions", .init(project: "legal"), in: .timedOut)
        #expect(!told.isAnswered)
        #expect(
            self.text(told) == """
                POST /v1/chat/completions, 93 bytes, at 2026-11-24T12:00:00.000Z
                  policy        first, SHA-256 27e2eb0caae8
                  caller        key website (v6qphqn2), project legal
                  asks for      llama3.2:3b for completion, in one piece, a prompt of about 15 tokens
                  sensitivity   public (project)
                  which is      a model of the manifest

                its way, until somebody answers
                  1  inside: llama3.2:3b at gpu1 or gpu2
                  2  outside: m-large (m-large-2026 there) at euai, jurisdiction EU
                     94 bytes would leave
                     local_timeout: denied, deny_rule, hard rule `legal-stays`
                       `legal-stays` denies it
                       `public-when-down` allows it

                left today
                  by `public-when-down`: 0 of 2 requests, 0 bytes

                taken for granted
                  every model of the manifest is installed on each backend that may serve it
                  no earlier turn of its conversation was more sensitive: only the node remembers them
                  who may be asked outside answers: its address, its certificate and the audit chain are looked at then

                what the client gets
                  if one is silent and no other works (local_timeout)  403 deny_rule, route none
                    gpu1 (llama3.2:3b): gave no answer in time; elsewhere: gpu2 is not usable (taken to be down); euai outside may not be asked: a rule denies it (rule legal-stays); ask who owns the policy
                """)
    }

    @Test func `a body that is longer than the rule allows`() throws {
        let told = try Stage().explain(
            Stage.chat("llama3.2:3b", String(repeating: "x", count: 1000)), in: .down)
        #expect(!told.isAnswered)
        #expect(
            self.text(told) == """
                POST /v1/chat/completions, 1065 bytes, at 2026-11-24T12:00:00.000Z
                  policy        first, SHA-256 27e2eb0caae8
                  caller        key website (v6qphqn2), project website
                  asks for      llama3.2:3b for completion, in one piece, a prompt of about 258 tokens
                  sensitivity   public (project)
                  which is      a model of the manifest

                its way, until somebody answers
                  1  inside: llama3.2:3b at gpu1 or gpu2
                  2  outside: m-large (m-large-2026 there) at euai, jurisdiction EU
                     1066 bytes would leave
                     local_down: denied, limit_bytes, rule `public-when-down`
                       `legal-stays` would deny it but for its caller
                       `public-when-down` would allow it but for its bytes

                left today
                  by `public-when-down`: 0 of 2 requests, 0 bytes

                taken for granted
                  every model of the manifest is installed on each backend that may serve it
                  no earlier turn of its conversation was more sensitive: only the node remembers them
                  who may be asked outside answers: its address, its certificate and the audit chain are looked at then

                what the client gets
                  if none works (local_down)  403 limit_bytes, route none, again in 10 s
                    no backend can answer for llama3.2:3b: gpu1 is not usable (taken to be down), gpu2 is not usable (taken to be down); try again in 10 s; euai outside may not be asked: it is longer than the rules allow (rule public-when-down); send less, or wait for a local backend
                """)
    }

    @Test func `a wish that cannot be said outside`() throws {
        let told = try Stage().explain(
            #"{"model":"llama3.2:3b","prompt":"say hello to everybody","raw":true}"#, "/api/generate", in: .down)
        #expect(!told.isAnswered)
        #expect(
            self.text(told) == """
                POST /api/generate, 68 bytes, at 2026-11-24T12:00:00.000Z
                  policy        first, SHA-256 27e2eb0caae8
                  caller        key website (v6qphqn2), project website
                  asks for      llama3.2:3b for completion, a stream, a prompt of about 6 tokens
                  sensitivity   public (project)
                  which is      a model of the manifest

                its way, until somebody answers
                  1  inside: llama3.2:3b at gpu1 or gpu2
                  2  outside: m-large (m-large-2026 there) at euai, jurisdiction EU
                     it cannot go there whatever the policy says, unsupported_parameter: the backend's API (openai) cannot say "raw"; leave it out, or ask for a model on a backend that can
                     local_down: allowed, allow_rule, rule `public-when-down`
                       `legal-stays` would deny it but for its caller
                       `public-when-down` allows it

                left today
                  by `public-when-down`: 0 of 2 requests, 0 bytes

                taken for granted
                  every model of the manifest is installed on each backend that may serve it
                  no earlier turn of its conversation was more sensitive: only the node remembers them
                  who may be asked outside answers: its address, its certificate and the audit chain are looked at then

                what the client gets
                  if none works (local_down)  503 backends_unavailable, route none, again in 10 s
                    no backend can answer for llama3.2:3b: gpu1 is not usable (taken to be down), gpu2 is not usable (taken to be down); try again in 10 s; outside: euai does not take it: the backend's API (openai) cannot say "raw"; leave it out, or ask for a model on a backend that can
                """)
    }

    @Test func `an image that the provider would have to fetch`() throws {
        let image = #"[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]"#
        let body = #"{"model":"llava:7b","messages":[{"role":"user","content":\#(image)}]}"#
        let told = try Stage().explain(body, in: .down)
        #expect(!told.isAnswered)
        #expect(
            self.text(told) == """
                POST /v1/chat/completions, 130 bytes, at 2026-11-24T12:00:00.000Z
                  policy        first, SHA-256 27e2eb0caae8
                  caller        key website (v6qphqn2), project website
                  asks for      llava:7b for vision, in one piece
                  sensitivity   public (project)
                  which is      a model of the manifest

                its way, until somebody answers
                  1  inside: llava:7b at gpu1 or gpu2
                  2  outside: m-large (m-large-2026 there) at euai, jurisdiction EU
                     it cannot go there whatever the policy says, tool_forbidden: "messages" has a part that names a place to fetch it from, which is not sent outside, since the provider would fetch or look up something there; send images and files within the request, as `data:` URLs
                     local_down: allowed, allow_rule, rule `public-when-down`
                       `legal-stays` would deny it but for its caller
                       `public-when-down` allows it

                left today
                  by `public-when-down`: 0 of 2 requests, 0 bytes

                taken for granted
                  every model of the manifest is installed on each backend that may serve it
                  no earlier turn of its conversation was more sensitive: only the node remembers them
                  who may be asked outside answers: its address, its certificate and the audit chain are looked at then

                what the client gets
                  if none works (local_down)  503 backends_unavailable, route none, again in 10 s
                    no backend can answer for llava:7b: gpu1 is not usable (taken to be down), gpu2 is not usable (taken to be down); try again in 10 s; outside: euai does not take it: "messages" has a part that names a place to fetch it from, which is not sent outside, since the provider would fetch or look up something there; send images and files within the request, as `data:` URLs
                """)
    }

    @Test func `a model that nobody knows`() throws {
        let stage = try Stage(manifest: Stage.manifest.replacing("discovered: serve", with: "discovered: refuse"))
        let told = stage.explain(Stage.chat("other"))
        #expect(!told.isAnswered)
        #expect(
            self.text(told) == """
                POST /v1/chat/completions, 87 bytes, at 2026-11-24T12:00:00.000Z
                  policy        first, SHA-256 27e2eb0caae8
                  caller        key website (v6qphqn2)

                what the client gets
                  404 model_unknown, route none
                    no model "other"; installed are llama3.2:1b, llama3.2:3b, llava:7b, general
                """)
    }

    @Test func `the same where models need no name in the manifest`() throws {
        let told = try Stage().explain(Stage.chat("other"), in: .saturated)
        #expect(!told.isAnswered)
        #expect(
            self.text(told) == """
                POST /v1/chat/completions, 87 bytes, at 2026-11-24T12:00:00.000Z
                  policy        first, SHA-256 27e2eb0caae8
                  caller        key website (v6qphqn2), project website
                  asks for      other for completion, in one piece, a prompt of about 15 tokens
                  sensitivity   public (project)
                  which is      a model that the manifest does not name, and would serve

                its way, until somebody answers
                  1  inside: other:latest at gpu1 or gpu2

                taken for granted
                  `other:latest`, which the manifest does not name, is installed on every backend inside
                  the prompt fits into the context of `other:latest`: the manifest says nothing of it

                what the client gets
                  if all are busy for long (local_saturated)  429 queue_timeout, route none, again in 5 s
                    no slot for other:latest became free within 300 s; try again in 5 s
                """)
    }

    @Test func `a model outside that is asked for by its name, on a day that has some room`() throws {
        let earlier = DayLedger.Departure(rule: "public-when-down", bytes: 500, wall: Stage.noon)
        let told = try Stage().explain(Stage.chat("m-large"), departures: .known([earlier]))
        #expect(told.isAnswered)
        #expect(
            self.text(told) == """
                POST /v1/chat/completions, 89 bytes, at 2026-11-24T12:00:00.000Z
                  policy        first, SHA-256 27e2eb0caae8
                  caller        key website (v6qphqn2), project website
                  asks for      m-large for completion, in one piece, a prompt of about 15 tokens
                  sensitivity   public (project)
                  which is      a model outside
                  trigger       caller_requested: "m-large" is answered outside, by euai

                its way, until somebody answers
                  1  outside: m-large (m-large-2026 there) at euai, jurisdiction EU
                     94 bytes would leave
                     caller_requested: allowed, allow_rule, rule `public-when-down`
                       `legal-stays` would deny it but for its caller
                       `public-when-down` allows it
                       in force, the shadow rule `not-by-name` would deny it

                left today
                  by `public-when-down`: 1 of 2 requests, 500 bytes

                taken for granted
                  no earlier turn of its conversation was more sensitive: only the node remembers them
                  who may be asked outside answers: its address, its certificate and the audit chain are looked at then

                what the client gets
                  caller_requested  200 allow_rule, route external:euai
                """)
    }

    @Test func `a caller that wants no answer from outside`() throws {
        let told = try Stage().explain(
            Stage.chat("llama3.2:3b"), "/v1/chat/completions", .init(external: "never"), in: .down)
        #expect(!told.isAnswered)
        #expect(
            self.text(told) == """
                POST /v1/chat/completions, 93 bytes, at 2026-11-24T12:00:00.000Z
                  policy        first, SHA-256 27e2eb0caae8
                  caller        key website (v6qphqn2), project website
                  asks for      llama3.2:3b for completion, in one piece, a prompt of about 15 tokens
                  sensitivity   public (project)
                  declines      it says `x-gatehouse-external: never`
                  which is      a model of the manifest

                its way, until somebody answers
                  1  inside: llama3.2:3b at gpu1 or gpu2
                  2  outside: m-large (m-large-2026 there) at euai, jurisdiction EU
                     94 bytes would leave
                     local_down: denied, external_declined
                       `legal-stays` would deny it but for its caller
                       `public-when-down` allows it

                left today
                  by `public-when-down`: 0 of 2 requests, 0 bytes

                taken for granted
                  every model of the manifest is installed on each backend that may serve it
                  no earlier turn of its conversation was more sensitive: only the node remembers them
                  who may be asked outside answers: its address, its certificate and the audit chain are looked at then

                what the client gets
                  if none works (local_down)  403 external_declined, route none, again in 10 s
                    no backend can answer for llama3.2:3b: gpu1 is not usable (taken to be down), gpu2 is not usable (taken to be down); try again in 10 s; euai outside may not be asked: it says `x-gatehouse-external: never`; leave that out, or wait for a local backend
                """)
    }

    @Test func `a node without policy and without keys`() throws {
        let stage = try Stage(policy: nil, keys: nil)
        let told = stage.explain(
            Stage.chat("llama3.2:3b", "hi", #","stream":true"#), "/v1/chat/completions", .init(project: "website"),
            in: .down)
        #expect(
            self.text(told) == """
                POST /v1/chat/completions, 81 bytes, at 2026-11-24T12:00:00.000Z
                  policy        none, so that nothing leaves
                  caller        no key, so that x-gatehouse-project is not looked at
                  asks for      llama3.2:3b for completion, a stream, a prompt of about 8 tokens
                  sensitivity   restricted (default)
                  which is      a model of the manifest

                its way, until somebody answers
                  1  inside: llama3.2:3b at gpu1 or gpu2
                  2  outside: m-large (m-large-2026 there) at euai, jurisdiction EU
                     122 bytes would leave
                     local_down: denied, no_matching_allow

                taken for granted
                  every model of the manifest is installed on each backend that may serve it
                  who may be asked outside answers: its address, its certificate and the audit chain are looked at then

                what the client gets
                  if none works (local_down)  503 backends_unavailable, route none, again in 10 s
                    no backend can answer for llama3.2:3b: gpu1 is not usable (taken to be down), gpu2 is not usable (taken to be down); try again in 10 s; outside: euai may not be asked (no_matching_allow)
                """)
    }

    // MARK: Before a backend is chosen

    @Test func `what the daemon would refuse is told in its words`() throws {
        let stage = try Stage()
        let cases: [(body: String, path: String, wishes: RequestWishes, status: Int, reason: Reason)] = [
            (Stage.chat("qwen3:cloud"), "/v1/chat/completions", .init(), 403, .remoteModel),
            (Stage.chat("llama3.2:1b"), "/v1/chat/completions", .init(), 403, .keyForbidden),
            (Stage.chat("llama3.2:3b"), "/v1/chat/completions", .init(project: "hr"), 403, .keyForbidden),
            (Stage.chat("llama3.2:3b"), "/v1/chat/completions", .init(feature: "f"), 403, .keyForbidden),
            (Stage.chat("llama3.2:3b"), "/api/pull", .init(), 403, .pathForbidden),
            (Stage.chat("llama3.2:3b"), "/api/Chat", .init(), 404, .pathUnknown),
            (Stage.chat("llama3.2:3b"), "/api/tags", .init(), 405, .methodNotAllowed),
            ("{", "/v1/chat/completions", .init(), 400, .invalidJSON),
            (#"{"messages":[]}"#, "/v1/chat/completions", .init(), 400, .modelMissing),
            (
                String(repeating: " ", count: Bounds.requestBody.count + 1), "/v1/chat/completions", .init(), 413,
                .bodyTooLarge
            ),
        ]
        for (body, path, wishes, status, reason) in cases {
            let told = stage.explain(body, path, wishes)
            #expect(told.cases.count == 1)
            #expect(told.cases[0].outcome.status == status)
            #expect(told.cases[0].outcome.reason == reason.rawValue, "\(path)")
            #expect(told.cases[0].outcome.message?.isEmpty == false)
            #expect(told.rungs.isEmpty && !told.isAnswered)
        }
    }

    @Test func `keys count as the daemon counts them`() throws {
        let stage = try Stage()
        func reason(_ change: (inout Explainer.Question) -> Void) -> (String, String?) {
            var question = stage.question(Stage.chat("llama3.2:3b"))
            change(&question)
            let told = Explainer.explain(question, under: stage.configuration, departures: .known([]))
            return (told.cases[0].outcome.reason, told.cases[0].outcome.message)
        }
        #expect(reason { _ in }.0 == "allow_local")
        #expect(reason { $0.key = nil }.0 == "key_missing")
        let expired = reason { $0.wall = WallTime(microseconds: 1_900_000_000_000_000) }
        #expect(expired.0 == "key_invalid" && expired.1?.hasSuffix("(expired)") == true)
        let revoked = reason { $0.key?.isRevoked = true }
        #expect(revoked.0 == "key_invalid" && revoked.1?.hasSuffix("(revoked)") == true)
        let rotated = reason { $0.key?.secrets[0].notAfter = WallTime(microseconds: 1) }
        #expect(rotated.0 == "key_invalid" && rotated.1?.hasSuffix("(secret_expired)") == true)
    }

    @Test func `what Gatehouse answers itself needs no backend`() throws {
        let stage = try Stage()
        for (body, path) in [
            (Stage.chat("llama3.2:3b"), "/v1/messages/count_tokens"), (#"{"model":"llama3.2:3b"}"#, "/api/show"),
            (#"{"model":"llama3.2:3b","keep_alive":0}"#, "/api/generate"),
        ] {
            let told = stage.explain(body, path)
            #expect(
                told.cases == [
                    .init(when: "local_works", outcome: .init(status: 200, reason: "answered_here", route: "none"))
                ])
            #expect(told.rungs.isEmpty && told.isAnswered)
        }
        let load = stage.explain(#"{"model":"llama3.2:3b"}"#, "/api/generate")
        #expect(load.cases.map(\.outcome.reason).first == "allow_local")
    }

    // MARK: Days

    @Test func `what has left until the moment counts, and no more`() throws {
        let stage = try Stage()
        let body = Stage.chat("llama3.2:3b")
        func verdict(_ departures: [DayLedger.Departure], at wall: WallTime = Stage.noon) -> String? {
            stage.explain(body, in: .down, departures: .known(departures), at: wall).rungs[1].outside?.verdicts[0]
                .reason
        }
        let before = DayLedger.Departure(rule: "public-when-down", bytes: 1, wall: Stage.noon)
        let after = DayLedger.Departure(rule: "public-when-down", bytes: 1, wall: Stage.noon + .seconds(1))
        #expect(verdict([before]) == "allow_rule")
        #expect(verdict([before, after]) == "allow_rule", "it has not left yet")
        #expect(verdict([before, before]) == "limit_rate")
        #expect(verdict([before, before], at: Stage.noon + .seconds(86_400)) == "allow_rule", "another day")
    }

    @Test func `a day of which nothing is known is told`() throws {
        let told = try Stage().explain(
            Stage.chat("llama3.2:3b"), in: .down, departures: .unknown("cannot open it: there is no such file"))
        #expect(
            told.assumed.contains(
                "nothing has left today: the audit chain cannot be asked (cannot open it: there is no such file)")
        )
        let short = try Stage(policy: Stage.policy.replacing(", requests_per_day: 2", with: "")).explain(
            Stage.chat("llama3.2:3b"), in: .down, departures: .unknown("cannot open it"))
        #expect(!short.assumed.contains { $0.contains("cannot open it") }, "no limit hangs on it")
    }

    // MARK: JSON

    @Test func `the story is the same as JSON, there and back`() throws {
        let told = try Stage().explain(Stage.chat("gpt-4o"))
        let json = try JSONEncoder().encode(told)
        #expect(try JSONDecoder().decode(Explanation.self, from: json) == told)
        let members = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        #expect(
            Set(members.keys) == [
                "call", "bytes", "time", "policy", "caller", "request", "resolution", "rungs", "today", "assumed",
                "cases",
            ])
    }
}
