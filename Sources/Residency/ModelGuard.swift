import Vocabulary

/// Tells models that an Ollama server would have answered by its own cloud from those it runs itself.
///
/// Ollama sends a request out when the last colon part of the model's name, blanks trimmed, is `cloud` or ends in
/// `-cloud`, whatever the case, even if a local model has that name (`ollama.md` 1.1, 9). It also sends one out for a
/// local name that is an alias of a remote model, which only the inventory shows (`ollama.md` 1.3).
public enum ModelGuard {
    /// True if `name` would be answered from outside, or is made to look as if it would not: other colons, wide
    /// letters, hidden characters and percent forms count as what they stand for.
    public static func isRemoteName(_ name: String) -> Bool {
        if let isRemote = Self.quickly(name) { return isRemote }
        var skeleton = FoldedName.fold(name)
        // Two rounds: `%253a` is `%3a` is `:`.
        for _ in 0..<2 where skeleton.contains(UInt8(ascii: "%")) {
            skeleton = FoldedName.fold(PercentForm.decoded(skeleton))
        }
        return Self.isRemote(skeleton[...])
    }

    /// Refuses what a client may not ask for: `remote_model`. Aliases and tiers may have names of any script, so
    /// nothing else is judged here.
    public static func check(requested name: String) throws(Refusal) {
        guard !Self.isRemoteName(name) else {
            throw Refusal(
                .remoteModel,
                "model `\(Self.shown(name))` would be answered by Ollama's cloud, "
                    + "which no policy allows; ask for a model that is installed here")
        }
    }

    /// Refuses what no backend may be sent: a remote name, or one that Ollama itself could not have for a model.
    public static func check(served name: String) throws(Refusal) {
        try Self.check(requested: name)
        guard Self.isPlausible(name) else {
            throw Refusal(
                .modelUnknown,
                "`\(Self.shown(name))` cannot be the name of an Ollama model, "
                    + "expected letters, digits and `._-/:`")
        }
    }

    /// Refuses an installed model that is an alias of a remote one. Both members count, each alone.
    public static func check(
        inventory name: String, remoteHost: String?, remoteModel: String?
    ) throws(Refusal) {
        let host = remoteHost ?? ""
        let model = remoteModel ?? ""
        guard host.isEmpty, model.isEmpty else {
            throw Refusal(
                .remoteModel,
                "model `\(Self.shown(name))` is an alias of "
                    + "`\(Self.shown(model.isEmpty ? "a remote model" : model))` at "
                    + "`\(Self.shown(host.isEmpty ? "an unnamed host" : host))`, it would be answered from outside")
        }
        try Self.check(served: name)
    }

    /// Ollama's own limit is lower for each part; what is longer than this is no name.
    private static let nameMax = 512

    /// Whether Ollama could have a model of this name: ASCII letters and digits, `.`, `_` and `-` in parts that slashes
    /// and colons separate; no part empty, none after a slash beginning with a dot, at most host, namespace and model.
    public static func isPlausible(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { Self.isPlausible($0) }
    }

    private static func isPlausible(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard name.count <= Self.nameMax else { return false }
        var slashes = 0
        var before = UInt8(ascii: "/")
        for byte in name {
            guard Self.isNameByte(byte) else { return false }
            let isAtStart = before == UInt8(ascii: "/") || before == UInt8(ascii: ":")
            if isAtStart, byte == UInt8(ascii: "/") || byte == UInt8(ascii: ":") { return false }
            if before == UInt8(ascii: "/"), byte == UInt8(ascii: ".") { return false }
            if byte == UInt8(ascii: "/") { slashes += 1 }
            before = byte
        }
        return slashes <= Self.slashesMax && before != UInt8(ascii: "/") && before != UInt8(ascii: ":")
    }

    /// Host, namespace and model; registries with one more level are let through.
    private static let slashesMax = 3

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ":"): true
        default: false
        }
    }

    /// A name in a message: short and without anything that could break a line or a terminal.
    static func shown(_ name: String) -> String {
        let printable = name.unicodeScalars.prefix(96).map { scalar -> Character in
            let isHidden = FoldedName.isHidden(scalar) || scalar.properties.isWhitespace && scalar != " "
            return isHidden ? "\u{FFFD}" : Character(scalar)
        }
        return String(printable) + (name.unicodeScalars.count > 96 ? "..." : "")
    }

    /// The answer for nearly every name, without a copy: plain bytes only, and none of the words that matter.
    private static func quickly(_ name: String) -> Bool? {
        var name = name
        return name.withUTF8 { bytes in
            guard bytes.allSatisfy(Self.isNameByte) else { return nil }
            // Both words have a `c`, most names have none.
            guard bytes.contains(where: { $0 | 0x20 == UInt8(ascii: "c") }) else { return false }
            guard Self.holds(Self.cloud, bytes) || Self.holds(Self.vendorHost, bytes) else { return false }
            return Self.isRemote(bytes.map { Self.lowercased($0) }[...])
        }
    }

    /// Whether `word`, in lower case, stands anywhere in `bytes`, in any case.
    private static func holds(_ word: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count >= word.count else { return false }
        return (0...(bytes.count - word.count)).contains { start in
            word.indices.allSatisfy { Self.lowercased(bytes[start + $0]) == word[$0] }
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }

    private static let cloud = Array("cloud".utf8)
    private static let tail = Array("-cloud".utf8)
    private static let vendorHost = Array("ollama.com".utf8)

    /// Judges a folded name: lower-case ASCII without blanks.
    private static func isRemote(_ name: ArraySlice<UInt8>) -> Bool {
        if Self.isAtVendor(name) { return true }
        let parts = name.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).dropFirst()
        guard let last = parts.indices.last else { return false }
        return parts.indices.contains { index in
            // In `registry:5000/acme-cloud:7b` the middle part is a port and a path, not a tag.
            if index != last, parts[index].contains(UInt8(ascii: "/")) { return false }
            return parts[index].elementsEqual(Self.cloud) || parts[index].suffix(Self.tail.count) == Self.tail[...]
        }
    }

    /// True for a name under the cloud's own host, `ollama.com/...`, with or without scheme and port. The registry of
    /// local models is another one, registry.ollama.ai.
    private static func isAtVendor(_ name: ArraySlice<UInt8>) -> Bool {
        let slash = UInt8(ascii: "/")
        let schemeless =
            name.drop { $0 != slash && $0 != UInt8(ascii: ":") }.starts(with: Array("://".utf8))
            ? name.drop { $0 != slash }.drop { $0 == slash } : name
        guard let end = schemeless.firstIndex(of: slash) else { return false }
        let host = schemeless[..<end].prefix { $0 != UInt8(ascii: ":") }
        guard host.suffix(Self.vendorHost.count) == Self.vendorHost[...] else { return false }
        let before = host.dropLast(Self.vendorHost.count).last
        return before == nil || before == UInt8(ascii: ".")
    }
}
