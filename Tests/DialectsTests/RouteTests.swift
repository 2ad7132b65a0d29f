import Testing

@testable import Dialects

@Suite struct RouteTests {
    private func route(_ method: String, _ path: String) -> Route {
        // A slice that does not begin at 0, as from a request line.
        Endpoint.route(method: method.utf8, path: bytes("GET " + path)[4...])
    }

    @Test func `every endpoint answers to its own path and methods, and to no other`() {
        for endpoint in Endpoint.allCases where endpoint != .openAIModel {
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get", ""] {
                let isAllowed = endpoint.allow.split(separator: ", ").contains { $0 == method }
                let expected: Route =
                    isAllowed ? .endpoint(endpoint, parameter: nil) : .methodNotAllowed(allow: endpoint.allow)
                #expect(self.route(method, endpoint.backendPath) == expected)
            }
        }
    }

    @Test(arguments: [
        ("/v1/models/tiny", "tiny"), ("/v1/models/tiny:latest", "tiny:latest"),
        ("/v1/models/library/tiny:7b", "library/tiny:7b"), ("/v1/models/library%2Ftiny%3A7b", "library/tiny:7b"),
        ("/v1/models/hf.co/a/b:Q4_K_M", "hf.co/a/b:Q4_K_M"), ("/v1/models/mod%C3%A9le", "modéle"),
        ("/v1/models/x%3Acloud", "x:cloud"),
    ])
    func `model ids are decoded once`(_ path: String, _ id: String) {
        #expect(self.route("GET", path) == .endpoint(.openAIModel, parameter: id))
        #expect(self.route("DELETE", path) == .methodNotAllowed(allow: "GET"))
    }

    @Test(arguments: [
        "/v1/models/", "/v1/models//tiny", "/v1/models/a//b", "/v1/models/..", "/v1/models/a/../b", "/v1/models/.",
        "/v1/models/a%2F..%2Fb", "/v1/models/%", "/v1/models/a%2", "/v1/models/a%zz", "/v1/models/a%252Fb",
        "/v1/models/a%00b", "/v1/models/a%20b", "/v1/models/a%0Ab", "/v1/models/a%5Cb", "/v1/models/a%3Fb",
        "/v1/models/a%FF", "/v1/models/tiny/",
    ])
    func `ids that are none lead nowhere`(_ path: String) {
        #expect(self.route("GET", path) == .unknown)
    }

    @Test(arguments: [
        "//api/chat", "/api//chat", "/api/chat/", "/api/./chat", "/api/x/../chat", "/api%2Fchat", "/api/ch%61t",
        "/API/chat", "/api/Chat", "/api\\chat", "/api/chat;x", "/api/chat%20", "/api/chat%00", "api/chat", "",
        "/api/tags/", "//api/tags", "/api/status", "/api/nope", "/v1", "/v1/", "/v1/models%2Ftiny", "/V1/models",
        "/v1/responses/resp_1", "/v1/messages/batches", "/debug/pprof/", "*", "http://x/api/chat", "/api/chat?x",
        "/api/%2e%2e/api/chat", "/api/mens", "/api/pulled", "/api/userx", "/%", "/%2", "/api/%zz",
    ])
    func `other spellings and other paths are unknown`(_ path: String) {
        for method in ["GET", "POST", "HEAD"] { #expect(self.route(method, path) == .unknown) }
    }

    /// What changes a host or reaches outside (`ollama.md` 2, 9).
    private static let forbidden = [
        "/api/create", "/api/copy", "/api/pull", "/api/push", "/api/delete", "/api/blobs/sha256:00", "/api/me",
        "/api/signout", "/api/user/keys/abc", "/api/experimental/web_search", "/api/experimental/web_fetch",
        "/api/experimental/model-recommendations", "/v1/audio/transcriptions",
    ]

    @Test(arguments: Self.forbidden)
    func `what changes a host is forbidden in every spelling`(_ path: String) {
        let encoded = path.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let twice = encoded.replacing("%", with: "%25")
        let lastLetter = path.dropLast() + "%" + String(path.utf8.last ?? 0, radix: 16, uppercase: true)
        let spellings = [
            path, path + "/", path + "//", "/" + path, path.replacing("/", with: "//"), path.uppercased(),
            path.replacing("/", with: "/./"), "/x/.." + path, "/api/chat/../.." + path, path + "/.", path + "/x/..",
            path.replacing("/", with: "\\"), path.replacing("/", with: "%2F"), path.replacing("/", with: "%5c"),
            path.replacing("/", with: "%252f"), "/" + encoded.dropFirst(3), encoded, twice, String(lastLetter),
            path + ";a=b", path + "/;x", path + "%3Bx", path + "%00", path + "%20", "/v1/%2e%2e" + path,
            path.dropFirst() + "", path + "?x", "/%2e" + path, "/..//../" + path, path + "\t",
            "/v1/models/../.." + path, "/v1/models/%2e%2e/%2e%2e" + path,
        ]
        for spelling in spellings {
            for method in ["POST", "GET", "DELETE", "HEAD", "BREW"] {
                #expect(self.route(method, spelling) == .forbidden, "\(spelling)")
            }
        }
    }

    @Test func `paths of any bytes and length are answered`() {
        let long = ArraySlice(bytes("/" + String(repeating: "%25", count: 20_000) + "2e"))
        #expect(Endpoint.route(method: "GET".utf8, path: long) == .unknown)
        for byte in UInt8.min...UInt8.max {
            for path in [[0x2F, byte], [byte], [0x2F, 0x25, byte, 0x31], bytes("/api/pull") + [byte]] {
                _ = Endpoint.route(method: [byte], path: path[...])
            }
        }
    }

    @Test func `what is sent to a backend is always one of our own paths`() {
        #expect(Set(Endpoint.allCases.map(\.backendPath)).count == Endpoint.allCases.count)
        for endpoint in Endpoint.allCases {
            #expect(!endpoint.backendPath.contains("%") && !endpoint.backendPath.contains(".."))
            #expect(endpoint.hasBody == (ReadShape.of(endpoint) != nil))
            #expect(!endpoint.generates || endpoint.isInference)
        }
    }
}
