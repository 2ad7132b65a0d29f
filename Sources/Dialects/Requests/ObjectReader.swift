/// Takes the members of one object of a request, each once and with its type checked, and tells at last which ones
/// nobody took. A member that is `null` is as good as absent, as in `RequestBody`.
struct ObjectReader {
    /// Where a member lies in `text`, counted from its beginning. Plain numbers: a list of views would count
    /// references.
    private struct Member {
        let key: Range<Int>
        /// Whether the key holds no escape.
        let isPlain: Bool
        let value: Range<Int>
        var isTaken = false
    }

    /// How errors name the object: empty for the body, else with a dot behind it (`messages[].`).
    private let path: String
    private let text: ArraySlice<UInt8>
    private var members: [Member] = []

    /// Lists the members of `value`, which must be an object, in one pass.
    init(_ value: JSONView, at path: String = "") throws(BodyRefusal) {
        guard value.kind == .object else { throw Self.noObject(path) }
        // The text has been checked, so nothing can be thrown here.
        let members = try? value.bytes.withUnsafeBufferPointer { (buffer) throws(JSONProblem) in
            var cursor = JSONCursor(buffer)
            return try Self.list(&cursor, depth: 0)
        }
        self.init(value.bytes, members ?? [], path)
    }

    private init(_ text: ArraySlice<UInt8>, _ members: [Member], _ path: String) {
        self.text = text
        self.members = members
        self.path = path
    }

    private static func list(_ cursor: inout JSONCursor, depth: Int) throws(JSONProblem) -> [Member] {
        var members: [Member] = []
        members.reserveCapacity(6)
        try cursor.object(depth: depth) { (key, isPlain, cursor) throws(JSONProblem) in
            let isNull = try cursor.peek() == UInt8(ascii: "n")
            let start = cursor.at
            cursor.skipChecked()
            if !isNull { members.append(Member(key: key, isPlain: isPlain, value: start..<cursor.at)) }
        }
        return members
    }

    /// Reads the elements of `list`, an array, one after the other; each must be an object. Nothing is listed twice,
    /// and not all of them at once.
    static func each(
        of list: JSONView, at path: String, _ body: (inout ObjectReader) throws(BodyRefusal) -> Void
    ) throws(BodyRefusal) {
        let text = list.bytes
        var refusal: BodyRefusal?
        try? text.withUnsafeBufferPointer { (buffer) throws(JSONProblem) in
            var cursor = JSONCursor(buffer)
            try cursor.array(depth: 0) { (cursor) throws(JSONProblem) in
                do throws(BodyRefusal) {
                    guard (try? cursor.peek()) == UInt8(ascii: "{") else { throw Self.noObject(path) }
                    var object = ObjectReader(text, (try? Self.list(&cursor, depth: 1)) ?? [], path)
                    try body(&object)
                } catch {
                    refusal = error
                    // Ends the pass; nobody reads it.
                    throw JSONProblem(.unexpectedEnd, at: cursor.at)
                }
            }
        }
        if let refusal { throw refusal }
    }

    private static func noObject(_ path: String) -> BodyRefusal {
        .field(path.isEmpty ? "body" : String(path.dropLast()), "must be an object")
    }

    /// The member called `name`; `nil` if there is none, or none any more. Of several the last counts, as Go reads
    /// them.
    mutating func take(_ name: StaticString) -> JSONView? {
        let index = self.text.withUnsafeBufferPointer { text in
            self.members.indices.last { !self.members[$0].isTaken && Self.isCalled(self.members[$0], name, text) }
        }
        guard let index else { return nil }
        self.members[index].isTaken = true
        return self.view(self.members[index])
    }

    /// A key with escapes is compared as the text that it is.
    private static func isCalled(_ member: Member, _ name: StaticString, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard member.isPlain else {
            return JSONText.unescaped(UnsafeBufferPointer(rebasing: text[member.key]))[...].equals(name)
        }
        guard member.key.count == name.utf8CodeUnitCount else { return false }
        for index in 0..<member.key.count where text[member.key.lowerBound + index] != name.utf8Start[index] {
            return false
        }
        return true
    }

    private func view(_ member: Member) -> JSONView { JSONView(checked: self.slice(member.value)) }

    private func name(_ member: Member) -> String {
        let key = self.slice(member.key)
        return String(decoding: member.isPlain ? key : JSONText.unescaped(key)[...], as: UTF8.self)
    }

    private func slice(_ range: Range<Int>) -> ArraySlice<UInt8> {
        self.text[(self.text.startIndex + range.lowerBound)..<(self.text.startIndex + range.upperBound)]
    }

    /// A member that must be a text.
    mutating func string(_ name: StaticString) throws(BodyRefusal) -> String? {
        guard let value = self.take(name) else { return nil }
        guard let text = value.string else { throw self.refusal(name, "must be a string") }
        return text
    }

    /// A member that must be a text and must be there.
    mutating func requiredString(_ name: StaticString) throws(BodyRefusal) -> String {
        guard let text = try self.string(name) else { throw self.refusal(name, "is missing; it must be a string") }
        return text
    }

    /// A member that must be there and name something.
    mutating func requiredName(_ name: StaticString) throws(BodyRefusal) -> String {
        let text = try self.requiredString(name)
        if text.isEmpty { throw self.refusal(name, "must not be empty") }
        return text
    }

    /// A member that must be `true` or `false`.
    mutating func bool(_ name: StaticString) throws(BodyRefusal) -> Bool? {
        guard let value = self.take(name) else { return nil }
        guard let flag = value.bool else { throw self.refusal(name, "must be true or false") }
        return flag
    }

    /// A member that must be a number. One that no double holds (`1e400`) could not be written again.
    mutating func number(_ name: StaticString) throws(BodyRefusal) -> Double? {
        guard let value = self.take(name) else { return nil }
        guard let number = value.double, number.isFinite else { throw self.refusal(name, "must be a number") }
        return number
    }

    /// A member that must be a number; its fraction does not count.
    mutating func integer(_ name: StaticString) throws(BodyRefusal) -> Int? {
        guard let value = self.take(name) else { return nil }
        guard let number = value.integer else { throw self.refusal(name, "must be a number") }
        return number
    }

    /// A member that must be an object.
    mutating func object(_ name: StaticString) throws(BodyRefusal) -> JSONView? {
        guard let value = self.take(name) else { return nil }
        guard value.kind == .object else { throw self.refusal(name, "must be an object") }
        return value
    }

    /// Reads the elements of a member that must be an array of objects, which `path` names; false if there is none.
    @discardableResult
    mutating func each(
        _ name: StaticString, at path: String, _ body: (inout ObjectReader) throws(BodyRefusal) -> Void
    ) throws(BodyRefusal) -> Bool {
        guard let value = self.take(name) else { return false }
        guard value.kind == .array else { throw self.refusal(name, "must be an array") }
        try Self.each(of: value, at: path, body)
        return true
    }

    /// The texts of a member that must be an array of them.
    mutating func strings(_ name: StaticString) throws(BodyRefusal) -> [String]? {
        guard let value = self.take(name) else { return nil }
        guard value.kind == .array else { throw self.refusal(name, "must be an array") }
        var texts: [String] = []
        try value.eachElement { (element) throws(BodyRefusal) in
            guard let text = element.string else { throw self.refusal(name, "must be an array of strings") }
            texts.append(text)
        }
        return texts
    }

    /// Takes what has no neutral form; it is noted if it asked for something.
    mutating func lose(_ name: StaticString, _ weight: Losses.Weight, _ losses: inout Losses) {
        if let value = self.take(name), Self.asks(value) { losses.note(self.path + name.description, weight) }
    }

    /// Notes everything that nobody took, as far as it asks for something.
    func loseRest(_ weight: Losses.Weight, _ losses: inout Losses) {
        for member in self.members where !member.isTaken && Self.asks(self.view(member)) {
            losses.note(self.path + self.name(member), weight)
        }
    }

    /// Calls `body` with each member that nobody took, its key unescaped.
    func eachRest(_ body: (ArraySlice<UInt8>, JSONView) -> Void) {
        for member in self.members where !member.isTaken {
            let key = self.slice(member.key)
            body(member.isPlain ? key : JSONText.unescaped(key)[...], self.view(member))
        }
    }

    /// `false`, and what is empty, asks for nothing.
    private static func asks(_ value: JSONView) -> Bool { !value.isEmpty && value.bool != false }

    /// What is wrong with the member `name`.
    func refusal(_ name: StaticString, _ expectation: String) -> BodyRefusal {
        .field(self.path + name.description, expectation)
    }
}
