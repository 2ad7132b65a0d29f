/// A whole answer too large to hold (embeddings, mostly). It passes through a window of a few KiB; brackets and
/// strings are followed to tell its end, and the last window holds the usage, which every server writes last.
struct LargeAnswer: Sendable {
    /// Enough for all that Ollama writes behind the vectors or the words.
    private static let window = 4096

    private var edit: ModelEdit?
    private var tail: [UInt8] = []
    private var structure = JSONStructure()

    init(edit: ModelEdit?) {
        self.edit = edit
    }

    var bytesHeld: Int { self.tail.count }
    var isMalformed: Bool { self.structure.isMalformed }

    mutating func consume(_ bytes: [UInt8], into out: inout [UInt8]) {
        self.structure.pass(bytes)
        self.tail.append(contentsOf: bytes)
        self.replaceModel()
        // The longest needle must still fit whole into what is kept.
        let kept = Self.window + (self.edit?.needle.count ?? 0)
        guard self.tail.count > kept else { return }
        out.append(contentsOf: self.tail.prefix(self.tail.count - kept))
        self.tail.removeFirst(self.tail.count - kept)
    }

    /// Once: the first member of that name is the answer's own.
    private mutating func replaceModel() {
        guard let edit = self.edit, let range = self.edit?.find(in: self.tail[...]) else { return }
        self.tail.replaceSubrange(range, with: edit.replacement)
        self.edit = nil
    }

    mutating func finish(_ endpoint: Endpoint, _ facts: inout AnswerFacts, into out: inout [UInt8]) {
        guard self.structure.isWhole, !self.structure.isMalformed else { return }
        if let usage = self.lastMember("usage") { facts.usage.read(usage: usage) }
        self.readNativeCounts(&facts)
        let isComplete =
            switch endpoint {
            case .ollamaChat, .ollamaGenerate: self.lastMember("done")?.bool == true
            // A silent stop tells no tokens (`ollama.md` 1.6).
            case .openAIChat, .openAICompletions, .openAIResponses, .anthropicMessages:
                facts.usage.outputTokens ?? 0 > 0
            case .openAIEmbeddings, .openAIModels, .openAIModel, .anthropicCountTokens, .ollamaEmbed,
                .ollamaEmbeddings, .ollamaShow, .ollamaTags, .ollamaPs, .ollamaVersion, .ollamaRoot:
                true
            }
        guard isComplete else { return }
        facts.signs.insert(.terminal)
        out.append(contentsOf: self.tail)
        self.tail = []
    }

    private func readNativeCounts(_ facts: inout AnswerFacts) {
        var writer = JSONWriter()
        writer.object { object in
            for name: StaticString in [
                "prompt_eval_count", "eval_count", "total_duration", "load_duration", "prompt_eval_duration",
                "eval_duration",
            ] {
                guard let value = self.lastMember(name)?.integer else { continue }
                object.key(name)
                object.integer(value)
            }
        }
        if let counts = try? JSONMembers(checking: writer.bytes[...], opening: "") { facts.usage.read(native: counts) }
    }

    /// The value behind the last `"name":` of the window.
    private func lastMember(_ name: StaticString) -> JSONView? {
        let needle = Array("\"\(name)\":".utf8)
        var index = self.tail.count - needle.count
        while index >= 0 {
            if self.tail[index] == needle[0], self.tail[index...].starts(with: needle) {
                return Self.value(self.tail[(index + needle.count)...])
            }
            index -= 1
        }
        return nil
    }

    private static func value(_ text: ArraySlice<UInt8>) -> JSONView? {
        let range = try? text.withUnsafeBufferPointer { (buffer) throws(JSONProblem) in
            var cursor = JSONCursor(buffer)
            _ = try cursor.peek()
            let start = cursor.at
            try cursor.skipValue(depth: 0)
            return start..<cursor.at
        }
        return range.map {
            JSONView(checked: text[(text.startIndex + $0.lowerBound)..<(text.startIndex + $0.upperBound)])
        }
    }
}

/// Follows the brackets and strings of a JSON text that is not held, to tell whether it has ended.
struct JSONStructure: Sendable {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var hasBegun = false
    /// Closed more than was opened, or went on behind its end.
    private(set) var isMalformed = false

    /// Has the value begun and ended?
    var isWhole: Bool { self.hasBegun && self.depth == 0 && !self.isInString }

    /// Follows `bytes`, in a copy that can live in registers.
    mutating func pass(_ bytes: [UInt8]) {
        var state = self
        bytes.withUnsafeBufferPointer { buffer in
            for byte in buffer { state.pass(byte) }
        }
        self = state
    }

    @inline(__always)
    private mutating func pass(_ byte: UInt8) {
        if self.isInString {
            if self.isEscaped {
                self.isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                self.isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                self.isInString = false
            }
            return
        }
        if byte <= 0x20 { return }
        if self.hasBegun, self.depth == 0 { self.isMalformed = true }
        switch byte {
        case UInt8(ascii: "\""): self.isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            self.depth += 1
            self.hasBegun = true
        case UInt8(ascii: "}"), UInt8(ascii: "]"): self.depth -= 1
        default: break
        }
        if self.depth < 0 { self.isMalformed = true }
    }
}
