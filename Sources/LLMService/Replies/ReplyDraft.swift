import Foundation

/// An answer while it is put together, and the pieces of it that nobody has been told yet.
struct ReplyDraft: Sendable {
    private enum Kind {
        case text
        case thinking(signature: String?)
        case sealedThinking
        case call(id: String, name: String)
    }

    private struct Piece {
        var kind: Kind
        var text: String
        /// Of a call: its arguments are complete.
        var isClosed = false
    }

    /// What the server says beside the words.
    var model: String?
    var usage = TokenUsage()
    var refusal: String?
    /// Why it is over; `nil` as long as it is not.
    var stop: StopReason?

    private var pieces: [Piece] = []
    private var calls: [Int: Int] = [:]
    private var untold: [ChatChunk] = []

    /// How many calls there are.
    var callCount: Int { self.calls.count }

    mutating func say(_ text: String) {
        guard !text.isEmpty else { return }
        self.untold.append(.text(text))
        if case .text? = self.pieces.last?.kind {
            self.pieces[self.pieces.count - 1].text += text
        } else {
            self.pieces.append(Piece(kind: .text, text: text))
        }
    }

    mutating func think(_ text: String) {
        guard !text.isEmpty else { return }
        self.untold.append(.thinking(text))
        if case .thinking(nil)? = self.pieces.last?.kind {
            self.pieces[self.pieces.count - 1].text += text
        } else {
            self.pieces.append(Piece(kind: .thinking(signature: nil), text: text))
        }
    }

    /// The seal on the thinking just told.
    mutating func seal(_ signature: String) {
        if case .thinking(let before)? = self.pieces.last?.kind {
            self.pieces[self.pieces.count - 1].kind = .thinking(signature: (before ?? "") + signature)
        } else {
            self.pieces.append(Piece(kind: .thinking(signature: signature), text: ""))
        }
    }

    mutating func thinkSealed(_ data: String) {
        self.pieces.append(Piece(kind: .sealedThinking, text: data))
    }

    /// A call begins, at the place `index` of those of this answer. A name that comes again says the same once more.
    mutating func call(_ index: Int, id: String?, name: String) {
        guard self.calls[index] == nil else { return }
        self.calls[index] = self.pieces.count
        self.pieces.append(Piece(kind: .call(id: id ?? "call_\(index)", name: name), text: ""))
    }

    /// More of its arguments.
    mutating func addArguments(_ text: String, to index: Int) {
        guard let place = self.calls[index] else { return }
        self.pieces[place].text += text
    }

    /// Its arguments are complete.
    mutating func closeCall(_ index: Int) {
        guard let place = self.calls[index], !self.pieces[place].isClosed else { return }
        // A call without arguments is one of a function that takes none.
        if self.pieces[place].text.isEmpty { self.pieces[place].text = "{}" }
        self.pieces[place].isClosed = true
        if case .toolCall(let call) = Self.part(self.pieces[place]) { self.untold.append(.toolCall(call)) }
    }

    /// The pieces that came since the last time.
    mutating func takeChunks() -> [ChatChunk] {
        defer { self.untold = [] }
        return self.untold
    }

    /// The answer, which is complete.
    mutating func finish(from origin: ReplyOrigin) -> ChatReply {
        for index in self.calls.keys.sorted() { self.closeCall(index) }
        // Ollama says `stop` of an answer that calls (`ollama.md` 3).
        let stop = self.stop == .stop && !self.calls.isEmpty ? .toolCalls : self.stop ?? .stop
        return ChatReply(
            parts: self.pieces.map(Self.part), stop: stop, refusal: self.refusal, model: self.model, usage: self.usage,
            origin: origin)
    }

    private static func part(_ piece: Piece) -> ChatMessage.Part {
        switch piece.kind {
        case .text: .text(piece.text)
        case .thinking(let signature): .thinking(piece.text, signature: signature)
        case .sealedThinking: .sealedThinking(piece.text)
        case .call(let id, let name): .toolCall(ToolCall(id: id, name: name, arguments: piece.text))
        }
    }
}
