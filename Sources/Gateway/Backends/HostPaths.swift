import Dialects
import Foundation
import Vocabulary

/// Takes out of a model's description where its files lie on the backend's host: a caller has nothing to do with that.
/// Two members tell it, `modelfile` of `/api/show`, and `details.parent_model` of a model that was made of another one's
/// file.
enum HostPaths {
    /// `json`, an object about the model `name`, without them; `nil` if it cannot be read.
    static func removed(from json: [UInt8], of name: ModelName) -> [UInt8]? {
        self.edited(json) { key, value in
            switch key {
            case "modelfile": self.text(value).map { self.string(self.modelfile($0, of: name)) } ?? value
            case "details": self.edited(value) { $0 == "parent_model" ? self.parent($1) : $1 } ?? value
            default: value
            }
        }
    }

    /// Lines of the model file that name a blob: `FROM` names the model instead, once, and what else there is goes. Blobs
    /// are named by their hash (`ollama.md` 3), in a folder that the host's owner has chosen.
    private static func modelfile(_ text: String, of name: ModelName) -> String {
        var isNamed = false
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line -> Substring? in
            guard self.namesBlob(line), let word = line.split(separator: " ").first else { return line }
            switch word.uppercased() {
            case "FROM" where !isNamed:
                isNamed = true
                return "FROM \(name)"
            case "FROM", "ADAPTER": return nil
            default: return line
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func parent(_ value: [UInt8]) -> [UInt8] {
        guard let text = self.text(value), self.namesBlob(text[...]) else { return value }
        return self.string("")
    }

    private static func namesBlob(_ text: Substring) -> Bool {
        text.contains("/blobs/sha256") || text.contains("\\blobs\\sha256")
    }

    /// The object with each member's value as `change` returns it.
    private static func edited(_ json: [UInt8], _ change: (String, [UInt8]) -> [UInt8]) -> [UInt8]? {
        guard let members = try? JSONScanner.members(of: json) else { return nil }
        var out: [UInt8] = []
        var at = 0
        for member in members {
            out += json[at..<member.value.lowerBound]
            out += change(String(decoding: member.key, as: UTF8.self), Array(json[member.value]))
            at = member.value.upperBound
        }
        return out + json[at...]
    }

    private static func text(_ value: [UInt8]) -> String? {
        try? JSONDecoder().decode(String.self, from: Data(value))
    }

    private static func string(_ text: String) -> [UInt8] {
        var writer = JSONWriter(capacity: text.utf8.count + 2)
        writer.string(text)
        return writer.bytes
    }
}
