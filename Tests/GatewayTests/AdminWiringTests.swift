import EventLoop
import Testing
import Vocabulary

@testable import Gateway

extension OnTheWire {
    /// Questions of the command line, through the admin socket and back.
    @Suite struct AdminWiringTests {
        @LoopActor static func client(of play: DaemonPlay) throws -> AdminClient {
            try AdminClient(socket: play.folder["state/admin.sock"])
        }

        @Test func `a model is asked for by its name, whatever is in it`() async throws {
            var plan = DaemonPlay.Plan()
            plan.manifest = "schema: 1\nmodels: {llama3.2:3b: {}}\naliases: {\"große&schöne=1%\": llama3.2:3b}\n"
            try await DaemonPlay.run(plan) { play in
                await play.untilReady()
                let client = try Self.client(of: play)
                #expect(try await healthQuestion(model: "llama3.2:3b", asJSON: false)(client) == 0)
                #expect(try await healthQuestion(model: "große&schöne=1%", asJSON: false)(client) == 0)
                #expect(try await healthQuestion(model: "nobody?x=1&model=llama3.2:3b", asJSON: false)(client) == 1)
                #expect(try await healthQuestion(model: nil, asJSON: false)(client) == 0)
            }
        }

        @Test func `requests are listed, shown and told apart from ids that are none`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                let chat = AnswerHeadersTests.chat
                let id = try #require(
                    try await play.ask("POST", "/v1/chat/completions", body: chat)["x-gatehouse-request-id"])
                let client = try Self.client(of: play)
                let list = try await client.get("/requests?last=5", as: [RequestReport].self)
                #expect(list.map(\.id) == [id])
                let one = try await client.get("/requests/\(id)", as: RequestReport.self)
                #expect(one.reason == "allow_local")
                #expect(one.tokens.output != nil)
                await #expect {
                    _ = try await client.get("/requests/0190e3a0-0000-7000-8000-00000000000b", as: RequestReport.self)
                } throws: { ($0 as? AdminFailure)?.message.contains("is under way or among the last 1000") == true }
                await #expect {
                    _ = try await client.get("/requests/1", as: RequestReport.self)
                } throws: { ($0 as? AdminFailure)?.message.hasPrefix("`1` is no request id") == true }
                await #expect {
                    _ = try await client.post("/requests/\(id)/cancel")
                } throws: { ($0 as? AdminFailure)?.message == "request \(id) has ended already" }
                let status = try await client.get("/status", as: StatusReport.self)
                #expect(status.requestsTotal == 1)
                #expect(status.backends.map(\.state) == ["usable"])
            }
        }

        @Test func `a reload with mistakes tells all of them and changes nothing`() async throws {
            try await DaemonPlay.run { play in
                let client = try Self.client(of: play)
                try play.folder.write("schema: 1\nmodels: {a: {backends: [gone]}}\n", to: "models.manifest")
                await #expect {
                    _ = try await client.post("/reload")
                } throws: { error in
                    let failure = error as? AdminFailure
                    return failure?.isConfiguration == true
                        && failure?.message.hasSuffix(
                            "models.manifest:2:25: backend `gone` is not configured in gatehouse.yaml, which has `gpu1`"
                        )
                            == true
                }
                #expect(play.node.reloads == 0)
                #expect(play.node.configuration.manifest.models.isEmpty)
                try play.folder.write("schema: 1\nmodels: {a: {backends: [gpu1]}}\n", to: "models.manifest")
                #expect(try await client.post("/reload").message == "the configuration was reloaded")
                #expect(play.node.reloads == 1)
                #expect(play.node.configuration.manifest.order == ["a:latest"])
            }
        }
    }
}
