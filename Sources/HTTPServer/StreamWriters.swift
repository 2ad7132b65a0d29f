/// Builds events of a `text/event-stream` (WHATWG HTML section 9.2).
public enum SSEWriter {
    /// The media type of the stream.
    public static let contentType: StaticString = "text/event-stream"

    /// One event: `event:` if named, one `data:` line for each line of `data`, a blank line.
    public static func event(_ name: StaticString? = nil, data: some Collection<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(data.count + 32)
        if let name {
            ResponseHead.append("event: ", to: &out)
            ResponseHead.append(name, to: &out)
            out.append(ASCII.lineFeed)
        }
        ResponseHead.append("data: ", to: &out)
        var afterReturn = false
        for byte in data {
            // CR, LF and CRLF each end a line there; a value must not end its own event.
            if byte == ASCII.lineFeed && afterReturn {
                afterReturn = false
            } else if byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
                ResponseHead.append("\ndata: ", to: &out)
                afterReturn = byte == ASCII.carriageReturn
            } else {
                out.append(byte)
                afterReturn = false
            }
        }
        ResponseHead.append("\n\n", to: &out)
        return out
    }

    /// A comment, which clients ignore: keeps a silent stream alive.
    public static func comment(_ text: StaticString = "") -> [UInt8] {
        var out: [UInt8] = []
        ResponseHead.append(": ", to: &out)
        ResponseHead.append(text, to: &out)
        ResponseHead.append("\n\n", to: &out)
        return out
    }
}

/// Builds lines of `application/x-ndjson`, Ollama's stream format.
public enum NDJSONWriter {
    /// The media type of the stream.
    public static let contentType: StaticString = "application/x-ndjson"

    /// One JSON text as one line. Line ends inside valid JSON stand between its tokens only, where a space does too.
    public static func line(_ json: some Collection<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(json.count + 1)
        for byte in json {
            out.append(byte == ASCII.lineFeed || byte == ASCII.carriageReturn ? ASCII.space : byte)
        }
        out.append(ASCII.lineFeed)
        return out
    }
}
