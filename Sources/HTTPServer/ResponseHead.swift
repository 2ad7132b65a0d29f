/// How the body of an answer is delimited.
enum AnswerFraming: Hashable, Sendable {
    /// No body and no length: 204, 304, and answers to HEAD whose length is not known.
    case none
    /// `Content-Length`.
    case length(Int)
    /// `Transfer-Encoding: chunked`.
    case chunked
    /// The end of the connection: HTTP/1.0 streams.
    case close
}

/// What an answer says of the connection.
enum ConnectionNote: Hashable, Sendable {
    /// Nothing: kept, as HTTP/1.1 has it.
    case kept
    /// `keep-alive`, to a client of HTTP/1.0 that asked for it.
    case keptForHTTP10
    /// `close`.
    case closes
}

/// Writes the head of an answer: the only place where headers meet the wire.
enum ResponseHead {
    /// Appends the whole head. `fixed` are whole header lines that every answer has (`Date`, `Server`).
    static func append(
        status: Int, headers: [HTTPHeader], common: [HTTPHeader], fixed: [UInt8], framing: AnswerFraming,
        connection: ConnectionNote, to out: inout [UInt8]
    ) {
        precondition((200...599).contains(status), "\(status) is not the status of a final answer")
        Self.append("HTTP/1.1 ", to: &out)
        Self.append(status, to: &out)
        out.append(ASCII.space)
        Self.append(Self.phrase(status), to: &out)
        Self.append("\r\n", to: &out)
        out.append(contentsOf: fixed)
        for header in headers where !header.isServersOwn { Self.append(header, to: &out) }
        for header in common where !header.isServersOwn { Self.append(header, to: &out) }
        switch framing {
        case .none, .close: break
        case .length(let length):
            Self.append("Content-Length: ", to: &out)
            Self.append(length, to: &out)
            Self.append("\r\n", to: &out)
        case .chunked: Self.append("Transfer-Encoding: chunked\r\n", to: &out)
        }
        switch connection {
        case .kept: break
        case .keptForHTTP10: Self.append("Connection: keep-alive\r\n", to: &out)
        case .closes: Self.append("Connection: close\r\n", to: &out)
        }
        Self.append("\r\n", to: &out)
    }

    private static func append(_ header: HTTPHeader, to out: inout [UInt8]) {
        header.withName { out.append(contentsOf: $0) }
        Self.append(": ", to: &out)
        out.append(contentsOf: header.value)
        Self.append("\r\n", to: &out)
    }

    static func append(_ text: StaticString, to out: inout [UInt8]) {
        out.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// A number that is not negative, in decimal.
    static func append(_ number: Int, to out: inout [UInt8]) {
        var unit = 1
        while number / unit >= 10 { unit *= 10 }
        while unit > 0 {
            out.append(UInt8(ascii: "0") + UInt8(number / unit % 10))
            unit /= 10
        }
    }

    /// The head of one chunk: its size in hexadecimal and CRLF.
    static func appendChunkSize(_ size: Int, to out: inout [UInt8]) {
        let digits: StaticString = "0123456789abcdef"
        var shift = (63 - max(1, size).leadingZeroBitCount) / 4 * 4
        while shift >= 0 {
            out.append(digits.utf8Start[size >> shift & 15])
            shift -= 4
        }
        Self.append("\r\n", to: &out)
    }

    /// The reason phrases of the IANA registry for what is answered here; clients must not need them (RFC 9112
    /// section 4), so others have none.
    static func phrase(_ status: Int) -> StaticString {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }
}
