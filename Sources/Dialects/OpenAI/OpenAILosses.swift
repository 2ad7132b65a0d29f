/// Members of OpenAI's requests that have no neutral form: how much depends on each.
///
/// Sources: OpenAI API reference, "Create chat completion", "Create completion", "Create a model response"; vLLM's
/// manual, "Extra parameters", for the last ones.
enum OpenAILosses {
    /// The answer would be another one, or of another form.
    private static let demands: Set<String> = [
        "n", "best_of", "logit_bias", "suffix", "echo", "modalities", "audio", "functions", "function_call",
        "guided_json", "guided_regex", "guided_choice", "guided_grammar", "structured_outputs", "use_beam_search",
    ]

    /// Notes a top-level member that was not read. Everything that is no demand is a hint, what nobody here knows too:
    /// clients send much that servers pass over. Empty values, `false` and those that mean the default ask for nothing.
    static func note(_ key: ArraySlice<UInt8>, _ value: JSONView, _ losses: inout Losses) {
        guard !value.isNull, !value.isEmpty, value.bool != false else { return }
        let name = String(decoding: key, as: UTF8.self)
        if Self.isDefault(name, value) { return }
        losses.note(name, Self.demands.contains(name) ? .demand : .hint)
    }

    private static func isDefault(_ name: String, _ value: JSONView) -> Bool {
        switch name {
        case "n", "best_of": value.integer == 1
        case "service_tier": value.string == "auto" || value.string == "default"
        case "truncation": value.string == "disabled"
        case "verbosity": value.string == "medium"
        case "modalities": value.elements.allSatisfy { $0.string == "text" }
        // What these ask for is read elsewhere (`RequestBody`), or changes the padding of a stream alone.
        case "model", "stream", "stream_options": true
        default: false
        }
    }
}
