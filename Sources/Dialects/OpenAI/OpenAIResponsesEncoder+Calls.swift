/// What is called.
extension OpenAIResponsesEncoder {
    mutating func beginCall(_ index: Int, id: String, name: String, into out: inout [UInt8]) {
        self.close(.completed, into: &out)
        self.closeWholeCalls(into: &out)
        let callID = self.body.context.callID(id, index)
        self.addItem(.call(self.names.tool(named: name), callID: callID, arguments: []), into: &out)
        self.calls[index] = OpenCall(place: self.items.count - 1)
    }

    mutating func addArguments(_ index: Int, _ more: [UInt8], into out: inout [UInt8]) {
        guard let place = self.calls[index]?.place else { return }
        self.calls[index]?.arguments += more
        guard case .call(let tool, _, _) = self.items[place].content, !tool.isCustom else { return }
        self.callEvent("response.function_call_arguments.delta", "delta", more, at: place, into: &out)
    }

    /// Nothing can follow arguments that are whole.
    mutating func closeWholeCalls(into out: inout [UInt8]) {
        for index in self.calls.keys.sorted() {
            guard let call = self.calls[index], (try? JSONView(call.arguments)) != nil else { continue }
            self.closeCall(index, .completed, into: &out)
        }
    }

    mutating func closeCall(_ index: Int, _ status: ResponsesItem.Status, into out: inout [UInt8]) {
        guard let call = self.calls.removeValue(forKey: index),
            case .call(let tool, let callID, _) = self.items[call.place].content
        else { return }
        let place = call.place
        var arguments = call.arguments
        if tool.isCustom {
            arguments = Array(OpenAICustomTool.input(arguments).utf8)
            self.callEvent("response.custom_tool_call_input.delta", "delta", arguments, at: place, into: &out)
            self.callEvent("response.custom_tool_call_input.done", "input", arguments, at: place, into: &out)
        } else {
            if arguments.isEmpty {
                arguments = Array("{}".utf8)
                self.callEvent("response.function_call_arguments.delta", "delta", arguments, at: place, into: &out)
            }
            self.callEvent("response.function_call_arguments.done", "arguments", arguments, at: place, into: &out)
        }
        self.items[place].content = .call(tool, callID: callID, arguments: arguments)
        self.done(place, status, into: &out)
    }

    private mutating func callEvent(
        _ type: StaticString, _ key: StaticString, _ text: [UInt8], at index: Int, into out: inout [UInt8]
    ) {
        let place = ResponsesPlace(self.items[index].id, index)
        self.event(type, into: &out) { json in
            place.write(to: &json)
            json.key(key)
            json.string(utf8: text)
        }
    }
}
