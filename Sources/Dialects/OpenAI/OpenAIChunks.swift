/// What all chunks of one stream of chat or completions have in common, and the records they stand in.
///
/// Source: OpenAI API reference, "The chat completion chunk object".
struct OpenAIChunks: Sendable {
    private let kind: StaticString
    private let prefix: String
    private let context: AnswerContext
    /// `data: {"id":...,"object":...,"created":...,"model":...,"choices":[`, once the model is known.
    private var head: [UInt8] = []
    /// What ends a chunk: with usage asked for, all but the last say that they have none.
    private let tail: [UInt8]

    /// For records of the kind `kind` whose ids begin with `prefix`.
    init(_ context: AnswerContext, kind: StaticString, prefix: String) {
        self.context = context
        self.kind = kind
        self.prefix = prefix
        self.tail = Array((context.wantsUsage ? "],\"usage\":null}\n\n" : "]}\n\n").utf8)
    }

    static let done = Array("data: [DONE]\n\n".utf8)

    /// Does the client want the chunk with its usage?
    var wantsUsage: Bool { self.context.wantsUsage }

    /// Makes what all have in common, with the model that the provider names.
    mutating func begin(model: String?) {
        var json = JSONWriter(capacity: 192)
        json.object { self.writeMembers(model: model, kind: self.kind, to: &$0) }
        self.head = Array("data: ".utf8) + json.bytes.dropLast() + Array(",\"choices\":[".utf8)
    }

    /// Appends a chunk with one choice.
    mutating func chunk(into out: inout [UInt8], _ choice: (inout JSONWriter) -> Void) {
        if self.head.isEmpty { self.begin(model: nil) }
        out += self.head
        var json = JSONWriter(capacity: 160)
        json.object(choice)
        out += json.bytes
        out += self.tail
    }

    /// Appends what follows the last choice: the usage, if it was asked for, and `[DONE]`.
    mutating func end(_ usage: AnswerUsage, into out: inout [UInt8]) {
        if self.wantsUsage {
            if self.head.isEmpty { self.begin(model: nil) }
            out += self.head
            var json = JSONWriter()
            json.openAIUsage(usage)
            out += "],\"usage\":".utf8
            out += json.bytes
            out += "}\n\n".utf8
        }
        out += Self.done
    }

    /// Writes the members that every record begins with; a whole answer is of another `kind` than its chunks.
    func writeMembers(model: String?, kind: StaticString, to json: inout JSONWriter) {
        json.member("id", self.prefix + self.context.id)
        json.member("object", kind.description)
        json.member("created", Int(self.context.createdAt.seconds))
        json.member("model", model ?? self.context.model)
    }
}

extension StopReason {
    /// OpenAI's word for it (`finish_reason`).
    var openAIWord: String {
        switch self {
        case .stop: "stop"
        case .length: "length"
        case .toolCalls: "tool_calls"
        case .contentFilter: "content_filter"
        }
    }
}
