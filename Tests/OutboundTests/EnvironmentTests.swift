import EventLoop
import Glibc
import Residency
import Testing
import Vocabulary

@testable import Outbound

/// The environment belongs to the whole process, so these tests run in processes of their own.
struct EnvironmentTests {
    @Test func `what steers connections is taken out and named`() async {
        await #expect(processExitsWith: .success) {
            let steering = [
                "http_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "ftp_proxy",
                "SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "NETRC", "HOSTALIASES",
                "RES_OPTIONS", "LOCALDOMAIN", "CURL_SSL_BACKEND", "OPENSSL_CONF",
            ]
            for name in steering { setenv(name, "x", 1) }
            setenv("GATEHOUSE_KEEP", "kept", 1)
            let found = scrubEnvironment()
            precondition(Set(found).isSuperset(of: steering) && found == found.sorted())
            precondition(steering.allSatisfy { getenv($0) == nil })
            precondition(getenv("GATEHOUSE_KEEP") != nil && getenv("PATH") != nil)
            precondition(scrubEnvironment().isEmpty)
        }
    }

    /// The profile alone must do, should a variable be set after the start.
    @Test func `proxies in the environment see no connection`() async {
        await #expect(processExitsWith: .success) {
            let elsewhere = canary()
            let server = echoServer("direct")
            for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
                setenv(name, "http://127.0.0.1:\(elsewhere.port)", 1)
            }
            setenv("NETRC", "/tmp/gatehouse-netrc", 1)
            try await withDoor { door, _ in
                let recorder = Recorder()
                _ = door.send(try Granter(port: server.port).grant(), to: recorder)
                let end = await recorder.waitForEnd()
                precondition(end == .completed && recorder.text == "direct")
            }
            precondition(elsewhere.connections == 0 && server.requests.count == 1)
        }
    }

    /// `residency.md` A6, L02: neither another proxy nor none, whatever is set after the start.
    @Test(.enabled(if: Authority.shared != nil, Authority.missing))
    func `the environment does not lead past a mandatory proxy`() async {
        await #expect(processExitsWith: .success) {
            let authority = Authority.shared!
            let elsewhere = canary()
            let server = try Outside.server(authority, "good")
            let proxy = try Outside.proxy(to: server.port)
            setenv("no_proxy", "*", 1)
            setenv("NO_PROXY", "api.example.com,127.0.0.1", 1)
            for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
                setenv(name, "http://127.0.0.1:\(elsewhere.port)", 1)
            }
            let granter = try ExternalGranter(
                port: server.port, trust: Trust(roots: .bundle(authority.pem("root"))),
                proxy: SocketAddress(IPAddress("127.0.0.1")!, port: proxy.port))
            try await withDoor { door, _ in
                let answer = await door.fetch(try granter.grant(), timeout: .seconds(5))
                guard case .success = answer else { preconditionFailure("\(answer)") }
            }
            precondition(elsewhere.connections == 0 && proxy.ended.count == 1)
            proxy.stop()
            server.stop()
        }
    }

    /// libcurl opens the file as soon as it is initialised.
    @Test func `no file is made for session secrets`() async {
        await #expect(processExitsWith: .success) {
            let log = "/tmp/gatehouse-keylog-\(getpid())"
            setenv("SSLKEYLOGFILE", log, 1)
            precondition(scrubEnvironment().contains("SSLKEYLOGFILE"))
            try await withDoor { _, _ in }
            precondition(access(log, F_OK) != 0)
        }
    }

    @Test(arguments: ["http_proxy", "Http_Proxy", "SOCKS_PROXY", "netrc", "OPENSSL_CONF"])
    func `names are known in any case`(name: String) {
        #expect(steersConnections(name))
    }

    @Test(arguments: ["PATH", "PROXY", "proxy_http", "HOME", "GATEHOUSE_CONFIG", "OLLAMA_HOST"])
    func `other names are left alone`(name: String) {
        #expect(!steersConnections(name))
    }
}
