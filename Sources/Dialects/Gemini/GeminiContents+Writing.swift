extension GeminiContents {
    /// About how many bytes it takes, so that pictures are copied once.
    var bytesExpected: Int {
        var count = self.instruction.reduce(64) { $0 + $1.utf8.count + 32 }
        for part in self.contents.lazy.flatMap(\.parts) {
            switch part {
            case .text(let text), .thought(let text, _): count += text.utf8.count + 64
            case .picture(_, let base64): count += base64.count + 96
            case .call(_, _, let arguments, let seal): count += arguments.count + (seal?.utf8.count ?? 32) + 192
            case .result(let result):
                count += result.response.count + 192 + result.pictures.reduce(0) { $0 + $1.base64.count + 96 }
            }
        }
        return count
    }

    /// Writes the members `systemInstruction` and `contents`.
    func write(into writer: inout JSONWriter) {
        if !self.instruction.isEmpty {
            writer.key("systemInstruction")
            writer.object { writer in
                writer.key("parts")
                writer.array { writer in
                    for text in self.instruction { Self.text(text, into: &writer) }
                }
            }
        }
        writer.key("contents")
        writer.array { writer in
            for content in self.contents { self.write(content, into: &writer) }
        }
    }

    private func write(_ content: Content, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("role")
            writer.string(content.isModel ? "model" : "user")
            writer.key("parts")
            writer.array { writer in
                // Of calls made together only the first bears a seal (Gemini API, Thought signatures).
                var isFirstCall = true
                for part in content.parts {
                    self.write(part, isFirstCall: isFirstCall, into: &writer)
                    if case .call = part { isFirstCall = false }
                }
            }
        }
    }

    private func write(_ part: Part, isFirstCall: Bool, into writer: inout JSONWriter) {
        switch part {
        case .text(let text): Self.text(text, into: &writer)
        case .picture(let type, let base64): Self.picture(type, base64, into: &writer)
        case .thought(let text, let seal):
            writer.object { writer in
                writer.key("text")
                writer.string(text)
                writer.key("thought")
                writer.bool(true)
                Self.seal(seal, into: &writer)
            }
        case .call(let id, let name, let arguments, let seal):
            writer.object { writer in
                writer.key("functionCall")
                writer.object { writer in
                    Self.name(name, id, into: &writer)
                    writer.key("args")
                    writer.raw(arguments)
                }
                Self.seal(seal ?? (isFirstCall && self.family == .late ? GeminiSeal.none : nil), into: &writer)
            }
        case .result(let result):
            writer.object { writer in
                writer.key("functionResponse")
                Self.result(result, into: &writer)
            }
        }
    }

    private static func text(_ text: String, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("text")
            writer.string(text)
        }
    }

    private static func seal(_ seal: String?, into writer: inout JSONWriter) {
        guard let seal else { return }
        writer.key("thoughtSignature")
        writer.string(seal)
    }

    private static func name(_ name: String, _ id: String, into writer: inout JSONWriter) {
        writer.key("name")
        writer.string(name)
        if id.isEmpty { return }
        writer.key("id")
        writer.string(id)
    }

    private static func picture(_ type: String, _ base64: ArraySlice<UInt8>, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("inlineData")
            writer.object { writer in
                writer.key("mimeType")
                writer.string(type)
                writer.key("data")
                writer.string(escaped: base64)
            }
        }
    }

    private static func result(_ result: Result, into writer: inout JSONWriter) {
        writer.object { writer in
            Self.name(result.name, result.id, into: &writer)
            writer.key("response")
            writer.raw(result.response)
            if result.pictures.isEmpty { return }
            writer.key("parts")
            writer.array { writer in
                for picture in result.pictures { Self.picture(picture.type, picture.base64, into: &writer) }
            }
        }
    }
}
