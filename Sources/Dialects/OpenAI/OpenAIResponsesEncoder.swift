/// Writes an answer as `POST /v1/responses` does, with its events in the order in which OpenAI sends them.
///
/// A part or item is done when the next begins. Calls may take turns: one is done when something else begins and its
/// arguments are whole JSON, else with the answer. The input of a custom tool is told at once, when it is whole, since
/// it comes wrapped in JSON.
///
/// Source: OpenAI API reference, "Streaming events" of responses.
struct OpenAIResponsesEncoder: AnswerEncoder {
    let names: ResponsesNames
    var body: ResponsesBody
    /// The number of the next event; an error that ends the stream has it.
    private(set) var sequenceNumber = 0
    private var usage = AnswerUsage()
    /// All items, the last of which may be open.
    var items: [ResponsesItem] = []
    var open = Open.nothing
    /// What is said of the open part, or thought, and the seal on it.
    var said = ""
    var probabilities: [UInt8] = []
    var seal: String?
    /// Calls that are not done, by their index.
    var calls: [Int: OpenCall] = [:]
    /// Are events written? An answer in one piece needs the items alone.
    private var isSilent = false

    /// The message or the thinking that is under way: always the last item. Its parts that are done stand in the item,
    /// and what is said of the one that is not stands beside it, where it can grow.
    enum Open {
        case nothing
        /// A message, and what kind of part is open in it.
        case message(OpenPart)
        case reasoning
    }

    enum OpenPart {
        case text
        case refusal
    }

    /// A call under way.
    struct OpenCall {
        /// Its place in `items`.
        var place: Int
        var arguments: [UInt8] = []
    }

    init(_ context: AnswerContext, names: ResponsesNames, echo: ResponsesEcho) {
        self.names = names
        self.body = ResponsesBody(context: context, echo: echo)
    }

    mutating func encode(_ event: AnswerEvent, into out: inout [UInt8]) {
        if self.sequenceNumber == 0 { self.begin(event, into: &out) }
        switch event {
        case .began, .failed: break
        case .text(let text): self.say(text, .text, into: &out)
        case .refusal(let text): self.say(text, .refusal, into: &out)
        case .thinking(let text): self.think(text, into: &out)
        case .thinkingSignature(let seal):
            self.openReasoning(into: &out)
            self.seal.add(seal)
        case .sealedThinking(let data):
            self.close(.completed, into: &out)
            self.openReasoning(into: &out)
            self.seal = data
            self.close(.completed, into: &out)
        case .toolCallBegan(let index, let id, let name): self.beginCall(index, id: id, name: name, into: &out)
        case .toolArguments(let index, let more): self.addArguments(index, more, into: &out)
        case .logProbabilities(let array): self.add(probabilities: array, into: &out)
        case .usage(let usage): self.usage = usage
        case .ended(let reason): self.end(reason, into: &out)
        }
    }

    private mutating func begin(_ event: AnswerEvent, into out: inout [UInt8]) {
        if case .began(_, let model) = event { self.body.model = model }
        for type: StaticString in ["response.created", "response.in_progress"] {
            self.whole(type, stop: nil, usage: nil, into: &out)
        }
    }

    private mutating func end(_ reason: StopReason, into out: inout [UInt8]) {
        let status = ResponsesBody.status(reason)
        self.close(status, into: &out)
        for index in self.calls.keys.sorted() { self.closeCall(index, status, into: &out) }
        self.whole(
            status == .incomplete ? "response.incomplete" : "response.completed", stop: reason, usage: self.usage,
            into: &out)
    }

    /// The items are those that a stream would end with.
    func whole(_ answer: ChatAnswer) -> [UInt8] {
        var quiet = self
        quiet.isSilent = true
        var none: [UInt8] = []
        for event in Self.events(of: answer) { quiet.encode(event, into: &none) }
        var json = JSONWriter(capacity: 2_048 + quiet.body.echo.members.count)
        quiet.body.write(quiet.items, stop: answer.stop ?? .stop(text: nil), usage: answer.usage, to: &json)
        return json.bytes
    }

    /// Probabilities are kept apart from the words that they belong to, and told with the first of them.
    private static func events(of answer: ChatAnswer) -> [AnswerEvent] {
        var events: [AnswerEvent] = [.began(id: answer.id, model: answer.model)]
        var probabilities = answer.logProbabilities
        var calls = 0
        for block in answer.blocks {
            switch block {
            case .text(let text):
                events.append(.text(text))
                if probabilities.isEmpty { break }
                let elements = probabilities.joined(separator: CollectionOfOne(UInt8(ascii: ",")))
                events.append(.logProbabilities([UInt8(ascii: "[")] + elements + [UInt8(ascii: "]")]))
                probabilities = []
            case .thinking(let text, let signature):
                if !text.isEmpty { events.append(.thinking(text)) }
                if let signature { events.append(.thinkingSignature(signature)) }
            case .sealedThinking(let data): events.append(.sealedThinking(data))
            case .refusal(let text): events.append(.refusal(text))
            case .toolCall(let call):
                events.append(.toolCallBegan(index: calls, id: call.id, name: call.name))
                events.append(.toolArguments(index: calls, call.arguments))
                calls += 1
            }
        }
        return events + [.ended(answer.stop ?? .stop(text: nil))]
    }

    // MARK: Events

    mutating func addItem(_ content: ResponsesItem.Content, into out: inout [UInt8]) {
        let index = self.items.count
        let id = ResponsesItem.id(content, self.body.context, index)
        self.items.append(ResponsesItem(id: id, content: content, status: .inProgress))
        self.item("response.output_item.added", index, into: &out)
    }

    mutating func done(_ index: Int, _ status: ResponsesItem.Status, into out: inout [UInt8]) {
        self.items[index].status = status
        self.item("response.output_item.done", index, into: &out)
    }

    private mutating func item(_ type: StaticString, _ index: Int, into out: inout [UInt8]) {
        let item = self.items[index]
        self.event(type, into: &out) { json in
            json.member("output_index", index)
            json.key("item")
            json.responsesItem(item)
        }
    }

    private mutating func whole(
        _ type: StaticString, stop: StopReason?, usage: AnswerUsage?, into out: inout [UInt8]
    ) {
        let body = self.body
        let items = self.items
        self.event(type, into: &out) { json in
            json.key("response")
            body.write(items, stop: stop, usage: usage, to: &json)
        }
    }

    mutating func event(
        _ type: StaticString, into out: inout [UInt8], _ members: (inout JSONWriter) -> Void
    ) {
        let number = self.sequenceNumber
        self.sequenceNumber += 1
        if self.isSilent { return }
        let name = UnsafeBufferPointer(start: type.utf8Start, count: type.utf8CodeUnitCount)
        out += "event: ".utf8
        out += name
        out += "\ndata: ".utf8
        var json = JSONWriter()
        json.object { object in
            object.member("type", type.description)
            object.member("sequence_number", number)
            members(&object)
        }
        out += json.bytes
        out += [0x0A, 0x0A]
    }
}

/// What an event is about: an item, and within it a part of a message or of a summary.
struct ResponsesPlace {
    private let id: String
    private let output: Int
    var content: Int?
    var summary: Int?

    init(_ id: String, _ output: Int) {
        self.id = id
        self.output = output
    }

    func write(to json: inout JSONWriter) {
        json.member("item_id", self.id)
        json.member("output_index", self.output)
        if let content = self.content { json.member("content_index", content) }
        if let summary = self.summary { json.member("summary_index", summary) }
    }
}
