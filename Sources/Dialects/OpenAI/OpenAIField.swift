/// Reads members of OpenAI's requests whose type is fixed. `null` is as good as absent and never comes here.
enum OpenAIField {
    static func text(_ value: JSONView, _ name: String) throws(BodyRefusal) -> String {
        guard let text = value.string else { throw .field(name, "must be a string") }
        return text
    }

    static func flag(_ value: JSONView, _ name: String) throws(BodyRefusal) -> Bool {
        guard let flag = value.bool else { throw .field(name, "must be true or false") }
        return flag
    }

    /// A number; `1e400` is within the grammar and is none.
    static func number(_ value: JSONView, _ name: String) throws(BodyRefusal) -> Double {
        guard let number = value.double, number.isFinite else { throw .field(name, "must be a number") }
        return number
    }

    static func integer(_ value: JSONView, _ name: String) throws(BodyRefusal) -> Int {
        guard let number = value.integer else { throw .field(name, "must be a whole number") }
        return number
    }

    static func object(_ value: JSONView, _ name: String) throws(BodyRefusal) {
        guard value.kind == .object else { throw .field(name, "must be an object") }
    }

    static func list(_ value: JSONView, _ name: String) throws(BodyRefusal) {
        guard value.kind == .array else { throw .field(name, "must be an array") }
    }

    /// A bound on the answer's tokens. One below 1 is none, as everywhere here (`RequestBody.outputTokensMax`).
    static func bound(_ value: JSONView, _ name: String) throws(BodyRefusal) -> Int? {
        let bound = try Self.integer(value, name)
        return bound > 0 ? bound : nil
    }

    /// One text or several (`stop`); empty ones would end every answer before it begins, and are none.
    static func texts(_ value: JSONView, _ name: String) throws(BodyRefusal) -> [String] {
        if let text = value.string { return text.isEmpty ? [] : [text] }
        guard value.kind == .array else { throw .field(name, "must be a string or an array of strings") }
        var texts: [String] = []
        try value.eachElement { (element) throws(BodyRefusal) in
            guard let text = element.string else { throw .field(name, "must be a string or an array of strings") }
            if !text.isEmpty { texts.append(text) }
        }
        return texts
    }
}

extension BodyRefusal {
    /// A member that asks for what is not done here at all, whatever the server.
    static func unsupported(_ name: String, _ reason: String) -> BodyRefusal {
        BodyRefusal(
            reason: .unsupportedParameter, message: "\"\(name)\" is not supported: \(reason)", parameter: name)
    }
}

extension ChatRequest {
    /// Takes over a member that chat and responses call by the same name; false if it is none of them.
    mutating func read(_ key: ArraySlice<UInt8>, _ value: JSONView) throws(BodyRefusal) -> Bool {
        switch key {
        case "stream": self.streams = try OpenAIField.flag(value, "stream")
        case "parallel_tool_calls": self.callsInParallel = try OpenAIField.flag(value, "parallel_tool_calls")
        default: return try self.sampling.read(key, value)
        }
        return true
    }
}

extension Sampling {
    /// Takes over a member that chat, completions and responses call by the same name; false if it is none of them.
    mutating func read(_ key: ArraySlice<UInt8>, _ value: JSONView) throws(BodyRefusal) -> Bool {
        switch key {
        case "temperature": self.temperature = try OpenAIField.number(value, "temperature")
        case "top_p": self.topP = try OpenAIField.number(value, "top_p")
        case "top_k": self.topK = try OpenAIField.integer(value, "top_k")
        case "min_p": self.minP = try OpenAIField.number(value, "min_p")
        case "frequency_penalty": self.frequencyPenalty = try OpenAIField.number(value, "frequency_penalty")
        case "presence_penalty": self.presencePenalty = try OpenAIField.number(value, "presence_penalty")
        case "seed": self.seed = try OpenAIField.integer(value, "seed")
        case "stop": self.stop = try OpenAIField.texts(value, "stop")
        default: return false
        }
        return true
    }
}
