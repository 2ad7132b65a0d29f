/// Pictures in OpenAI's dialects: `data:` URLs in base64 (RFC 2397). A place to fetch one from is refused, since nobody
/// here fetches anything.
enum OpenAIImage {
    /// Reads the URL of a picture; `place` is what a refusal calls it. The base64 stays where it lies.
    static func read(_ value: JSONView, _ place: String) throws(BodyRefusal) -> ChatImage {
        guard value.kind == .string else { throw .field(place, "must be a string") }
        var text = value.bytes.dropFirst().dropLast()
        let isEscaped = JSONText.holdsEscape(text)
        // Some writers of JSON escape each slash, and base64 is full of them.
        if isEscaped { text = JSONText.unescaped(text)[...] }
        guard text.prefix(5).map({ $0 | 0x20 }).elementsEqual("data:".utf8) else { throw Self.elsewhere(place) }
        guard let comma = text.prefix(128).firstIndex(of: UInt8(ascii: ",")) else { throw Self.unreadable(place) }
        let head = text[(text.startIndex + 5)..<comma]
        let base64 = text[(comma + 1)...]
        guard head.suffix(7).map({ $0 | 0x20 }).elementsEqual(";base64".utf8), !base64.isEmpty else {
            throw Self.unreadable(place)
        }
        // Whoever writes it on takes it as it is, so nothing may be in it that JSON would have to escape.
        if isEscaped, !base64.allSatisfy(\.isBase64) { throw Self.unreadable(place) }
        let type = head.prefix { $0 != UInt8(ascii: ";") }
        return ChatImage(
            mediaType: type.isEmpty ? nil : String(decoding: type, as: UTF8.self), base64: base64)
    }

    /// What stands before the base64 in the `data:` URL of `image`. A media type is no longer than `read` looks for its
    /// end.
    static func head(of image: ChatImage) -> String {
        let type = image.mediaTypeOrSniffed ?? "application/octet-stream"
        let plain = type.utf8.lazy.filter { $0.isPlain || "/.+".utf8.contains($0) }.prefix(96)
        return "data:" + String(decoding: plain, as: UTF8.self) + ";base64,"
    }

    private static func elsewhere(_ place: String) -> BodyRefusal {
        BodyRefusal(
            reason: .toolForbidden,
            message: "\"\(place)\" names a place to fetch an image from, which nobody here does; send the image within "
                + "the request, as a `data:` URL",
            parameter: place)
    }

    private static func unreadable(_ place: String) -> BodyRefusal {
        .field(place, "must be a `data:` URL in base64, as `data:image/png;base64,...`")
    }
}
