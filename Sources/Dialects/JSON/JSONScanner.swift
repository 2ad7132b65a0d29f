/// The scanner's face for texts that are only to be checked or taken apart at their top level.
public enum JSONScanner {
    /// One member of the outermost object, as byte ranges of the text.
    public struct Member: Equatable, Sendable {
        /// The key's text, escapes resolved, as UTF-8.
        public let key: [UInt8]
        /// The value's bytes.
        public let value: Range<Int>
    }

    /// Checks that `bytes` are exactly one JSON value: grammar (RFC 8259), UTF-8, depth, nothing behind it.
    public static func validate(_ bytes: [UInt8]) throws(JSONProblem) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONProblem) in
            var cursor = try Self.start(buffer)
            try cursor.skipValue(depth: 0)
            try cursor.expectEnd()
        }
    }

    /// Checks as `validate` does and lists the members of the outermost object, in order, duplicates included.
    public static func members(of bytes: [UInt8]) throws(JSONProblem) -> [Member] {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONProblem) in
            var cursor = try Self.start(buffer)
            var members: [Member] = []
            try cursor.object(depth: 0) { (key, isPlain, cursor) throws(JSONProblem) in
                _ = try cursor.peek()
                let start = cursor.at
                try cursor.skipValue(depth: 1)
                let text = isPlain ? Array(buffer[key]) : JSONText.unescaped(buffer[key])
                members.append(Member(key: text, value: start..<cursor.at))
            }
            try cursor.expectEnd()
            return members
        }
    }

    /// A cursor at the first byte that is no white space.
    static func start(_ buffer: UnsafeBufferPointer<UInt8>) throws(JSONProblem) -> JSONCursor {
        var cursor = JSONCursor(buffer)
        do throws(JSONProblem) {
            _ = try cursor.peek()
        } catch {
            throw JSONProblem(.empty, at: 0)
        }
        return cursor
    }
}

extension JSONCursor {
    /// Passes an object; `member` is called behind each colon and must pass the value.
    @inline(__always)
    mutating func object(
        depth: Int,
        _ member: (_ key: Range<Int>, _ isPlain: Bool, _ cursor: inout JSONCursor) throws(JSONProblem) -> Void
    ) throws(JSONProblem) {
        guard depth < maximumDepth else { throw JSONProblem(.tooDeep, at: self.at) }
        try self.expect(UInt8(ascii: "{"))
        if try self.peek() == UInt8(ascii: "}") {
            self.at += 1
            return
        }
        while true {
            let key = try self.key()
            try member(key.range, key.isPlain, &self)
            let next = try self.peek()
            if next == UInt8(ascii: ",") {
                self.at += 1
            } else if next == UInt8(ascii: "}") {
                self.at += 1
                return
            } else {
                throw JSONProblem(.unexpectedByte(next), at: self.at)
            }
        }
    }

    /// Passes an array; `element` is called before each element and must pass it.
    @inline(__always)
    mutating func array(
        depth: Int, _ element: (_ cursor: inout JSONCursor) throws(JSONProblem) -> Void
    ) throws(JSONProblem) {
        guard depth < maximumDepth else { throw JSONProblem(.tooDeep, at: self.at) }
        try self.expect(UInt8(ascii: "["))
        if try self.peek() == UInt8(ascii: "]") {
            self.at += 1
            return
        }
        while true {
            try element(&self)
            let next = try self.peek()
            if next == UInt8(ascii: ",") {
                self.at += 1
            } else if next == UInt8(ascii: "]") {
                self.at += 1
                return
            } else {
                throw JSONProblem(.unexpectedByte(next), at: self.at)
            }
        }
    }
}
