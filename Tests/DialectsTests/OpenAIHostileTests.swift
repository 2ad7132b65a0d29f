import Testing
import Vocabulary

@testable import Dialects

/// Bodies that are JSON and else anything: each is read or refused, and none traps.
@Suite struct OpenAIHostileTests {
    private static let bodies = [
        OpenAIResponsesRequestTests.codex,
        #"""
        {"model":"m","messages":[{"role":"system","content":"x"},{"role":"user","name":"n","content":[{"type":"text","text":"x"},
         {"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},{"role":"assistant","reasoning":"x",
         "refusal":"x","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
         {"role":"tool","tool_call_id":"c","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{}}},
         {"type":"custom","custom":{"name":"g","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"x"}}}}],
         "tool_choice":{"type":"function","function":{"name":"f"}},"response_format":{"type":"json_schema",
         "json_schema":{"name":"x","schema":{}}},"reasoning":{"effort":"low"},"stop":["x"],"logprobs":true,"top_logprobs":1,
         "functions":[{"name":"x"}],"function_call":{"name":"x"},"n":1,"max_tokens":1,"prompt":["x"],"input":["x"]}
        """#,
    ]

    /// Where a value begins: behind a colon, a comma or an opening bracket outside of strings.
    private static func places(_ body: [UInt8]) -> [Range<Int>] {
        var places: [Range<Int>] = []
        body.withUnsafeBufferPointer { buffer in
            var isText = false
            var index = 0
            while index < buffer.count {
                if isText, buffer[index] == 0x5C { index += 1 } else if buffer[index] == 0x22 { isText.toggle() }
                if !isText, [0x3A, 0x5B].contains(buffer[index]) {
                    var cursor = JSONCursor(buffer, at: index + 1)
                    if (try? cursor.peek()) != 0x5D {
                        cursor.skipChecked()
                        places.append((index + 1)..<cursor.at)
                    }
                }
                index += 1
            }
        }
        return places
    }

    @Test func `every value of a body may be any other`() throws {
        let words = [
            "null", "true", "-1", "1e400", "9223372036854775808", #""""#, #""x""#, "[]", "{}", "[[null]]",
            #"{"type":"x"}"#,
        ]
        for body in Self.bodies.map({ bytes($0) }) {
            let places = Self.places(body)
            #expect(places.count > 50)
            for place in places {
                for word in words {
                    let changed = Array(body[..<place.lowerBound]) + bytes(word) + Array(body[place.upperBound...])
                    let view = try JSONView(changed)
                    var losses = Losses()
                    if let read = try? OpenAIChat.decode(view, &losses) {
                        let written = try OpenAIChat.encode(read, for: TranslationTarget(model: "m"), &losses)
                        #expect(throws: Never.self) { try JSONView(written) }
                    }
                    if let read = try? OpenAIResponses.decode(view, &losses) {
                        let written = try OpenAIChat.encode(read.request, for: TranslationTarget(model: "m"), &losses)
                        #expect(throws: Never.self) { try JSONView(written) }
                        var encoder = OpenAIResponsesEncoder(
                            OpenAITesting.context, names: read.names, echo: ResponsesEcho(view))
                        var out: [UInt8] = []
                        encoder.encode(.ended(.stop(text: nil)), into: &out)
                        #expect(self.isStream(out))
                    }
                    _ = try? OpenAICompletions.decode(view, &losses)
                    _ = try? OpenAIEmbeddings.decode(view, &losses)
                    _ = OpenAIEmbeddings.decodeAnswer(view)
                }
            }
        }
    }

    /// Are these records of which each holds one JSON value on one line?
    private func isStream(_ out: [UInt8]) -> Bool {
        text(out).components("\n\n").dropLast().allSatisfy { record in
            let lines = record.components("\n")
            return lines.count == 2 && (try? JSONView(bytes(String(lines[1].dropFirst(6))))) != nil
        }
    }
}
