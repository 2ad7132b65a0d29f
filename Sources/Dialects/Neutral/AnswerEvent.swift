/// One step of an answer, whatever dialect it came in. An answer in one piece is told by the same events, one after the
/// other; `ChatAnswer` puts them together again.
public enum AnswerEvent: Equatable, Sendable {
    /// The first, once; either may be told later or never.
    case began(id: String?, model: String?)
    /// More of what is said.
    case text(String)
    /// More of what is thought.
    case thinking(String)
    /// The provider's seal on the thinking just told.
    case thinkingSignature(String)
    /// Thinking that is legible for the provider alone, whole.
    case sealedThinking(String)
    /// More of why the model declines.
    case refusal(String)
    /// A call of a tool begins. `index` counts the calls of this answer from 0.
    case toolCallBegan(index: Int, id: String, name: String)
    /// More of the arguments of the call `index`, as JSON text. Calls may take turns.
    case toolArguments(index: Int, [UInt8])
    /// Probabilities of the words told last: OpenAI's array `logprobs.content`, as JSON.
    case logProbabilities([UInt8])
    /// What it cost as far as is known; the last one counts, and comes before `ended`.
    case usage(AnswerUsage)
    /// It is over and complete. Nothing follows.
    case ended(StopReason)
    /// The provider says that it failed, in its own words: for the log, not for the client. Nothing follows.
    case failed(String)
}

/// Why an answer is over.
public enum StopReason: Equatable, Sendable {
    /// The model was done, or came to one of the caller's stop texts (which one, if the server says so).
    case stop(text: String?)
    /// The bound on the answer, or the end of the context, was reached.
    case length
    /// The model waits for what its calls return.
    case toolCalls
    /// The provider's filter cut it, or the model declined.
    case contentFilter
}

/// An answer put together.
public struct ChatAnswer: Equatable, Sendable {
    /// A piece of it.
    public enum Block: Equatable, Sendable {
        case text(String)
        case thinking(String, signature: String?)
        case sealedThinking(String)
        case refusal(String)
        case toolCall(ToolCall)
    }

    /// The provider's id for it.
    public var id: String?
    /// The model that the provider names.
    public var model: String?
    /// What was said, thought and called, in order. Words that follow each other are one block.
    public var blocks: [Block] = []
    /// The elements of OpenAI's `logprobs.content`, each as JSON, as far as they were asked for and told.
    public var logProbabilities: [[UInt8]] = []
    /// What it cost.
    public var usage = AnswerUsage()
    /// Why it is over; `nil` as long as it is not.
    public var stop: StopReason?
    /// Where in `blocks` the calls stand, by their index.
    private var calls: [Int: Int] = [:]

    /// Nothing yet.
    public init() {}

    /// Takes over the next event. `failed` is nothing that an answer can hold.
    public mutating func add(_ event: AnswerEvent) {
        switch event {
        case .began(let id, let model):
            self.id = id ?? self.id
            self.model = model ?? self.model
        case .text(let more):
            self.add(more, as: Block.text) { if case .text(let text) = $0 { text } else { nil } }
        case .thinking(let more):
            self.add(more, as: { .thinking($0, signature: nil) }) {
                if case .thinking(let text, nil) = $0 { text } else { nil }
            }
        case .thinkingSignature(let seal): self.add(seal: seal)
        case .sealedThinking(let data): self.blocks.append(.sealedThinking(data))
        case .refusal(let more):
            self.add(more, as: Block.refusal) { if case .refusal(let text) = $0 { text } else { nil } }
        case .toolCallBegan(let index, let id, let name):
            self.calls[index] = self.blocks.count
            self.blocks.append(.toolCall(ToolCall(id: id, name: name, arguments: [])))
        case .toolArguments(let index, let more):
            guard let place = self.calls[index], case .toolCall(var call) = self.blocks[place] else { return }
            self.blocks[place] = .text("")  // So that the arguments have one owner.
            call.arguments += more
            self.blocks[place] = .toolCall(call)
        case .logProbabilities(let array):
            guard let view = try? JSONView(array) else { return }
            self.logProbabilities += view.elements.map { Array($0.bytes) }
        case .usage(let usage): self.usage = usage
        case .ended(let reason): self.stop = reason
        case .failed: break
        }
    }

    /// Adds to the words that `words` finds in the last block, or begins a new one. They are taken out of it before they
    /// grow: with one owner they grow where they are, and a long stream is not copied for each of its events.
    private mutating func add(_ more: String, as block: (String) -> Block, _ words: (Block) -> String?) {
        var text = ""
        if let found = self.blocks.last.flatMap(words) {
            text = found
            self.blocks.removeLast()
        }
        text += more
        self.blocks.append(block(text))
    }

    private mutating func add(seal: String) {
        var thought = ""
        self.add(seal, as: { .thinking(thought, signature: $0) }) { block in
            guard case .thinking(let text, let signature) = block else { return nil }
            thought = text
            return signature ?? ""
        }
    }
}
