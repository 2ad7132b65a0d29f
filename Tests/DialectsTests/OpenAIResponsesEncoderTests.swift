import Testing
import Vocabulary

@testable import Dialects

@Suite struct OpenAIResponsesEncoderTests {
    private static func encoder(_ request: String = "{}") -> OpenAIResponsesEncoder {
        var losses = Losses()
        guard let body = try? JSONView(bytes(request)), let read = try? OpenAIResponses.decode(body, &losses) else {
            preconditionFailure("a request of these tests")
        }
        return OpenAIResponsesEncoder(OpenAITesting.context, names: read.names, echo: ResponsesEcho(body))
    }

    /// The events of a stream without what the request decides: the body of a response is cut down to status and output.
    private static func events(_ stream: String) -> [String] {
        stream.components("\n\n").dropLast().map { record in
            let lines = record.components("\n")
            guard lines.count == 2, let data = try? JSONView(bytes(String(lines[1].dropFirst(6)))) else {
                return record
            }
            let type = data["type"]?.string ?? ""
            guard lines[0] == "event: \(type)" else { return "the event is called otherwise: \(record)" }
            guard let response = data["response"] else { return text(data.bytes) }
            return "\(data["sequence_number"]?.integer ?? -1) \(type) \(response["status"]?.string ?? "") "
                + text(response["output"]?.bytes ?? [])
        }
    }

    private static func event(_ number: Int, _ type: String, _ members: String) -> String {
        #"{"type":"\#(type)","sequence_number":\#(number),\#(members)}"#
    }

    @Test func `a text is told as OpenAI tells it`() {
        let stream = OpenAITesting.stream(
            Self.encoder(),
            [.began(id: nil, model: "m"), .text("Hé"), .text("y"), .usage(AnswerUsage()), .ended(.stop(text: nil))])
        let place = #""item_id":"msg_a1_0","output_index":0,"content_index":0"#
        let part = { (text: String) in #"{"type":"output_text","annotations":[],"logprobs":[],"text":"\#(text)"}"# }
        let item = { (status: String, parts: String) in
            #"{"id":"msg_a1_0","type":"message","status":"\#(status)","content":[\#(parts)],"role":"assistant"}"#
        }
        let done = item("completed", part("Héy"))
        #expect(
            Self.events(stream) == [
                "0 response.created in_progress []", "1 response.in_progress in_progress []",
                Self.event(2, "response.output_item.added", #""output_index":0,"item":"# + item("in_progress", "")),
                Self.event(3, "response.content_part.added", place + #","part":"# + part("")),
                Self.event(4, "response.output_text.delta", place + #","delta":"Hé","logprobs":[]"#),
                Self.event(5, "response.output_text.delta", place + #","delta":"y","logprobs":[]"#),
                Self.event(6, "response.output_text.done", place + #","text":"Héy","logprobs":[]"#),
                Self.event(7, "response.content_part.done", place + #","part":"# + part("Héy")),
                Self.event(8, "response.output_item.done", #""output_index":0,"item":"# + done),
                "9 response.completed completed [\(done)]",
            ])
    }

    @Test func `thinking and calls are told as OpenAI tells them`() {
        let stream = OpenAITesting.stream(
            Self.encoder(OpenAIResponsesRequestTests.codex),
            [
                .began(id: nil, model: "m"), .thinking("hm"), .thinkingSignature("s"),
                .toolCallBegan(index: 0, id: "c1", name: "mcp__notes__find"),
                .toolArguments(index: 0, bytes(#"{"a":"#)),
                .toolArguments(index: 0, bytes("1}")), .toolCallBegan(index: 1, id: "c2", name: "apply_patch"),
                .toolArguments(index: 1, bytes(#"{"input":"a\"#)), .toolArguments(index: 1, bytes(#"nb"}"#)),
                .toolCallBegan(index: 2, id: "c3", name: "shell"), .ended(.toolCalls),
            ])
        let summary = #""item_id":"rs_a1_0","output_index":0,"summary_index":0"#
        let thinking = { (text: String) in #"{"type":"summary_text","text":"\#(text)"}"# }
        let first = #""item_id":"fc_a1_1","output_index":1"#
        let second = #""item_id":"ctc_a1_2","output_index":2"#
        let third = #""item_id":"fc_a1_3","output_index":3"#
        let find = { (status: String, arguments: String) in
            #"{"id":"fc_a1_1","type":"function_call","status":"\#(status)","arguments":"\#(arguments)","call_id":"c1","#
                + #""name":"find","namespace":"mcp__notes"}"#
        }
        let patch = { (status: String, input: String) in
            #"{"id":"ctc_a1_2","type":"custom_tool_call","status":"\#(status)","input":"\#(input)","call_id":"c2","#
                + #""name":"apply_patch"}"#
        }
        let shell = { (status: String, arguments: String) in
            #"{"id":"fc_a1_3","type":"function_call","status":"\#(status)","arguments":"\#(arguments)","call_id":"c3","#
                + #""name":"shell"}"#
        }
        let reasoning =
            #"{"id":"rs_a1_0","type":"reasoning","summary":[\#(thinking("hm"))],"encrypted_content":"anthropic:s"}"#
        let items = [
            reasoning, find("completed", #"{\"a\":1}"#), patch("completed", #"a\nb"#), shell("completed", "{}"),
        ]
        #expect(
            Array(Self.events(stream).dropFirst(2)) == [
                Self.event(
                    2, "response.output_item.added",
                    #""output_index":0,"item":{"id":"rs_a1_0","type":"reasoning","summary":[]}"#),
                Self.event(3, "response.reasoning_summary_part.added", summary + #","part":"# + thinking("")),
                Self.event(4, "response.reasoning_summary_text.delta", summary + #","delta":"hm""#),
                Self.event(5, "response.reasoning_summary_text.done", summary + #","text":"hm""#),
                Self.event(6, "response.reasoning_summary_part.done", summary + #","part":"# + thinking("hm")),
                Self.event(7, "response.output_item.done", #""output_index":0,"item":"# + items[0]),
                Self.event(8, "response.output_item.added", #""output_index":1,"item":"# + find("in_progress", "")),
                Self.event(9, "response.function_call_arguments.delta", first + #","delta":"{\"a\":""#),
                Self.event(10, "response.function_call_arguments.delta", first + #","delta":"1}""#),
                Self.event(11, "response.function_call_arguments.done", first + #","arguments":"{\"a\":1}""#),
                Self.event(12, "response.output_item.done", #""output_index":1,"item":"# + items[1]),
                Self.event(13, "response.output_item.added", #""output_index":2,"item":"# + patch("in_progress", "")),
                Self.event(14, "response.custom_tool_call_input.delta", second + #","delta":"a\nb""#),
                Self.event(15, "response.custom_tool_call_input.done", second + #","input":"a\nb""#),
                Self.event(16, "response.output_item.done", #""output_index":2,"item":"# + items[2]),
                Self.event(17, "response.output_item.added", #""output_index":3,"item":"# + shell("in_progress", "")),
                Self.event(18, "response.function_call_arguments.delta", third + #","delta":"{}""#),
                Self.event(19, "response.function_call_arguments.done", third + #","arguments":"{}""#),
                Self.event(20, "response.output_item.done", #""output_index":3,"item":"# + items[3]),
                "21 response.completed completed [\(items.joined(separator: ","))]",
            ])
    }

    @Test func `calls that take turns are told whole`() {
        let stream = OpenAITesting.stream(
            Self.encoder(),
            [
                .toolCallBegan(index: 0, id: "c1", name: "f"), .toolArguments(index: 0, bytes(#"{"a""#)),
                .toolCallBegan(index: 1, id: "c2", name: "g"), .toolArguments(index: 1, bytes("{}")),
                .toolArguments(index: 0, bytes(":1}")), .ended(.toolCalls),
            ])
        let outcome = ResponsesReferee.play(stream)
        #expect(outcome.faults == [])
        #expect(outcome.output.contains(#""arguments":"{\"a\":1}","call_id":"c1""#))
        #expect(outcome.output.contains(#""arguments":"{}","call_id":"c2""#))
    }

    @Test func `an answer that was cut is incomplete, and says why`() throws {
        for (reason, word) in [(StopReason.length, "max_output_tokens"), (.contentFilter, "content_filter")] {
            let events: [AnswerEvent] = [.began(id: nil, model: "m"), .text("x"), .ended(reason)]
            let stream = OpenAITesting.stream(Self.encoder(), events)
            #expect(Self.events(stream).last?.hasPrefix("8 response.incomplete incomplete [") == true)
            #expect(Self.events(stream).last?.contains(#""status":"incomplete""#) == true)
            let whole = try JSONView(Self.encoder().whole(OpenAITesting.answer(events)))
            #expect(whole["status"]?.string == "incomplete")
            #expect(whole["incomplete_details"]?["reason"]?.string == word)
        }
    }

    @Test func `a response repeats its request, and tells its cost`() throws {
        var usage = AnswerUsage()
        (usage.promptTokens, usage.outputTokens, usage.cachedTokens, usage.reasoningTokens) = (9, 3, 4, 1)
        let events: [AnswerEvent] = [.began(id: nil, model: "m"), .text("x"), .usage(usage), .ended(.stop(text: nil))]
        let request =
            #"{"model":"asked","instructions":"I","temperature":0.5,"tools":[{"type":"web_search"}],"store":true,"#
            + #""text":{"verbosity":"low"},"tool_choice":"none","parallel_tool_calls":false,"metadata":{"a":"b"},"user":null}"#
        let whole = text(Self.encoder(request).whole(OpenAITesting.answer(events)))
        #expect(
            whole
                == #"{"id":"resp_a1","object":"response","created_at":1700000000,"status":"completed","error":null,"#
                + #""incomplete_details":null,"background":false,"previous_response_id":null,"store":false,"#
                + #""instructions":"I","max_output_tokens":null,"max_tool_calls":null,"metadata":{"a":"b"},"#
                + #""parallel_tool_calls":false,"prompt_cache_key":null,"reasoning":{"effort":null,"summary":null},"#
                + #""safety_identifier":null,"temperature":0.5,"text":{"verbosity":"low"},"tool_choice":"none","#
                + #""tools":[{"type":"web_search"}],"top_logprobs":0,"top_p":null,"truncation":"disabled","user":null,"#
                + #""model":"m","output":[{"id":"msg_a1_0","type":"message","status":"completed","#
                + #""content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"x"}],"role":"assistant"}],"#
                + #""usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":0},"#
                + #""output_tokens":3,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":12}}"#)
        let stream = OpenAITesting.stream(Self.encoder(request), events)
        #expect(stream.hasSuffix(#","response":\#(whole)}"# + "\n\n"))
    }

    @Test func `seals and probabilities have their places`() {
        let events: [AnswerEvent] = [
            .sealedThinking("x"), .thinking("a"), .thinkingSignature("s"), .thinkingSignature("t"), .thinking("b"),
            .text("Hi"), .logProbabilities(bytes(#"[{"token":"H"}, {"token":"i"}]"#)), .refusal("no"),
            .ended(.stop(text: nil)),
        ]
        let outcome = ResponsesReferee.play(OpenAITesting.stream(Self.encoder(), events))
        #expect(outcome.faults == [])
        let thinking = { (id: Int, text: String, seal: String) in
            #"{"id":"rs_a1_\#(id)","type":"reasoning","summary":[\#(text)]\#(seal)}"#
        }
        #expect(
            outcome.output
                == "[" + thinking(0, "", #","encrypted_content":"anthropic:x""#) + ","
                + thinking(1, #"{"type":"summary_text","text":"a"}"#, #","encrypted_content":"anthropic:st""#) + ","
                + thinking(2, #"{"type":"summary_text","text":"b"}"#, "") + ","
                + #"{"id":"msg_a1_3","type":"message","status":"completed","content":["#
                + #"{"type":"output_text","annotations":[],"logprobs":[{"token":"H"}, {"token":"i"}],"text":"Hi"},"#
                + #"{"type":"refusal","refusal":"no"}],"role":"assistant"}]"#)
    }

    @Test func `every stream obeys the order, and ends with what the whole answer holds`() throws {
        for seed in 0..<300 {
            var generator = OpenAIGenerator(seed: UInt64(seed))
            let events = generator.answer(isMixed: seed % 2 == 0, id: "x")
            let stream = OpenAITesting.stream(Self.encoder(), events)
            let outcome = ResponsesReferee.play(stream)
            #expect(outcome.faults == [], "seed \(seed)")
            #expect(read(.openAIResponses, [bytes(stream)]).isComplete, "seed \(seed)")
            let whole = try JSONView(Self.encoder().whole(OpenAITesting.answer(events)))
            // Mixed answers lose where their probabilities and arguments stood.
            if seed % 2 == 1 { #expect(text(whole["output"]?.bytes ?? []) == outcome.output, "seed \(seed)") }
            #expect(whole["output"]?.elements.count ?? -1 == outcome.items || seed % 2 == 0, "seed \(seed)")
        }
    }

    @Test func `line ends of a request and of a server's JSON break no record`() {
        let request = "{\"tools\":[\r\n{\"type\":\"function\",\n\"name\":\"f\"}],\"instructions\":\"a\\nb\"}"
        let events: [AnswerEvent] = [.text("x"), .logProbabilities(bytes("[\n{}\r\n]")), .ended(.stop(text: nil))]
        let outcome = ResponsesReferee.play(OpenAITesting.stream(Self.encoder(request), events))
        #expect(outcome.faults == [] && outcome.output.contains(#""logprobs":[{}]"#))
        let echo = text(ResponsesEcho((try? JSONView(bytes(request))) ?? JSONView(checked: [])).members)
        #expect(echo.contains(#""tools":[{"type":"function","name":"f"}]"#) && echo.contains(#""instructions":"a\nb""#))
        let chat = OpenAITesting.stream(OpenAIChatEncoder(OpenAITesting.context), events)
        #expect(chat.contains(#""logprobs":{"content":[{}],"refusal":null}"#))
    }

    @Test func `the number of the next event is known, for an error that ends the stream`() {
        var encoder = Self.encoder()
        var out: [UInt8] = []
        encoder.encode(.began(id: nil, model: nil), into: &out)
        #expect(encoder.sequenceNumber == 2)
    }
}

/// Reads a stream of responses as an SDK does, and tells what is against the order of its events.
private struct ResponsesReferee {
    struct Outcome {
        var faults: [String] = []
        /// The output of the last event.
        var output = ""
        var items = 0
    }

    private var outcome = Outcome()
    private var number = 0
    /// What was told of each open item and part, by its place.
    private var open: [String: String] = [:]
    private var done: [String] = []
    private var hasEnded = false

    static func play(_ stream: String) -> Outcome {
        var referee = ResponsesReferee()
        for record in stream.components("\n\n").dropLast() {
            guard let data = try? JSONView(bytes(String(record.components("\n").last?.dropFirst(6) ?? ""))) else {
                referee.outcome.faults.append("no JSON: \(record)")
                continue
            }
            referee.take(data)
        }
        referee.check(referee.hasEnded && referee.open.isEmpty, "the stream ends too early: \(referee.open)")
        return referee.outcome
    }

    private mutating func check(_ holds: Bool, _ fault: String) {
        if !holds { self.outcome.faults.append("\(self.number): \(fault)") }
    }

    private mutating func take(_ event: JSONView) {
        let type = event["type"]?.string ?? ""
        self.check(event["sequence_number"]?.integer == self.number, "the number is wrong")
        self.check(!self.hasEnded, "\(type) behind the end")
        let item = "\(event["output_index"]?.integer ?? -1)"
        let part = item + "/" + "\(event["content_index"]?.integer ?? event["summary_index"]?.integer ?? -1)"
        switch type {
        case "response.created": self.check(self.number == 0, "created is not the first")
        case "response.in_progress": self.check(self.number == 1, "in_progress is not the second")
        case "response.output_item.added":
            self.check(item == "\(self.outcome.items)", "items are not counted")
            self.check(!self.open.keys.contains { $0.hasSuffix("/0") || $0.hasSuffix("/1") }, "a part is open")
            self.outcome.items += 1
            self.open[item] = ""
        case "response.content_part.added", "response.reasoning_summary_part.added":
            self.check(self.open[item] != nil && self.open[part] == nil, "a part without its item, or twice")
            self.open[part] = ""
        case "response.output_text.delta", "response.refusal.delta", "response.reasoning_summary_text.delta":
            self.check(self.open[part] != nil, "a delta without its part")
            self.open[part]? += event["delta"]?.string ?? ""
        case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
            self.check(self.open[item] != nil, "a delta without its item")
            self.open[item]? += event["delta"]?.string ?? ""
        case "response.output_text.done", "response.refusal.done", "response.reasoning_summary_text.done":
            let told = event["text"]?.string ?? event["refusal"]?.string
            self.check(self.open[part] == told, "the text is not its deltas")
        case "response.function_call_arguments.done", "response.custom_tool_call_input.done":
            let told = event["arguments"]?.string ?? event["input"]?.string
            self.check(self.open[item] == told, "the arguments are not their deltas")
        case "response.content_part.done", "response.reasoning_summary_part.done":
            let told = event["part"]?["text"]?.string ?? event["part"]?["refusal"]?.string
            self.check(self.open.removeValue(forKey: part) == told, "the part is not its deltas")
        case "response.output_item.done":
            self.check(self.open.removeValue(forKey: item) != nil, "an item is done that was not open")
            self.done.append("\(item) " + text(event["item"]?.bytes ?? []))
        case "response.completed", "response.incomplete":
            self.end(event)
        default: self.check(false, "no such event: \(type)")
        }
        self.number += 1
    }

    private mutating func end(_ event: JSONView) {
        self.hasEnded = true
        let output = event["response"]?["output"]
        self.outcome.output = text(output?.bytes ?? [])
        let items = (output?.elements ?? []).enumerated().map { "\($0.offset) " + text($0.element.bytes) }
        self.check(Set(items) == Set(self.done) && items.count == self.done.count, "the output is not its items")
        self.check(event["response"]?["usage"] != nil, "no usage")
    }
}
