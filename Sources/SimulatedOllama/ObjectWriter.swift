/// A JSON object in the making. Ollama writes the same things as structs in whole answers (members in their own order)
/// and as maps in streams (members in order of name), so each is described once and written either way.
struct ObjectWriter {
    private var members: [(name: StaticString, write: (inout [UInt8], Bool) -> Void)] = []

    /// Adds a member whose value `write` appends; the flag says whether names inside are sorted too.
    mutating func add(_ name: StaticString, _ write: @escaping (inout [UInt8], _ isSorted: Bool) -> Void) {
        self.members.append((name, write))
    }

    mutating func add(_ name: StaticString, json: StaticString) {
        self.add(name) { out, _ in out.put(json) }
    }

    mutating func add(_ name: StaticString, text: String) {
        self.add(name) { out, _ in out.put(quotedText: text) }
    }

    mutating func add(_ name: StaticString, bytes: [UInt8]) {
        self.add(name) { out, _ in out.put(quoted: bytes) }
    }

    mutating func add(_ name: StaticString, number: Int) {
        self.add(name) { out, _ in out.put(number) }
    }

    /// The value that the caller gave, or what stands for none.
    mutating func add(_ name: StaticString, _ value: JSONValue?, else none: StaticString) {
        self.add(name) { out, _ in
            if let value { value.write(into: &out) } else { out.put(none) }
        }
    }

    mutating func add(_ name: StaticString, _ object: ObjectWriter) {
        self.add(name) { out, isSorted in object.write(sorted: isSorted, into: &out) }
    }

    mutating func add(_ name: StaticString, _ list: [ObjectWriter]) {
        self.add(name) { out, isSorted in
            out.put("[")
            for (index, object) in list.enumerated() {
                if index > 0 { out.put(",") }
                object.write(sorted: isSorted, into: &out)
            }
            out.put("]")
        }
    }

    func write(sorted isSorted: Bool, into out: inout [UInt8]) {
        let ordered = isSorted ? self.members.sorted { Self.precedes($0.name, $1.name) } : self.members
        out.put("{")
        for (index, member) in ordered.enumerated() {
            if index > 0 { out.put(",") }
            out.put(key: member.name)
            member.write(&out, isSorted)
        }
        out.put("}")
    }

    private static func precedes(_ left: StaticString, _ right: StaticString) -> Bool {
        left.description < right.description
    }
}
