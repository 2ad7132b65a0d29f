/// What a model shall do, read from any of the dialects: the translation to the native API that Ollama makes too.
struct Job {
    /// The native operation.
    enum Operation: Equatable {
        case chat
        case generate
    }

    /// `think`: not said, or said.
    enum Think: Equatable {
        case unsaid
        case off
        case on
    }

    enum Format {
        case free
        case json
        case schema(JSONValue)
    }

    /// A function that the model may call.
    struct Tool {
        let name: String
        let parameters: JSONValue
    }

    struct Message {
        let role: String
        let text: JSONText?
        var images: [JSONText] = []
    }

    let operation: Operation
    /// As the caller wrote it.
    var model = ""
    var messages: [Message] = []
    var isStreamed = true
    var format = Format.free
    var options = GenerationOptions()
    var keepAlive: Duration?
    var think = Think.unsaid
    /// Without the capability `think` is dropped, not refused (Anthropic's dialect).
    var dropsThinking = false
    var tools: [Tool] = []
    /// Ollama's hosted web search is declared (`ollama.md` 9.C).
    var hasWebSearch = false
    var shifts = true
    var truncates = true
    var logprobs: Logprobs?
    var isRaw = false
    var suffix: JSONText?
    /// The stream ends with the usage (`stream_options.include_usage`).
    var wantsUsage = false
    /// `_debug_render_only`: the rendered prompt instead of an answer.
    var rendersOnly = false

    struct Logprobs {
        let top: Int
    }

    init(_ operation: Operation) {
        self.operation = operation
    }

    /// Nothing to answer: the call loads the model, or unloads it with `keep_alive: 0`.
    var isLoadOrUnload: Bool {
        self.messages.allSatisfy { $0.text?.isEmpty ?? true && $0.images.isEmpty }
            && (self.operation == .generate || self.messages.isEmpty)
    }

    var hasImages: Bool { self.messages.contains { !$0.images.isEmpty } }

    /// What orders the answer: the last message of the user.
    var lastUserText: [UInt8] {
        self.messages.last { $0.role == "user" && !($0.text?.isEmpty ?? true) }?.text?.bytes ?? []
    }

    /// True if a tool has just answered: then the model speaks instead of calling again.
    var followsToolResult: Bool { self.messages.last?.role == "tool" }

    /// As a tokenizer would count, about: four bytes make a token, a message's frame makes nine, the start three.
    var promptTokens: Int {
        self.messages.reduce(3) { $0 + Self.tokens(in: $1) } + self.tools.count * 40
    }

    static func tokens(in message: Message) -> Int {
        9 + ((message.text?.raw.count ?? 0) + 3) / 4 + message.images.count * 576
    }

    /// Of all that the model reads.
    var promptHash: UInt64 {
        self.messages.reduce(0) { hash, message in Hash.of(message.text?.raw ?? [], seed: hash) }
    }
}

/// `options` of a native request, as far as they show: what bounds the answer, and what reloads the model.
struct GenerationOptions {
    var numPredict: Int?
    var seed: Int?
    var stop: [[UInt8]] = []
    var numContext: Int?
    /// Of all other options that are fixed at load time: another value reloads (`ollama.md` 1.10).
    var loadHash: UInt64 = 0

    private enum Kind {
        case integer, float, bool, string, strings
    }

    private static let kinds: [String: Kind] = [
        "num_keep": .integer, "seed": .integer, "num_predict": .integer, "top_k": .integer, "top_p": .float,
        "min_p": .float, "typical_p": .float, "repeat_last_n": .integer, "temperature": .float,
        "repeat_penalty": .float, "presence_penalty": .float, "frequency_penalty": .float, "stop": .strings,
        "num_ctx": .integer, "num_batch": .integer, "num_gpu": .integer, "main_gpu": .integer, "use_mmap": .bool,
        "num_thread": .integer, "draft_num_predict": .integer,
    ]

    private static let loadTime: Set<String> = [
        "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread", "draft_num_predict",
    ]

    init() {}

    /// Reads an `options` object. A wrong type is a 500, as Ollama has it; unknown options are ignored.
    init(reading object: JSONObject) throws(Failure) {
        for member in object.members {
            let name = member.key.string
            guard let kind = Self.kinds[name], !member.value.isNull else { continue }
            try Self.check(member.value, is: kind, name)
            switch name {
            case "num_predict": self.numPredict = member.value.double.map { Int($0) }
            case "seed": self.seed = member.value.double.map { Int($0) }
            case "num_ctx": self.numContext = member.value.double.map { Int($0) }
            case "stop": self.stop = member.value.items?.compactMap { $0.text?.bytes } ?? []
            default: break
            }
            if Self.loadTime.contains(name) {
                var text: [UInt8] = []
                member.value.write(into: &text)
                self.loadHash ^= Hash.of(text, seed: Hash.of(member.key.bytes))
            }
        }
    }

    private static func check(_ value: JSONValue, is kind: Kind, _ name: String) throws(Failure) {
        switch (kind, value) {
        case (.integer, .number), (.float, .number), (.bool, .bool), (.string, .string):
            guard let number = value.double else { return }
            if kind == .integer, number.magnitude >= 9e18 { break }
            return
        case (.strings, .array(let items)) where items.allSatisfy({ $0.text != nil }): return
        default: break
        }
        let words =
            switch kind {
            case .integer: "integer"
            case .float: "float32"
            case .bool: "boolean"
            case .string: "string"
            case .strings: "an array"
            }
        throw Failure(500, "option \"\(name)\" must be of type \(words)")
    }
}
