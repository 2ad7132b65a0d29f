/// Reads the answer of a server with OpenAI's API, whole or streamed.
///
/// Servers differ. The thinking is `reasoning_content` (DeepSeek, vLLM) or `reasoning` (Ollama, OpenRouter). A stream may
/// end without `[DONE]`, with or without its usage, and `usage` may stand in every chunk. Only the first choice counts:
/// no more than one is ever asked for.
struct OpenAIChatDecoder: AnswerDecoder {
    private var hasBegun = false
    private var calls = OpenAICallReader()
    private var usage: AnswerUsage?
    /// Why it is over; told with `[DONE]` or at the end of the stream, since the usage may still come.
    private var stop: StopReason?
    /// Nothing more is told.
    private var hasEnded = false

    init() {}

    mutating func whole(_ body: JSONView, into events: inout [AnswerEvent]) {
        guard body.kind == .object else { return self.fail("the answer is no JSON object", &events) }
        self.read(body, wordsIn: "message", &events)
        if self.hasEnded { return }
        guard self.hasBegun else { return self.fail("the answer has no choices", &events) }
        self.finish(into: &events)
    }

    mutating func record(
        name: ArraySlice<UInt8>, _ data: ArraySlice<UInt8>, into events: inout [AnswerEvent]
    ) throws(JSONProblem) {
        if self.hasEnded { return }
        if data.equals("[DONE]") {
            self.stop = self.stop ?? .stop(text: nil)
            return self.finish(into: &events)
        }
        let chunk = try JSONView(data)
        // Some servers name the event so and leave the member out.
        if name.equals("error") { return self.fail(Self.message(of: chunk["error"] ?? chunk), &events) }
        self.read(chunk, wordsIn: "delta", &events)
    }

    /// A clean end proves nothing: it is complete if a reason to stop was told (`ollama.md` 1.5).
    mutating func finish(into events: inout [AnswerEvent]) {
        if self.hasEnded { return }
        self.hasEnded = true
        if let usage = self.usage { events.append(.usage(usage)) }
        guard let stop = self.stop else { return }
        // Forced to call a function, OpenAI's models end with `stop`; so do some servers whenever one is called.
        if self.calls.count > 0, case .stop = stop { return events.append(.ended(.toolCalls)) }
        events.append(.ended(stop))
    }

    private mutating func fail(_ message: String, _ events: inout [AnswerEvent]) {
        self.hasEnded = true
        events.append(.failed(message))
    }

    private static func message(of error: JSONView) -> String {
        error.string ?? error["message"]?.string ?? String(decoding: error.bytes, as: UTF8.self)
    }

    // MARK: One chunk, or the whole

    private mutating func read(_ record: JSONView, wordsIn words: StaticString, _ events: inout [AnswerEvent]) {
        var id: String?
        var model: String?
        var choice: JSONView?
        var usage: JSONView?
        var error: JSONView?
        let hasBegun = self.hasBegun
        record.forEachMember { key, value in
            switch key {
            case "id": if !hasBegun { id = value.string }
            case "model": if !hasBegun { model = value.string }
            case "choices": choice = value.first
            case "usage": usage = value.kind == .object ? value : nil
            case "error": error = value.isNull ? nil : value
            // How vLLM said it: `{"object":"error","message":...}`.
            case "object": if value.string == "error" { error = record }
            default: break
            }
        }
        if let error { return self.fail(Self.message(of: error), &events) }
        // A first chunk without choices and model holds no more than what Azure's filter says of the prompt.
        if !hasBegun, choice != nil || model?.isEmpty == false {
            self.hasBegun = true
            events.append(.began(id: id.filled, model: model.filled))
        }
        if let choice { self.read(choice: choice, wordsIn: words, &events) }
        // Some servers put zeros into every chunk but the last (`ollama.md` 4).
        if let usage, choice == nil || self.stop != nil || usage["completion_tokens"]?.integer ?? 0 > 0 {
            var told = self.usage ?? AnswerUsage()
            OpenAIUsage.read(usage, into: &told)
            self.usage = told
        }
    }

    private mutating func read(choice: JSONView, wordsIn words: StaticString, _ events: inout [AnswerEvent]) {
        var said: JSONView?
        var probabilities: JSONView?
        var finish: String?
        var stopText: String?
        var isFirst = true
        choice.forEachMember { key, value in
            if key.equals(words) {
                said = value
                return
            }
            switch key {
            case "index": isFirst = value.integer ?? 0 == 0
            case "finish_reason": finish = value.string
            case "logprobs": probabilities = value["content"]
            // vLLM tells the text that ended the answer here, or the number of a token.
            case "stop_reason": stopText = value.string
            default: break
            }
        }
        guard isFirst else { return }
        if let said { self.read(said: said, &events) }
        if let probabilities, probabilities.kind == .array, !probabilities.isEmpty {
            events.append(.logProbabilities(Array(probabilities.bytes)))
        }
        if let finish, !finish.isEmpty { self.read(finish: finish, stopText: stopText, &events) }
    }

    private mutating func read(said: JSONView, _ events: inout [AnswerEvent]) {
        var content: JSONView?
        var thinking: JSONView?
        var refusal: String?
        var calls: JSONView?
        var olderCall: JSONView?
        said.forEachMember { key, value in
            switch key {
            case "content": content = value
            case "reasoning_content": if value.isFilledText { thinking = value }
            case "reasoning": if value.isFilledText, thinking == nil { thinking = value }
            case "refusal": refusal = value.string
            case "tool_calls": calls = value
            case "function_call": olderCall = value.kind == .object ? value : nil
            default: break
            }
        }
        if let text = thinking?.string { events.append(.thinking(text)) }
        if let content { Self.read(content: content, &events) }
        if let text = refusal.filled { events.append(.refusal(text)) }
        calls?.forEachElement { self.calls.read($0, into: &events) }
        if self.calls.hasTooMany { return self.fail("the answer has too many calls", &events) }
        if let olderCall { self.calls.read(older: olderCall, into: &events) }
    }

    /// A text, or with Mistral's thinking models a list of parts, of which one may hold such a list itself.
    private static func read(content: JSONView, _ events: inout [AnswerEvent]) {
        if let text = content.string {
            if !text.isEmpty { events.append(.text(text)) }
            return
        }
        for part in content.elements {
            if let text = part["text"]?.string.filled { events.append(.text(text)) }
            guard let thinking = part["thinking"] else { continue }
            let texts = thinking.string.map { [$0] } ?? thinking.elements.compactMap { $0["text"]?.string }
            for text in texts where !text.isEmpty { events.append(.thinking(text)) }
        }
    }

    /// OpenAI's five reasons, and what other servers say: Mistral's `model_length`, DeepSeek's
    /// `insufficient_system_resource`, vLLM's `abort`, OpenRouter's `error`. Any other word is an end like `stop`.
    private mutating func read(finish: String, stopText: String?, _ events: inout [AnswerEvent]) {
        switch finish {
        case "length", "model_length", "max_tokens": self.stop = .length
        case "tool_calls", "function_call": self.stop = .toolCalls
        case "content_filter": self.stop = .contentFilter
        case "insufficient_system_resource", "abort", "error":
            self.fail("the server broke off the answer: \(finish)", &events)
        default: self.stop = .stop(text: stopText)
        }
    }
}

extension Optional<String> {
    /// The text, if there is one that is not empty.
    var filled: String? { self?.isEmpty == false ? self : nil }

    /// Adds to the text, which grows where it is.
    mutating func add(_ more: String) {
        if self == nil { self = more } else { self?.append(more) }
    }
}
