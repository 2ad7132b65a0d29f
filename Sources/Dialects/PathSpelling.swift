/// Reads paths as loosely as any server behind us might, to tell what was meant. The reading only classifies: what is
/// not spelt exactly as `Endpoint.path` is never forwarded.
enum PathSpelling {
    /// What changes an Ollama host or makes it reach outside (`ollama.md` 2 and 9 D, F, G), with all below it.
    /// `/v1/audio` is here because its model stands in a multipart body, where a `:cloud` name goes out unseen
    /// (`ollama.md` 9 A).
    private static let forbidden: [[UInt8]] = [
        "api/create", "api/copy", "api/pull", "api/push", "api/delete", "api/blobs", "api/me", "api/signout",
        "api/signin", "api/user", "api/experimental", "api/web_search", "api/web_fetch", "v1/audio",
    ].map { Array($0.utf8) }

    /// Is `path`, in any spelling, one that is never served?
    static func isForbidden(_ path: ArraySlice<UInt8>) -> Bool {
        let plain = Self.normalized(path)
        return Self.forbidden.contains { name in
            plain.starts(with: name) && (plain.count == name.count || plain[name.count] == UInt8(ascii: "/"))
        }
    }

    /// The id of `/v1/models/{id}`, decoded once. SDKs quote ids, so slashes may come as `%2F` or plain; an id that is
    /// still encoded after that, has dot segments, or bytes that no model name has, is none.
    static func modelID(_ path: ArraySlice<UInt8>) -> String? {
        let prefix = Endpoint.openAIModel.path
        guard path.count > prefix.utf8CodeUnitCount, path.count <= 1024,
            path.prefix(prefix.utf8CodeUnitCount).equals(prefix),
            let id = Self.decodedOnce(path.dropFirst(prefix.utf8CodeUnitCount), strictly: true),
            !id.contains(where: { $0 <= 0x20 || $0 == 0x7F || "%\\?#;".utf8.contains($0) }),
            let text = String(validating: id, as: UTF8.self)
        else { return nil }
        let segments = id.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return segments.contains { $0.isEmpty || $0.equals(".") || $0.equals("..") } ? nil : text
    }

    /// Decoded as often as it takes, backslashes as slashes, in lower case, without `;parameters`, empty and dot
    /// segments, and without the slash at either end.
    static func normalized(_ path: ArraySlice<UInt8>) -> [UInt8] {
        var bytes = Array(path)
        // Each round shortens the path; eight cover every server that decodes more than once.
        for _ in 0..<8 where bytes.contains(UInt8(ascii: "%")) {
            bytes = Self.decodedOnce(bytes[...], strictly: false) ?? bytes
        }
        for index in bytes.indices {
            if bytes[index] == UInt8(ascii: "\\") { bytes[index] = UInt8(ascii: "/") }
            if (0x41...0x5A).contains(bytes[index]) { bytes[index] |= 0x20 }
        }
        var segments: [ArraySlice<UInt8>] = []
        for segment in bytes.split(separator: UInt8(ascii: "/")) {
            let name = Self.trimmed(segment.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "?") && $0 != 0 })
            if name.equals("..") {
                _ = segments.popLast()
            } else if !name.isEmpty, !name.equals(".") {
                segments.append(name)
            }
        }
        return Array(segments.joined(separator: CollectionOfOne(UInt8(ascii: "/"))))
    }

    private static func trimmed(_ segment: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var segment = segment
        while let first = segment.first, first <= 0x20 { segment.removeFirst() }
        while let last = segment.last, last <= 0x20 { segment.removeLast() }
        return segment
    }

    /// One round of percent-decoding (RFC 3986 section 2.1). A broken triplet stays as it is, or is `nil` if strict.
    private static func decodedOnce(_ bytes: ArraySlice<UInt8>, strictly: Bool) -> [UInt8]? {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == UInt8(ascii: "%") {
                if index + 2 < bytes.endIndex, let high = hexValue(bytes[index + 1]),
                    let low = hexValue(bytes[index + 2])
                {
                    out.append(high << 4 | low)
                    index += 3
                    continue
                }
                if strictly { return nil }
            }
            out.append(bytes[index])
            index += 1
        }
        return out
    }
}
