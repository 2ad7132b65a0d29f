import Testing
import Vocabulary

@testable import Dialects

/// What Gemini can say comes back as it was, and any split of a stream tells the same.
struct GeminiRoundTripTests {
    /// Makes requests out of what Gemini can say, without a loss: speakers take turns, and results have a call.
    private struct Maker {
        var chance: SeededGenerator
        var ids = 0

        mutating func often(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.chance) < percent }

        mutating func pick<Value>(_ values: [Value]) -> Value { values.randomElement(using: &self.chance)! }

        mutating func words() -> String {
            let pieces = ["a", "\"quoted\"", "\\", "\n", "ü€🙂", "{\"x\":1}", "</s>", "\u{7F}", " ", "0"]
            return (0...Int.random(in: 0..<4, using: &self.chance)).map { _ in self.pick(pieces) }.joined(
                separator: "-")
        }

        mutating func object() -> [UInt8] {
            bytes(self.pick(["{}", #"{"x":1}"#, #"{"a":["\u00fc",null,{"b":-1.5e3}],"c":true}"#]))
        }

        mutating func image() -> ChatPart {
            .image(ChatImage(mediaType: self.pick(["image/png", "image/webp"]), base64: bytes("iVBORw0KGgo=")[...]))
        }

        mutating func request() -> ChatRequest {
            var request = ChatRequest()
            if self.often(50) { request.turns.append(ChatTurn(.system, [.text(self.words()), .text(self.words())])) }
            request.turns.append(ChatTurn(.user, self.userParts()))
            while self.often(60) {
                let said = self.modelTurn()
                request.turns.append(said)
                request.turns.append(ChatTurn(.user, self.results(of: said) + self.userParts()))
            }
            self.addTools(&request)
            self.addSettings(&request)
            return request
        }

        mutating func userParts() -> [ChatPart] {
            [.text(self.words())] + (self.often(30) ? [self.image()] : []) + (self.often(20) ? [.text("more")] : [])
        }

        mutating func modelTurn() -> ChatTurn {
            var parts: [ChatPart] = []
            if self.often(40) { parts.append(.thinking(self.words(), signature: nil)) }
            if self.often(70) || parts.isEmpty { parts.append(.text(self.words())) }
            while self.often(40) {
                if self.often(30) { parts.append(.thinking("", signature: GeminiSeal.marked("c2VhbA=="))) }
                self.ids += 1
                let id = "call_\(self.ids)"
                parts.append(.toolCall(ToolCall(id: id, name: self.pick(["f", "g-2"]), arguments: self.object())))
            }
            // The seal of a call is told with the thought right before it.
            if parts.count > 1, case .thinking(let words, nil) = parts[0], case .thinking("", let seal) = parts[1] {
                parts.replaceSubrange(0..<2, with: [.thinking(words, signature: seal)])
            }
            return ChatTurn(.assistant, parts)
        }

        mutating func results(of turn: ChatTurn) -> [ChatPart] {
            turn.parts.compactMap { part -> ChatPart? in
                guard case .toolCall(let call) = part else { return nil }
                let failed = self.often(20)
                let said = !failed && self.often(40) ? text(self.object()) : "said: " + self.words()
                var parts: [ChatPart] = [.text(said)]
                if self.often(30) { parts.append(self.image()) }
                return .toolResult(ToolResult(id: call.id, name: call.name, parts: parts, isError: failed))
            }
        }

        mutating func addTools(_ request: inout ChatRequest) {
            guard self.often(50) else { return }
            request.tools.append(ChatTool(name: "f", description: self.words(), parameters: self.object()))
            if self.often(50) { request.tools.append(ChatTool(name: "g-2")) }
            if self.often(60) { request.toolChoice = self.pick([.auto, ToolChoice.none, .required, .tool("f")]) }
        }

        mutating func addSettings(_ request: inout ChatRequest) {
            if self.often(40) { request.sampling.temperature = self.pick([0, 0.7, 1e-7, 2]) }
            if self.often(30) { request.sampling.topP = 0.95 }
            if self.often(30) { request.sampling.topK = 40 }
            if self.often(30) { request.sampling.presencePenalty = -2 }
            if self.often(30) { request.sampling.frequencyPenalty = 0.5 }
            if self.often(30) { request.sampling.seed = self.pick([0, -1, Int(Int32.max)]) }
            if self.often(30) { request.sampling.stop = ["\n\n", self.words()] }
            if self.often(40) { request.outputTokensMax = 1_000 }
            if self.often(20) { request.logProbabilities = LogProbabilities(top: self.pick([0, 1, 20])) }
            if self.often(20) { request.format = .jsonObject }
            if self.often(20) { request.format = .schema(AnswerSchema(schema: self.object())) }
            if self.often(40) { request.reasoning = self.pick([.on, .effort(.low), .effort(.high), .budget(2_000)]) }
        }
    }

    @Test func `a request that Gemini can say comes back as it was`() throws {
        for seed in 0..<1_000 as Range<UInt64> {
            var maker = Maker(chance: SeededGenerator(seed: seed))
            let request = maker.request()
            var losses = Losses()
            let body = try Gemini.encode(request, for: TranslationTarget(model: "gemini-3-pro-preview"), &losses)
            #expect(losses.isEmpty, "seed \(seed): \(losses)")
            let read = GeminiReader.read(try JSONView(body))
            #expect(read == request, "seed \(seed): \(text(body))")
            // What is twice in an object, Gemini refuses; what is read is to be all that is written.
            #expect(try Gemini.encode(read, for: TranslationTarget(model: "gemini-3-pro-preview"), &losses) == body)
        }
    }

    private let stream = """
        data: {"candidates": [{"content": {"parts": [{"text": "hm ü","thought": true}],"role": "model"},"index": 0}],\
        "usageMetadata": {"promptTokenCount": 9},"modelVersion": "m","responseId": "r"}\r\n\r
        data: {"candidates": [{"content": {"parts": [{"text": "so "}, {"text": "what"}]}}]}\r\n\r
        data: {"candidates": [{"content": {"parts": [{"functionCall": {"name": "f","args": {"x": 1}},\
        "thoughtSignature": "c2VhbA=="}]},"finishReason": "STOP"}],\
        "usageMetadata": {"promptTokenCount": 9,"candidatesTokenCount": 4,"thoughtsTokenCount": 1}}\r\n\r\n
        """

    private func events(_ pieces: [ArraySlice<UInt8>]) throws -> [AnswerEvent] {
        var splitter = SSESplitter()
        var decoder = GeminiDecoder()
        var events: [AnswerEvent] = []
        for piece in pieces {
            splitter.append(Array(piece))
            while let record = try splitter.next() {
                let event = SSEEvent(record)
                if event.hasData { try decoder.record(name: event.name, event.data, into: &events) }
            }
        }
        decoder.finish(into: &events)
        return events
    }

    @Test func `any split of a stream tells the same`() throws {
        let all = bytes(self.stream)[...]
        let expected = try self.events([all])
        #expect(expected.count == 9)
        #expect(expected.last == .ended(.toolCalls))
        for border in all.indices {
            #expect(try self.events([all[..<border], all[border...]]) == expected, "split at \(border)")
        }
        #expect(try self.events(all.indices.map { all[$0...$0] }) == expected)
    }

    @Test func `a stream cut anywhere never ends well`() throws {
        let all = bytes(self.stream)[...]
        let records = try self.events([all])
        // Up to the last event's line end nothing is over.
        for border in 0..<(all.count - 5) {
            let events = (try? self.events([all[..<border]])) ?? []
            #expect(events == Array(records.prefix(events.count)))
            #expect(!events.contains(records[records.count - 1]), "cut at \(border)")
        }
    }

    @Test func `bytes of any kind are no trap`() throws {
        let all = bytes(self.stream)
        var chance = SeededGenerator(seed: 7)
        for _ in 0..<5_000 {
            var broken = all
            for _ in 0..<Int.random(in: 1..<6, using: &chance) {
                broken[Int.random(in: broken.indices, using: &chance)] = UInt8.random(in: 0x20...0x7E, using: &chance)
            }
            let events = (try? self.events([broken[...]])) ?? []
            let ends = events.indices.filter { index in
                switch events[index] {
                case .ended, .failed: true
                default: false
                }
            }
            #expect(ends.allSatisfy { $0 == events.count - 1 }, "nothing follows the end")
        }
    }
}
