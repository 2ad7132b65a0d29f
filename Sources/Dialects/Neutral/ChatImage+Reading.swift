extension ChatImage {
    /// The base64 within a JSON string, as a part of the request's own bytes. Escapes (some writers escape `/`, some
    /// break lines) are resolved; what is left must be base64, so that it can be written again as it is.
    static func base64(of value: JSONView, at path: String) throws(BodyRefusal) -> ArraySlice<UInt8> {
        guard value.kind == .string else { throw .field(path, "must be a string of base64") }
        let quoted = value.bytes.dropFirst().dropLast()
        guard JSONText.holdsEscape(quoted) else { return quoted }
        let plain = JSONText.unescaped(quoted).filter { $0 > 0x20 }
        guard plain.allSatisfy(\.isBase64) else { throw .field(path, "must be base64") }
        return plain[...]
    }
}
