import Foundation
import Vocabulary

/// The names of /etc/hosts (hosts(5)).
enum HostsFile {
    /// The addresses that this host's file has for `name`; none if there is no such file.
    static func addresses(of name: String, at path: String = "/etc/hosts") -> [IPAddress] {
        // Whatever else stands in it: a stray byte must not make the file's names questions for DNS.
        guard let bytes = FileManager.default.contents(atPath: path) else { return [] }
        return self.addresses(of: name, in: String(decoding: bytes, as: UTF8.self))
    }

    /// The addresses that stand beside `name` in `text`, in its order and each once.
    static func addresses(of name: String, in text: String) -> [IPAddress] {
        let name = name.lowercased()
        var found: [IPAddress] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, words.dropFirst().contains(where: { $0.lowercased() == name }),
                let address = IPAddress(first), !found.contains(address)
            else { continue }
            found.append(address)
        }
        return found
    }
}
