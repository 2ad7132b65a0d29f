/// The members of one object, and those of one value inside it, found while the text is checked: one pass, however
/// much is looked up afterwards. Of several members with one name the last counts, as Go reads them, and one that is
/// `null` is as good as absent.
struct JSONMembers: Sendable {
    private struct Member {
        var key: Range<Int>
        /// Whether the key holds no escape.
        var isPlain: Bool
        var value: Range<Int>
    }

    private let text: ArraySlice<UInt8>
    private var own: [Member] = []
    private var inner: [Member] = []

    /// Checks grammar, UTF-8 and depth of a whole text and lists its members; `nil` if it is a value of another kind.
    ///
    /// `opening` names the member whose own members are listed too: an object, or the first element of an array.
    init?(checking text: ArraySlice<UInt8>, opening name: StaticString) throws(JSONProblem) {
        self.text = text
        var own: [Member] = []
        own.reserveCapacity(12)
        var inner: [Member] = []
        let isObject = try text.withUnsafeBufferPointer { (buffer) throws(JSONProblem) in
            var cursor = try JSONScanner.start(buffer)
            let isObject = try cursor.peek() == UInt8(ascii: "{")
            if isObject {
                try cursor.object(depth: 0) { (key, isPlain, cursor) throws(JSONProblem) in
                    let start = try cursor.valueStart()
                    if isPlain, cursor.holds(name, at: key) {
                        inner = try Self.open(&cursor)
                    } else {
                        try cursor.skipValue(depth: 1)
                    }
                    own.append(Member(key: key, isPlain: isPlain, value: start..<cursor.at))
                }
            } else {
                try cursor.skipValue(depth: 0)
            }
            try cursor.expectEnd()
            return isObject
        }
        guard isObject else { return nil }
        self.own = own
        self.inner = inner
    }

    private init(_ text: ArraySlice<UInt8>, _ own: [Member]) {
        self.text = text
        self.own = own
    }

    /// Passes the value to be opened, and lists what it holds.
    private static func open(_ cursor: inout JSONCursor) throws(JSONProblem) -> [Member] {
        var members: [Member] = []
        switch try cursor.peek() {
        case UInt8(ascii: "{"):
            members = try Self.list(&cursor, depth: 1)
        case UInt8(ascii: "["):
            var isFirst = true
            try cursor.array(depth: 1) { (cursor) throws(JSONProblem) in
                if isFirst, try cursor.peek() == UInt8(ascii: "{") {
                    members = try Self.list(&cursor, depth: 2)
                } else {
                    try cursor.skipValue(depth: 2)
                }
                isFirst = false
            }
        default:
            try cursor.skipValue(depth: 1)
        }
        return members
    }

    private static func list(_ cursor: inout JSONCursor, depth: Int) throws(JSONProblem) -> [Member] {
        var members: [Member] = []
        members.reserveCapacity(8)
        try cursor.object(depth: depth) { (key, isPlain, cursor) throws(JSONProblem) in
            let start = try cursor.valueStart()
            try cursor.skipValue(depth: depth + 1)
            members.append(Member(key: key, isPlain: isPlain, value: start..<cursor.at))
        }
        return members
    }

    /// The value of the member called `name`.
    subscript(name: StaticString) -> JSONView? {
        for member in self.own.reversed() where self.isCalled(member, name) {
            let value = JSONView(checked: self.slice(member.value))
            return value.kind == .null ? nil : value
        }
        return nil
    }

    /// The first value of any member called `name` for which `condition` holds: for what must not be hidden behind a
    /// second member of the same name.
    func first(_ name: StaticString, where condition: (JSONView) -> Bool) -> JSONView? {
        for member in self.own where self.isCalled(member, name) {
            let value = JSONView(checked: self.slice(member.value))
            if condition(value) { return value }
        }
        return nil
    }

    /// The members of the value that was opened; none if there was no such value.
    var opened: JSONMembers { JSONMembers(self.text, self.inner) }

    private func isCalled(_ member: Member, _ name: StaticString) -> Bool {
        if member.isPlain, member.key.count != name.utf8CodeUnitCount { return false }
        let key = self.slice(member.key)
        return member.isPlain ? key.equals(name) : JSONText.unescaped(key)[...].equals(name)
    }

    private func slice(_ range: Range<Int>) -> ArraySlice<UInt8> {
        self.text[(self.text.startIndex + range.lowerBound)..<(self.text.startIndex + range.upperBound)]
    }
}

extension JSONCursor {
    /// Where the next value begins, any white space before it passed.
    fileprivate mutating func valueStart() throws(JSONProblem) -> Int {
        _ = try self.peek()
        return self.at
    }

    fileprivate func holds(_ name: StaticString, at range: Range<Int>) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        for index in 0..<range.count where self.byte(range.lowerBound + index) != name.utf8Start[index] {
            return false
        }
        return true
    }
}
