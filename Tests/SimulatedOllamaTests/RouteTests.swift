import Testing

@testable import SimulatedOllama

@Suite struct RouteTests {
    private static func route(_ method: String, _ path: String) -> Route {
        Route(method: method, path: Array(path.utf8)[...], version: .init("0.33.0"))
    }

    @Test(arguments: ["/api/chat", "/api%2Fchat", "/api/ch%61t", "/%61pi/chat"])
    func `a path is decoded before it is looked up`(path: String) {
        #expect(Self.route("POST", path) == .call(.chat))
    }

    @Test func `paths lead where Ollama's do`() {
        #expect(Self.route("GET", "/v1/models/me/x:1b") == .call(.v1Model("me/x:1b")))
        #expect(Self.route("GET", "/API/tags") == .notFound)
        #expect(Self.route("GET", "/v1/responses/resp_1") == .notFound)
        #expect(Self.route("PUT", "/api/tags") == .methodNotAllowed(allow: "HEAD, GET"))
        #expect(Self.route("GET", "/api/tags/") == .redirect(status: 301, location: "/api/tags"))
        #expect(Self.route("GET", "//api/tags") == .redirect(status: 307, location: "/api/tags"))
        #expect(Self.route("POST", "/x/../api/chat") == .redirect(status: 307, location: "/api/chat"))
        #expect(Self.route("POST", "/api/pull") == .call(.forbidden("pull")))
        #expect(Self.route("HEAD", "/api/blobs/sha256:00") == .call(.forbidden("blobs")))
    }

    @Test func `the cloud switch has a path since 0.16.2`() {
        #expect(Route(method: "GET", path: Array("/api/status".utf8)[...], version: .init("0.16.1")) == .notFound)
        #expect(Self.route("GET", "/api/status") == .call(.status))
    }

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:11434", "localhost", "LOCALHOST:1", "gpu1.internal", "10.1.2.3:80", "192.168.0.1",
        "[::1]:11434", "[fd00::1]", "0.0.0.0", "a.localhost",
    ])
    func `hosts that are near are let in`(host: String) {
        #expect(AccessCheck.allowsHost(host))
    }

    @Test(arguments: ["evil.example", "8.8.8.8", "172.32.0.1", "localhost.evil.example", "[2001:db8::1]"])
    func `foreign hosts are not`(host: String) {
        #expect(!AccessCheck.allowsHost(host))
    }

    @Test(arguments: [
        ("http://localhost:3000", true), ("https://127.0.0.1", true), ("app://x", true), ("null", false),
        ("https://evil.example", false), ("http://localhost.evil.example", false), ("https://gpu1:11434", true),
    ])
    func `origins are checked`(origin: String, isAllowed: Bool) {
        #expect(AccessCheck.allowsOrigin(origin, host: "gpu1:11434") == isAllowed)
    }
}
