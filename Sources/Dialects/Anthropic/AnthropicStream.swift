/// A block of a streamed message: what has come of it, or is waiting to be shown.
struct AnthropicBlock {
    enum Kind {
        case text(String)
        case thinking(String, signature: String?)
        case sealed(String)
        case call(index: Int, id: String, name: String, arguments: [UInt8])
    }

    /// What it is, with all that is not shown yet.
    private(set) var kind: Kind
    /// Its place in the message, once it is shown.
    var index = 0
    /// The seal, told in one piece at the block's end: SDKs keep the last one only.
    private(set) var signature: String?
    private var progress = ArgumentsProgress()

    init(_ kind: Kind) {
        self.kind = kind
        switch kind {
        case .thinking(_, let signature): self.signature = signature
        case .call(_, _, _, let arguments): self.progress.read(arguments)
        case .text, .sealed: break
        }
    }

    /// Is `next` more of the same block? Behind its seal, thinking is another one.
    func isContinued(by next: Kind) -> Bool {
        switch (self.kind, next) {
        case (.text, .text): true
        case (.thinking, .thinking(_, let signature)): self.signature == nil || signature != nil
        case (.text, _), (.thinking, _), (.sealed, _), (.call, _): false
        }
    }

    /// Takes over what has been shown already.
    mutating func add(_ next: Kind) {
        if case .thinking(_, let more?) = next { self.signature.add(more) }
    }

    /// Takes over what is to be shown later.
    mutating func join(_ next: Kind) {
        self.add(next)
        // What grows has one owner meanwhile, so that it grows where it is.
        switch next {
        case .text(let more):
            guard case .text(var text) = self.kind else { return }
            self.kind = .text("")
            text += more
            self.kind = .text(text)
        case .thinking(let more, _):
            guard case .thinking(var text, _) = self.kind else { return }
            self.kind = .text("")
            text += more
            self.kind = .thinking(text, signature: nil)
        case .sealed, .call: break
        }
    }

    /// The call that it is, by its index in the answer.
    var call: Int? {
        if case .call(let index, _, _, _) = self.kind { index } else { nil }
    }

    mutating func addArguments(_ more: [UInt8]) { self.progress.read(more) }

    mutating func joinArguments(_ more: [UInt8]) {
        self.addArguments(more)
        guard case .call(let index, let id, let name, var arguments) = self.kind else { return }
        self.kind = .text("")
        arguments += more
        self.kind = .call(index: index, id: id, name: name, arguments: arguments)
    }

    /// May another block begin? A call has to be whole first.
    var isComplete: Bool { self.call == nil || self.progress.isComplete }

    /// What has been shown need not be kept.
    mutating func forgetContent() {
        switch self.kind {
        case .text: self.kind = .text("")
        case .thinking: self.kind = .thinking("", signature: nil)
        case .sealed: self.kind = .sealed("")
        case .call(let index, _, _, _): self.kind = .call(index: index, id: "", name: "", arguments: [])
        }
    }
}

/// Tells when arguments that come in pieces are a whole object: its last brace is closed. The pieces are read once.
struct ArgumentsProgress {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// Have they come to an end?
    private(set) var isComplete = false

    mutating func read(_ more: [UInt8]) {
        for byte in more where !self.isComplete {
            if self.isInString {
                if self.isEscaped {
                    self.isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    self.isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    self.isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): self.isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): self.depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                self.depth -= 1
                if self.depth == 0 { self.isComplete = true }
            default: break
            }
        }
    }
}

/// The events of a stream, each written in one piece.
enum AnthropicStream {
    /// An event, whose data repeats its name.
    static func event(_ name: StaticString, into out: inout [UInt8], _ write: (inout JSONWriter) -> Void) {
        let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        out.append(contentsOf: "event: ".utf8)
        out.append(contentsOf: name)
        out.append(contentsOf: "\ndata: ".utf8)
        var json = JSONWriter()
        json.object { json in
            json.key("type")
            json.string(utf8: Array(name))
            write(&json)
        }
        out.append(contentsOf: json.bytes)
        out.append(contentsOf: "\n\n".utf8)
    }

    static func start(_ block: AnthropicBlock, _ context: AnswerContext, into out: inout [UInt8]) {
        self.event("content_block_start", into: &out) { json in
            json.member("index", block.index)
            json.key("content_block")
            json.object { content in
                switch block.kind {
                case .text:
                    content.member("type", "text")
                    content.member("text", "")
                case .thinking:
                    content.member("type", "thinking")
                    content.member("thinking", "")
                    content.member("signature", "")
                case .sealed(let data):
                    content.member("type", "redacted_thinking")
                    content.member("data", data)
                case .call(let index, let id, let name, _):
                    content.member("type", "tool_use")
                    content.member("id", Self.id(of: id, index, context))
                    content.member("name", name)
                    content.key("input")
                    content.object { _ in }
                }
            }
        }
    }

    /// What is new of a block; nothing where there is nothing.
    static func delta(_ kind: AnthropicBlock.Kind, of index: Int, into out: inout [UInt8]) {
        switch kind {
        case .text(let more): Self.delta("text_delta", "text", Array(more.utf8), of: index, into: &out)
        case .thinking(let more, _): Self.delta("thinking_delta", "thinking", Array(more.utf8), of: index, into: &out)
        case .sealed: break
        case .call(_, _, _, let arguments): Self.arguments(arguments, of: index, into: &out)
        }
    }

    static func arguments(_ more: [UInt8], of index: Int, into out: inout [UInt8]) {
        Self.delta("input_json_delta", "partial_json", more, of: index, into: &out)
    }

    static func signature(_ seal: String, of index: Int, into out: inout [UInt8]) {
        Self.delta("signature_delta", "signature", Array(seal.utf8), of: index, into: &out)
    }

    private static func delta(
        _ type: String, _ key: StaticString, _ more: [UInt8], of index: Int, into out: inout [UInt8]
    ) {
        guard !more.isEmpty else { return }
        self.event("content_block_delta", into: &out) { json in
            json.member("index", index)
            json.key("delta")
            json.object { delta in
                delta.member("type", type)
                delta.key(key)
                delta.string(utf8: more)
            }
        }
    }

    static func stop(_ index: Int, into out: inout [UInt8]) {
        self.event("content_block_stop", into: &out) { $0.member("index", index) }
    }

    /// A call's id, which the client's next turn names; the provider may have none.
    static func id(of id: String, _ index: Int, _ context: AnswerContext) -> String {
        id.isEmpty ? "toolu_\(context.id)_\(index)" : id
    }
}

extension JSONWriter {
    /// The members `stop_reason` and `stop_sequence`.
    mutating func anthropicStop(_ reason: StopReason) {
        let word: String
        var text: String?
        switch reason {
        case .stop(nil): word = "end_turn"
        case .stop(let found): (word, text) = ("stop_sequence", found)
        case .length: word = "max_tokens"
        case .toolCalls: word = "tool_use"
        case .contentFilter: word = "refusal"
        }
        self.member("stop_reason", word)
        self.key("stop_sequence")
        if let text { self.string(text) } else { self.null() }
    }
}
