import Vocabulary

/// A host and perhaps a port, as `Host` and absolute-form targets carry them: `uri-host [ ":" port ]` (RFC 9110
/// section 7.2). No user information (RFC 9110 section 4.2.4 has us refuse it), no blanks, no zone id.
struct Authority: Sendable {
    let host: Extent
    /// `nil` if none is given or the colon stands alone, which RFC 3986 section 3.2.3 calls equivalent.
    let port: UInt16?

    /// Refuses an empty host too. RFC 9112 section 3.2 has a client send an empty `Host` where its URL has no
    /// authority; but all we serve are http URLs, and RFC 9110 section 4.2.1 has a recipient reject those with an
    /// empty host. nginx does the same.
    init?(_ extent: Extent, in bytes: borrowing Span<UInt8>) {
        let end = Int(extent.end)
        var index = Int(extent.start)
        guard index < end else { return nil }
        if bytes[index] == UInt8(ascii: "[") {
            guard let close = Self.endOfLiteral(from: index, to: end, in: bytes) else { return nil }
            index = close
        } else {
            while index < end, ByteSet.registeredName.contains(bytes[index]) {
                if bytes[index] == UInt8(ascii: "%") {
                    guard index + 2 < end, ASCII.hexValue(bytes[index + 1]) != nil,
                        ASCII.hexValue(bytes[index + 2]) != nil
                    else { return nil }
                }
                index += 1
            }
        }
        self.host = Extent(Int(extent.start), index)
        guard self.host.count > 0 else { return nil }
        guard index < end else {
            self.port = nil
            return
        }
        guard bytes[index] == UInt8(ascii: ":"), end - index <= 6 else { return nil }
        var value = 0
        for digit in (index + 1)..<end {
            guard let number = ASCII.decimalValue(bytes[digit]) else { return nil }
            value = value * 10 + number
        }
        guard value <= 65_535 else { return nil }
        self.port = end - index == 1 ? nil : UInt16(value)
    }

    /// The offset after the `]` of an IPv6 literal (RFC 3986 section 3.2.2).
    private static func endOfLiteral(from start: Int, to end: Int, in bytes: borrowing Span<UInt8>) -> Int? {
        var index = start + 1
        var text = ""
        while index < end, bytes[index] != UInt8(ascii: "]"), index - start <= 45 {
            text.unicodeScalars.append(Unicode.Scalar(bytes[index]))
            index += 1
        }
        guard index < end, bytes[index] == UInt8(ascii: "]"), let address = IPAddress(text), !address.isV4
        else { return nil }
        return index + 1
    }

    /// True if both name the same host without regard to case, and the same port, `defaultPort` standing for none.
    func agrees(with other: Authority, defaultPort: UInt16, in bytes: borrowing Span<UInt8>) -> Bool {
        guard self.host.count == other.host.count, self.port ?? defaultPort == other.port ?? defaultPort
        else { return false }
        for index in 0..<self.host.count
        where ASCII.lower(bytes[Int(self.host.start) + index]) != ASCII.lower(bytes[Int(other.host.start) + index]) {
            return false
        }
        return true
    }
}
