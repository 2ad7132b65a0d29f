/// The version an Ollama server tells at `/api/version`, and which of its ways out and safeguards that implies.
public struct OllamaVersion: Hashable, Sendable, CustomStringConvertible {
    /// The text as the server told it.
    public let text: String
    /// `0`, `33` and `0` of `0.33.0-rc2`.
    public let major, minor, patch: Int
    /// The part behind the first `-` (`rc2`), empty for a release. A build between two releases has one too
    /// (`0.5.7-0-ga420a45-dirty`); as nobody can say what is in it, it counts as before the release it names.
    public let preRelease: String

    /// Reads `MAJOR.MINOR.PATCH`, perhaps with a leading `v`, a `-suffix` and `+build` data, which says nothing here.
    public init?(_ text: String) {
        guard text.utf8.count <= 64 else { return nil }
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "v") { bytes = bytes.dropFirst() }
        bytes = bytes.prefix { $0 != UInt8(ascii: "+") }
        let numbers = bytes.prefix { $0 != UInt8(ascii: "-") }
        let parts = numbers.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Self.number)
        guard parts.count == 3, let major = parts[0], let minor = parts[1], let patch = parts[2] else { return nil }
        let suffix = bytes.dropFirst(numbers.count)
        guard suffix.isEmpty || suffix.count > 1 else { return nil }
        self.text = text
        self.major = major
        self.minor = minor
        self.patch = patch
        self.preRelease = String(decoding: suffix.dropFirst(), as: UTF8.self)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...9).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// The text as the server told it.
    public var description: String { self.text }

    /// A server built by hand calls itself `0.0.0`: nothing can be told from its number.
    public var isDevelopment: Bool {
        (self.major, self.minor, self.patch) == (0, 0, 0)
    }

    /// Knows `name:tag:local`, which makes the server itself refuse to answer from elsewhere (since 0.17.6,
    /// `ollama.md` 9). Sent to an older server the name would be unknown, so the unsure case says no.
    public var hasLocalSuffix: Bool {
        self >= Self.localSuffixSince
    }

    /// Answers `/api/status` and obeys `OLLAMA_NO_CLOUD` (since 0.16.2, `ollama.md` 2 and 9).
    public var hasCloudSwitch: Bool {
        self >= Self.cloudSwitchSince
    }

    /// May hold aliases that are answered from elsewhere (since 0.12.0, `ollama.md` 9). The unsure case, a candidate
    /// of 0.12.0 or a build by hand, says yes.
    public var hasRemoteModels: Bool {
        self.isDevelopment || (self.major, self.minor, self.patch) >= (0, 12, 0)
    }

    private static let localSuffixSince = OllamaVersion(0, 17, 6)
    private static let cloudSwitchSince = OllamaVersion(0, 16, 2)

    private init(_ major: Int, _ minor: Int, _ patch: Int) {
        self.text = "\(major).\(minor).\(patch)"
        self.major = major
        self.minor = minor
        self.patch = patch
        self.preRelease = ""
    }
}

extension OllamaVersion: Comparable {
    /// Orders by the three numbers, then a release after its candidates, then `rc2` before `rc10`. The spelling
    /// (`v`, build data) does not count.
    public static func < (left: OllamaVersion, right: OllamaVersion) -> Bool {
        let numbers = (left.major, left.minor, left.patch)
        let others = (right.major, right.minor, right.patch)
        if numbers != others { return numbers < others }
        if left.preRelease.isEmpty || right.preRelease.isEmpty {
            return !left.preRelease.isEmpty && right.preRelease.isEmpty
        }
        return Self.naturalOrder(left.preRelease) < Self.naturalOrder(right.preRelease)
    }

    /// Equal when neither orders before the other.
    public static func == (left: OllamaVersion, right: OllamaVersion) -> Bool {
        (left.major, left.minor, left.patch, left.preRelease) == (
            right.major, right.minor, right.patch, right.preRelease
        )
    }

    /// Agrees with `==`.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.major)
        hasher.combine(self.minor)
        hasher.combine(self.patch)
        hasher.combine(self.preRelease)
    }

    /// `rc10` as (`rc`, 10), so that a number at the end counts as a number.
    private static func naturalOrder(_ suffix: String) -> (String, Int, String) {
        let digits = suffix.utf8.reversed().prefix { (0x30...0x39).contains($0) }.count
        let name = String(decoding: suffix.utf8.dropLast(digits), as: UTF8.self)
        return (name, Int(String(decoding: suffix.utf8.suffix(digits), as: UTF8.self)) ?? 0, suffix)
    }
}
