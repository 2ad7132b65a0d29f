/// `POST /v1/chat/completions`, as a client sends it and as a server with OpenAI's API gets it.
///
/// Source: OpenAI API reference, "Create chat completion"; DeepSeek's, vLLM's and OpenRouter's manuals for the thinking
/// of earlier turns and for `reasoning`.
enum OpenAIChat {
    /// Reads a client's body.
    ///
    /// Empty texts are no parts, tool messages that follow each other are one turn, and a call without arguments has an
    /// empty object. A custom tool becomes a function of one text, `input`; its calls come back as those of a function,
    /// which is noted.
    static func decode(_ body: JSONView, _ losses: inout Losses) throws(BodyRefusal) -> ChatRequest {
        var request = ChatRequest()
        var members = Members()
        try body.eachMember { (key, value) throws(BodyRefusal) in
            if value.isNull { return }
            if try request.read(key, value) { return }
            if try members.read(key, value) { return }
            OpenAILosses.note(key, value, &losses)
        }
        request.outputTokensMax = [members.bound, members.newerBound].compactMap { $0 }.min()
        if members.asksForProbabilities { request.logProbabilities = LogProbabilities(top: members.topProbabilities) }
        try members.readTools(into: &request, &losses)
        if let format = members.format { request.format = try Self.format(format, &losses) }
        if let messages = members.messages {
            try OpenAIField.list(messages, "messages")
            var turns = OpenAITurns()
            try messages.eachElement { (message) throws(BodyRefusal) in try turns.add(message, &losses) }
            request.turns = turns.turns
        }
        try members.readReasoning(into: &request, &losses)
        return request
    }

    /// What is read once all members are known.
    private struct Members {
        var messages: JSONView?
        var tools: JSONView?
        var toolChoice: JSONView?
        var functions: JSONView?
        var functionCall: JSONView?
        var format: JSONView?
        var effort: JSONView?
        var reasoning: JSONView?
        var bound: Int?
        var newerBound: Int?
        var asksForProbabilities = false
        var topProbabilities = 0

        /// Takes a member over; false if it is none that is read.
        mutating func read(_ key: ArraySlice<UInt8>, _ value: JSONView) throws(BodyRefusal) -> Bool {
            switch key {
            case "messages": self.messages = value
            case "tools": self.tools = value
            case "tool_choice": self.toolChoice = value
            case "functions": self.functions = value
            case "function_call": self.functionCall = value
            case "response_format": self.format = value
            case "reasoning_effort": self.effort = value
            case "reasoning": self.reasoning = value
            case "max_tokens": self.bound = try OpenAIField.bound(value, "max_tokens")
            case "max_completion_tokens": self.newerBound = try OpenAIField.bound(value, "max_completion_tokens")
            case "logprobs": self.asksForProbabilities = try OpenAIField.flag(value, "logprobs")
            case "top_logprobs": self.topProbabilities = try OpenAIChat.topProbabilities(value)
            default: return false
            }
            return true
        }

        func readTools(into request: inout ChatRequest, _ losses: inout Losses) throws(BodyRefusal) {
            var tools = OpenAITools()
            if let list = self.tools { try tools.add(list, &losses) }
            if let functions = self.functions, !functions.isEmpty {
                try OpenAIField.list(functions, "functions")
                // Their calls come back in the newer form.
                losses.note("functions", .demand)
                try functions.eachElement { (function) throws(BodyRefusal) in
                    tools.tools.append(try OpenAITools.function(function, "functions[]", &losses))
                }
            }
            request.tools = tools.tools
            if let choice = self.toolChoice {
                request.toolChoice = try OpenAITools.choice(choice, tools: self.tools, &losses)
            } else if let choice = self.functionCall {
                request.toolChoice = try OpenAITools.olderChoice(choice)
            }
        }

        func readReasoning(into request: inout ChatRequest, _ losses: inout Losses) throws(BodyRefusal) {
            if let reasoning = self.reasoning {
                request.reasoning = try OpenAIReasoning.read(reasoning, &losses)
            }
            if let effort = self.effort {
                request.reasoning = try OpenAIReasoning.effort(effort, "reasoning_effort")
            }
        }
    }

    /// How many of the likeliest tokens are asked for.
    static func topProbabilities(_ value: JSONView) throws(BodyRefusal) -> Int {
        let top = try OpenAIField.integer(value, "top_logprobs")
        guard (0...20).contains(top) else { throw .field("top_logprobs", "must be from 0 to 20") }
        return top
    }

    /// `response_format`. A kind that only one server knows is lost.
    private static func format(
        _ value: JSONView, _ losses: inout Losses
    ) throws(BodyRefusal) -> AnswerFormat? {
        try OpenAIField.object(value, "response_format")
        switch value["type"]?.string {
        case "text": return nil
        case "json_object": return .jsonObject
        case "json_schema":
            guard let schema = value["json_schema"], schema.kind == .object else {
                throw .field("response_format.json_schema", "must be an object with a \"schema\"")
            }
            return .schema(try OpenAISchema.read(schema, "response_format.json_schema"))
        case nil: throw .field("response_format.type", "must be text, json_object or json_schema")
        default:
            losses.note("response_format", .demand)
            return nil
        }
    }
}
