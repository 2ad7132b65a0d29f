/// What a request asks for.
enum Call: Equatable {
    case root, version, status, tags, ps, show
    case chat, generate, embed, embeddings
    case v1Chat, v1Completions, v1Embeddings, v1Responses, v1Messages, v1Models
    case v1Model(String)
    /// Changes the host or reaches outside; no gateway should let it through (`ollama.md` 2, "block").
    case forbidden(String)
    /// The stand-in's own: `GET /__simulated/state`, `GET|POST|DELETE /__simulated/faults`.
    case state, faults, setFaults, clearFaults

    /// Whether a model works for it.
    var isInference: Bool {
        switch self {
        case .chat, .generate, .embed, .embeddings, .v1Chat, .v1Completions, .v1Embeddings, .v1Responses, .v1Messages:
            true
        case .root, .version, .status, .tags, .ps, .show, .v1Models, .v1Model, .forbidden, .state, .faults, .setFaults,
            .clearFaults:
            false
        }
    }

    /// The stand-in's own paths suffer no faults.
    var isControl: Bool {
        switch self {
        case .state, .faults, .setFaults, .clearFaults: true
        case .root, .version, .status, .tags, .ps, .show, .chat, .generate, .embed, .embeddings, .v1Chat,
            .v1Completions, .v1Embeddings, .v1Responses, .v1Messages, .v1Models, .v1Model, .forbidden:
            false
        }
    }

    var grammar: Grammar {
        switch self {
        case .v1Chat, .v1Completions, .v1Embeddings, .v1Responses, .v1Models, .v1Model: .openAI
        case .v1Messages: .anthropic
        case .root, .version, .status, .tags, .ps, .show, .chat, .generate, .embed, .embeddings, .forbidden, .state,
            .faults, .setFaults, .clearFaults:
            .native
        }
    }
}

/// Where a path leads (`ollama.md` 2 and 8).
enum Route: Equatable {
    case call(Call)
    case redirect(status: Int, location: String)
    case notFound
    case methodNotAllowed(allow: String)

    private static let table: [String: [(method: String, call: Call)]] = [
        "/": [("HEAD", .root), ("GET", .root)],
        "/api/version": [("HEAD", .version), ("GET", .version)],
        "/api/status": [("GET", .status)],
        "/api/tags": [("HEAD", .tags), ("GET", .tags)],
        "/api/ps": [("GET", .ps)],
        "/api/show": [("POST", .show)],
        "/api/chat": [("POST", .chat)],
        "/api/generate": [("POST", .generate)],
        "/api/embed": [("POST", .embed)],
        "/api/embeddings": [("POST", .embeddings)],
        "/v1/chat/completions": [("POST", .v1Chat)],
        "/v1/completions": [("POST", .v1Completions)],
        "/v1/embeddings": [("POST", .v1Embeddings)],
        "/v1/responses": [("POST", .v1Responses)],
        "/v1/messages": [("POST", .v1Messages)],
        "/v1/models": [("GET", .v1Models)],
        "/api/pull": [("POST", .forbidden("pull"))],
        "/api/push": [("POST", .forbidden("push"))],
        "/api/create": [("POST", .forbidden("create"))],
        "/api/copy": [("POST", .forbidden("copy"))],
        "/api/delete": [("DELETE", .forbidden("delete"))],
        "/api/me": [("POST", .forbidden("me"))],
        "/api/signout": [("POST", .forbidden("signout"))],
        "/api/experimental/web_search": [("POST", .forbidden("web_search"))],
        "/api/experimental/web_fetch": [("POST", .forbidden("web_fetch"))],
        "/api/experimental/model-recommendations": [("GET", .forbidden("model-recommendations"))],
        "/v1/audio/transcriptions": [("POST", .forbidden("transcriptions"))],
        "/__simulated/state": [("GET", .state)],
        "/__simulated/faults": [("GET", .faults), ("POST", .setFaults), ("DELETE", .clearFaults)],
    ]

    /// `path` as it was sent. It is decoded before it is looked up, so `/api%2Fchat` and `/api/ch%61t` work, and its
    /// letter case counts.
    init(method: String, path: ArraySlice<UInt8>, version: ServerVersion) {
        let path = Self.decoded(path)
        if Self.needsCleaning(path) {
            let cleaned = Self.cleaned(path)
            if cleaned != path {
                self = .redirect(status: 307, location: cleaned)
                return
            }
        }
        if let entries = Self.entries(for: path, version) {
            self = Self.choose(entries, method)
        } else if path.hasSuffix("/"), Self.entries(for: Self.withoutSlash(path), version) != nil {
            self = .redirect(status: method == "GET" ? 301 : 307, location: Self.withoutSlash(path))
        } else {
            self = .notFound
        }
    }

    private static func choose(_ entries: [(method: String, call: Call)], _ method: String) -> Route {
        if let entry = entries.first(where: { $0.method == method }) { return .call(entry.call) }
        return .methodNotAllowed(allow: entries.map(\.method).joined(separator: ", "))
    }

    private static func entries(for path: String, _ version: ServerVersion) -> [(method: String, call: Call)]? {
        if let entries = Self.table[path] { return path == "/api/status" && !version.knowsCloudSwitch ? nil : entries }
        for (prefix, methods, name) in Self.prefixes where path.hasPrefix(prefix) && path.utf8.count > prefix.utf8.count
        {
            let rest = String(path.dropFirst(prefix.count))
            if name == "model" { return [("GET", .v1Model(rest))] }
            if !rest.contains("/") { return methods.map { ($0, .forbidden(name)) } }
        }
        return nil
    }

    private static let prefixes = [
        ("/v1/models/", ["GET"], "model"), ("/api/blobs/", ["HEAD", "POST"], "blobs"),
        ("/api/user/keys/", ["DELETE"], "keys"),
    ]

    private static func decoded(_ path: ArraySlice<UInt8>) -> String {
        guard path.contains(UInt8(ascii: "%")) else { return String(decoding: path, as: UTF8.self) }
        var out: [UInt8] = []
        var rest = path
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.count >= 2
            {
                out.append(value)
                rest = rest.dropFirst(2)
            } else {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// `//` or `/.` somewhere.
    private static func needsCleaning(_ path: String) -> Bool {
        var afterSlash = false
        for byte in path.utf8 {
            if afterSlash, byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".") { return true }
            afterSlash = byte == UInt8(ascii: "/")
        }
        return false
    }

    /// As Go's mux cleans: empty and `.` segments go, `..` takes one back, a slash at the end stays.
    private static func cleaned(_ path: String) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        let joined = "/" + segments.joined(separator: "/")
        return path.hasSuffix("/") && joined != "/" ? joined + "/" : joined
    }

    private static func withoutSlash(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
