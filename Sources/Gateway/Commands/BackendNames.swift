import Residency
import Vocabulary

/// Gives servers that were found short names for `gatehouse.yaml`, each its own.
struct BackendNames {
    private var taken: Set<String> = []
    /// A name has 64 bytes; this leaves room for a port and a number.
    private static let baseMax = 48

    /// `gpu1` of `gpu1.example.lan:11434`; an address with its dots; a socket's file name. A port other than Ollama's
    /// own is added, and a number if two servers would be called alike.
    mutating func name(of server: BackendAddress) -> BackendID {
        let base = Self.base(of: server)
        var name = base
        var number = 2
        while !self.taken.insert(name).inserted {
            name = "\(base)-\(number)"
            number += 1
        }
        return BackendID(name)
    }

    private static func base(of server: BackendAddress) -> String {
        switch server.endpoint {
        case .unix(let path):
            let file = path.split(separator: "/").last ?? ""
            let bare = Self.plain(file.prefix { $0 != "." })
            return bare.isEmpty ? "local" : bare
        case .tcp(let host, let port):
            let base = Self.plain(IPAddress(host) == nil ? host.prefix { $0 != "." } : host[...])
            return port == BackendAddress.portDefault ? base : "\(base)-\(port)"
        }
    }

    /// With a dash for what a name cannot hold.
    private static func plain(_ text: Substring) -> String {
        String(
            decoding: text.utf8.prefix(Self.baseMax).map { byte in
                let isPlain =
                    (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "-_.".utf8.contains(byte)
                return isPlain ? byte : UInt8(ascii: "-")
            }, as: UTF8.self)
    }
}
