/// What a response repeats of the request that it answers. SDKs' types demand some of it, and clients read back what
/// they asked for.
///
/// Source: OpenAI API reference, "The response object".
struct ResponsesEcho: Equatable, Sendable {
    /// What stands where the request says nothing. Nothing is kept, whatever the request wishes.
    private static let defaults: [(key: StaticString, json: StaticString)] = [
        ("instructions", "null"), ("max_output_tokens", "null"), ("max_tool_calls", "null"), ("metadata", "{}"),
        ("parallel_tool_calls", "true"), ("prompt_cache_key", "null"),
        ("reasoning", #"{"effort":null,"summary":null}"#), ("safety_identifier", "null"), ("temperature", "null"),
        ("text", #"{"format":{"type":"text"}}"#), ("tool_choice", "\"auto\""), ("tools", "[]"), ("top_logprobs", "0"),
        ("top_p", "null"), ("truncation", "\"disabled\""), ("user", "null"),
    ]

    /// The members as JSON on one line, as events need it, without a comma before or behind.
    let members: [UInt8]

    /// What `body` says, copied: an answer outlives its request, which may be large.
    init(_ body: JSONView) {
        var values = [JSONView?](repeating: nil, count: Self.defaults.count)
        body.forEachMember { key, value in
            guard let place = Self.defaults.firstIndex(where: { key.equals($0.key) }) else { return }
            values[place] = value.isNull ? nil : value
        }
        var json = JSONWriter(capacity: 1_024)
        json.member("background", false)
        json.key("previous_response_id")
        json.null()
        json.member("store", false)
        for (member, value) in zip(Self.defaults, values) {
            json.key(member.key)
            if let value {
                json.line(value.bytes)
            } else {
                json.raw(UnsafeBufferPointer(start: member.json.utf8Start, count: member.json.utf8CodeUnitCount))
            }
        }
        self.members = json.bytes
    }
}
