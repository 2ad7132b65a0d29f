/// Reads what a message or a tool's result holds: one text, or a list of parts.
struct OpenAIParts {
    /// What a refusal calls the whole, and one part.
    let place: String
    let part: String

    /// Those of chat.
    static let chat = OpenAIParts(place: "messages[].content", part: "messages[].content[]")

    /// Appends what `content` holds.
    func read(_ content: JSONView, into parts: inout [ChatPart], _ losses: inout Losses) throws(BodyRefusal) {
        if let text = content.string {
            if !text.isEmpty { parts.append(.text(text)) }
            return
        }
        guard content.kind == .array else { throw .field(self.place, "must be a string or an array of parts") }
        try content.eachElement { (part) throws(BodyRefusal) in
            try OpenAIField.object(part, self.part)
            try self.add(part, to: &parts, &losses)
        }
    }

    private func add(
        _ part: JSONView, to parts: inout [ChatPart], _ losses: inout Losses
    ) throws(BodyRefusal) {
        var members = PartMembers()
        try part.eachMember { (key, value) throws(BodyRefusal) in
            if !value.isNull { try members.read(key, value, self.part, &losses) }
        }
        guard let type = members.type else { throw .field(self.part + ".type", "is required") }
        switch type {
        case "text", "input_text", "output_text":
            guard let text = members.text else { throw .field(self.part + ".text", "must be a string") }
            if !text.isEmpty { parts.append(.text(text)) }
        case "refusal":
            guard let text = members.refusal else { throw .field(self.part + ".refusal", "must be a string") }
            if !text.isEmpty { parts.append(.refusal(text)) }
        case "image_url", "input_image":
            try parts.append(.image(self.image(members, &losses)))
        default: losses.note(self.part + "." + type, .demand)
        }
    }

    /// Chat has an object with the URL, responses the URL itself; clients mix them.
    private func image(_ members: PartMembers, _ losses: inout Losses) throws(BodyRefusal) -> ChatImage {
        let url = members.image?.kind == .object ? members.image?["url"] : members.image
        guard let url else {
            throw .unsupported(self.part + ".image_url", "an image that is kept elsewhere; send it as a `data:` URL")
        }
        let detail = members.detail ?? (members.image?.kind == .object ? members.image?["detail"]?.string : nil)
        if let detail, detail != "auto" { losses.note(self.part + ".detail", .hint) }
        return try OpenAIImage.read(url, self.part + ".image_url")
    }

    /// What one part holds.
    private struct PartMembers {
        var type: String?
        var text: String?
        var refusal: String?
        var image: JSONView?
        var detail: String?

        mutating func read(
            _ key: ArraySlice<UInt8>, _ value: JSONView, _ place: String, _ losses: inout Losses
        ) throws(BodyRefusal) {
            switch key {
            case "type": self.type = try OpenAIField.text(value, place + ".type")
            case "text": self.text = try OpenAIField.text(value, place + ".text")
            case "refusal": self.refusal = try OpenAIField.text(value, place + ".refusal")
            case "image_url": self.image = value
            case "detail": self.detail = value.string
            // The content of parts that are lost as a whole, and what a server adds to its own words.
            case "input_audio", "file", "file_id", "file_data", "file_url", "filename", "annotations", "logprobs":
                break
            default:
                if value.isEmpty || value.bool == false { return }
                losses.note(place + "." + String(decoding: key, as: UTF8.self), .hint)
            }
        }
    }
}
