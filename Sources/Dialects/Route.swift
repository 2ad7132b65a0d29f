/// Where a method and a path lead on the data plane. Health paths and Gatehouse's own paths are not looked up here.
public enum Route: Equatable, Sendable {
    /// An endpoint; `parameter` is the model id of `/v1/models/{id}`.
    case endpoint(Endpoint, parameter: String?)
    /// 403 `path_forbidden`: some spelling of a path that would change a backend's host or reach outside.
    case forbidden
    /// 404 `path_unknown`: everything else, other spellings of served paths included.
    case unknown
    /// 405 `method_not_allowed` with this `Allow`.
    case methodNotAllowed(allow: String)
}

extension Endpoint {
    /// Looks up a request. `path` is the raw path of the request line without its query: as sent, not decoded.
    ///
    /// Ollama decodes a path before it routes (`ollama.md` 1.11), so only the exact spelling is served and what is
    /// sent to a backend is `backendPath`, never the client's path.
    public static func route(method: some Collection<UInt8>, path: ArraySlice<UInt8>) -> Route {
        for endpoint in Self.allCases where endpoint != .openAIModel && path.equals(endpoint.path) {
            return endpoint.admit(method, parameter: nil)
        }
        if PathSpelling.isForbidden(path) { return .forbidden }
        if let id = PathSpelling.modelID(path) { return Endpoint.openAIModel.admit(method, parameter: id) }
        return .unknown
    }

    private func admit(_ method: some Collection<UInt8>, parameter: String?) -> Route {
        let isAllowed =
            switch self.allow {
            case "POST": method.equals("POST")
            case "GET": method.equals("GET")
            default: method.equals("GET") || method.equals("HEAD")
            }
        return isAllowed ? .endpoint(self, parameter: parameter) : .methodNotAllowed(allow: self.allow)
    }
}

extension Collection<UInt8> {
    /// Are these exactly the bytes of `text`?
    @inline(__always)
    func equals(_ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        let answer = self.withContiguousStorageIfAvailable { bytes in
            guard bytes.count == wanted.count else { return false }
            for index in 0..<wanted.count where bytes[index] != wanted[index] { return false }
            return true
        }
        return answer ?? self.elementsEqual(wanted)
    }
}
