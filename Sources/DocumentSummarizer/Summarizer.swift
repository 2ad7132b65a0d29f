import LLMService

/// Sums up documents of any length with any service: passage by passage, then the notes on the passages.
struct Summarizer: Sendable {
    var service: any LLMService
    var model: String
    /// The longest passage, in characters: some 1500 tokens, which every model takes.
    var passageLengthMax = 6000
    /// Passages read at once.
    var concurrentMax = 4

    /// The summary of `document`.
    func summary(of document: String) async throws(LLMError) -> Summary {
        var text = document
        var parts = passages(of: text, lengthMax: self.passageLengthMax)
        while parts.count > 1 {
            let notes = try await self.notes(on: parts).joined(separator: "\n\n")
            guard notes.count < text.count else {
                throw LLMError(.unreadableOutput, "the notes on the document are no shorter than the document")
            }
            text = notes
            parts = passages(of: text, lengthMax: self.passageLengthMax)
        }
        return try await self.service.chat(
            self.request("Sum up this text.", about: text), as: Summary.self)
    }

    /// What the passages say, in their order; never more than `concurrentMax` requests at once.
    private func notes(on passages: [Substring]) async throws(LLMError) -> [String] {
        do {
            return try await withThrowingTaskGroup(of: (Int, String).self) { group in
                var notes = [String](repeating: "", count: passages.count)
                for (index, passage) in passages.enumerated() {
                    if index >= self.concurrentMax, let (done, note) = try await group.next() { notes[done] = note }
                    group.addTask { (index, try await self.note(on: passage)) }
                }
                for try await (done, note) in group { notes[done] = note }
                return notes
            }
        } catch {
            throw LLMError(wrapping: error)
        }
    }

    private func note(on passage: Substring) async throws(LLMError) -> String {
        try await self.service.chat(self.request("Note in a few sentences what this passage says.", about: passage))
            .text
    }

    private func request(_ task: String, about text: some StringProtocol) -> ChatRequest {
        var request = ChatRequest(
            model: self.model,
            messages: [.system(task + " Keep to what it says, in its language."), .user(String(text))])
        request.sampling.temperature = 0
        return request
    }
}
