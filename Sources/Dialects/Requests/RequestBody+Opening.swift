extension RequestBody {
    /// The opening turns of the conversation that the request goes on with: everything up to the first thing a person
    /// said. Later turns bring it again, byte for byte as long as the client does not write it anew; that is what a
    /// conversation without a name is known by.
    public var opening: ArraySlice<UInt8> {
        switch self.endpoint {
        case .openAIChat, .anthropicMessages, .ollamaChat: self.openingMessages
        case .openAIResponses: self.first(of: .input)
        case .openAICompletions, .ollamaGenerate: self.map[.prompt].map { self.bytes[$0.value] } ?? []
        case .openAIEmbeddings, .openAIModels, .openAIModel, .anthropicCountTokens, .ollamaEmbed, .ollamaEmbeddings,
            .ollamaShow, .ollamaTags, .ollamaPs, .ollamaVersion, .ollamaRoot:
            []
        }
    }

    private var openingMessages: ArraySlice<UInt8> {
        guard let messages = self.map[.messages] else { return [] }
        if let end = self.map.openingEnd { return self.bytes[messages.value.lowerBound..<end] }
        guard let last = Container(self.bytes[messages.value])?.items.last else { return [] }
        return self.bytes[messages.value.lowerBound..<last.value.upperBound]
    }

    /// A text as it is, or the first element of a list.
    private func first(of field: Field) -> ArraySlice<UInt8> {
        guard let item = self.map[field] else { return [] }
        guard let list = Container(self.bytes[item.value]), let first = list.items.first else {
            return self.bytes[item.value]
        }
        return self.bytes[first.value]
    }
}
