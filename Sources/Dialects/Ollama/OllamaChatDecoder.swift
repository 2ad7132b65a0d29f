import Vocabulary

/// Reads an answer of `/api/chat`, whole or streamed: the same record once, or one a line (`ollama.md` 3, "Answers").
///
/// Only `done: true` completes it: after many equal tokens a server stops without a word (`ollama.md` 1.6). An answer
/// that names a remote host was not made by the server that was asked (`ollama.md` 1.3) and counts as failed.
struct OllamaChatDecoder: AnswerDecoder {
    private var hasBegun = false
    private var isOver = false
    private var calls = 0

    init() {}

    mutating func whole(_ body: JSONView, into events: inout [AnswerEvent]) {
        // The text has been checked, so nothing can be thrown here.
        guard let record = try? JSONMembers(checking: body.bytes, opening: "message") else {
            events.append(.failed("the answer is no object"))
            return
        }
        self.read(record, into: &events)
    }

    mutating func record(
        name: ArraySlice<UInt8>, _ data: ArraySlice<UInt8>, into events: inout [AnswerEvent]
    ) throws(JSONProblem) {
        guard !self.isOver, !data.allSatisfy({ $0 <= 0x20 }) else { return }
        guard let record = try JSONMembers(checking: data, opening: "message") else { return }
        self.read(record, into: &events)
    }

    /// A server ends with `done: true`: without it the answer was cut, and nothing is left to tell.
    mutating func finish(into events: inout [AnswerEvent]) {}

    private mutating func read(_ record: JSONMembers, into events: inout [AnswerEvent]) {
        if let failure = Self.failure(record) {
            self.isOver = true
            events.append(.failed(failure))
            return
        }
        if !self.hasBegun {
            self.hasBegun = true
            events.append(.began(id: nil, model: record["model"]?.string))
        }
        let message = record.opened
        if let more = message["thinking"]?.string, !more.isEmpty { events.append(.thinking(more)) }
        if let more = message["content"]?.string, !more.isEmpty { events.append(.text(more)) }
        message["tool_calls"]?.forEachElement { self.read(call: $0, into: &events) }
        if let probabilities = record["logprobs"], probabilities.kind == .array, !probabilities.isEmpty {
            events.append(.logProbabilities(Array(probabilities.bytes)))
        }
        if record["done"]?.bool == true { self.end(record, into: &events) }
    }

    private static func failure(_ record: JSONMembers) -> String? {
        if let error = record.first("error", where: { $0.kind != .null }) {
            return error.string ?? String(decoding: error.bytes, as: UTF8.self)
        }
        let isRemote = { (name: StaticString) in
            record.first(name, where: { $0.kind != .null && !$0.isEmpty }) != nil
        }
        return isRemote("remote_host") || isRemote("remote_model") ? "the answer comes from a remote host" : nil
    }

    /// Calls come whole. Their own index starts anew in each record, so they are counted here.
    private mutating func read(call: JSONView, into events: inout [AnswerEvent]) {
        guard let function = call["function"] else { return }
        let arguments = function["arguments"]
        events.append(
            .toolCallBegan(index: self.calls, id: call["id"]?.string ?? "", name: function["name"]?.string ?? ""))
        let text = arguments.map { $0.stringBytes ?? Array($0.bytes) } ?? []
        events.append(.toolArguments(index: self.calls, text.isEmpty ? Array("{}".utf8) : text))
        self.calls += 1
    }

    /// `done_reason` stays `stop` behind calls.
    private mutating func end(_ record: JSONMembers, into events: inout [AnswerEvent]) {
        self.isOver = true
        var usage = AnswerUsage()
        usage.read(native: record)
        events.append(.usage(usage))
        switch record["done_reason"]?.string {
        case "length": events.append(.ended(.length))
        case "content_filter": events.append(.ended(.contentFilter))
        default: events.append(.ended(self.calls > 0 ? .toolCalls : .stop(text: nil)))
        }
    }
}
