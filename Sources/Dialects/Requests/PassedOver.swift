/// What Ollama would pass over without a word in a request that it reads as it is: members of `/v1` that it does not know
/// (`ollama.md` 4 and 5). The body stays byte for byte; the rule on losses judges them as it does in a translation.
///
/// Its own API is another matter: who speaks it knows what it knows.
extension RequestBody {
    /// The names of what Ollama passes over, as far as `rule` lets that be. Refuses also what would need a state that
    /// nobody keeps, and numbers of tokens.
    func passedOver(for rule: LossRule) throws(BodyRefusal) -> [String] {
        try self.checkVectorInput()
        if self.map.unread.isEmpty { return [] }
        var losses = Losses()
        try self.notePassedOver(&losses)
        return losses.isEmpty ? [] : try losses.judged(by: rule, .ollama)
    }

    private func notePassedOver(_ losses: inout Losses) throws(BodyRefusal) {
        for item in self.map.unread {
            let key = JSONText.unescaped(self.bytes[item.key])
            let value = JSONView(checked: self.bytes[item.value])
            if value.isNull { continue }
            switch self.endpoint.dialect {
            case .openAI: try self.notePassedOver(key[...], value, &losses)
            case .anthropic: AnthropicLosses.note(key[...], value, &losses)
            case .ollama: return
            }
        }
        if self.map.hasMoreUnread { losses.note("other", .demand) }
    }

    private func notePassedOver(
        _ key: ArraySlice<UInt8>, _ value: JSONView, _ losses: inout Losses
    ) throws(BodyRefusal) {
        if self.endpoint == .openAIResponses {
            try OpenAIResponses.refuseWhatIsKept(key, value)
            if try OpenAIResponses.noteProbabilities(key, value, &losses) { return }
        }
        switch key {
        case "tool_choice": if value.string != "auto" { losses.note("tool_choice", .hint) }
        case "parallel_tool_calls": if value.bool == false { losses.note("parallel_tool_calls", .hint) }
        default: OpenAILosses.note(key, value, &losses)
        }
    }

    /// Ollama refuses numbers of tokens too, but does not say what it wants (`ollama.md` 4).
    private func checkVectorInput() throws(BodyRefusal) {
        guard self.endpoint == .openAIEmbeddings, let input = self.map[.input] else { return }
        let value = JSONView(checked: self.bytes[input.value])
        guard let kind = value.first?.kind, kind != .string else { return }
        throw .field("input", OpenAIEmbeddings.expectation)
    }

    /// Does it ask Ollama's `/v1/messages` for the form of the answer? It does not read that there; its own API does.
    var asksForFormByMessages: Bool {
        guard self.endpoint == .anthropicMessages else { return false }
        let facts = BodyFacts(bytes: self.bytes, map: self.map, endpoint: self.endpoint)
        return facts.view(.outputFormat) != nil || facts.view(.outputConfig)?["format"]?.isNull == false
    }
}
