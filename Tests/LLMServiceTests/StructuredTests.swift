import Foundation
import Testing

@testable import LLMService

@Suite struct StructuredTests {
    enum Mood: String, CaseIterable, Decodable { case good, bad }

    struct Review: Structured, Equatable {
        var mood: Mood
        var stars: Int
        var remark: String?

        static let schema = JSONSchema.object([
            "mood": .oneOf(Mood.self), "stars": .integer.described("1 to 5"), "remark": .string.optional,
        ])
    }

    @Test func `a schema keeps the order of its properties`() throws {
        #expect(
            try Review.schema.json.text()
                == #"{"type":"object","properties":{"mood":{"type":"string","enum":["good","bad"]},"#
                + #""stars":{"type":"integer","description":"1 to 5"},"#
                + #""remark":{"anyOf":[{"type":"string"},{"type":"null"}]}},"#
                + #""required":["mood","stars","remark"],"additionalProperties":false}"#)
        #expect(
            try JSONSchema.array(of: .number).json.text() == #"{"type":"array","items":{"type":"number"}}"#)
    }

    @Test func `a schema of somebody else's is taken as it is, if it is an object`() throws {
        #expect(try JSONSchema(text: #"{"type": "boolean"}"#).json.text() == #"{"type": "boolean"}"#)
        for text in ["", "[]", "true", #"{"type":"#, #"{} {}"#] {
            #expect(throws: LLMError.self) { try JSONSchema(text: text) }
        }
    }

    @Test(arguments: [
        #"{"mood": "good", "stars": 4, "remark": null}"#,
        #"{"mood": "good", "stars": 4}"#,
        "\n\n  {\"mood\": \"good\", \"stars\": 4}  ",
        "```json\n{\"mood\": \"good\", \"stars\": 4}\n```",
        "Here you are:\n```\n{\"mood\": \"good\", \"stars\": 4}\n```\nAnything else?",
        "Sure! {\"mood\": \"good\", \"stars\": 4} That is all.",
        "```json\n{\"mood\": \"good\", \"stars\": 4}",
    ])
    func `a value is found within a fence and between words`(text: String) async throws {
        let service = InMemoryService([.text(text)])
        let review = try await service.chat(ChatRequest(model: "m", "How was it?"), as: Review.self)
        #expect(review == Review(mood: .good, stars: 4, remark: nil))
        #expect(service.requests.first?.format == .schema(Review.schema, name: "Review"))
    }

    @Test(arguments: [
        ("", "the answer is no Review: it has no JSON"),
        ("It was good.", "the answer is no Review: it has no JSON"),
        (#"{"mood": "good"}"#, "the answer is no Review: `stars` is missing"),
        (#"{"mood": "good", "stars": "four"}"#, "the answer is no Review: `stars` is no Int"),
        (#"{"mood": "odd", "stars": 4}"#, "the answer is no Review: `mood` has no allowed value"),
        ("So: {\"mood\": \"good\", \"stars\": null}.", "the answer is no Review: `stars` is null"),
    ])
    func `what is no value is told with the model's words, which are not in the message`(text: String, message: String)
        async throws
    {
        let service = InMemoryService([.text(text)])
        let error = await failure { try await service.chat(ChatRequest(model: "m", "?"), as: Review.self) }
        #expect(error == LLMError(.unreadableOutput, message, text: text))
        #expect(error?.description == "unreadableOutput: " + message)
    }

    @Test(arguments: [
        (StopReason.length, "; it was cut at the bound on its tokens"),
        (.contentFilter, "; it was declined or filtered"),
        (.toolCalls, "; the model calls tools, whose results must be answered first"),
    ])
    func `why the answer is over is part of the trouble`(stop: StopReason, ending: String) async throws {
        let reply = ChatReply(parts: [.text("{")], stop: stop, origin: ReplyOrigin(requestID: "01"))
        let error = await failure { try reply.value(as: Review.self) }
        #expect(error?.message.hasSuffix(ending) == true, "\(String(describing: error))")
        #expect(error?.requestID == "01")
    }

    @Test func `a type that does not describe itself is asked for with a schema`() async throws {
        let service = InMemoryService(["[1, 2]"])
        let numbers = try await service.chat(
            ChatRequest(model: "m", "?"), as: [Int].self, schema: .array(of: .integer))
        #expect(numbers == [1, 2])
        #expect(service.requests.first?.format == .schema(.array(of: .integer), name: "Array_Int_"))
    }

    @Test func `a call's arguments are a value too`() throws {
        let call = ToolCall(id: "1", name: "rate", arguments: #"{"mood":"bad","stars":1}"#)
        #expect(try call.arguments(as: Review.self) == Review(mood: .bad, stars: 1, remark: nil))
        let broken = ToolCall(id: "1", name: "rate", arguments: #"{"mood":"bad""#)
        let error = #expect(throws: LLMError.self) { try broken.arguments(as: Review.self) }
        #expect(error?.message == "the call of `rate` is no Review: it has no JSON")
    }
}

@Suite struct JSONTests {
    @Test func `every text is written so that it can be read`() throws {
        let text = String(String.UnicodeScalarView((0...0x500).map { Unicode.Scalar($0)! })) + "😀\u{2028}"
        let written = try JSON.array([.string(text)]).text()
        #expect(try JSONDecoder().decode([String].self, from: Data(written.utf8)) == [text])
    }

    @Test func `members keep their order and those without a value are left out`() throws {
        let json = JSON.members([
            "z": .integer(-1), "a": nil, "b": .number(0.1), "n": .null, "l": .array([.bool(true)]),
        ])
        #expect(try json.text() == #"{"z":-1,"b":0.1,"n":null,"l":[true]}"#)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a number that JSON does not have is refused`(number: Double) {
        #expect(throws: LLMError.self) { try JSON.number(number).text() }
    }

    @Test func `what is read is written as the same value`() throws {
        let text = #"{"a":[1,-2.5,1e300,true,false,null,"x"],"b":{"c":{}},"d":9223372036854775808}"#
        let json = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
        let again = try JSONDecoder().decode(JSON.self, from: Data(try json.text().utf8))
        #expect(json == again)
        #expect(try json.text().hasPrefix(#"{"a":[1,-2.5,1e+300,true,false,null,"x"],"b":{"c":{}},"d":"#))
    }
}
