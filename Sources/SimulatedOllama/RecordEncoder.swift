import Vocabulary

/// Writes records in the grammar of one endpoint.
protocol RecordEncoder {
    /// The pieces that this record becomes in a stream.
    mutating func encode(_ record: Record, into chunks: inout Chunks)
    /// What a stream shows of a dead runner, which is little (`ollama.md` 1.5).
    mutating func encodeDeath(into chunks: inout Chunks)
    /// The one record of an answer that is not streamed.
    mutating func whole(_ record: Record) -> [UInt8]
}

/// What the encoders know of the request.
struct AnswerFrame {
    /// As the caller wrote it.
    let model: String
    let remote: SimulatedModel.Remote?
    let createdAt: Timestamp
    let wantsUsage: Bool
    /// Ollama's guess at the prompt before it knows: four characters make a token (`ollama.md` 5).
    let promptGuess: Int
    /// The context tokens that `/api/generate` hands out; `raw` has none.
    let showsContext: Bool
    let promptHash: UInt64
    let version: ServerVersion
    let echo: ResponsesEcho
    let search: HostedSearch?
    var identifiers: SeededGenerator
}

/// A hosted web search that the model asked for, and what came of it.
struct HostedSearch {
    /// Words of the prompt, made by the model.
    let query: [UInt8]
}
