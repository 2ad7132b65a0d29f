/// What is said and thought.
extension OpenAIResponsesEncoder {
    // MARK: Messages

    mutating func say(_ text: String, _ part: OpenPart, into out: inout [UInt8]) {
        self.openPart(part, into: &out)
        self.said += text
        self.delta(text, probabilities: [], part, into: &out)
    }

    /// The words were told before: an empty delta brings what belongs to them.
    mutating func add(probabilities array: [UInt8], into out: inout [UInt8]) {
        guard case .message(.text) = self.open, let view = try? JSONView(array) else { return }
        let elements = Array(view.bytes.dropFirst().dropLast())
        if elements.isEmpty { return }
        if !self.probabilities.isEmpty { self.probabilities.append(UInt8(ascii: ",")) }
        self.probabilities += elements
        self.delta("", probabilities: elements, .text, into: &out)
    }

    private mutating func delta(
        _ text: String, probabilities: [UInt8], _ part: OpenPart, into out: inout [UInt8]
    ) {
        let place = self.partPlace
        switch part {
        case .text:
            self.event("response.output_text.delta", into: &out) { json in
                place.write(to: &json)
                json.member("delta", text)
                json.responsesProbabilities(probabilities)
            }
        case .refusal:
            self.event("response.refusal.delta", into: &out) { json in
                place.write(to: &json)
                json.member("delta", text)
            }
        }
    }

    private mutating func openPart(_ part: OpenPart, into out: inout [UInt8]) {
        switch (self.open, part) {
        case (.message(.text), .text), (.message(.refusal), .refusal): return
        case (.message, _): self.closePart(into: &out)
        case (.nothing, _), (.reasoning, _):
            self.close(.completed, into: &out)
            self.closeWholeCalls(into: &out)
            self.addItem(.message([]), into: &out)
        }
        self.open = .message(part)
        self.part("response.content_part.added", self.emptyPart(part), into: &out)
    }

    private func emptyPart(_ part: OpenPart) -> ResponsesItem.Part {
        switch part {
        case .text: .text("", probabilities: [])
        case .refusal: .refusal("")
        }
    }

    private mutating func closePart(into out: inout [UInt8]) {
        guard case .message(let open) = self.open, let last = self.items.indices.last else { return }
        let said = self.said
        let probabilities = self.probabilities
        let place = self.partPlace
        let part: ResponsesItem.Part
        switch open {
        case .text:
            part = .text(said, probabilities: probabilities)
            self.event("response.output_text.done", into: &out) { json in
                place.write(to: &json)
                json.member("text", said)
                json.responsesProbabilities(probabilities)
            }
        case .refusal:
            part = .refusal(said)
            self.event("response.refusal.done", into: &out) { json in
                place.write(to: &json)
                json.member("refusal", said)
            }
        }
        self.part("response.content_part.done", part, into: &out)
        self.items[last].add(part)
        (self.said, self.probabilities) = ("", [])
    }

    private mutating func part(_ type: StaticString, _ part: ResponsesItem.Part, into out: inout [UInt8]) {
        let place = self.partPlace
        self.event(type, into: &out) { json in
            place.write(to: &json)
            json.key("part")
            json.responsesPart(part)
        }
    }

    /// Where the open part of the last item stands.
    private var partPlace: ResponsesPlace {
        var place = ResponsesPlace(self.items.last?.id ?? "", self.items.count - 1)
        if let last = self.items.last, case .message(let parts) = last.content { place.content = parts.count }
        return place
    }

    // MARK: Thinking

    mutating func think(_ text: String, into out: inout [UInt8]) {
        // What follows a seal is other thinking.
        if self.seal != nil { self.close(.completed, into: &out) }
        self.openReasoning(into: &out)
        let isFirst = self.said.isEmpty
        self.said += text
        let place = self.summaryPlace
        if isFirst { self.summary("response.reasoning_summary_part.added", "", into: &out) }
        self.event("response.reasoning_summary_text.delta", into: &out) { json in
            place.write(to: &json)
            json.member("delta", text)
        }
    }

    mutating func openReasoning(into out: inout [UInt8]) {
        if case .reasoning = self.open { return }
        self.close(.completed, into: &out)
        self.closeWholeCalls(into: &out)
        self.addItem(.reasoning("", seal: nil), into: &out)
        self.open = .reasoning
    }

    private mutating func closeReasoning(into out: inout [UInt8]) {
        guard let last = self.items.indices.last else { return }
        let said = self.said
        if !said.isEmpty {
            let place = self.summaryPlace
            self.event("response.reasoning_summary_text.done", into: &out) { json in
                place.write(to: &json)
                json.member("text", said)
            }
            self.summary("response.reasoning_summary_part.done", said, into: &out)
        }
        self.items[last].content = .reasoning(said, seal: self.seal)
        (self.said, self.seal) = ("", nil)
    }

    private mutating func summary(_ type: StaticString, _ text: String, into out: inout [UInt8]) {
        let place = self.summaryPlace
        self.event(type, into: &out) { json in
            place.write(to: &json)
            json.key("part")
            json.responsesSummary(text)
        }
    }

    private var summaryPlace: ResponsesPlace {
        var place = ResponsesPlace(self.items.last?.id ?? "", self.items.count - 1)
        place.summary = 0
        return place
    }

    /// What is under way is done, calls not counted.
    mutating func close(_ status: ResponsesItem.Status, into out: inout [UInt8]) {
        switch self.open {
        case .nothing: return
        case .message: self.closePart(into: &out)
        case .reasoning: self.closeReasoning(into: &out)
        }
        self.open = .nothing
        self.done(self.items.count - 1, status, into: &out)
    }
}
