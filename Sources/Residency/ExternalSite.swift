import Vocabulary

/// What the configuration says of a backend outside, beside its place. What must hold of it stands in the policy
/// (`ExternalTerms`), and both must agree before anything is sent there.
public struct ExternalSite: Hashable, Sendable {
    /// Below what its paths begin unless the configuration says otherwise.
    public static let basePathDefault = "/v1"
    private static let basePathMax = 256
    private static let jurisdictionMax = 64

    /// Where it stands in law: `EU`.
    public let jurisdiction: String
    /// What stands for `/v1` in front of its paths: `/v1`, `/api/v1`.
    public let basePath: String
    /// The key that it knows us by; `nil` if it asks for none.
    public let credential: BackendCredential?
    /// The proxy that every connection must pass; `nil` if the backend is dialled itself.
    public let proxy: ForwardProxy?

    /// A backend in `jurisdiction`. What is wrong with these values is told by `Gate.init`.
    public init(
        jurisdiction: String, basePath: String = Self.basePathDefault, credential: BackendCredential? = nil,
        proxy: ForwardProxy? = nil
    ) {
        self.jurisdiction = jurisdiction
        self.basePath = basePath
        self.credential = credential
        self.proxy = proxy
    }

    /// The same with `credential`, which is read from a file of its own.
    public func with(_ credential: BackendCredential) -> ExternalSite {
        ExternalSite(
            jurisdiction: self.jurisdiction, basePath: self.basePath, credential: credential, proxy: self.proxy)
    }

    /// The path that one of `BackendPath` has there.
    func path(_ path: BackendPath) -> String {
        self.basePath + path.rawValue.dropFirst(Self.basePathDefault.utf8.count)
    }

    /// What is wrong with jurisdiction and base path.
    var problems: [String] {
        var problems: [String] = []
        let isNamed =
            (1...Self.jurisdictionMax).contains(self.jurisdiction.utf8.count)
            && self.jurisdiction.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        if !isNamed {
            problems.append(
                "its jurisdiction has no name that can be recorded, expected 1 to \(Self.jurisdictionMax) ASCII "
                    + "characters, as in `EU`")
        }
        if !Self.isPlain(basePath: self.basePath) {
            problems.append(
                "its base path is not plain, expected segments of letters, digits, `-`, `_`, `.` and `~`, "
                    + "as in `/v1` or `/api/v1`")
        }
        return problems
    }

    /// Whether `path` can be read in one way only: no escapes, no empty segments, no dots that lead elsewhere.
    public static func isPlain(basePath path: String) -> Bool {
        guard path.hasPrefix("/"), path.utf8.count <= Self.basePathMax else { return false }
        return path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).allSatisfy { segment in
            !segment.isEmpty && segment != "." && segment != ".."
                && segment.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "-_.~".utf8.contains(byte)
                }
        }
    }
}

/// An HTTP proxy of the organisation that must be passed on the way to a backend outside. It sees where a connection
/// goes and how much is sent; TLS ends at the backend, so it sees nothing of what.
public struct ForwardProxy: Hashable, Sendable {
    /// Where it is: an address, since a name could lead elsewhere.
    public let address: SocketAddress
    /// The zone that the address must be in.
    public let zone: ZoneName

    /// The proxy at `address`, said to stand in `zone`.
    public init(address: SocketAddress, zone: ZoneName) {
        self.address = address
        self.zone = zone
    }
}
