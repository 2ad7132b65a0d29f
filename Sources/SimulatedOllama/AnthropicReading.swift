/// Reads the body of `/v1/messages` (`ollama.md` 5).
enum AnthropicReading {
    static func read(_ body: JSONObject) throws(Failure) -> Job {
        let type = "MessagesRequest"
        var job = Job(.chat)
        job.dropsThinking = true
        job.model = try NativeReading.string(body, "model", type) ?? ""
        if job.model.isEmpty { throw Failure(400, "model is required", .reading) }
        guard let limit = body.field("max_tokens")?.int, limit > 0 else {
            throw Failure(400, "max_tokens is required and must be positive", .reading)
        }
        let messages = try NativeReading.list(body, "messages", type, "[]anthropic.MessageParam")
        if messages.isEmpty { throw Failure(400, "messages is required", .reading) }
        job.isStreamed = body.field("stream")?.bool ?? false
        job.options.numPredict = limit
        job.options.stop = (body.field("stop_sequences")?.items ?? []).compactMap { $0.text?.bytes }
        switch body.field("system") {
        case .string(let text): job.messages.append(.init(role: "system", text: text))
        case .array(let blocks):
            job.messages += blocks.map { .init(role: "system", text: $0.object?.field("text")?.text) }
        default: break
        }
        for message in messages { job.messages += try Self.messages(from: message) }
        try Self.readTools(body, into: &job)
        switch body.field("thinking")?.object?.field("type")?.string {
        case "enabled", "adaptive": job.think = .on
        case "disabled": job.think = .off
        default: break
        }
        return job
    }

    private static func readTools(_ body: JSONObject, into job: inout Job) throws(Failure) {
        for tool in try NativeReading.list(body, "tools", "MessagesRequest", "[]anthropic.Tool") {
            guard let object = tool.object else { continue }
            if object.field("type")?.string?.hasPrefix("web_search") ?? false {
                job.hasWebSearch = true
            } else {
                job.tools.append(
                    .init(
                        name: object.field("name")?.string ?? "", parameters: object.field("input_schema") ?? .null))
            }
        }
    }

    private static func messages(from value: JSONValue) throws(Failure) -> [Job.Message] {
        guard let object = value.object else {
            throw .type(value, "MessagesRequest.messages", "anthropic.MessageParam")
        }
        let role = object.field("role")?.string ?? ""
        switch object.field("content") {
        case .string(let text): return [.init(role: role, text: text)]
        case .array(let blocks):
            var messages: [Job.Message] = []
            for block in blocks { messages.append(try Self.message(role: role, block: block)) }
            return messages
        default: return []
        }
    }

    private static func message(role: String, block: JSONValue) throws(Failure) -> Job.Message {
        guard let object = block.object else { throw Failure(400, "invalid content block format", .reading) }
        switch object.field("type")?.string {
        case "image":
            let source = object.field("source")?.object
            let kind = source?.field("type")?.string ?? ""
            guard kind == "base64" else {
                throw Failure(
                    400, "invalid image source type: \(kind). Only base64 images are supported.", .reading)
            }
            guard let data = source?.field("data")?.text, Base64.illegalOffset(in: data.bytes) == nil else {
                throw Failure(400, "invalid base64 image data: illegal base64 data at input byte 0", .reading)
            }
            return .init(role: role, text: nil, images: [data])
        case "tool_result": return .init(role: "tool", text: object.field("content")?.text)
        case "tool_use": return .init(role: "assistant", text: nil)
        default: return .init(role: role, text: object.field("text")?.text ?? object.field("thinking")?.text)
        }
    }
}
