/// `POST /v1/responses`, as a client sends it. Nothing is kept between requests: what would need it is refused.
///
/// Source: OpenAI API reference, "Create a model response".
enum OpenAIResponses {
    /// Reads a client's body. Beside the request it returns what its tools are called, which the answer needs.
    static func decode(
        _ body: JSONView, _ losses: inout Losses
    ) throws(BodyRefusal) -> (request: ChatRequest, names: ResponsesNames) {
        var request = ChatRequest()
        var members = Members()
        try body.eachMember { (key, value) throws(BodyRefusal) in
            if value.isNull { return }
            if try request.read(key, value) { return }
            if try members.read(key, value) { return }
            try Self.refuseWhatIsKept(key, value)
            OpenAILosses.note(key, value, &losses)
        }
        request.outputTokensMax = members.bound
        var tools = ResponsesTools()
        if let list = members.tools { try tools.add(list, &losses) }
        var turns = ResponsesTurns(tools: tools)
        if let instructions = members.instructions {
            let text = try OpenAIField.text(instructions, "instructions")
            if !text.isEmpty { turns.add(ChatTurn(.system, text)) }
        }
        if let input = members.input { try turns.add(input: input, &losses) }
        request.turns = turns.turns
        request.tools = turns.tools.tools
        if let choice = members.toolChoice {
            request.toolChoice = try turns.tools.choice(choice, tools: members.tools, &losses)
        }
        if let text = members.text { request.format = try Self.format(text, &losses) }
        if let reasoning = members.reasoning { request.reasoning = try OpenAIReasoning.read(reasoning, &losses) }
        request.logProbabilities = try members.probabilities(&losses)
        return (request, turns.tools.names)
    }

    /// What is read once all members are known.
    private struct Members {
        var input: JSONView?
        var instructions: JSONView?
        var tools: JSONView?
        var toolChoice: JSONView?
        var text: JSONView?
        var reasoning: JSONView?
        var include: JSONView?
        var bound: Int?
        var topProbabilities = 0

        /// Takes a member over; false if it is none that is read.
        mutating func read(_ key: ArraySlice<UInt8>, _ value: JSONView) throws(BodyRefusal) -> Bool {
            switch key {
            case "input": self.input = value
            case "instructions": self.instructions = value
            case "tools": self.tools = value
            case "tool_choice": self.toolChoice = value
            case "text": self.text = value
            case "reasoning": self.reasoning = value
            case "include": self.include = value
            case "top_logprobs": self.topProbabilities = try OpenAIChat.topProbabilities(value)
            case "max_output_tokens": self.bound = try OpenAIField.bound(value, "max_output_tokens")
            default: return false
            }
            return true
        }

        /// Probabilities are asked for by `include`, or by saying how many. Of the rest of `include` the thinking's seal
        /// is told always, and what hosted tools would tell is lost.
        func probabilities(_ losses: inout Losses) throws(BodyRefusal) -> LogProbabilities? {
            let isAsked = try self.include.map { (include) throws(BodyRefusal) in
                try OpenAIResponses.asksForProbabilities(include, &losses)
            }
            return isAsked ?? false || self.topProbabilities > 0 ? LogProbabilities(top: self.topProbabilities) : nil
        }
    }

    /// `include`: does it ask for probabilities? Of the rest what hosted tools would tell is lost.
    private static func asksForProbabilities(
        _ include: JSONView, _ losses: inout Losses
    ) throws(BodyRefusal) -> Bool {
        try OpenAIField.list(include, "include")
        var isAsked = false
        for name in include.elements {
            switch name.string {
            case "message.output_text.logprobs": isAsked = true
            case "reasoning.encrypted_content": break
            default: losses.note("include", .hint)
            }
        }
        return isAsked
    }

    /// Notes a wish for probabilities that a server passes over; false if the member asks for none.
    static func noteProbabilities(
        _ key: ArraySlice<UInt8>, _ value: JSONView, _ losses: inout Losses
    ) throws(BodyRefusal) -> Bool {
        switch key {
        case "include": if try Self.asksForProbabilities(value, &losses) { losses.note("logprobs", .demand) }
        case "top_logprobs": if try OpenAIChat.topProbabilities(value) > 0 { losses.note("logprobs", .demand) }
        default: return false
        }
        return true
    }

    static func refuseWhatIsKept(_ key: ArraySlice<UInt8>, _ value: JSONView) throws(BodyRefusal) {
        switch key {
        case "previous_response_id":
            throw .unsupported(
                "previous_response_id", "no response is kept here; send the whole conversation in \"input\"")
        case "conversation":
            throw .unsupported("conversation", "none is kept here; send it whole in \"input\"")
        case "prompt":
            throw .unsupported("prompt", "no templates are kept here; send \"instructions\" and \"input\"")
        case "background":
            if value.bool == true {
                throw .unsupported("background", "a response that nobody waits for would have to be kept; leave it out")
            }
        default: break
        }
    }

    /// `text`: the form of the answer.
    private static func format(_ text: JSONView, _ losses: inout Losses) throws(BodyRefusal) -> AnswerFormat? {
        try OpenAIField.object(text, "text")
        var format: JSONView?
        text.forEachMember { key, value in
            if value.isNull { return }
            if key.equals("format") {
                format = value
            } else if !key.equals("verbosity") || value.string != "medium" {
                losses.note("text." + String(decoding: key, as: UTF8.self), .hint)
            }
        }
        guard let format else { return nil }
        try OpenAIField.object(format, "text.format")
        switch format["type"]?.string {
        case "text": return nil
        case "json_object": return .jsonObject
        case "json_schema":
            guard format["schema"] != nil else { throw .field("text.format.schema", "is required") }
            return .schema(try OpenAISchema.read(format, "text.format"))
        default: throw .field("text.format.type", "must be text, json_object or json_schema")
        }
    }
}
