/// What an answer of `/v1/responses` repeats of its request.
struct ResponsesEcho {
    var instructions: JSONText?
    var maxOutputTokens: JSONValue?
    var temperature: JSONValue?
    var topP: JSONValue?
    var truncation: JSONValue?
    var text: JSONValue?
    var reasoning: JSONValue?
    var tools: [JSONValue] = []
}

/// Reads the body of `/v1/responses` (`ollama.md` 4).
enum ResponsesReading {
    static func read(_ body: JSONObject) throws(Failure) -> (job: Job, echo: ResponsesEcho) {
        let type = "ResponsesRequest"
        var job = Job(.chat)
        job.model = try NativeReading.string(body, "model", type) ?? ""
        job.isStreamed = body.pointerField("stream")?.bool ?? false
        if let instructions = body.field("instructions")?.text, !instructions.isEmpty {
            job.messages.append(.init(role: "system", text: instructions))
        }
        job.messages += try Self.input(body.field("input"))
        job.options = OpenAIReading.sampling(body, limit: body.pointerField("max_output_tokens"))
        job.think = try OpenAIReading.effort(body)
        job.format = OpenAIReading.format(body.field("text")?.object?.field("format")?.object)
        let tools = try NativeReading.list(body, "tools", type, "[]openai.ResponsesTool")
        for tool in tools {
            guard let object = tool.object else { continue }
            if object.field("type")?.string == "web_search" {
                job.hasWebSearch = true
            } else if let name = object.field("name")?.string {
                job.tools.append(.init(name: name, parameters: object.field("parameters") ?? .null))
            }
        }
        let echo = ResponsesEcho(
            instructions: body.field("instructions")?.text, maxOutputTokens: body.pointerField("max_output_tokens"),
            temperature: body.pointerField("temperature"), topP: body.pointerField("top_p"),
            truncation: body.pointerField("truncation"), text: body.field("text"),
            reasoning: body.field("reasoning"), tools: tools)
        return (job, echo)
    }

    private static func input(_ value: JSONValue?) throws(Failure) -> [Job.Message] {
        switch value {
        case .string(let text): return [.init(role: "user", text: text)]
        case .array(let items):
            var messages: [Job.Message] = []
            for item in items { messages += try Self.messages(from: item) }
            return messages
        default: throw Failure(400, "input must be a string or array", .reading)
        }
    }

    private static func messages(from item: JSONValue) throws(Failure) -> [Job.Message] {
        guard let object = item.object else { throw Failure(400, "input must be a string or array", .reading) }
        switch object.field("type")?.string {
        case "function_call_output": return [.init(role: "tool", text: object.field("output")?.text)]
        case "function_call": return [.init(role: "assistant", text: object.field("arguments")?.text)]
        case "reasoning": return []
        default: break
        }
        let role = object.field("role")?.string ?? "user"
        switch object.field("content") {
        case .string(let text): return [.init(role: role, text: text)]
        case .array(let parts):
            var message = Job.Message(role: role, text: nil)
            for part in parts {
                if let url = part.object?.field("image_url")?.string {
                    message.images.append(try OpenAIReading.image(dataURL: url))
                } else if let text = part.object?.field("text")?.text {
                    message = .init(role: role, text: text, images: message.images)
                }
            }
            return [message]
        default: return []
        }
    }
}
