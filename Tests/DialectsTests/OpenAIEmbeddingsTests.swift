import Testing
import Vocabulary

@testable import Dialects

@Suite struct OpenAIEmbeddingsTests {
    private func decoded(
        _ body: String
    ) throws -> (request: EmbeddingRequest, encoding: OpenAIEmbeddings.Encoding, losses: Losses) {
        var losses = Losses()
        let read = try OpenAIEmbeddings.decode(try JSONView(bytes(body)), &losses)
        return (read.request, read.encoding, losses)
    }

    @Test func `one text and several are read`() throws {
        let one = try self.decoded(#"{"model":"m","input":"a\nb"}"#)
        #expect(one.request == EmbeddingRequest(inputs: ["a\nb"]) && one.encoding == .float && one.losses.isEmpty)
        let several = try self.decoded(
            #"{"input":["a",""],"dimensions":256,"encoding_format":"base64","user":"u","extra":1}"#)
        #expect(several.request == EmbeddingRequest(inputs: ["a", ""], dimensions: 256))
        #expect(several.encoding == .base64 && several.losses.hints == ["user", "extra"])
    }

    @Test(arguments: [
        (#"{"input":[1,2]}"#, "input"), (#"{"input":[[1,2]]}"#, "input"), (#"{"input":{}}"#, "input"), ("{}", "input"),
        (#"{"input":"x","dimensions":0}"#, "dimensions"), (#"{"input":"x","dimensions":"x"}"#, "dimensions"),
        (#"{"input":"x","encoding_format":"int8"}"#, "encoding_format"),
    ])
    func `what cannot be read names its member`(_ body: String, _ name: String) {
        do {
            _ = try self.decoded(body)
            Issue.record("taken: \(body)")
        } catch {
            #expect((error as? BodyRefusal)?.parameter == name)
        }
    }

    @Test func `a request is read as it was written`() throws {
        var generator = OpenAIGenerator(seed: 3)
        for _ in 0..<200 {
            let request = EmbeddingRequest(
                inputs: (0..<generator.number(0...4)).map { _ in generator.words() },
                dimensions: generator.maybe { $0.number(1...4_096) })
            let body = OpenAIEmbeddings.encode(request, for: TranslationTarget(model: "m"))
            #expect(try self.decoded(text(body)).request == request)
        }
    }

    // MARK: Vectors

    /// As Python's `struct.pack("<4f", ...)` and `base64.b64encode` have it.
    private static let vector: (numbers: String, base64: String) = (
        "[0.5,-1.0,0.1,3.4028235e+38]", "AAAAPwAAgL/NzMw9//9/fw=="
    )

    @Test func `numbers become base64 and base64 becomes numbers`() throws {
        let numbers = try JSONView(bytes(Self.vector.numbers))
        #expect(FloatBase64.encode(numbers: numbers).map { text($0) } == Self.vector.base64)
        #expect(FloatBase64.decode(base64: bytes(Self.vector.base64)).map { text($0) } == Self.vector.numbers)
        #expect(FloatBase64.encode(numbers: try JSONView(bytes("[1e-3,2]"))).map { text($0) } == "bxKDOgAAAEA=")
        #expect(FloatBase64.decode(base64: []) == bytes("[]"))
    }

    @Test func `every float comes back as it was`() throws {
        var chance = SeededGenerator(seed: 9)
        for length in 0..<300 {
            var raw: [UInt8] = []
            for _ in 0..<length {
                let float = Float(bitPattern: UInt32(truncatingIfNeeded: chance.next()))
                let bits = (float.isFinite ? float : 0.25).bitPattern
                raw += [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: bits >> $0) }
            }
            let base64 = FloatBase64.base64(raw)
            #expect(FloatBase64.bytes(base64) == raw)
            let json = try #require(FloatBase64.decode(base64: base64))
            #expect(FloatBase64.encode(numbers: try JSONView(json)) == base64)
        }
    }

    @Test func `a number is read as the library reads it`() {
        var chance = SeededGenerator(seed: 4)
        for round in 0..<20_000 {
            let float = Float(bitPattern: UInt32(truncatingIfNeeded: chance.next()))
            let places = Int(chance.next() % 16)
            let number = String(Int64(bitPattern: chance.next() >> (chance.next() % 60)))
            let short = round % 2 == 0 ? "\(float)" : number.prefix(number.count - min(places, number.count - 1)) + ".5"
            guard float.isFinite else { continue }
            #expect(FloatBase64.float(bytes(short)[...]) == Float(short), "\(short)")
        }
        let odd = ["0", "-0", "0.1", "16777217", "16777219", "16777217.0000001", "-33554433.5", "1e3", "0.00000001"]
        for number in odd {
            #expect(FloatBase64.float(bytes(number)[...])?.bitPattern == Float(number)?.bitPattern, "\(number)")
        }
    }

    @Test func `base64 of all lengths is that of RFC 4648 section 10`() {
        let known = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]
        for (length, base64) in known.enumerated() {
            let plain = Array(bytes("foobar").prefix(length))
            #expect(text(FloatBase64.base64(plain)) == base64 && FloatBase64.bytes(bytes(base64)) == plain)
        }
    }

    @Test(arguments: ["A", "AAAA", "AAAAPwAA", "AA=A", "====", "AAAA\u{20}AAA", "AADAfw==", "é==="])
    func `what is no base64 of floats is none`(_ text: String) {
        #expect(FloatBase64.decode(base64: bytes(text)) == nil)
    }

    @Test(arguments: [#"["1"]"#, "[1,null]", "[[1]]", "{}", "[1e39]"])
    func `what is no vector of numbers is none`(_ json: String) throws {
        #expect(FloatBase64.encode(numbers: try JSONView(bytes(json))) == nil)
    }

    // MARK: Answers

    private func answer(_ body: String) throws -> EmbeddingAnswer? {
        OpenAIEmbeddings.decodeAnswer(try JSONView(bytes(body)))
    }

    @Test func `an answer is read in the order of its indexes`() throws {
        let answer = try self.answer(
            #"{"object":"list","model":"m","data":[{"object":"embedding","index":1,"embedding":"AAAAPw=="},"#
                + #"{"object":"embedding","index":0,"embedding":[0.5, 1]}],"usage":{"prompt_tokens":4,"total_tokens":4}}"#
        )
        var usage = AnswerUsage()
        usage.promptTokens = 4
        let vectors: [EmbeddingVector] = [.json(bytes("[0.5, 1]")), .base64(bytes("AAAAPw=="))]
        #expect(answer == EmbeddingAnswer(model: "m", vectors: vectors, usage: usage))
    }

    @Test(arguments: ["[]", "{}", #"{"data":{}}"#, #"{"data":[{}]}"#, #"{"data":[{"embedding":1}]}"#, #"{"error":{}}"#])
    func `an answer without vectors is none`(_ body: String) throws {
        #expect(try self.answer(body) == nil)
    }

    @Test func `an answer has the form that the caller asked for`() throws {
        var answer = EmbeddingAnswer(vectors: [.json(bytes("[0.5]")), .base64(bytes("AACAvw=="))])
        answer.usage.promptTokens = 4
        func written(_ encoding: OpenAIEmbeddings.Encoding, _ first: String, _ second: String) -> Bool {
            let expected =
                #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":\#(first)},"#
                + #"{"object":"embedding","index":1,"embedding":\#(second)}],"model":"tiny","#
                + #""usage":{"prompt_tokens":4,"total_tokens":4}}"#
            return OpenAIEmbeddings.encodeAnswer(answer, as: encoding, model: "tiny").map { text($0) } == expected
        }
        #expect(written(.float, "[0.5]", "[-1.0]"))
        #expect(written(.base64, #""AAAAPw==""#, #""AACAvw==""#))
        #expect(
            read(
                .openAIEmbeddings, streamed: false,
                [OpenAIEmbeddings.encodeAnswer(answer, as: .float, model: "m") ?? []]
            ).isComplete)
    }

    @Test func `a vector that is none spoils the answer`() {
        for vector in [EmbeddingVector.base64(bytes(#"AA"x"#)), .base64(bytes("AA=A"))] {
            #expect(OpenAIEmbeddings.encodeAnswer(EmbeddingAnswer(vectors: [vector]), as: .base64, model: "m") == nil)
        }
        let text = EmbeddingAnswer(vectors: [.json(bytes(#"["x"]"#))])
        #expect(OpenAIEmbeddings.encodeAnswer(text, as: .base64, model: "m") == nil)
    }
}
