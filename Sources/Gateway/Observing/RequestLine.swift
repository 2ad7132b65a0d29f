import Dialects
import EventLoop
import Vocabulary

extension RequestRecord {
    /// The line of the request log: one JSON object, without a word of prompt or answer, and without any text that the
    /// caller chose freely.
    func logLine(at now: Instant, wall: WallTime) -> [UInt8] {
        var json = JSONWriter(capacity: 512)
        json.object { line in
            line.key("time")
            line.string(utf8: wall.rfc3339Bytes)
            line.member("level", "info")
            line.member("message", "request")
            line.key("id")
            line.string(utf8: self.id.bytes)
            line.member("endpoint", self.path)
            line.member("status", self.ending?.status)
            line.member("reason", self.ending?.reason.rawValue)
            line.member("route", self.route)
            line.member("backend", self.backend?.rawValue)
            line.member("model", self.model?.rawValue)
            line.member("alias", self.alias)
            line.member("tier", self.tier)
            line.member("tier_rule", self.tierRule)
            line.member("key", self.key?.id.rawValue)
            line.member("project", self.project?.rawValue)
            line.member("feature", self.feature?.rawValue)
            line.member("principal", self.principal?.rawValue)
            line.member("sensitivity", self.classification?.sensitivity.rawValue)
            line.member("streamed", self.isStreamed)
            line.member("attempts", self.attemptsBegun)
            line.member("prompt_tokens", self.usage.promptTokens)
            line.member("output_tokens", self.usage.outputTokens)
            line.member("queue_ms", self.ending?.timings.queued)
            line.member("first_token_ms", self.firstToken)
            line.member("total_ms", now - self.arrivedAt)
            line.member("bytes_out", self.bytesOut)
        }
        return json.bytes
    }
}

extension JSONWriter {
    /// A member; left out if there is no value.
    fileprivate mutating func member(_ key: StaticString, _ value: String?) {
        guard let value else { return }
        self.key(key)
        self.string(value)
    }

    fileprivate mutating func member(_ key: StaticString, _ value: Int?) {
        guard let value else { return }
        self.key(key)
        self.integer(value)
    }

    fileprivate mutating func member(_ key: StaticString, _ value: Bool) {
        self.key(key)
        self.bool(value)
    }

    /// In milliseconds.
    fileprivate mutating func member(_ key: StaticString, _ value: Duration?) {
        guard let value else { return }
        self.key(key)
        let microseconds = max(0, value.nanoseconds / 1000)
        var number = Array(String(microseconds / 1000).utf8)
        let rest = microseconds % 1000
        if rest > 0 { number += [UInt8(ascii: "."), digit(rest / 100), digit(rest / 10 % 10), digit(rest % 10)] }
        self.raw(number)
    }
}

private func digit(_ value: Int64) -> UInt8 {
    UInt8(ascii: "0") + UInt8(value)
}
