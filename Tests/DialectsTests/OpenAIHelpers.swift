import Testing
import Vocabulary

@testable import Dialects

/// What the tests of OpenAI's dialect share.
enum OpenAITesting {
    static let context = AnswerContext(
        id: "a1", model: "tiny", createdAt: WallTime(microseconds: 1_700_000_000_000_000), wantsUsage: true)

    /// Reads a chat request that is expected to be right.
    static func chat(_ body: String) throws -> (request: ChatRequest, losses: Losses) {
        var losses = Losses()
        let request = try OpenAIChat.decode(try JSONView(bytes(body)), &losses)
        return (request, losses)
    }

    /// The refusal of a chat request, `nil` if it is taken.
    static func chatRefusal(_ body: String) -> BodyRefusal? {
        var losses = Losses()
        do throws(BodyRefusal) {
            guard let view = try? JSONView(bytes(body)) else { return nil }
            _ = try OpenAIChat.decode(view, &losses)
            return nil
        } catch {
            return error
        }
    }

    /// Writes a chat request.
    static func encoded(
        _ request: ChatRequest, for target: TranslationTarget = TranslationTarget(model: "m")
    ) throws -> (body: String, losses: Losses) {
        var losses = Losses()
        let body = try OpenAIChat.encode(request, for: target, &losses)
        return (text(body), losses)
    }

    /// What a decoder tells of a stream that comes in `chunks`; `nil` if it throws.
    static func events(_ decoder: some AnswerDecoder, _ chunks: [[UInt8]]) -> [AnswerEvent]? {
        var decoder = decoder
        var splitter = SSESplitter()
        var events: [AnswerEvent] = []
        do {
            for chunk in chunks {
                splitter.append(chunk)
                while let record = try splitter.next() {
                    let event = SSEEvent(record)
                    if event.hasData { try decoder.record(name: event.name, event.data, into: &events) }
                }
            }
        } catch {
            return nil
        }
        decoder.finish(into: &events)
        return events
    }

    /// As above, for a stream in one piece.
    static func events(_ decoder: some AnswerDecoder, _ stream: String) -> [AnswerEvent]? {
        self.events(decoder, [bytes(stream)])
    }

    /// What a decoder tells of an answer in one piece.
    static func whole(_ decoder: some AnswerDecoder, _ body: String) throws -> [AnswerEvent] {
        var decoder = decoder
        var events: [AnswerEvent] = []
        decoder.whole(try JSONView(bytes(body)), into: &events)
        return events
    }

    /// The stream that an encoder makes of events.
    static func stream(_ encoder: some AnswerEncoder, _ events: [AnswerEvent]) -> String {
        var encoder = encoder
        var out: [UInt8] = []
        for event in events { encoder.encode(event, into: &out) }
        return text(out)
    }

    /// The answer that events make.
    static func answer(_ events: [AnswerEvent]) -> ChatAnswer {
        var answer = ChatAnswer()
        for event in events { answer.add(event) }
        return answer
    }

    /// With words, and arguments of one call, that follow each other joined.
    static func joined(_ events: [AnswerEvent]) -> [AnswerEvent] {
        var out: [AnswerEvent] = []
        for event in events {
            switch (out.last, event) {
            case (.text(let first), .text(let more)): out[out.count - 1] = .text(first + more)
            case (.thinking(let first), .thinking(let more)): out[out.count - 1] = .thinking(first + more)
            case (.refusal(let first), .refusal(let more)): out[out.count - 1] = .refusal(first + more)
            case (.toolArguments(let index, let first), .toolArguments(let same, let more)) where index == same:
                out[out.count - 1] = .toolArguments(index: index, first + more)
            default: out.append(event)
            }
        }
        return out
    }
}

/// Makes requests and answers that OpenAI's dialects can say, from a seed.
struct OpenAIGenerator {
    private var chance: SeededGenerator

    init(seed: UInt64) {
        self.chance = SeededGenerator(seed: seed)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self.chance) }

    mutating func maybe<Value>(_ make: (inout OpenAIGenerator) -> Value) -> Value? {
        self.number(0...1) == 0 ? nil : make(&self)
    }

    /// A text that is not empty, with all that JSON must escape.
    mutating func words() -> String {
        let pieces = ["a", "é", "\"", "\\", "\n", "\u{1}", "😀", "{", "data: ", "</s>", "\u{7F}", "\u{2028}", " "]
        return (0...self.number(0...6)).map { _ in pieces[self.number(0...(pieces.count - 1))] }.joined()
    }

    mutating func name() -> String { "n\(self.number(0...99))" }

    mutating func schema() -> [UInt8] { bytes(#"{"type":"object","title":"t\#(self.number(0...9))"}"#) }

    mutating func image() -> ChatImage {
        ChatImage(mediaType: "image/png", base64: bytes("iVBORw0KGgo\(self.number(0...9))")[...])
    }

    mutating func parts() -> [ChatPart] {
        (0..<self.number(0...3)).map { _ in self.number(0...3) == 0 ? .image(self.image()) : .text(self.words()) }
    }

    /// A conversation in the form that decoding gives: results stand in turns of their own, and are not followed by
    /// others.
    mutating func turns() -> [ChatTurn] {
        var turns: [ChatTurn] = []
        for number in 0..<self.number(0...5) {
            switch self.number(0...3) {
            case 0: turns.append(ChatTurn(.system, [.text(self.words())]))
            case 1: turns.append(ChatTurn(.user, self.parts()))
            case 2: turns.append(ChatTurn(.assistant, self.maybe { [.text($0.words())] } ?? []))
            default:
                let calls = (0...self.number(0...2)).map { index in
                    ToolCall(id: "call_\(number)_\(index)", name: self.name(), arguments: bytes(#"{"x":"\#(index)"}"#))
                }
                let said =
                    (self.maybe { [ChatPart.text($0.words())] } ?? []) + (self.maybe { [.refusal($0.words())] } ?? [])
                turns.append(ChatTurn(.assistant, said + calls.map { .toolCall($0) }))
                turns.append(
                    ChatTurn(
                        .user,
                        calls.map {
                            .toolResult(ToolResult(id: $0.id, name: $0.name, parts: [.text(self.words())]))
                        }))
                turns.append(ChatTurn(.user, self.parts()))
            }
        }
        return turns
    }

    mutating func request() -> ChatRequest {
        var request = ChatRequest()
        request.turns = self.turns()
        request.tools = (0..<self.number(0...2)).map { _ in
            ChatTool(
                name: self.name(), description: self.maybe { $0.words() }, parameters: self.maybe { $0.schema() },
                isStrict: self.maybe { $0.number(0...1) == 0 })
        }
        if !request.tools.isEmpty {
            request.toolChoice = [nil, .auto, ToolChoice.none, .required, .tool(self.name())][self.number(0...4)]
            request.callsInParallel = self.maybe { $0.number(0...1) == 0 }
        }
        request.format = self.maybe { generator in
            generator.maybe { _ in AnswerFormat.jsonObject }
                ?? .schema(
                    AnswerSchema(
                        name: generator.name(), description: generator.maybe { $0.words() }, schema: generator.schema(),
                        isStrict: generator.maybe { $0.number(0...1) == 0 }))
        }
        request.sampling = self.sampling()
        let efforts = Reasoning.Effort.allCases
        request.reasoning = self.maybe {
            [.off, .effort(efforts[$0.number(0...(efforts.count - 1))])][$0.number(0...1)]
        }
        request.outputTokensMax = self.maybe { $0.number(1...4_096) }
        request.logProbabilities = self.maybe { LogProbabilities(top: $0.number(0...20)) }
        request.streams = self.number(0...1) == 0
        return request
    }

    mutating func sampling() -> Sampling {
        var sampling = Sampling()
        sampling.temperature = self.maybe { Double($0.number(0...200)) / 100 }
        sampling.topP = self.maybe { Double($0.number(0...100)) / 100 }
        sampling.topK = self.maybe { $0.number(1...100) }
        sampling.minP = self.maybe { Double($0.number(0...100)) / 1_000 }
        sampling.frequencyPenalty = self.maybe { Double($0.number(-20...20)) / 10 }
        sampling.presencePenalty = self.maybe { Double($0.number(-20...20)) / 10 }
        sampling.seed = self.maybe { $0.number(Int.min...Int.max) }
        sampling.stop = (0..<self.number(0...3)).map { _ in self.words() }
        return sampling
    }

    mutating func usage() -> AnswerUsage {
        var usage = AnswerUsage()
        usage.promptTokens = self.number(0...100_000)
        usage.outputTokens = self.number(1...100_000)
        usage.cachedTokens = self.maybe { $0.number(0...100) }
        usage.cacheWriteTokens = self.maybe { $0.number(0...100) }
        usage.reasoningTokens = self.maybe { $0.number(0...100) }
        return usage
    }

    /// An answer: in order as whole answers have it, or with its pieces mixed as streams may.
    mutating func answer(isMixed: Bool, id: String) -> [AnswerEvent] {
        var said: [AnswerEvent] = []
        for kind in 0..<(isMixed ? self.number(0...8) : 3) {
            switch isMixed ? self.number(0...3) : kind {
            case 0: said += self.maybe { [.thinking($0.words())] } ?? []
            case 1: said += self.maybe { [.text($0.words())] } ?? []
            case 2: said += self.maybe { [.refusal($0.words())] } ?? []
            default:
                said.append(
                    .logProbabilities(bytes(#"[{"token":"x","logprob":-0.5,"bytes":[120],"top_logprobs":[]}]"#)))
            }
        }
        let calls = self.number(0...2)
        var arguments: [AnswerEvent] = []
        for index in 0..<calls {
            let began = AnswerEvent.toolCallBegan(index: index, id: "call_\(index)", name: self.name())
            let pieces = (0...self.number(0...2)).map { _ in
                AnswerEvent.toolArguments(index: index, bytes(self.words()))
            }
            if isMixed, index == 0, calls > 1 {
                // The rest of the first call comes behind the second.
                said += [began, pieces[0]]
                arguments = Array(pieces.dropFirst())
            } else {
                said += [began] + pieces
            }
        }
        let reasons: [StopReason] = calls > 0 ? [.toolCalls] : [.stop(text: nil), .length, .contentFilter]
        let end: [AnswerEvent] = [
            .usage(self.usage()), .ended(reasons[self.number(0...(reasons.count - 1))]),
        ]
        return [.began(id: id, model: "m")] + said + arguments + end
    }
}
