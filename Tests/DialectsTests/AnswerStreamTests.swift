import Testing
import Vocabulary

@testable import Dialects

/// Streams as real servers sent them (`ollama.md` 3 to 5), cut down to what matters.
@Suite struct AnswerStreamTests {
    private static let native = """
        {"model":"tiny","created_at":"2026-11-23T21:30:54.9Z","message":{"role":"assistant","content":" work"},"done":false}
        {"model":"tiny","created_at":"2026-11-23T21:30:54.9Z","message":{"role":"assistant","content":" \\u003cé"},"done":false}
        {"model":"tiny","created_at":"2026-11-23T21:30:55.0Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"length","total_duration":64439192,"load_duration":5571786,"prompt_eval_count":27,"prompt_eval_duration":3681000,"eval_count":8,"eval_duration":38691000}

        """

    private static func chunk(_ members: String, model: String = "tiny") -> String {
        #"data: {"id":"chatcmpl-68","object":"chat.completion.chunk","created":1,"model":"\#(model)","#
            + #""system_fingerprint":"fp_ollama",\#(members)}"# + "\n\n"
    }

    private static let words =
        Self.chunk(#""choices":[{"index":0,"delta":{"role":"assistant","content":" work"},"finish_reason":null}]"#)
        + Self.chunk(#""choices":[{"index":0,"delta":{"content":" on"},"finish_reason":null}]"#)
        + Self.chunk(#""choices":[{"index":0,"delta":{},"finish_reason":"length"}]"#)
    private static let usageChunk = Self.chunk(
        #""choices":[],"usage":{"prompt_tokens":27,"completion_tokens":4,"total_tokens":31}"#)
    private static let done = "data: [DONE]\n\n"

    private static let messages = """
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"tiny","content":[],"usage":{"input_tokens":6,"output_tokens":0}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" work"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"input_tokens":27,"output_tokens":4}}

        event: message_stop
        data: {"type":"message_stop"}


        """

    private static func responses(_ last: String, model: String = "tiny") -> String {
        """
        event: response.created
        data: {"response":{"error":null,"metadata":{},"model":"\(model)","output":[],"status":"in_progress","usage":null},"sequence_number":0,"type":"response.created"}

        event: response.output_item.added
        data: {"item":{"content":[],"type":"message"},"output_index":0,"sequence_number":2,"type":"response.output_item.added"}

        event: response.output_text.delta
        data: {"content_index":0,"delta":" work","sequence_number":4,"type":"response.output_text.delta"}

        event: response.output_text.done
        data: {"content_index":0,"text":" work","sequence_number":5,"type":"response.output_text.done"}

        \(last)


        """
    }

    private static func completed(_ kind: String, model: String = "tiny") -> String {
        """
        event: response.\(kind)
        data: {"response":{"error":null,"model":"\(model)","status":"\(kind)","usage":{"input_tokens":23,"output_tokens":3,"total_tokens":26}},"sequence_number":10,"type":"response.\(kind)"}
        """
    }

    /// The one outcome, however the stream was cut.
    private func only(_ endpoint: Endpoint, _ stream: String) -> Outcome {
        self.only(endpoint, .init(), stream)
    }

    private func only(
        _ endpoint: Endpoint, _ options: AnswerReader.Options, _ stream: String
    ) -> Outcome {
        let outcomes = readEveryWay(endpoint, options, stream)
        #expect(outcomes.count == 1, "\(outcomes)")
        return read(endpoint, options, [bytes(stream)])
    }

    @Test func `a native stream passes as it is and tells its cost`() {
        let outcome = self.only(.ollamaChat, Self.native)
        #expect(text(outcome.out) == Self.native)
        #expect(outcome.signs == [.content, .terminal])
        #expect(outcome.isComplete)
        #expect(outcome.model == "tiny")
        #expect(outcome.usage.promptTokens == 27 && outcome.usage.outputTokens == 8)
        #expect(outcome.usage.totalDuration == .nanoseconds(64_439_192))
        #expect(outcome.usage.loadDuration == .nanoseconds(5_571_786))
        #expect(outcome.usage.promptDuration == .nanoseconds(3_681_000))
        #expect(outcome.usage.outputDuration == .nanoseconds(38_691_000))
    }

    @Test func `a last native record without its line feed counts`() {
        let outcome = self.only(.ollamaChat, String(Self.native.dropLast()))
        #expect(outcome.isComplete)
        #expect(text(outcome.out) == Self.native)
    }

    @Test(arguments: [
        #""message":{"role":"assistant","content":"","thinking":" wait"}"#,
        #""message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{}}}]}"#,
        #""response":"x""#, #""response":"","thinking":"y""#,
    ])
    func `words, thinking and tool calls are content`(_ members: String) {
        let record = #"{"model":"tiny",\#(members),"done":false}"# + "\n"
        #expect(read(.ollamaChat, [bytes(record)]).signs == [.content])
    }

    @Test func `a tool's arguments do not end a stream`() {
        let record =
            #"{"model":"tiny","message":{"content":"","tool_calls":[{"function":{"arguments":{"done":true,"error":"x","remote_host":"y"}}}]},"done":false}"#
            + "\n"
        for lead in ["", Self.native.split(separator: "\n")[0] + "\n"] {
            let outcome = self.only(.ollamaChat, lead + record)
            #expect(outcome.signs == [.content])
            #expect(text(outcome.out) == lead + record)
        }
    }

    @Test func `text that looks like a record's members is text`() {
        let record =
            #"{"model":"tiny","message":{"content":"\"done\":true,\"error\":\"x\",\"remote_host\":\"y\""},"done":false}"#
            + "\n"
        #expect(self.only(.ollamaChat, record + record).signs == [.content])
        let chunk = Self.chunk(#""choices":[{"delta":{"content":"\"usage\":{\"error\":1} [DONE] data: x"}}]"#)
        let outcome = self.only(.openAIChat, .init(hidesUsage: true), chunk + chunk)
        #expect(outcome.signs == [.content])
        #expect(text(outcome.out) == chunk + chunk)
    }

    @Test func `a stream that stops without its end is incomplete in every dialect`() {
        let first = { (stream: String, separator: String) in
            stream.components(separator).dropLast(2).joined(separator: separator) + separator
        }
        #expect(!self.only(.ollamaChat, first(Self.native, "\n")).isComplete)
        #expect(!self.only(.openAIChat, Self.words).isComplete)
        #expect(!self.only(.openAIChat, Self.words + Self.usageChunk).isComplete)
        #expect(!self.only(.anthropicMessages, Self.messages.components("event: message_stop")[0]).isComplete)
        #expect(!self.only(.openAIResponses, Self.responses("")).isComplete)
        for endpoint in Endpoint.allCases where endpoint.generates { #expect(!read(endpoint, []).isComplete) }
        // A broken OpenAI stream ends cleanly with an empty chunk (`ollama.md` 1.5).
        let empty = Self.chunk(#""choices":[{"index":0,"delta":{"content":""},"finish_reason":null}]"#, model: "")
        let broken = self.only(.openAIChat, Self.words + empty)
        #expect(!broken.isComplete && broken.model == "tiny" && broken.error == nil)
    }

    @Test func `half a record at the end is not passed on`() {
        let whole = Self.native.split(separator: "\n")[0] + "\n"
        let outcome = self.only(.ollamaChat, whole + #"{"model":"tiny","mess"#)
        #expect(text(outcome.out) == whole)
        #expect(outcome.signs == [.content])
        let event = self.only(.openAIChat, Self.words + #"data: {"id":"chatcmpl"#)
        #expect(text(event.out) == Self.words)
    }

    @Test func `OpenAI streams show their usage only to those who asked`() {
        let stream = Self.words + Self.usageChunk + Self.done
        let asked = self.only(.openAIChat, stream)
        #expect(text(asked.out) == stream)
        let hidden = self.only(.openAIChat, .init(hidesUsage: true), stream)
        #expect(text(hidden.out) == Self.words + Self.done)
        for outcome in [asked, hidden] {
            #expect(outcome.isComplete && outcome.signs == [.content, .terminal])
            #expect(outcome.usage.promptTokens == 27 && outcome.usage.outputTokens == 4)
            #expect(outcome.usage.totalDuration == nil)
        }
    }

    @Test func `completions lose the zeros in every chunk too`() {
        func chunk(_ word: String, _ usage: String) -> String {
            #"data: {"id":"cmpl-1","choices":[{"text":"\#(word)","index":0,"finish_reason":null}],"model":"tiny"\#(usage)}"#
                + "\n\n"
        }
        let zeros = #","usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}"#
        let last =
            #"data: {"id":"cmpl-1","choices":[],"model":"tiny","usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24}}"#
            + "\n\n"
        let stream = chunk(" work", zeros) + chunk(" call", zeros) + last + Self.done
        let hidden = self.only(.openAICompletions, .init(hidesUsage: true), stream)
        #expect(text(hidden.out) == chunk(" work", "") + chunk(" call", "") + Self.done)
        #expect(hidden.usage.promptTokens == 21 && hidden.usage.outputTokens == 3 && hidden.isComplete)
        #expect(text(self.only(.openAICompletions, stream).out) == stream)
        let cut = read(.openAICompletions, [bytes(chunk(" work", zeros))])
        #expect(cut.usage == AnswerUsage())
    }

    @Test func `hidden events leave nothing behind with any line end`() {
        for end in ["\r\n", "\r"] {
            let stream = (Self.words + Self.usageChunk + Self.done).replacing("\n", with: end)
            let hidden = self.only(.openAIChat, .init(hidesUsage: true), stream)
            #expect(text(hidden.out) == (Self.words + Self.done).replacing("\n", with: end))
        }
    }

    @Test func `only words begin the content of an OpenAI stream`() {
        for delta in [#"{"role":"assistant","content":""}"#, #"{"role":"assistant"}"#, "{}", #"{"content":null}"#] {
            let chunk = Self.chunk(#""choices":[{"index":0,"delta":\#(delta),"finish_reason":null}]"#)
            #expect(read(.openAIChat, [bytes(chunk)]).signs == [])
        }
        for delta in [#"{"content":"","reasoning":" wait"}"#, #"{"tool_calls":[{"id":"x"}]}"#, #"{"refusal":"no"}"#] {
            let chunk = Self.chunk(#""choices":[{"index":0,"delta":\#(delta),"finish_reason":null}]"#)
            #expect(read(.openAIChat, [bytes(chunk)]).signs == [.content])
        }
    }

    @Test func `Anthropic streams end with message_stop and tell their real usage`() {
        let outcome = self.only(.anthropicMessages, Self.messages)
        #expect(text(outcome.out) == Self.messages)
        #expect(outcome.isComplete && outcome.signs == [.content, .terminal])
        #expect(outcome.usage.promptTokens == 27 && outcome.usage.outputTokens == 4)
        #expect(outcome.model == "tiny")
        // The input tokens of the beginning are a guess.
        let begun = read(.anthropicMessages, [bytes(Self.messages.components("event: content_block_start")[0])])
        #expect(begun.usage == AnswerUsage() && begun.signs == [])
    }

    @Test func `a tool call without arguments is content`() {
        let start =
            #"data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"x","name":"f","input":{}}}"#
            + "\n\n"
        #expect(read(.anthropicMessages, [bytes(start)]).signs == [.content])
    }

    @Test func `Responses streams end as completed or incomplete`() {
        for kind in ["completed", "incomplete"] {
            let stream = Self.responses(Self.completed(kind))
            let outcome = self.only(.openAIResponses, stream)
            #expect(outcome.isComplete && outcome.signs == [.content, .terminal])
            #expect(outcome.usage.promptTokens == 23 && outcome.usage.outputTokens == 3)
            #expect(stream.hasPrefix(text(outcome.out)))
        }
    }

    @Test(arguments: [
        (Endpoint.ollamaChat, #"{"error":"an error was encountered while running the model: unexpected EOF"}"# + "\n"),
        (
            .openAIChat,
            #"data: {"error":{"message":"an error was encountered while running the model: unexpected EOF","type":"api_error"}}"#
                + "\n\n"
        ),
        (
            .anthropicMessages,
            "event: error\n"
                + #"data: {"type":"error","error":{"type":"api_error","message":"an error was encountered while running the model: unexpected EOF"}}"#
                + "\n\n"
        ),
        (
            .openAIResponses,
            "event: response.failed\n"
                + #"data: {"type":"response.failed","response":{"error":{"code":"x","message":"an error was encountered while running the model: unexpected EOF"}}}"#
                + "\n\n"
        ),
        (
            .openAIResponses,
            "event: error\n"
                + #"data: {"type":"error","message":"an error was encountered while running the model: unexpected EOF"}"#
                + "\n\n"
        ),
    ])
    func `an error inside a stream is told and kept from the client`(_ endpoint: Endpoint, _ event: String) {
        let starts: [Endpoint: String] = [
            .ollamaChat: Self.native.split(separator: "\n")[0] + "\n", .openAIChat: Self.words,
            .anthropicMessages: Self.messages.components("event: message_delta")[0],
            .openAIResponses: Self.responses("").trimmedLines,
        ]
        for start in ["", starts[endpoint] ?? ""] {
            let outcome = self.only(endpoint, start + event + Self.done)
            #expect(text(outcome.out) == start)
            #expect(outcome.signs.contains(.error) && !outcome.isComplete)
            #expect(outcome.error == "an error was encountered while running the model: unexpected EOF")
        }
    }

    @Test func `an answer from elsewhere is noticed and kept back`() {
        let record =
            #"{"model":"innocent","remote_model":"big:120b","remote_host":"http://127.0.0.1:1","message":{"content":"x"},"done":false}"#
            + "\n"
        for lead in ["", Self.native.split(separator: "\n")[0] + "\n"] {
            let outcome = self.only(.ollamaChat, lead + record)
            #expect(outcome.signs.contains(.remoteModel))
            #expect(text(outcome.out) == lead)
            #expect(!outcome.isComplete)
        }
    }

    @Test(arguments: [
        (Endpoint.ollamaChat, "garbage\n"), (.ollamaChat, "[1]\n"), (.ollamaChat, "{\"model\":}\n"),
        (.openAIChat, "data: garbage\n\n"), (.openAIChat, "data: {\"a\":}\n\n"),
        (.anthropicMessages, "data: <html>\n\n"),
        (.openAIResponses, "event: response.created\ndata: 1\n\n"),
    ])
    func `garbage is told as such and nothing follows`(_ endpoint: Endpoint, _ garbage: String) {
        let outcome = self.only(endpoint, garbage + garbage)
        #expect(outcome.signs == [.malformed])
        #expect(outcome.out.isEmpty && !outcome.isComplete)
    }

    @Test func `a line without end is malformed and not held for ever`() {
        var reader = AnswerReader(endpoint: .ollamaChat, streamed: true)
        let chunk = [UInt8](repeating: 0x78, count: 64 << 10)
        var out: [UInt8] = []
        var signs: AnswerSigns = []
        for _ in 0..<64 {
            signs.formUnion(reader.consume(chunk, into: &out))
            #expect(reader.bytesHeld <= Bounds.streamLine.count + chunk.count)
        }
        #expect(signs == [.malformed] && out.isEmpty)
    }

    @Test func `comments and blank lines pass, events without data too`() {
        let stream = ": ping\n\n" + Self.words + "\n\nevent: x\n\n" + Self.done
        #expect(text(self.only(.openAIChat, stream).out) == stream)
    }

    @Test func `the local suffix is taken out of every record`() {
        let options = AnswerReader.Options(hidesUsage: true, sentModel: "tiny:latest:local", shownModel: "tiny:latest")
        let suffixed = { (stream: String) in stream.replacing(#""model":"tiny""#, with: #""model":"tiny:latest:local""#)
        }
        let shown = { (stream: String) in stream.replacing(#""model":"tiny""#, with: #""model":"tiny:latest""#) }
        let cases: [(Endpoint, String, String)] = [
            (.ollamaChat, Self.native, Self.native), (.anthropicMessages, Self.messages, Self.messages),
            (.openAIChat, Self.words + Self.usageChunk + Self.done, Self.words + Self.done),
            (
                .openAIResponses, Self.responses(Self.completed("completed")).trimmedLines,
                Self.responses(Self.completed("completed")).trimmedLines
            ),
        ]
        for (endpoint, stream, expected) in cases {
            let outcome = self.only(endpoint, options, suffixed(stream))
            #expect(text(outcome.out) == shown(expected), "\(endpoint)")
            #expect(outcome.model == "tiny:latest" && outcome.isComplete)
        }
        let zeros =
            #"data: {"choices":[{"text":"x"}],"model":"tiny:latest:local","usage":{"completion_tokens":0}}"# + "\n\n"
        #expect(
            text(read(.openAICompletions, options, [bytes(zeros)]).out)
                == #"data: {"choices":[{"text":"x"}],"model":"tiny:latest"}"# + "\n\n")
    }

    @Test func `a chunk of whole records is handed on uncopied`() {
        var reader = AnswerReader(endpoint: .openAIChat, streamed: true)
        let chunk = bytes(Self.words)
        var out: [UInt8] = []
        _ = reader.consume(chunk, into: &out)
        let isShared = chunk.withUnsafeBufferPointer { left in
            out.withUnsafeBufferPointer { $0.baseAddress == left.baseAddress }
        }
        #expect(isShared && out == chunk)
    }

    @Test func `what follows the end is not passed on`() {
        let outcome = self.only(.openAIChat, Self.words + Self.done + Self.words)
        #expect(text(outcome.out) == Self.words + Self.done)
        #expect(outcome.isComplete)
    }

    @Test func `a request and its plan make the reader that fits`() throws {
        let plan = RewritePlan(servedModel: "tiny", appendsLocal: true)
        let request = try body(#"{"model":"x","stream":true}"#)
        var reader = AnswerReader(
            for: request, try request.outgoing(for: plan), plan: plan,
            AnswerContext(id: "1", model: "tiny", createdAt: WallTime(microseconds: 0)))
        var out: [UInt8] = []
        _ = reader.consume(bytes((Self.words + Self.usageChunk).replacing("tiny", with: "tiny:local")), into: &out)
        #expect(text(out) == Self.words)
    }

    @Test func `random damage to streams never traps`() {
        var generator = SeededGenerator(seed: 3)
        let seeds: [(Endpoint, String)] = [
            (.ollamaChat, Self.native), (.openAIChat, Self.words + Self.usageChunk + Self.done),
            (.anthropicMessages, Self.messages), (.openAIResponses, Self.responses(Self.completed("completed"))),
        ]
        let options = AnswerReader.Options(hidesUsage: true, sentModel: "tiny", shownModel: "other")
        for round in 0..<600 {
            let (endpoint, stream) = seeds[round % seeds.count]
            var damaged = bytes(stream)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            let border = Int.random(in: 0...damaged.count, using: &generator)
            let split = read(endpoint, options, [Array(damaged[..<border]), Array(damaged[border...])])
            #expect(split == read(endpoint, options, [damaged]))
            _ = read(endpoint, streamed: false, options, [damaged])
        }
    }
}

extension String {
    /// The pieces between `separator`.
    func components(_ separator: String) -> [String] {
        self.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }

    /// Without the blank lines at the end but the one that ends the last event.
    var trimmedLines: String {
        var text = self
        while text.hasSuffix("\n\n\n") { text.removeLast() }
        return text
    }
}
