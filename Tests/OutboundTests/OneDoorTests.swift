import Foundation
import Testing

/// Holds the line that there is one door out, by reading the sources.
struct OneDoorTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")
        .resolvingSymlinksInPath()

    /// What other programs are made of: no part of this process, as the tests of the library hold.
    private static let library = ["LLMService/", "DocumentSummarizer/"]

    /// Every file of the daemon that is code, by its path below Sources, without comments.
    private static func code() throws -> [(path: String, text: String)] {
        let root = Self.sources.path(percentEncoded: false)
        let files = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        let ours = files.filter { file in !Self.library.contains { file.hasPrefix($0) } }
        return try ours.filter { ["swift", "c", "h"].contains(($0 as NSString).pathExtension) }.sorted().map { path in
            let text = try String(contentsOfFile: root + "/" + path, encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            return (
                path,
                lines.map { String($0.prefix(upTo: $0.range(of: "//")?.lowerBound ?? $0.endIndex)) }
                    .joined(separator: "\n")
            )
        }
    }

    private static func matches(_ pattern: String, in text: String) -> [String] {
        let expression = try! NSRegularExpression(pattern: pattern)
        return expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).map {
            String(text[Range($0.range, in: text)!])
        }
    }

    @Test func `the sources are found`() throws {
        let paths = try Self.code().map(\.path)
        #expect(paths.contains("Outbound/Outbound.swift"))
        #expect(paths.count > 50)
    }

    /// connect(2) and what ends in it, other HTTP clients, and programs that could be started.
    @Test func `nothing but the door opens connections outwards`() throws {
        let calls =
            #"\b(curl_[a-z_]+|gatehouse_curl_[a-z_]+|uv_tcp_connect|uv_pipe_connect|uv_udp_[a-z_]+|uv_spawn|connect|sendto|sendmsg|posix_spawnp?|execv[pe]*|fork|popen|system)\s*\("#
        let names = #"\b(URLSession|URLRequest|NWConnection|CFSocket|SocketPort)\b|\bProcess\("#
        for (path, text) in try Self.code() where !path.hasPrefix("Outbound/") && !path.hasPrefix("CShim/") {
            let found = Self.matches(calls, in: text) + Self.matches(names, in: text)
            #expect(found.isEmpty, "\(path) uses \(found)")
            #expect(Self.matches(#"import (CLibcurl|FoundationNetworking)"#, in: text).isEmpty, "\(path)")
        }
    }

    /// The exceptions ask whether somebody still listens on a Unix socket that is in the way, tell the supervisor, and send
    /// nothing to find out whether the kernel lets it pass.
    @Test func `the C shim connects to nothing but Unix sockets`() throws {
        let calls = #"\b(connect|sendto|sendmsg|curl_easy_perform|curl_multi_(perform|socket_action|add_handle))\s*\("#
        for (path, text) in try Self.code() where path.hasPrefix("CShim/") {
            let found = Self.matches(calls, in: text)
            let local = Self.matches(#"socket\(AF_UNIX,[^;]*;[^{}]*\b(connect|sendto)\("#, in: text)
            let empty = Self.matches(#"\bsendto\(descriptor, NULL, 0, 0,"#, in: text)
            #expect(
                found.count == local.count + empty.count && local.count <= 2 && empty.count <= 1,
                "\(path) uses \(found)")
        }
    }

    /// Whatever is public in Outbound and makes something happen takes a grant, or ends things.
    @Test func `send is the only entrance`() throws {
        var functions: [String] = []
        for (path, text) in try Self.code() where path.hasPrefix("Outbound/") {
            functions += Self.matches(#"public (static |nonisolated )*(func \w+|init)\s*\([^)]*\)?"#, in: text)
            #expect(!text.contains("public var handle") && !text.contains("open class"), "\(path)")
        }
        let entrances = functions.filter { $0.contains("Grant") }
        #expect(entrances.count == 2, "send and fetch, which calls send: \(entrances)")
        for function in functions {
            #expect(
                Self.matches(#"\b(URL|url|host|Host|address|Address|path|port)\b"#, in: function).isEmpty,
                "a public function of Outbound takes a place to connect to: \(function)")
        }
    }

    /// curl_easy_init stands in one file, so that no handle is without the profile.
    @Test func `handles are made in one place`() throws {
        let makers = try Self.code().filter { $0.text.contains("curl_easy_init") }.map(\.path)
        #expect(makers == ["Outbound/EasyHandle.swift"])
        let users = try Self.code().filter { $0.text.contains("EasyHandle()") }.map(\.path)
        #expect(users == ["Outbound/Outbound.swift", "Outbound/Pool.swift"])
    }
}
