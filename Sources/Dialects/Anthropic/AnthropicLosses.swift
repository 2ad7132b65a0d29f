/// Members of Anthropic's requests that have no neutral form: how much depends on each.
///
/// Source: Anthropic API reference, "Create a Message".
enum AnthropicLosses {
    /// Notes a top-level member that was not read. All are hints but where an answer is made, which is not ours to
    /// change. What says what holds anyway asks for nothing.
    static func note(_ key: ArraySlice<UInt8>, _ value: JSONView, _ losses: inout Losses) {
        guard !value.isNull, !value.isEmpty, value.bool != false else { return }
        switch key {
        case "inference_geo": losses.note("inference_geo", .demand)
        case "service_tier": if value.string != "auto" { losses.note("service_tier", .hint) }
        case "speed": if value.string != "standard" { losses.note("speed", .hint) }
        case "tool_choice":
            if value["type"]?.string != "auto" { losses.note("tool_choice", .hint) }
            if value["disable_parallel_tool_use"]?.bool == true {
                losses.note("tool_choice.disable_parallel_tool_use", .hint)
            }
        default: losses.note(String(decoding: key, as: UTF8.self), .hint)
        }
    }
}
