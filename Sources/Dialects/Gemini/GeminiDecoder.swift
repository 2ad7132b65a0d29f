/// Reads answers of Google's own API (Gemini API reference, `GenerateContentResponse`). A stream is made of the same
/// objects, each with what is new; it has no terminal record, so that it is over when it ends cleanly and a reason was
/// told before.
///
/// Seals (`thoughtSignature`) are told of calls alone, before the call: those are demanded back. On other parts they
/// only help the model, and callers have no place for them.
struct GeminiDecoder: AnswerDecoder {
    private var hasBegun = false
    private var hasEnded = false
    /// Calls told so far.
    private var calls = 0
    /// The last usage told, which counts for all before it.
    private var usage: GeminiUsage?
    private var stop: GeminiStop?

    init() {}

    mutating func whole(_ body: JSONView, into events: inout [AnswerEvent]) {
        self.read(body, into: &events)
        self.finish(into: &events)
        if !self.hasEnded { self.fail("the answer has no finishReason", into: &events) }
    }

    mutating func record(
        name: ArraySlice<UInt8>, _ data: ArraySlice<UInt8>, into events: inout [AnswerEvent]
    ) throws(JSONProblem) {
        // Some servers that speak as Gemini does end their streams as OpenAI's does.
        if self.hasEnded || data.equals("[DONE]") { return }
        self.read(try JSONView(data), into: &events)
    }

    mutating func finish(into events: inout [AnswerEvent]) {
        guard !self.hasEnded, let stop = self.stop else { return }
        if let usage = self.usage { events.append(.usage(usage.neutral)) }
        self.hasEnded = true
        switch stop {
        case .done: events.append(.ended(self.calls > 0 ? .toolCalls : .stop(text: nil)))
        case .length: events.append(.ended(.length))
        case .filtered: events.append(.ended(.contentFilter))
        case .broken(let reason): events.append(.failed("finishReason \(reason)"))
        }
    }

    private mutating func fail(_ message: String, into events: inout [AnswerEvent]) {
        events.append(.failed(message))
        self.hasEnded = true
    }

    // MARK: Records

    private mutating func read(_ record: JSONView, into events: inout [AnswerEvent]) {
        var id: String?
        var model: String?
        var candidate: JSONView?
        var error: JSONView?
        // Errors come in a list of one where a stream was asked for.
        (record.kind == .array ? record.first ?? record : record).forEachMember { key, value in
            if key.equals("candidates") {
                candidate = value.first
            } else if key.equals("usageMetadata") {
                self.usage = value.kind == .object ? GeminiUsage(value) : self.usage
            } else if key.equals("responseId") {
                id = value.string
            } else if key.equals("modelVersion") {
                model = value.string
            } else if key.equals("promptFeedback") {
                if value["blockReason"]?.string != nil { self.stop = .filtered }
            } else if key.equals("error"), value.kind != .null {
                error = value
            }
        }
        if let error { return self.fail(error["message"]?.string ?? "an error without a message", into: &events) }
        if !self.hasBegun {
            self.hasBegun = true
            events.append(.began(id: id, model: model))
        }
        if let candidate { self.read(candidate: candidate, into: &events) }
    }

    private mutating func read(candidate: JSONView, into events: inout [AnswerEvent]) {
        var parts: JSONView?
        var probabilities: JSONView?
        candidate.forEachMember { key, value in
            if key.equals("content") {
                parts = value["parts"]
            } else if key.equals("finishReason"), let reason = value.string {
                self.stop = GeminiStop(reason) ?? self.stop
            } else if key.equals("logprobsResult") {
                probabilities = value
            }
        }
        parts?.forEachElement { part in
            if !self.hasEnded { self.read(part: part, into: &events) }
        }
        if let list = probabilities.flatMap(GeminiProbabilities.neutral) { events.append(.logProbabilities(list)) }
    }

    private mutating func read(part: JSONView, into events: inout [AnswerEvent]) {
        var text: String?
        var isThought = false
        var call: JSONView?
        var seal: String?
        part.forEachMember { key, value in
            if key.equals("text") {
                text = value.string
            } else if key.equals("thought") {
                isThought = value.bool ?? false
            } else if key.equals("functionCall"), value.kind == .object {
                call = value
            } else if key.equals("thoughtSignature") {
                seal = value.string
            }
        }
        if let text, !text.isEmpty { events.append(isThought ? .thinking(text) : .text(text)) }
        guard let call else { return }
        if let seal, !seal.isEmpty { events.append(.thinkingSignature(GeminiSeal.marked(seal))) }
        self.read(call: call, into: &events)
    }

    private mutating func read(call: JSONView, into events: inout [AnswerEvent]) {
        var id = ""
        var name = ""
        var arguments = Array("{}".utf8)
        call.forEachMember { key, value in
            if key.equals("id") {
                id = value.string ?? id
            } else if key.equals("name") {
                name = value.string ?? name
            } else if key.equals("args"), value.kind == .object {
                arguments = Array(value.bytes)
            }
        }
        if name.isEmpty { return self.fail("a function call without a name", into: &events) }
        events.append(.toolCallBegan(index: self.calls, id: id, name: name))
        events.append(.toolArguments(index: self.calls, arguments))
        self.calls += 1
    }
}

/// Why an answer is over, in Gemini's words (Gemini API reference, `FinishReason`).
private enum GeminiStop {
    case done
    case length
    case filtered
    /// It is none: the model made something that could not be read, or a reason that nobody knows.
    case broken(String)

    /// `nil` is no reason at all.
    init?(_ reason: String) {
        switch reason {
        case "", "FINISH_REASON_UNSPECIFIED": return nil
        case "STOP": self = .done
        case "MAX_TOKENS", "CONTINUATION": self = .length
        case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "ESCALATION",
            "PUP_LIMITED_DISABLED", "MODEL_ARMOR", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
            self = .filtered
        default: self = .broken(reason)
        }
    }
}
