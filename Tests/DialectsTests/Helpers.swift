import Dialects
import Vocabulary

/// UTF-8 of a text.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// The text of UTF-8.
func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

/// The problem of a text, `nil` if it is valid.
func problem(_ text: String) -> JSONProblem.Kind? { problem(bytes(text)) }

/// As above, for bytes.
func problem(_ bytes: [UInt8]) -> JSONProblem.Kind? {
    do throws(JSONProblem) {
        try JSONScanner.validate(bytes)
        return nil
    } catch {
        return error.kind
    }
}

/// Reads a body that is expected to be right.
func body(_ text: String, _ endpoint: Endpoint = .openAIChat) throws -> RequestBody {
    try RequestBody(bytes(text), endpoint: endpoint)
}

/// The refusal of a body, `nil` if it is taken.
func refusal(_ text: String, _ endpoint: Endpoint = .openAIChat) -> BodyRefusal? {
    do throws(BodyRefusal) {
        _ = try RequestBody(bytes(text), endpoint: endpoint)
        return nil
    } catch {
        return error
    }
}

/// What came of one answer.
struct Outcome: Equatable {
    var out: [UInt8] = []
    var signs: AnswerSigns = []
    var isComplete = false
    var usage = AnswerUsage()
    var model: String?
    var error: String?
}

/// Feeds `chunks` to a reader of its own.
func read(
    _ endpoint: Endpoint, streamed: Bool = true, _ options: AnswerReader.Options, _ chunks: [[UInt8]]
) -> Outcome {
    var reader = AnswerReader(endpoint: endpoint, streamed: streamed, options: options)
    var outcome = Outcome()
    var signs: AnswerSigns = []
    for chunk in chunks {
        // As the gateway does it: one buffer for each chunk.
        var out: [UInt8] = []
        signs.formUnion(reader.consume(chunk, into: &out))
        outcome.out += out
    }
    var out: [UInt8] = []
    signs.formUnion(reader.finish(into: &out))
    outcome.out += out
    precondition(signs == reader.signs, "what is told step by step is what is told in all")
    outcome.signs = signs
    outcome.isComplete = reader.isComplete
    outcome.usage = reader.usage
    outcome.model = reader.servedModel
    outcome.error = reader.errorMessage
    return outcome
}

/// As above, with everything shown.
func read(_ endpoint: Endpoint, streamed: Bool = true, _ chunks: [[UInt8]]) -> Outcome {
    read(endpoint, streamed: streamed, .init(), chunks)
}

/// Reads `answer` whole, in two pieces at every border, and byte by byte; all must come to the same.
func readEveryWay(
    _ endpoint: Endpoint, streamed: Bool = true, _ options: AnswerReader.Options, _ answer: String
) -> Set<String> {
    let all = bytes(answer)
    var outcomes: Set<String> = ["\(Summary(read(endpoint, streamed: streamed, options, [all])))"]
    for border in 0...all.count {
        let pieces = [Array(all[..<border]), Array(all[border...])]
        outcomes.insert("\(Summary(read(endpoint, streamed: streamed, options, pieces)))")
    }
    outcomes.insert("\(Summary(read(endpoint, streamed: streamed, options, all.map { [$0] })))")
    return outcomes
}

/// An outcome as one line, to be compared and printed.
struct Summary: CustomStringConvertible {
    let description: String

    init(_ outcome: Outcome) {
        self.description =
            "\(text(outcome.out))|\(outcome.signs.rawValue)|\(outcome.isComplete)|\(outcome.usage)|"
            + "\(outcome.model ?? "-")|\(outcome.error ?? "-")"
    }
}
