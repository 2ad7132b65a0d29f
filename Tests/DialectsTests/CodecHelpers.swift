import Testing
import Vocabulary

@testable import Dialects

/// What the tests of all codecs do with them.
enum Codec {
    /// Reads one dialect's requests.
    typealias Decode = (JSONView, inout Losses) throws(BodyRefusal) -> ChatRequest
    /// Writes requests for one provider.
    typealias Encode = (ChatRequest, TranslationTarget, inout Losses) throws(BodyRefusal) -> [UInt8]

    /// A JSON text as a view.
    static func view(_ text: String) throws -> JSONView { try JSONView(bytes(text)) }

    /// Reads a request that is expected to be right.
    static func decode(_ text: String, _ decode: Decode) throws -> (request: ChatRequest, losses: Losses) {
        var losses = Losses()
        let request = try decode(try Self.view(text), &losses)
        return (request, losses)
    }

    /// The refusal of a request, `nil` if it is taken.
    static func refusal(_ text: String, _ decode: Decode) throws -> BodyRefusal? {
        var losses = Losses()
        let view = try Self.view(text)
        do throws(BodyRefusal) {
            _ = try decode(view, &losses)
            return nil
        } catch {
            return error
        }
    }

    /// Writes a request that is expected to be right; what is written must be JSON.
    static func encode(
        _ request: ChatRequest, _ target: TranslationTarget, _ encode: Encode
    ) throws -> (text: String, losses: Losses) {
        var losses = Losses()
        let body = try encode(request, target, &losses)
        try JSONScanner.validate(body)
        return (text(body), losses)
    }

    /// The events of a whole answer.
    static func events(whole text: String, _ decoder: some AnswerDecoder) throws -> [AnswerEvent] {
        var decoder = decoder
        var events: [AnswerEvent] = []
        decoder.whole(try Self.view(text), into: &events)
        return events
    }

    /// The events of a stream of server-sent events that comes in these chunks.
    static func events(stream chunks: [[UInt8]], _ decoder: some AnswerDecoder) throws -> [AnswerEvent] {
        var decoder = decoder
        var events: [AnswerEvent] = []
        var splitter = SSESplitter()
        for chunk in chunks {
            splitter.append(chunk)
            while let record = try splitter.next() {
                let event = SSEEvent(record)
                guard event.hasData else { continue }
                try decoder.record(name: event.name, event.data, into: &events)
            }
        }
        decoder.finish(into: &events)
        return events
    }

    /// The events of a stream of lines that comes in these chunks.
    static func events(lines chunks: [[UInt8]], _ decoder: some AnswerDecoder) throws -> [AnswerEvent] {
        var decoder = decoder
        var events: [AnswerEvent] = []
        var splitter = NDJSONSplitter()
        for chunk in chunks {
            splitter.append(chunk)
            while let line = try splitter.next() {
                try decoder.record(name: [], line, into: &events)
            }
        }
        decoder.finish(into: &events)
        return events
    }

    /// The stream that an encoder writes for these events.
    static func stream(_ events: [AnswerEvent], _ encoder: some AnswerEncoder) -> String {
        var encoder = encoder
        var out: [UInt8] = []
        for event in events { encoder.encode(event, into: &out) }
        return text(out)
    }

    /// The events put together.
    static func answer(_ events: [AnswerEvent]) -> ChatAnswer {
        var answer = ChatAnswer()
        for event in events { answer.add(event) }
        return answer
    }

    /// Bytes cut into chunks of 1 to `most`.
    static func chunks(_ text: String, most: Int, _ random: inout SeededGenerator) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var rest = bytes(text)[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(Int.random(in: 1...most, using: &random))
            chunks.append(Array(chunk))
            rest = rest.dropFirst(chunk.count)
        }
        return chunks
    }

    /// What every answer of the tests is written with.
    static let context = AnswerContext(
        id: "0123", model: "shown", createdAt: WallTime(microseconds: 1_764_000_000_042_000))
}

/// Draws requests and answers of the neutral form.
struct NeutralModels {
    var random: SeededGenerator

    init(seed: UInt64) {
        self.random = SeededGenerator(seed: seed)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.random) < percent }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self.random) }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[self.number(0...(list.count - 1))] }

    /// A text, never empty, with all that has to be escaped.
    mutating func words() -> String {
        let pieces = ["a", "Oslo", " ", "\n", "\"", "\\", "ß", "雨", "🌧", "\u{0}", "{", "}", "</s>", "\u{7F}", "/"]
        return (0...self.number(0...9)).map { _ in self.pick(pieces) }.joined()
    }

    /// A name that every API takes.
    mutating func name() -> String { self.pick(["get_weather", "Read", "a-b_9", "x"]) }

    /// A JSON object as a provider would write it.
    mutating func object() -> [UInt8] {
        bytes(self.pick(["{}", #"{"city":"Oslo"}"#, #"{"a":{"b":[1,2.5,null,"}{"]}}"#, #"{"q":"\"\\"}"#]))
    }

    mutating func base64() -> ArraySlice<UInt8> { bytes(self.pick(["iVBORw0KGgo=", "AAAA", "/9j/4A=="]))[...] }

    /// A part that is words or a picture.
    mutating func material() -> ChatPart {
        self.chance(75)
            ? .text(self.words())
            : .image(ChatImage(mediaType: self.pick(["image/png", "image/webp"]), base64: self.base64()))
    }

    /// A schema that every provider enforces.
    mutating func schema() -> [UInt8] {
        let start = self.pick([#"{"type":"object""#, #"{"type":"object","properties":{"a":{}}"#])
        return bytes(start + #","additionalProperties":false}"#)
    }

    mutating func tool() -> ChatTool {
        ChatTool(
            name: self.name(), description: self.chance(50) ? self.words() : nil, parameters: self.schema(),
            isStrict: self.chance(30) ? self.chance(50) : nil)
    }

    /// Events of an answer with blocks of all kinds, calls one behind the other, usage before the end.
    mutating func answerEvents(
        hasSignatures: Bool, callIDs: Bool = true, hasUsage: Bool = true, id: String? = nil
    ) -> [AnswerEvent] {
        var events: [AnswerEvent] = [.began(id: id, model: "served")]
        var calls = 0
        for _ in 0...self.number(0...6) {
            switch self.number(0...3) {
            case 0: for _ in 0...self.number(0...3) { events.append(.text(self.words())) }
            case 1:
                events.append(.thinking(self.words()))
                if hasSignatures, self.chance(50) { events.append(.thinkingSignature("c2ln" + "\(calls)")) }
            case 2 where hasSignatures: events.append(.sealedThinking("c2VhbGVk"))
            case _:
                let id = callIDs ? "call_\(calls)" : ""
                events.append(.toolCallBegan(index: calls, id: id, name: self.name()))
                let arguments = self.object()
                let border = self.number(0...arguments.count)
                for piece in [arguments[..<border], arguments[border...]] where !piece.isEmpty {
                    events.append(.toolArguments(index: calls, Array(piece)))
                }
                calls += 1
            }
        }
        if hasUsage { events.append(.usage(self.usage())) }
        events.append(.ended(self.pick([.stop(text: nil), .length, .toolCalls])))
        return events
    }

    mutating func usage() -> AnswerUsage {
        var usage = AnswerUsage()
        usage.promptTokens = self.number(0...5000)
        usage.outputTokens = self.number(0...5000)
        return usage
    }
}
