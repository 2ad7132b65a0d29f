/// The version of an Ollama server, as `/api/version` tells it.
public struct ServerVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first number, 0 so far.
    public let major: Int
    /// The second number: a release with new features.
    public let minor: Int
    /// The third number: a release that mends.
    public let patch: Int
    /// True for `0.17.6-rc1`, which orders before `0.17.6`.
    public let isPrerelease: Bool

    /// The version `major.minor.patch`.
    public init(_ major: Int, _ minor: Int, _ patch: Int, isPrerelease: Bool = false) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.isPrerelease = isPrerelease
    }

    /// Reads `0.17.6`, `v0.17.6`, `0.17.6-rc1`, `0.17.6+build`; anything else is `nil`.
    public init?(_ text: String) {
        let bare = text.hasPrefix("v") ? text.dropFirst() : text[...]
        let core = bare.prefix { $0 != "-" && $0 != "+" }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        var numbers: [Int] = []
        for part in parts {
            guard (1...9).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(part)
            else { return nil }
            numbers.append(number)
        }
        let isPrerelease = bare.dropFirst(core.count).first == "-"
        self.init(numbers[0], numbers[1], numbers[2], isPrerelease: isPrerelease)
    }

    /// From here on a local name may point at a remote host (`ollama.md` 9).
    public static let remoteAliases = ServerVersion(0, 12, 0)
    /// From here on `OLLAMA_NO_CLOUD` and `/api/status` exist; between the two only `OLLAMA_REMOTES` helps.
    public static let cloudSwitch = ServerVersion(0, 16, 2)
    /// From here on any name that ends in `:cloud` is sent out, and one that ends in `:local` never is.
    public static let localSuffix = ServerVersion(0, 17, 6)

    /// Older versions order first.
    public static func < (left: ServerVersion, right: ServerVersion) -> Bool {
        (left.major, left.minor, left.patch, left.isPrerelease ? 0 : 1)
            < (right.major, right.minor, right.patch, right.isPrerelease ? 0 : 1)
    }

    /// `0.17.6`, `0.17.6-pre`.
    public var description: String {
        "\(self.major).\(self.minor).\(self.patch)\(self.isPrerelease ? "-pre" : "")"
    }
}
