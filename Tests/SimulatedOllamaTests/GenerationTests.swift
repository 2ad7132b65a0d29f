import Foundation
import Testing
import Vocabulary

@testable import SimulatedOllama

@Suite struct GenerationTests {
    private static let model = SimulatedModel("m", capabilities: [.completion, .tools])

    private static func job(_ prompt: String, _ change: (inout Job) -> Void = { _ in }) -> Job {
        var job = Job(.chat)
        job.messages = [
            .init(role: "user", text: JSONText(raw: Array(prompt.utf8)[...], hasEscapes: false))
        ]
        change(&job)
        return job
    }

    private static func answer(
        _ job: Job, _ model: SimulatedModel = model, seed: UInt64 = 0
    ) -> (text: String, thinking: String, tokens: Int, calls: [ToolCall], end: Generation.Step) {
        var identifiers = SeededGenerator(seed: 1)
        var generation = Generation(
            job, model: model, context: 4096, promptTokens: 10, answerTokens: 16...64, seed: seed,
            identifiers: &identifiers)
        var text: [UInt8] = []
        var thinking: [UInt8] = []
        while true {
            switch generation.next() {
            case .token(.content): text += generation.text
            case .token(.thinking): thinking += generation.text
            case .toolCalls: break
            case .finished(let reason):
                return (
                    String(decoding: text, as: UTF8.self), String(decoding: thinking, as: UTF8.self),
                    generation.outputTokens, generation.toolCalls, .finished(reason)
                )
            case .endedSilently:
                return (
                    String(decoding: text, as: UTF8.self), String(decoding: thinking, as: UTF8.self),
                    generation.outputTokens, generation.toolCalls, .endedSilently
                )
            }
        }
    }

    @Test func `the same prompt and seed give the same words, others give others`() {
        let first = Self.answer(Self.job("hello"))
        #expect(first.text == Self.answer(Self.job("hello")).text)
        #expect(first.text != Self.answer(Self.job("hallo")).text)
        #expect(first.text != Self.answer(Self.job("hello"), seed: 1).text)
        #expect(first.text != Self.answer(Self.job("hello") { $0.options.seed = 7 }).text)
        #expect(first.text != Self.answer(Self.job("hello"), SimulatedModel("other")).text)
        #expect((16...64).contains(first.tokens - 1))
        #expect(first.end == .finished(.stop))
    }

    @Test func `a prompt can order the answer`() {
        #expect(Self.answer(Self.job("Please say: Gr\u{FC}\u{DF} Gott, World")).text == "Gr\u{FC}\u{DF} Gott, World")
        #expect(Self.answer(Self.job("Count to 4")).text == " 1, 2, 3, 4")
        #expect(Self.answer(Self.job("write 100 tokens")).tokens == 101)
        #expect(Self.answer(Self.job("repeat without end")).end == .endedSilently)
    }

    @Test(arguments: [1, 30, 1000]) func `a text taken at once is that of its tokens`(limit: Int) {
        for prompt in ["90 tokens", "count to 40", "say: one two three"] {
            let job = Self.job(prompt) { $0.options.numPredict = limit }
            var identifiers = SeededGenerator(seed: 1)
            var generation = Generation(
                job, model: Self.model, context: 4096, promptTokens: 10, answerTokens: 16...64, seed: 0,
                identifiers: &identifiers)
            var text: [UInt8] = []
            generation.takeRest(into: &text)
            let single = Self.answer(job)
            #expect(generation.next() == single.end)
            #expect(String(decoding: text, as: UTF8.self) == single.text)
            #expect(generation.outputTokens == single.tokens)
        }
    }

    @Test func `a bound is kept and told`() {
        let answer = Self.answer(Self.job("count to 100") { $0.options.numPredict = 3 })
        #expect(answer.text == " 1, 2, 3,")
        #expect(answer.end == .finished(.length))
        #expect(answer.tokens == 3)
    }

    @Test func `zero is one token on a chat template and no bound on a Go template`() {
        let job = Self.job("count to 5") { $0.options.numPredict = 0 }
        #expect(Self.answer(job).tokens == 1)
        #expect(Self.answer(job, SimulatedModel("m", template: .go)).text == " 1, 2, 3, 4, 5")
    }

    @Test(arguments: [
        (["3"], " 1, 2, "), ([", 4"], " 1, 2, 3"), (["2, 3, 4"], " 1, "), (["5", "2"], " 1, "),
        (["nowhere"], " 1, 2, 3, 4, 5"), (["5, 6"], " 1, 2, 3, 4, 5"),
    ])
    func `a stop sequence ends the text before it, across tokens too`(stops: [String], text: String) {
        let answer = Self.answer(Self.job("count to 5") { $0.options.stop = stops.map { Array($0.utf8) } })
        #expect(answer.text == text)
        #expect(answer.end == .finished(.stop))
    }

    @Test func `a tool is called when the prompt asks for it, with arguments of its schema`() throws {
        let schema = #"{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":2}}}"#
        let parameters = try JSONReader.read(Array(schema.utf8))
        let tool = Job.Tool(name: "get_weather", parameters: parameters)
        let asked = Self.answer(Self.job("What is the weather in Oslo?") { $0.tools = [tool] })
        #expect(asked.calls.map(\.name) == ["get_weather"])
        #expect(asked.calls.first?.arguments == Array(#"{"city":"Oslo","days":2}"#.utf8))
        #expect(asked.text.isEmpty)
        #expect(Self.answer(Self.job("hello") { $0.tools = [tool] }).calls.isEmpty)
        let afterwards = Self.job("the weather") {
            $0.tools = [tool]
            $0.messages.append(.init(role: "tool", text: JSONText(raw: [0x78], hasEscapes: false)))
        }
        #expect(Self.answer(afterwards).calls.isEmpty)
    }

    @Test func `JSON is made when JSON is asked for`() throws {
        let text = Self.answer(Self.job("hello") { $0.format = .json }).text
        #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any])
    }

    @Test(arguments: [
        (#"{"type":"object","properties":{"a":{"type":"integer"},"b":{}},"required":["a"]}"#, #"{"a":1}"#),
        (#"{"enum":["x","y"]}"#, #""x""#), (#"{"const":5}"#, "5"), (#"{"type":"array"}"#, "[]"),
        (#"{"type":"array","items":{"type":"boolean"},"minItems":2}"#, "[true,true]"),
        (#"{"anyOf":[{"type":"null"},{"type":"string"}]}"#, "null"),
        (##"{"$defs":{"N":{"type":"number","minimum":3}},"$ref":"#/$defs/N"}"##, "3"),
        (#"{"type":"string","minLength":6}"#, #""wordxx""#), (#"{"type":["string","null"]}"#, #""word""#),
        (##"{"$ref":"#"}"##, "null"),
    ])
    func `an instance of a schema is small and valid`(schema: String, instance: String) throws {
        let made = SchemaInstance.make(of: try JSONReader.read(Array(schema.utf8)), word: Array("word".utf8))
        #expect(String(decoding: made, as: UTF8.self) == instance)
    }

    @Test func `a thinking model thinks unless told not to`() {
        let thinker = SimulatedModel("m", capabilities: [.completion, .thinking])
        #expect(!Self.answer(Self.job("x"), thinker).thinking.isEmpty)
        #expect(Self.answer(Self.job("x") { $0.think = .off }, thinker).thinking.isEmpty)
        #expect(Self.answer(Self.job("x")).thinking.isEmpty)
    }

    @Test func `embeddings have unit length and belong to their text`() {
        func vector(_ text: String) -> [Double] {
            Embeddings.vector(of: Array(text.utf8), model: "m", length: 64)
        }
        func product(_ left: [Double], _ right: [Double]) -> Double {
            zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let cat = vector("the cat sat here")
        #expect(abs(product(cat, cat) - 1) < 1e-9)
        #expect(cat == vector("the cat sat here"))
        #expect(product(cat, vector("the cat sat there")) > product(cat, vector("an unrelated sentence follows")))
    }

    @Test func `base64 is that of RFC 4648`() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            #expect(Base64.encode(Array(plain.utf8)) == Array(coded.utf8))
            #expect(Base64.illegalOffset(in: Array(coded.utf8)) == nil)
        }
        #expect(Base64.illegalOffset(in: Array("ab*d".utf8)) == 2)
        #expect(Base64.illegalOffset(in: Array("Zg=".utf8)) == 3)
        #expect(Base64.illegalOffset(in: Array("=".utf8)) == 0)
    }

    @Test func `times are written as Go writes them`() {
        func text(_ timestamp: Timestamp) -> String {
            var out: [UInt8] = []
            timestamp.write(into: &out)
            return String(decoding: out, as: UTF8.self)
        }
        let moment = WallTime(microseconds: 1_795_469_454_962_351)
        #expect(text(Timestamp(moment, Instant(nanoseconds: 1513))) == "2026-11-23T21:30:54.962351513Z")
        #expect(text(Timestamp(WallTime(microseconds: 1_795_469_454_500_000))) == "2026-11-23T21:30:54.5Z")
        #expect(text(Timestamp(WallTime(microseconds: 1_795_469_454_000_000))) == "2026-11-23T21:30:54Z")
        #expect(text(.forever(after: moment)).hasPrefix("2319-03-0"))
    }
}
