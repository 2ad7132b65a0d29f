import Vocabulary

/// What the gathered headers say of the message, once all are there. Whatever two readers could understand
/// differently is refused (RFC 9112 section 11.2, request smuggling).
extension MessageHeaders {
    /// RFC 9112 section 6.3, read strictly.
    func framing(of version: HTTPVersion, in bytes: borrowing Span<UInt8>) throws(HTTPFailure) -> BodyFraming {
        if self.transferEncodingCount > 0 {
            guard self.contentLengthCount == 0 else {
                throw HTTPFailure(.badRequest, "both Content-Length and Transfer-Encoding are given")
            }
            guard self.transferEncodingCount == 1 else {
                throw HTTPFailure(.badRequest, "Transfer-Encoding is given twice")
            }
            guard version == .http11 else {
                // RFC 9112 section 6.1: such a message is to be treated as if its framing was faulty.
                throw HTTPFailure(.badRequest, "Transfer-Encoding does not exist in HTTP/1.0")
            }
            try self.checkTransferEncoding(in: bytes)
            return .chunked
        }
        guard self.contentLengthCount > 0 else { return .none }
        guard self.contentLengthCount == 1 else {
            throw HTTPFailure(.badRequest, "Content-Length is given twice")
        }
        return .length(try self.length(in: bytes))
    }

    /// Exactly `chunked`. A coding that is not known here is 501 (RFC 9112 section 6.1), a wrong list 400.
    private func checkTransferEncoding(in bytes: borrowing Span<UInt8>) throws(HTTPFailure) {
        if Self.matches(self.transferEncoding, "chunked", in: bytes) { return }
        var isList = true
        var isKnown = true
        Self.forEachElement(of: self.transferEncoding, in: bytes) { coding, bytes in
            for index in coding.range where !ByteSet.token.contains(bytes[index]) { isList = false }
            if coding.count == 0 { isList = false }
            if !Self.matches(coding, "chunked", in: bytes) { isKnown = false }
        }
        guard isList, isKnown else {
            throw HTTPFailure(
                isList ? .transferCodingUnsupported : .badRequest, "the only transfer coding served here is chunked")
        }
        throw HTTPFailure(.badRequest, "the transfer coding chunked is applied twice")
    }

    /// `1*DIGIT` and nothing else: no sign, no list, no blank inside; up to 18 digits, so that no sum overflows.
    private func length(in bytes: borrowing Span<UInt8>) throws(HTTPFailure) -> Int {
        guard (1...18).contains(self.contentLength.count) else {
            throw HTTPFailure(.badRequest, "Content-Length is empty or too long")
        }
        var value = 0
        for index in self.contentLength.range {
            guard let digit = ASCII.decimalValue(bytes[index]) else {
                throw HTTPFailure(.badRequest, "Content-Length is not a number")
            }
            value = value * 10 + digit
        }
        return value
    }

    /// One valid `Host` on HTTP/1.1, at most one on 1.0 (RFC 9112 section 3.2). An absolute-form target must agree
    /// with it: RFC 9112 section 3.2.2 would have us ignore `Host` then, but whoever checked it before us did not.
    func authority(
        of version: HTTPVersion, form: TargetForm, in bytes: borrowing Span<UInt8>
    ) throws(HTTPFailure) -> Extent? {
        guard self.hostCount <= 1 else { throw HTTPFailure(.badRequest, "Host is given twice") }
        guard self.hostCount == 1 || version == .http10 else {
            throw HTTPFailure(.badRequest, "HTTP/1.1 demands a Host header")
        }
        var host: Authority?
        if self.hostCount == 1 {
            guard let valid = Authority(self.host, in: bytes) else {
                throw HTTPFailure(.badRequest, "Host is not a host with an optional port")
            }
            host = valid
        }
        guard case .absolute(let extent, let defaultPort) = form else { return host == nil ? nil : self.host }
        guard let target = Authority(extent, in: bytes) else {
            throw HTTPFailure(.badRequest, "the authority of the target is not a host with an optional port")
        }
        guard let host else { return extent }
        guard target.agrees(with: host, defaultPort: defaultPort, in: bytes) else {
            throw HTTPFailure(.badRequest, "Host and the authority of the target differ")
        }
        return extent
    }

    /// RFC 9112 section 9.3: `close` wins; 1.1 stays open, 1.0 only if asked.
    func persists(in version: HTTPVersion) -> Bool {
        !self.closes && (version == .http11 || self.keepsAlive)
    }

    /// RFC 9110 section 10.1.1: on HTTP/1.0 the expectation is ignored; any but `100-continue` is 417.
    func waitsForContinue(in version: HTTPVersion) throws(HTTPFailure) -> Bool {
        guard version == .http11 else { return false }
        guard !self.expectsOther else {
            throw HTTPFailure(.expectationFailed, "the only expectation served here is 100-continue")
        }
        return self.expectsContinue
    }
}
