import Testing
import Vocabulary

@testable import Residency

@Suite struct GrantingTests {
    static let chat = OutboundRequest.post(.chat, body: Array("{}".utf8), model: "llama3.2:latest")

    static func aRequest() -> Purpose {
        var generator = SeededGenerator(seed: 1)
        return .request(RequestID(at: WallTime(microseconds: 1), using: &generator), attempt: 1)
    }

    /// The reason for which `request` is refused to `gpu1`; `nil` if it is granted.
    private func refusal(
        _ request: OutboundRequest, purpose: Purpose = Self.aRequest(), at moment: Instant = now
    ) throws -> Reason? {
        let gate = try sampleGate()
        let checked = try gate.judge(addresses("10.20.0.1"), of: "gpu1", at: now)
        do throws(Refusal) {
            _ = try gate.grant(request, to: "gpu1", at: checked, purpose: purpose, now: moment)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `a grant holds the finished request, its addresses and its end`() throws {
        let gate = try sampleGate()
        let checked = try gate.judge(addresses("10.20.0.1"), of: "gpu1", at: now)
        let grant = try gate.grant(Self.chat, to: "gpu1", at: checked, purpose: Self.aRequest(), now: now)
        #expect(grant.request == Self.chat)
        #expect(grant.backend == "gpu1")
        #expect(grant.destination == checked)
        #expect(grant.hostHeader == "10.20.0.1:11434")
        #expect(grant.generation == 7)
        #expect(grant.expires == now + Bounds.grantLife)
        let lastMoment = now + Bounds.grantLife - .nanoseconds(1)
        let isValid = (grant.isValid(at: now), grant.isValid(at: lastMoment), grant.isValid(at: now + Bounds.grantLife))
        #expect(isValid == (true, true, false))
    }

    @Test func `addresses that another gate judged are worth nothing`() throws {
        let old = try sampleGate(generation: 6)
        let new = try sampleGate(generation: 7)
        let checked = try old.judge(addresses("10.20.0.1"), of: "gpu1", at: now)
        do throws(Refusal) {
            _ = try new.grant(Self.chat, to: "gpu1", at: checked, purpose: Self.aRequest(), now: now)
            Issue.record("granted")
        } catch {
            #expect(error.reason == .grantInvalid)
            #expect(
                error.message == "the addresses of backend `gpu1` were judged under generation 6 of the configuration, "
                    + "this is 7")
        }
    }

    @Test func `addresses of one backend do not serve another, nor a backend that is gone`() throws {
        let gate = try sampleGate()
        let checked = try gate.judge(addresses("10.20.0.1"), of: "gpu1", at: now)
        for other in ["fixed", "gone"] as [BackendID] {
            do throws(Refusal) {
                _ = try gate.grant(Self.chat, to: other, at: checked, purpose: Self.aRequest(), now: now)
                Issue.record("granted to \(other)")
            } catch {
                #expect(error.reason == .grantInvalid)
            }
        }
    }

    @Test func `a resolved name ages, a configured address does not`() throws {
        let gate = try sampleGate()
        let late = now + CheckedAddresses.ageMax + .nanoseconds(1)
        #expect(try self.refusal(Self.chat, at: now + CheckedAddresses.ageMax) == nil)
        #expect(try self.refusal(Self.chat, at: late) == .grantInvalid)
        for backend in ["fixed", "socket"] as [BackendID] {
            let checked = try #require(try gate.judgeWithoutResolving(backend, at: now))
            let grant = try gate.grant(Self.chat, to: backend, at: checked, purpose: Self.aRequest(), now: late)
            #expect(grant.backend == backend)
        }
    }

    private static let ofGemini: Set<BackendPath> = [.geminiGenerate, .geminiStream, .geminiEmbed]

    @Test func `every path is open to exactly the purposes it is for`() throws {
        let inventories: Set<BackendPath> = [.version, .status, .tags, .ps]
        for path in BackendPath.allCases {
            let request =
                path.method == .get ? OutboundRequest.get(path) : .post(path, body: [0x7B, 0x7D], model: "m:latest")
            let isInventory = inventories.contains(path)
            // Gemini stands outside alone, and Ollama is asked for its own lists.
            let isInside = !isInventory && !Self.ofGemini.contains(path) && path != .openAIModels
            #expect(try self.refusal(request) == (isInside ? nil : .pathForbidden), "\(path)")
            let mayProbe = isInventory || path == .show
            #expect(try self.refusal(request, purpose: .probe) == (mayProbe ? nil : .pathForbidden), "\(path)")
            #expect(try self.refusal(request, purpose: .inspection) == .grantInvalid, "\(path)")
        }
    }

    /// `residency.md` A5 and A6, L12 and L13; `ollama.md` 1.11 and 9.
    @Test(arguments: [
        "/api/pull", "/api/push", "/api/create", "/api/copy", "/api/delete", "/api/blobs/sha256:00", "/api/me",
        "/api/signout", "/api/experimental/web_search", "/api/experimental/web_fetch", "/v1/models", "/", "",
        "//api/chat", "/api//chat", "/api/chat/", "/api/./chat", "/api/../api/chat", "/api/chat/../pull", "/API/chat",
        "/api/Chat", "/api/ch%61t", "/api%2Fchat", "/api/chat?x=1", "/api/chat#x", "/api/chat ", " /api/chat",
        "/api/chat\r\nX: y", "/api/chat\0", "api/chat", "http://10.20.0.1/api/chat", "/api/chat;x", "/api\\chat",
        "/api/\u{FF43}hat", "/v1/messages/count_tokens", "/v1/audio/transcriptions", "/v1/images/generations",
    ])
    func `a path that is not on the list is never sent`(path: String) throws {
        for method in OutboundRequest.Method.allCases {
            for purpose in [Self.aRequest(), .probe] {
                let request = OutboundRequest(
                    method: method, path: path, headers: [], body: method == .get ? [] : [0x7B, 0x7D], model: "m:latest"
                )
                #expect(try self.refusal(request, purpose: purpose) == .pathForbidden)
            }
        }
    }

    @Test func `a path takes its one method`() throws {
        let asked = OutboundRequest(method: .get, path: "/api/chat", headers: [], model: "m:latest")
        #expect(try self.refusal(asked) == .pathForbidden)
        let posted = OutboundRequest(method: .post, path: "/api/tags", headers: [], body: [1], model: "m:latest")
        #expect(try self.refusal(posted, purpose: .probe) == .pathForbidden)
    }

    @Test func `a GET has no body, and a POST says which model it names`() throws {
        let asked = OutboundRequest(method: .get, path: "/api/tags", headers: [], body: [1])
        #expect(try self.refusal(asked, purpose: .probe) == .internalError)
        let posted = OutboundRequest(method: .post, path: "/api/chat", headers: [], body: [1])
        #expect(try self.refusal(posted) == .modelMissing)
    }

    @Test(arguments: ["x:cloud", "x:7b-cloud", "X:CLOUD", "ollama.com/library/x:7b", "x\u{FF1A}cloud", "x:cloud:local"])
    func `a remote model is refused at the gate, whatever came before`(name: String) throws {
        for path in BackendPath.allCases where path.method == .post && !Self.ofGemini.contains(path) {
            #expect(try self.refusal(.post(path, body: [1], model: name)) == .remoteModel)
        }
    }

    @Test func `a name that no Ollama model can have is refused at the gate`() throws {
        #expect(try self.refusal(.post(.chat, body: [1], model: "m 7b")) == .modelUnknown)
        #expect(try self.refusal(.post(.chat, body: [1], model: "")) == .modelUnknown)
        #expect(try self.refusal(.post(.chat, body: [1], model: "m:7b:local")) == nil)
    }

    @Test(arguments: [
        OutboundHeader(.accept, "application/json\r\nCookie: a=b"), OutboundHeader(.accept, "application/json\n"),
        OutboundHeader(.accept, "application/json\0"), OutboundHeader(.accept, "*/*, x-secret"),
        OutboundHeader(.contentType, "text/plain"), OutboundHeader(.contentType, ""),
        OutboundHeader(.contentType, "application/json; boundary=prompt"),
        OutboundHeader(.anthropicVersion, "2023-06-01 "), OutboundHeader(.anthropicVersion, "2023/06/01"),
        OutboundHeader(.anthropicVersion, "yesterday"), OutboundHeader(.anthropicVersion, "20230-6-01"),
        OutboundHeader(.anthropicVersion, "２０２３-06-01"),
    ])
    func `a header value that could carry more than it says is refused`(header: OutboundHeader) throws {
        let request = OutboundRequest(
            method: .post, path: "/api/chat", headers: [header], body: [1], model: "m:latest")
        #expect(try self.refusal(request) == .internalError)
    }

    @Test func `each header goes out once`() throws {
        let good = OutboundRequest(
            method: .post, path: "/v1/messages",
            headers: [.contentTypeJSON, .acceptEventStream, OutboundHeader(.anthropicVersion, "2023-06-01")], body: [1],
            model: "m:latest")
        #expect(try self.refusal(good) == nil)
        let twice = OutboundRequest(
            method: .post, path: "/api/chat", headers: [.acceptJSON, .acceptNDJSON], body: [1], model: "m:latest")
        #expect(try self.refusal(twice) == .internalError)
    }

    /// What a backend may be told beside the body (`ollama.md` 9: it passes every header on to its cloud).
    @Test func `the names of headers are these and no others`() {
        #expect(
            OutboundHeader.Name.allCases.map(\.rawValue) == [
                "Accept", "Content-Type", "anthropic-version", "anthropic-beta",
            ])
    }

    @Test func `an inspection looks at loopback and private addresses, and beyond only where told to`() throws {
        let target = try BackendAddress(parsing: "gpu9:11434")
        let id = target.inspectionID
        let plain = try Gate.inspection(of: [target])
        let wider = try Gate.inspection(of: [target], networks: [CIDR(parsing: "8.8.8.0/24")])
        let verdict = { (gate: Gate, text: String) throws -> Reason? in
            let found = try addresses(text)
            return reason { () throws(Refusal) in try gate.judge(found, of: id, at: now) }
        }
        for good in ["127.0.0.1", "::1", "10.1.2.3", "192.168.1.1", "172.20.0.1", "fd99::1"] {
            #expect(try verdict(plain, good) == nil, "\(good)")
        }
        for bad in ["8.8.8.8", "100.64.0.1", "169.254.169.254", "fd00:ec2::254", "0.0.0.0", "2606:4700::1111"] {
            #expect(try verdict(plain, bad) == .addressForbidden, "\(bad)")
        }
        #expect(try verdict(wider, "8.8.8.8") == nil)
        #expect(try verdict(wider, "8.8.4.4") == .addressForbidden)
        let found = try addresses("8.8.4.4")
        #expect(
            message { () throws(Refusal) in try plain.judge(found, of: id, at: now) }
                == "`gpu9:11434` of backend `gpu9:11434` is refused: 8.8.4.4 is a public address, name its network with "
                + "`--zone` if it is your own")
    }

    @Test func `an inspection asks for inventories and never sends a prompt`() throws {
        let target = try BackendAddress(parsing: "10.1.2.3")
        let gate = try Gate.inspection(of: [target])
        let checked = try #require(try gate.judgeWithoutResolving(target.inspectionID, at: now))
        for path in BackendPath.allCases {
            let request =
                path.method == .get ? OutboundRequest.get(path) : .post(path, body: [0x7B, 0x7D], model: "m:latest")
            for (purpose, isMatching) in [(Purpose.inspection, true), (.probe, false), (Self.aRequest(), false)] {
                let isExpected = isMatching && (path.method == .get && path != .openAIModels || path == .show)
                do throws(Refusal) {
                    _ = try gate.grant(request, to: target.inspectionID, at: checked, purpose: purpose, now: now)
                    #expect(isExpected, "\(path) \(purpose)")
                } catch {
                    #expect(!isExpected, "\(path) \(purpose): \(error)")
                }
            }
        }
    }

    /// The reason for which `path` is refused to the admin socket; `nil` if it is granted.
    private func adminRefusal(
        _ path: String, method: OutboundRequest.Method = .get, body: [UInt8] = [], purpose: Purpose = .administration
    ) throws -> Reason? {
        let gate = try Gate.administration(socket: "/run/gatehouse/admin.sock")
        let backend = try #require(gate.backends.first)
        let socket = try #require(try gate.judgeWithoutResolving(backend, at: now))
        let request = OutboundRequest(method: method, path: path, headers: [.acceptJSON], body: body, model: "m:latest")
        do throws(Refusal) {
            _ = try gate.grant(request, to: backend, at: socket, purpose: purpose, now: now)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test(arguments: [
        "/status", "/requests?last=8", "/requests/0190-7abc/cancel", "/health?model=%E9%80%9A",
        "/health?model=reg.example:5000/team/x:7b",
        "/reload",
    ])
    func `the command line asks the admin socket for its own paths`(path: String) throws {
        for method in OutboundRequest.Method.allCases {
            #expect(try self.adminRefusal(path, method: method) == nil)
        }
    }

    @Test(arguments: [
        "", "status", "/", "//status", "/a//b", "/a/", "/../status", "/a/./b", "/a/..", "/status HTTP/1.1\r\nX: y",
        "/a b", "/a\n",
        "/a%20b", "/a\0", "/ä", "/a#b", "/a\"b", "/a?x=1 2", "/api/pull", "/API/delete", "/v1/chat/completions", "/api",
        "/api?x",
        "/" + String(repeating: "x", count: 1024),
    ])
    func `what somebody types cannot make another path of it`(path: String) throws {
        #expect(try self.adminRefusal(path) == .pathForbidden)
    }

    @Test func `the admin socket gets no body, and its gate grants nothing else`() throws {
        #expect(try self.adminRefusal("/status", method: .post, body: [1]) == .internalError)
        for purpose in [Self.aRequest(), .probe, .inspection] {
            #expect(try self.adminRefusal("/api/tags", purpose: purpose) == .grantInvalid)
        }
        let configured = try sampleGate()
        let checked = try configured.judge(addresses("10.20.0.1"), of: "gpu1", at: now)
        do throws(Refusal) {
            _ = try configured.grant(.get(.tags), to: "gpu1", at: checked, purpose: .administration, now: now)
            Issue.record("granted")
        } catch {
            #expect(error == Refusal(.grantInvalid, "this gate is for requests and probes, not for administration"))
        }
        #expect(throws: GateProblems.self) { try Gate.administration(socket: "admin.sock") }
    }
}
