import LLMService

/// What is left of a document.
struct Summary: Structured, Codable, Hashable {
    var title: String
    var points: [String]
    var summary: String

    /// The points come first: what a model has noted, it can sum up.
    static let schema = JSONSchema.object([
        "title": .string.described("what the document is about, in at most ten words"),
        "points": .array(of: .string).described("the most important facts, one sentence each, at most seven"),
        "summary": .string.described("the document in one paragraph"),
    ])
}
