/// Gives an answer's `model` the name that the client may see: a server echoes the request's name, `:local` included
/// (`ollama.md` 9).
struct ModelEdit: Sendable {
    let sent: String
    let shown: String
    /// `"model":"tiny:local"`
    let needle: [UInt8]
    /// `"model":"tiny"`
    let replacement: [UInt8]
    /// Where it was found last, from the start of the record: servers write one record like the other.
    private var hint = 0

    /// `nil` if both names are the same.
    init?(sent: String, shown: String) {
        guard sent != shown, !sent.isEmpty else { return nil }
        self.sent = sent
        self.shown = shown
        self.needle = Self.member(sent)
        self.replacement = Self.member(shown)
    }

    private static func member(_ name: String) -> [UInt8] {
        var bytes = Array(#""model":"#.utf8)
        JSONText.append(name.utf8, to: &bytes)
        return bytes
    }

    /// The range of the first such member. A quote within a string is escaped, so the bytes cannot stand in a text;
    /// an object within a tool call could hold them, but stands behind the record's own `model`.
    mutating func find(in record: ArraySlice<UInt8>) -> Range<Int>? {
        let start = record.startIndex + self.hint
        if start + self.needle.count <= record.endIndex, record[start...].starts(with: self.needle) {
            return start..<(start + self.needle.count)
        }
        guard let found = self.search(record) else { return nil }
        self.hint = found - record.startIndex
        return found..<(found + self.needle.count)
    }

    private func search(_ record: ArraySlice<UInt8>) -> Int? {
        let needle = self.needle
        return record.withUnsafeBufferPointer { buffer in
            let cursor = JSONCursor(buffer)
            var index = 0
            while index + needle.count <= cursor.end {
                if cursor.word(index) == EventMarks.model, buffer[index..<(index + needle.count)].elementsEqual(needle)
                {
                    return record.startIndex + index
                }
                index += 1
            }
            return nil
        }
    }
}
