import Vocabulary

/// The course of one answer: thinking, then text or a tool call, then the end. Makes one token at a time and knows
/// neither clock nor connection.
struct Generation {
    enum Part: Equatable {
        case thinking, content
    }

    enum Step: Equatable {
        /// `text` has the token. It may be empty while a stop sequence is in doubt.
        case token(Part)
        case toolCalls
        case finished(Record.Reason)
        /// Over, without a last record.
        case endedSilently
    }

    /// The token just made.
    private(set) var text: [UInt8] = []
    let toolCalls: [ToolCall]
    /// Tokens made; at a natural end one more, for the end token.
    private(set) var outputTokens = 0

    private var thinking: TextSource?
    private var content: TextSource
    private var stops: StopFilter
    private let limit: Int
    private var toolsAreDue: Bool
    private var reason: Record.Reason?

    init(thinking: TextSource?, toolCalls: [ToolCall], content: TextSource, stops: [[UInt8]], limit: Int) {
        self.thinking = thinking
        self.toolCalls = toolCalls
        self.content = content
        self.stops = StopFilter(stops)
        self.limit = limit
        self.toolsAreDue = !toolCalls.isEmpty
    }

    mutating func next() -> Step {
        if let reason = self.reason { return .finished(reason) }
        self.text.removeAll(keepingCapacity: true)
        if self.thinking?.next(into: &self.text) ?? false { return self.counted(.thinking) }
        self.thinking = nil
        if self.toolsAreDue {
            self.toolsAreDue = false
            self.outputTokens += self.toolCalls.reduce(0) { $0 + 4 + ($1.name.utf8.count + $1.arguments.count) / 4 }
            return .toolCalls
        }
        guard self.content.next(into: &self.text) else { return self.ended() }
        return self.stops.isEmpty ? self.counted(.content) : self.filtered()
    }

    /// Appends all text that is left to `out` at once, if nothing but text is left and no stop sequence can end it;
    /// what follows is the end.
    mutating func takeRest(into out: inout [UInt8]) {
        guard self.stops.isEmpty, self.thinking == nil, !self.toolsAreDue, self.reason == nil else { return }
        self.outputTokens += self.content.fill(&out, tokensMax: max(0, self.limit - self.outputTokens))
        if self.outputTokens >= self.limit { self.reason = .length }
    }

    private mutating func counted(_ part: Part) -> Step {
        self.outputTokens += 1
        if self.outputTokens >= self.limit { self.reason = .length }
        return .token(part)
    }

    private mutating func filtered() -> Step {
        let isStopped = self.stops.pass(&self.text)
        let step = self.counted(.content)
        if isStopped {
            self.reason = .stop
        } else if self.reason != nil {
            self.stops.flush(into: &self.text)
        }
        return step
    }

    private mutating func ended() -> Step {
        if self.content.endsSilently { return .endedSilently }
        self.reason = .stop
        self.stops.flush(into: &self.text)
        if !self.text.isEmpty { return .token(.content) }
        self.outputTokens += 1
        return .finished(.stop)
    }
}

extension Generation {
    /// What `model` makes of `job`. `seed` is the server's, `identifier` makes ids of tool calls.
    init(
        _ job: Job, model: SimulatedModel, context: Int, promptTokens: Int, answerTokens: ClosedRange<Int>,
        seed: UInt64, identifiers: inout SeededGenerator
    ) {
        let prompt = job.lastUserText
        let ownSeed = UInt64(bitPattern: Int64(job.options.seed ?? -1))
        let seed = Hash.mix(job.promptHash ^ Hash.of(Array(model.name.utf8), seed: seed ^ ownSeed))
        let calls = Self.toolCalls(job, prompt, model, &identifiers)
        let thinks = model.can(.thinking) && job.think != .off && job.operation == .chat
        self.init(
            thinking: thinks ? .prose(seed: seed ^ 1, tokens: 8) : nil, toolCalls: calls,
            content: calls.isEmpty ? Self.content(job, prompt, seed, answerTokens) : .literal([]),
            stops: job.options.stop,
            limit: Self.limit(job, model, context: context, promptTokens: promptTokens))
    }

    private static func content(_ job: Job, _ prompt: [UInt8], _ seed: UInt64, _ tokens: ClosedRange<Int>)
        -> TextSource
    {
        let script = Script(prompt)
        if case .say(let text) = script { return .literal(text) }
        switch job.format {
        case .json:
            return .literal(
                Array("{\"answer\":\"\(String(decoding: Self.lastWord(of: prompt), as: UTF8.self))\"}".utf8))
        case .schema(let schema): return .literal(SchemaInstance.make(of: schema, word: Self.lastWord(of: prompt)))
        case .free: break
        }
        switch script {
        case .say(let text): return .literal(text)
        case .count(let last): return .numbers(to: last)
        case .tokens(let count): return .prose(seed: seed, tokens: count)
        case .repeatWithoutEnd: return .repeated
        case .anything:
            return .prose(seed: seed, tokens: tokens.lowerBound + Int(seed % UInt64(tokens.count)))
        }
    }

    private static func toolCalls(
        _ job: Job, _ prompt: [UInt8], _ model: SimulatedModel, _ identifiers: inout SeededGenerator
    ) -> [ToolCall] {
        guard !job.followsToolResult, let tool = job.tools.first(where: { Script.asks(prompt, for: $0.name) }) else {
            return []
        }
        let arguments =
            tool.parameters.isNull
            ? Array("{}".utf8) : SchemaInstance.make(of: tool.parameters, word: Self.lastWord(of: prompt))
        let id =
            switch model.template {
            case .chat: Identifiers.letters(32, from: &identifiers)
            case .go: "call_" + Identifiers.letters(8, from: &identifiers, lowerCase: true)
            }
        return [ToolCall(id: id, index: 0, name: tool.name, arguments: arguments)]
    }

    /// `ollama.md` 1.9 and 6: a positive bound holds; 0 is one token on a chat-template model and no bound else; no
    /// bound is ten contexts. Without shift an answer ends where the context does.
    private static func limit(_ job: Job, _ model: SimulatedModel, context: Int, promptTokens: Int) -> Int {
        let asked = job.options.numPredict ?? -1
        let limit = asked > 0 ? asked : asked == 0 && model.template == .chat ? 1 : 10 * context
        return job.shifts ? limit : min(limit, max(1, context - promptTokens))
    }

    /// The last word of the prompt, for free strings: letters and digits only.
    private static func lastWord(of prompt: [UInt8]) -> [UInt8] {
        func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: false
            }
        }
        guard prompt.count <= Script.promptMax, let last = prompt.lastIndex(where: isWord) else {
            return Array("text".utf8)
        }
        let start = prompt[...last].lastIndex { !isWord($0) }.map { $0 + 1 } ?? 0
        return Array(prompt[start...last])
    }
}

/// Ids as Ollama makes them.
enum Identifiers {
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

    static func letters(_ count: Int, from generator: inout SeededGenerator, lowerCase: Bool = false) -> String {
        let choice: UInt64 = lowerCase ? 36 : 62
        let bytes = (0..<count).map { _ in Self.alphabet[Int(generator.next() % choice)] }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func hex(_ count: Int, from generator: inout SeededGenerator) -> String {
        let bytes = (0..<count).map { _ in Self.alphabet[Int(generator.next() >> 60)] }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func number(below bound: UInt64, from generator: inout SeededGenerator) -> Int {
        Int(generator.next() % bound)
    }
}
