/// Reads the bodies of Ollama's own API (`ollama.md` 3, Requests).
enum NativeReading {
    static func chat(_ body: JSONObject) throws(Failure) -> Job {
        let type = "ChatRequest"
        var job = Job(.chat)
        job.model = try Self.string(body, "model", type) ?? ""
        job.messages = try Self.messages(body.field("messages"))
        try Self.common(&job, body, type)
        for tool in try Self.list(body, "tools", type, "api.Tools") {
            guard let function = tool.object?.field("function")?.object else { continue }
            job.tools.append(
                .init(name: function.field("name")?.string ?? "", parameters: function.field("parameters") ?? .null))
        }
        return job
    }

    static func generate(_ body: JSONObject) throws(Failure) -> Job {
        let type = "GenerateRequest"
        var job = Job(.generate)
        job.model = try Self.string(body, "model", type) ?? ""
        try Self.common(&job, body, type)
        job.isRaw = body.field("raw")?.bool ?? false
        job.suffix = body.field("suffix")?.text.flatMap { $0.isEmpty ? nil : $0 }
        let said = ["template", "system"].contains { name in
            !(body.members.last { $0.key.string.lowercased() == name }?.value.text?.isEmpty ?? true)
        }
        if job.isRaw, said || !(body.field("context")?.items ?? []).isEmpty {
            throw Failure(400, "raw mode does not support template, system, or context")
        }
        if let system = body.field("system")?.text, !system.isEmpty {
            job.messages.append(.init(role: "system", text: system))
        }
        _ = try Self.string(body, "prompt", type)
        let images = try Self.images(body.field("images"))
        job.messages.append(.init(role: "user", text: body.field("prompt")?.text, images: images))
        if job.lastUserText.isEmpty, images.isEmpty { job.messages = [] }
        return job
    }

    private static func common(_ job: inout Job, _ body: JSONObject, _ type: String) throws(Failure) {
        if let value = body.pointerField("stream") {
            guard let bool = value.bool else { throw .type(value, "\(type).stream", "bool") }
            job.isStreamed = bool
        }
        job.keepAlive = try Self.keepAlive(body)
        job.think = try Self.think(body.pointerField("think"))
        job.format = try Self.format(body.field("format"))
        job.shifts = body.pointerField("shift")?.bool ?? true
        job.truncates = body.pointerField("truncate")?.bool ?? true
        job.rendersOnly = body.field("_debug_render_only")?.bool ?? false
        let top = body.field("top_logprobs")?.int ?? 0
        guard (0...20).contains(top) else { throw Failure(400, "top_logprobs must be between 0 and 20") }
        if body.field("logprobs")?.bool ?? false { job.logprobs = .init(top: top) }
        job.options = try Self.options(body, type)
    }

    /// Go decodes a repeated object into the same map: the options of all of them hold, the last value of each name.
    static func options(_ body: JSONObject, _ type: String) throws(Failure) -> GenerationOptions {
        guard let last = body.field("options") else { return GenerationOptions() }
        guard let object = last.object else { throw .type(last, "\(type).options", "map[string]interface {}") }
        var merged = JSONObject()
        for member in body.members where member.key.string.lowercased() == "options" {
            merged.members += member.value.object?.members ?? []
        }
        return try GenerationOptions(reading: merged.members.isEmpty ? object : merged)
    }

    static func keepAlive(_ body: JSONObject) throws(Failure) -> Duration? {
        guard let value = body.pointerField("keep_alive") else { return nil }
        do {
            return try GoDuration.keepAlive(value)
        } catch {
            throw Failure(400, error.text, .reading)
        }
    }

    private static func think(_ value: JSONValue?) throws(Failure) -> Job.Think {
        switch value {
        case nil: return .unsaid
        case .bool(let isOn): return isOn ? .on : .off
        case .string(let text) where ["low", "medium", "high", "max"].contains(text.string): return .on
        case .string(let text):
            throw Failure(
                400,
                "invalid think value: \"\(text.string)\" (must be \"high\", \"medium\", \"low\", \"max\", true, or false)",
                .reading)
        case .null, .number, .array, .object: throw Failure(400, "think must be a boolean or string", .reading)
        }
    }

    private static func format(_ value: JSONValue?) throws(Failure) -> Job.Format {
        switch value {
        case nil: return .free
        case .string(let text) where text.isEmpty: return .free
        case .string(let text) where text.string == "json": return .json
        case .some(.object(let object)): return .schema(.object(object))
        case .some(let other):
            var text: [UInt8] = []
            other.write(into: &text)
            var quoted: [UInt8] = []
            quoted.put(quoted: text)
            throw Failure(
                500,
                "invalid format: \(String(decoding: quoted, as: UTF8.self)); expected \"json\" or a valid JSON Schema object"
            )
        }
    }

    private static func messages(_ value: JSONValue?) throws(Failure) -> [Job.Message] {
        guard let value else { return [] }
        guard let items = value.items else { throw .type(value, "ChatRequest.messages", "[]api.Message") }
        var messages: [Job.Message] = []
        for item in items {
            guard let object = item.object else {
                throw .type(item, "ChatRequest.messages", "api.Message")
            }
            if let content = object.field("content"), content.text == nil {
                throw .type(content, "ChatRequest.messages.content", "string")
            }
            messages.append(
                .init(
                    role: object.field("role")?.string?.lowercased() ?? "", text: object.field("content")?.text,
                    images: try Self.images(object.field("images"))))
        }
        return messages
    }

    static func images(_ value: JSONValue?) throws(Failure) -> [JSONText] {
        var images: [JSONText] = []
        for item in value?.items ?? [] {
            guard let text = item.text else { throw .type(item, "Message.images", "[]uint8") }
            if let offset = Base64.illegalOffset(in: text.hasEscapes ? text.bytes[...] : text.raw) {
                throw Failure(400, "illegal base64 data at input byte \(offset)", .reading)
            }
            images.append(text)
        }
        return images
    }

    static func string(_ body: JSONObject, _ name: StaticString, _ type: String) throws(Failure) -> String? {
        guard let value = body.field(name) else { return nil }
        guard let string = value.string else { throw .type(value, "\(type).\(name)", "string") }
        return string
    }

    static func list(_ body: JSONObject, _ name: StaticString, _ type: String, _ goType: String) throws(Failure)
        -> [JSONValue]
    {
        guard let value = body.field(name) else { return [] }
        guard let items = value.items else { throw .type(value, "\(type).\(name)", goType) }
        return items
    }
}
