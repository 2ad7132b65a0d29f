/// The head of a backend's answer: its status and its header lines, as bytes.
public struct AnswerHead: Sendable, Equatable {
    /// One header line, as ranges of `bytes`.
    public struct Line: Sendable, Equatable {
        /// The name, as the backend spelled it.
        public let name: Range<Int>
        /// The value, without the white space around it.
        public let value: Range<Int>
    }

    /// 200 to 599, redirects excepted: those never become a head.
    public let status: Int
    /// Status line and header lines as they came, each with its CRLF.
    public let bytes: [UInt8]
    /// The header lines in the order in which they came.
    public let lines: [Line]
    /// `Content-Length`, if there is one. A chunked answer has none.
    public let contentLength: Int?

    init(status: Int, bytes: [UInt8], lines: [Line], contentLength: Int?) {
        self.status = status
        self.bytes = bytes
        self.lines = lines
        self.contentLength = contentLength
    }

    /// The value of the first line with this name, which is given in lower case.
    public func header(_ lowercasedName: StaticString) -> ArraySlice<UInt8>? {
        for line in self.lines where self.bytes[line.name].spells(lowercasedName) {
            return self.bytes[line.value]
        }
        return nil
    }

    /// `Content-Type`, as it came.
    public var contentType: ArraySlice<UInt8>? { self.header("content-type") }

    /// `Retry-After` in its form of whole seconds (RFC 9110 section 10.2.3). The form with a date is not read: it
    /// would need the backend's clock to be right.
    public var retryAfterSeconds: Int? { self.header("retry-after").flatMap(decimal) }
}

extension ArraySlice<UInt8> {
    /// Whether this is `lowercased` in any case of its ASCII letters.
    func spells(_ lowercased: StaticString) -> Bool {
        guard self.count == lowercased.utf8CodeUnitCount else { return false }
        return lowercased.withUTF8Buffer { wanted in
            for offset in 0..<self.count {
                guard unsafe asciiLowercased(self[self.startIndex + offset]) == wanted[offset] else { return false }
            }
            return true
        }
    }
}

/// `byte`, or the small letter of a capital one.
@inline(__always)
func asciiLowercased(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
}

/// One to eighteen decimal digits and nothing else.
func decimal(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard (1...18).contains(bytes.count) else { return nil }
    var value = 0
    for byte in bytes {
        guard byte &- 0x30 < 10 else { return nil }
        value = value * 10 + Int(byte - 0x30)
    }
    return value
}
