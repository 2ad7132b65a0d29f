import Vocabulary

/// Reads an answer that is one JSON value. Up to `Bounds.answerHeld` it is held, so that a broken one is never begun
/// to be sent; a larger one flows through.
struct WholeReader: Sendable {
    private let endpoint: Endpoint
    private(set) var facts = AnswerFacts()
    private var edit: ModelEdit?
    private var held: [UInt8] = []
    private var large: LargeAnswer?

    init(endpoint: Endpoint, options: AnswerReader.Options) {
        self.endpoint = endpoint
        self.edit = ModelEdit(sent: options.sentModel, shown: options.shownModel)
    }

    var bytesHeld: Int { self.large?.bytesHeld ?? self.held.count }

    mutating func consume(_ bytes: [UInt8], into out: inout [UInt8]) -> AnswerSigns {
        guard !self.facts.signs.contains(.malformed), !bytes.isEmpty else { return [] }
        let before = self.facts.signs
        if self.large != nil {
            self.large?.consume(bytes, into: &out)
        } else if self.held.isEmpty {
            self.held = bytes
        } else {
            self.held.append(contentsOf: bytes)
        }
        if self.large == nil, self.held.count > Bounds.answerHeld.count {
            self.large = LargeAnswer(edit: self.edit)
            self.large?.consume(self.held, into: &out)
            self.held = []
            self.facts.signs.insert(.content)
        }
        if self.large?.isMalformed == true { self.facts.signs.insert(.malformed) }
        return self.facts.signs.subtracting(before)
    }

    mutating func finish(into out: inout [UInt8]) -> AnswerSigns {
        let before = self.facts.signs
        if self.large != nil {
            self.large?.finish(self.endpoint, &self.facts, into: &out)
        } else if !self.facts.signs.contains(.malformed) {
            self.finishHeld(into: &out)
        }
        self.held = []
        return self.facts.signs.subtracting(before)
    }

    private mutating func finishHeld(into out: inout [UInt8]) {
        if self.endpoint == .ollamaRoot {
            self.facts.signs.formUnion([.content, .terminal])
            return out.append(contentsOf: self.held)
        }
        do throws(JSONProblem) {
            guard let answer = try JSONMembers(checking: self.held[...], opening: self.endpoint.opened) else {
                self.facts.signs.insert(.malformed)
                return
            }
            self.facts.readWhole(answer, self.endpoint, self.edit)
        } catch {
            // One that merely ends too early is incomplete, not wrong.
            if error.kind != .unexpectedEnd, error.kind != .empty { self.facts.signs.insert(.malformed) }
            return
        }
        guard self.facts.signs.contains(.terminal), self.facts.signs.isDisjoint(with: [.error, .remoteModel]) else {
            self.facts.signs.remove(.content)
            return
        }
        self.facts.signs.insert(.content)
        guard let edit = self.edit, let range = self.edit?.find(in: self.held[...]) else {
            if out.isEmpty { out = self.held } else { out.append(contentsOf: self.held) }
            return
        }
        out.append(contentsOf: self.held[..<range.lowerBound])
        out.append(contentsOf: edit.replacement)
        out.append(contentsOf: self.held[range.upperBound...])
    }
}
