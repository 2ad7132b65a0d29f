import Vocabulary

/// Reads the answer of a provider that speaks another dialect than the caller, and writes it anew in the caller's, with
/// the same face as the readers of answers that pass.
struct TranslatedReader: Sendable {
    /// Words are read and written by these two; vectors are read in one piece.
    private var decoder: (any AnswerDecoder)?
    private var encoder: (any AnswerEncoder)?
    private let vectors: VectorTranslation?
    private let framing: StreamFraming
    private let isStreamed: Bool

    private(set) var facts = AnswerFacts()
    private var lines = NDJSONSplitter()
    private var records = SSESplitter()
    private var events: [AnswerEvent] = []
    /// An answer in one piece, as it comes in and as it goes out.
    private var held: [UInt8] = []
    private var answer = ChatAnswer()
    /// Nothing more is read or written.
    private var hasEnded = false

    /// A reader of words.
    init(
        _ decoder: any AnswerDecoder, _ encoder: any AnswerEncoder, framing: StreamFraming, streamed: Bool
    ) {
        self.decoder = decoder
        self.encoder = encoder
        self.vectors = nil
        self.framing = framing
        self.isStreamed = streamed
    }

    /// A reader of vectors.
    init(_ vectors: VectorTranslation) {
        self.vectors = vectors
        self.framing = .lines
        self.isStreamed = false
    }

    /// The number of the next event, where the caller's events have numbers.
    var nextNumber: Int { self.encoder?.sequenceNumber ?? 0 }

    var bytesHeld: Int { self.held.count + self.lines.bytesHeld + self.records.bytesHeld }

    mutating func consume(_ bytes: [UInt8], into out: inout [UInt8]) -> AnswerSigns {
        guard !self.hasEnded, !bytes.isEmpty else { return [] }
        let before = self.facts.signs
        if self.isStreamed {
            self.consumeRecords(bytes, into: &out)
        } else if self.held.count + bytes.count <= Bounds.answerTranslated.count {
            self.held += bytes
        } else {
            self.fail(.malformed)
        }
        return self.facts.signs.subtracting(before)
    }

    mutating func finish(into out: inout [UInt8]) -> AnswerSigns {
        guard !self.hasEnded else { return [] }
        let before = self.facts.signs
        if self.isStreamed { self.finishRecords(into: &out) } else { self.finishWhole(into: &out) }
        self.hasEnded = true
        self.held = []
        return self.facts.signs.subtracting(before)
    }

    // MARK: A stream

    private mutating func consumeRecords(_ bytes: [UInt8], into out: inout [UInt8]) {
        switch self.framing {
        case .lines: self.lines.append(bytes)
        case .events: self.records.append(bytes)
        }
        do throws(StreamProblem) {
            while !self.hasEnded, let record = try self.next() { self.take(record, into: &out) }
        } catch {
            self.fail(.malformed)
        }
    }

    private mutating func next() throws(StreamProblem) -> ArraySlice<UInt8>? {
        switch self.framing {
        case .lines: try self.lines.next()
        case .events: try self.records.next()
        }
    }

    /// One record, or what is left of one at the end.
    private mutating func take(_ record: ArraySlice<UInt8>, into out: inout [UInt8]) {
        let name: ArraySlice<UInt8>
        let data: ArraySlice<UInt8>
        switch self.framing {
        case .lines: (name, data) = ([], record.trimmedEnd)
        case .events:
            let event = SSEEvent(record)
            (name, data) = (event.name, event.data)
        }
        if data.isEmpty { return }
        do throws(JSONProblem) {
            try self.decoder?.record(name: name, data, into: &self.events)
        } catch {
            return self.fail(.malformed)
        }
        self.writeEvents(into: &out)
    }

    private mutating func finishRecords(into out: inout [UInt8]) {
        let rest = self.framing == .lines ? self.lines.rest() : self.records.rest()
        // Half a record is worth nothing, and no fault: the answer is incomplete, which its missing end tells.
        let data = self.framing == .lines ? rest : SSEEvent(rest).data
        if data.equals("[DONE]") || (try? JSONView(data)) != nil { self.take(rest, into: &out) }
        guard !self.hasEnded else { return }
        self.decoder?.finish(into: &self.events)
        self.writeEvents(into: &out)
    }

    private mutating func writeEvents(into out: inout [UInt8]) {
        for event in self.events where !self.hasEnded {
            self.note(event)
            if !self.facts.signs.contains(.error) { self.encoder?.encode(event, into: &out) }
        }
        self.events.removeAll(keepingCapacity: true)
    }

    // MARK: One piece

    private mutating func finishWhole(into out: inout [UInt8]) {
        do throws(JSONProblem) {
            let body = try JSONView(self.held)
            if let vectors { self.finish(vectors, body, into: &out) } else { self.finishWords(body, into: &out) }
        } catch {
            // One that merely ends too early is incomplete, not wrong.
            if error.kind != .unexpectedEnd, error.kind != .empty { self.fail(.malformed) }
        }
    }

    private mutating func finish(_ vectors: VectorTranslation, _ body: JSONView, into out: inout [UInt8]) {
        guard let (bytes, answer) = vectors.translate(body) else { return self.fail(.malformed) }
        self.facts.usage = answer.usage
        self.facts.servedModel = answer.model
        self.facts.signs.formUnion([.content, .terminal])
        out += bytes
    }

    private mutating func finishWords(_ body: JSONView, into out: inout [UInt8]) {
        self.decoder?.whole(body, into: &self.events)
        for event in self.events where !self.hasEnded {
            self.note(event)
            self.answer.add(event)
        }
        guard self.facts.signs.contains(.terminal) else {
            self.facts.signs.remove(.content)
            return
        }
        self.facts.signs.insert(.content)
        if let encoder { out += encoder.whole(self.answer) }
    }

    // MARK: What is seen

    private mutating func note(_ event: AnswerEvent) {
        switch event {
        case .began(_, let model): self.facts.servedModel = model ?? self.facts.servedModel
        case .text(let text), .thinking(let text), .refusal(let text):
            if !text.isEmpty { self.facts.signs.insert(.content) }
        case .toolCallBegan: self.facts.signs.insert(.content)
        case .thinkingSignature, .sealedThinking, .toolArguments, .logProbabilities: break
        case .usage(let usage): self.facts.usage = usage
        case .ended: self.end(.terminal)
        case .failed(let message):
            self.facts.errorMessage = message
            self.end(.error)
        }
    }

    private mutating func fail(_ sign: AnswerSigns) {
        self.events = []
        self.end(sign)
    }

    private mutating func end(_ sign: AnswerSigns) {
        self.facts.signs.insert(sign)
        self.hasEnded = true
    }
}

/// How a stream is cut into records.
enum StreamFraming: Sendable {
    /// Server-sent events.
    case events
    /// JSON lines.
    case lines
}
