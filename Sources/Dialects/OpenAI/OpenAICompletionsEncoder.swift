/// Writes an answer as `POST /v1/completions` does: its words alone. There is no place for thinking and calls, and a
/// refusal is what the model says.
///
/// Source: OpenAI API reference, "The completion object".
struct OpenAICompletionsEncoder: AnswerEncoder {
    /// Chunks and whole answers are of one kind.
    private static let kind: StaticString = "text_completion"

    private var chunks: OpenAIChunks
    private var usage = AnswerUsage()

    init(_ context: AnswerContext) {
        self.chunks = OpenAIChunks(context, kind: Self.kind, prefix: "cmpl-")
    }

    mutating func encode(_ event: AnswerEvent, into out: inout [UInt8]) {
        switch event {
        case .began(_, let model): self.chunks.begin(model: model)
        case .text(let text), .refusal(let text):
            self.chunks.chunk(into: &out) { $0.openAICompletion(text, finish: nil) }
        case .usage(let usage): self.usage = usage
        case .ended(let reason):
            self.chunks.chunk(into: &out) { $0.openAICompletion("", finish: reason.completionsWord) }
            self.chunks.end(self.usage, into: &out)
        case .thinking, .thinkingSignature, .sealedThinking, .toolCallBegan, .toolArguments, .logProbabilities, .failed:
            break
        }
    }

    func whole(_ answer: ChatAnswer) -> [UInt8] {
        var words = ""
        for block in answer.blocks {
            switch block {
            case .text(let text), .refusal(let text): words += text
            case .thinking, .sealedThinking, .toolCall: break
            }
        }
        var json = JSONWriter(capacity: 384 + words.utf8.count)
        json.object { body in
            self.chunks.writeMembers(model: answer.model, kind: Self.kind, to: &body)
            body.key("choices")
            body.array { choices in
                choices.object { $0.openAICompletion(words, finish: (answer.stop ?? .stop(text: nil)).completionsWord) }
            }
            body.key("usage")
            body.openAIUsage(answer.usage)
        }
        return json.bytes
    }
}

extension StopReason {
    /// Calls are none of the reasons that completions know.
    fileprivate var completionsWord: String {
        switch self {
        case .stop, .toolCalls: StopReason.stop(text: nil).openAIWord
        case .length, .contentFilter: self.openAIWord
        }
    }
}

extension JSONWriter {
    fileprivate mutating func openAICompletion(_ text: String, finish: String?) {
        self.member("text", text)
        self.member("index", 0)
        self.key("logprobs")
        self.null()
        self.openAIFinish(finish)
    }
}
