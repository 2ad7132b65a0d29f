/// Reads the bodies of the OpenAI endpoints as Ollama translates them (`ollama.md` 4): what it drops is dropped here.
enum OpenAIReading {
    static func chat(_ body: JSONObject) throws(Failure) -> Job {
        let type = "ChatCompletionRequest"
        var job = Job(.chat)
        job.model = try NativeReading.string(body, "model", type) ?? ""
        job.isStreamed = body.field("stream")?.bool ?? false
        job.wantsUsage = Self.wantsUsage(body)
        let messages = try NativeReading.list(body, "messages", type, "[]openai.Message")
        if messages.isEmpty { throw Failure(400, "[] is too short - 'messages'", .reading) }
        for message in messages { job.messages += try Self.messages(from: message) }
        job.tools = Self.tools(try NativeReading.list(body, "tools", type, "[]api.Tool"))
        job.options = Self.sampling(body, limit: body.field("max_tokens"))
        job.think = try Self.effort(body)
        job.format = Self.format(body.field("response_format")?.object)
        let top = body.field("top_logprobs")?.int ?? 0
        guard (0...20).contains(top) else { throw Failure(400, "top_logprobs must be between 0 and 20") }
        if body.field("logprobs")?.bool ?? false { job.logprobs = .init(top: top) }
        return job
    }

    static func completion(_ body: JSONObject) throws(Failure) -> Job {
        let type = "CompletionRequest"
        var job = Job(.generate)
        job.model = try NativeReading.string(body, "model", type) ?? ""
        _ = try NativeReading.string(body, "prompt", type)
        job.isStreamed = body.field("stream")?.bool ?? false
        job.wantsUsage = Self.wantsUsage(body)
        job.suffix = body.field("suffix")?.text.flatMap { $0.isEmpty ? nil : $0 }
        job.options = Self.sampling(body, limit: body.field("max_tokens"))
        if let prompt = body.field("prompt")?.text, !prompt.isEmpty {
            job.messages = [.init(role: "user", text: prompt)]
        }
        return job
    }

    static func wantsUsage(_ body: JSONObject) -> Bool {
        body.field("stream_options")?.object?.field("include_usage")?.bool ?? false
    }

    static func sampling(_ body: JSONObject, limit: JSONValue?) -> GenerationOptions {
        var options = GenerationOptions()
        options.numPredict = limit?.int
        options.seed = body.field("seed")?.int
        switch body.field("stop") {
        case .string(let text): options.stop = [text.bytes]
        case .array(let items): options.stop = items.compactMap { $0.text?.bytes }
        default: break
        }
        return options
    }

    static func tools(_ values: [JSONValue]) -> [Job.Tool] {
        values.compactMap { value in
            guard let function = value.object?.field("function")?.object else { return nil }
            return .init(name: function.field("name")?.string ?? "", parameters: function.field("parameters") ?? .null)
        }
    }

    /// Each part becomes a message of its own.
    private static func messages(from value: JSONValue) throws(Failure) -> [Job.Message] {
        guard let object = value.object else { throw .type(value, "ChatCompletionRequest.messages", "openai.Message") }
        let role = object.field("role")?.string ?? ""
        switch object.field("content") {
        case .string(let text): return [.init(role: role, text: text)]
        case .array(let parts):
            var messages: [Job.Message] = []
            for part in parts { messages.append(try Self.message(role: role, part: part)) }
            return messages
        case nil where object.field("tool_calls") != nil: return [.init(role: role, text: nil)]
        case nil: throw Failure(400, "invalid message content type: <nil>", .reading)
        case .some(let other):
            throw Failure(400, "invalid message content type: \(Self.goType(other))", .reading)
        }
    }

    private static func message(role: String, part: JSONValue) throws(Failure) -> Job.Message {
        guard let object = part.object else { throw Failure(400, "invalid message format", .reading) }
        switch object.field("type")?.string {
        case "text": return .init(role: role, text: object.field("text")?.text)
        case "image_url":
            let image = object.field("image_url")
            let url = image?.string ?? image?.object?.field("url")?.string ?? ""
            return .init(role: role, text: nil, images: [try Self.image(dataURL: url)])
        default: throw Failure(400, "invalid message format", .reading)
        }
    }

    static func image(dataURL url: String) throws(Failure) -> JSONText {
        if url.hasPrefix("http://") || url.hasPrefix("https://") {
            throw Failure(
                400, "image URLs are not currently supported, please use base64 encoded data instead", .reading)
        }
        guard url.hasPrefix("data:"), let comma = url.utf8.firstIndex(of: 0x2C) else {
            throw Failure(400, "invalid image input", .reading)
        }
        let data = Array(url.utf8[url.utf8.index(after: comma)...])
        guard Base64.illegalOffset(in: data) == nil else { throw Failure(400, "invalid image input", .reading) }
        return JSONText(raw: data[...], hasEscapes: false)
    }

    static func effort(_ body: JSONObject) throws(Failure) -> Job.Think {
        guard
            let effort = body.field("reasoning_effort")?.string
                ?? body.field("reasoning")?.object?.field("effort")?.string
        else { return .unsaid }
        switch effort {
        case "none": return .off
        case "minimal", "low", "medium", "high", "xhigh", "ultra", "max": return .on
        default:
            throw Failure(
                400,
                "invalid reasoning value: \"\(effort)\" (must be \"minimal\", \"low\", \"medium\", \"high\", \"xhigh\","
                    + " \"ultra\", \"max\", or \"none\")",
                .reading)
        }
    }

    static func format(_ format: JSONObject?) -> Job.Format {
        switch format?.field("type")?.string {
        case "json_object": .json
        case "json_schema":
            // Chat has the schema one level deeper than Responses.
            (format?.field("json_schema")?.object?.field("schema") ?? format?.field("schema")).map { .schema($0) }
                ?? .json
        default: .free
        }
    }

    private static func goType(_ value: JSONValue) -> String {
        switch value {
        case .null: "<nil>"
        case .bool: "bool"
        case .number: "float64"
        case .string: "string"
        case .array: "[]interface {}"
        case .object: "map[string]interface {}"
        }
    }
}
