/// What a path of the admin plane may look like.
enum AdminPath {
    /// True for a path, perhaps with a query, of letters, digits and a few signs: nothing that a line of HTTP could
    /// break at, no empty part, no part of dots. Percent forms stand in the query only, where they can name no path.
    static func isPlain(_ path: String) -> Bool {
        let bytes = path.utf8
        guard bytes.count <= Self.lengthMax, bytes.first == UInt8(ascii: "/") else { return false }
        let isMadeOfPlainBytes =
            bytes.prefix { $0 != UInt8(ascii: "?") }.allSatisfy(Self.isPlainByte)
            && bytes.drop { $0 != UInt8(ascii: "?") }.allSatisfy { Self.isPlainByte($0) || $0 == UInt8(ascii: "%") }
        return isMadeOfPlainBytes
            && Self.parts(of: path).allSatisfy { part in part.contains { $0 != UInt8(ascii: ".") } }
    }

    /// True for a path that a backend could have: everything of Ollama's that does something begins in one of two ways.
    static func isOfBackend(_ path: String) -> Bool {
        guard let first = Self.parts(of: path).first else { return true }
        let word = String(decoding: first, as: UTF8.self).lowercased()
        return word == "api" || word == "v1"
    }

    /// A model's name and a few words fit easily.
    private static let lengthMax = 1024

    private static func parts(of path: String) -> [ArraySlice<UInt8>] {
        Array(path.utf8.prefix { $0 != UInt8(ascii: "?") }).dropFirst()
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    }

    private static func isPlainByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "/?=&:-._~+,".utf8.contains(byte)
        }
    }
}
