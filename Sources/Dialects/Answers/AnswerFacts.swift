import Vocabulary

/// What has been learnt from one answer, whatever its form.
struct AnswerFacts: Sendable {
    var signs: AnswerSigns = []
    var usage = AnswerUsage()
    var servedModel: String?
    var errorMessage: String?

    /// Notes an error member or event; its text may be a string or an object with a `message`.
    mutating func fail(_ error: JSONView) {
        self.signs.insert(.error)
        self.errorMessage = error.string ?? error["message"]?.string ?? String(decoding: error.bytes, as: UTF8.self)
    }

    /// Notes the model that an answer names. A broken OpenAI stream ends with an empty one (`ollama.md` 1.5).
    mutating func noteModel(_ record: JSONView, _ edit: ModelEdit?) {
        if let name = record["model"] { self.noteName(name, edit) }
    }

    /// As above, for the value of `model`.
    mutating func noteName(_ value: JSONView, _ edit: ModelEdit?) {
        guard let name = value.string, !name.isEmpty else { return }
        self.servedModel = edit.map { name == $0.sent ? $0.shown : name } ?? name
    }
}
