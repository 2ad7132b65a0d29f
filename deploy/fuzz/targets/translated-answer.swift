import Vocabulary

@testable import Dialects

/// An answer of a provider is written the same for every caller however it is cut, as valid records or one valid value,
/// and a complete one is complete again for who reads that. `FUZZ_PART` names the one API to read as, or `vectors`;
/// without it all are.
func check(_ bytes: [UInt8]) {
    for api in ProviderAPI.allCases where part == nil || part == api.rawValue {
        // How the provider's stream is cut has nothing to do with who is answered: one caller is enough for that.
        _ = expectSame(bytes) { Reading($0, Translation(api: api, form: .chat), .anthropicMessages, streamed: true) }
        for (endpoint, form) in forms {
            checkStream(bytes, Translation(api: api, form: form), endpoint)
            checkWhole(bytes, Translation(api: api, form: form), endpoint)
        }
    }
    guard part == nil || part == "vectors" else { return }
    for api in ProviderAPI.allCases {
        for endpoint: Endpoint in [.openAIEmbeddings, .ollamaEmbed, .ollamaEmbeddings] {
            for encoding: OpenAIEmbeddings.Encoding in [.float, .base64] {
                checkWhole(bytes, Translation(api: api, form: .vectors(encoding)), endpoint)
            }
        }
    }
}

private let forms: [(Endpoint, Translation.Form)] = [
    (.openAIChat, .chat), (.openAICompletions, .chat), (.anthropicMessages, .chat), (.ollamaChat, .chat),
    (.ollamaGenerate, .chat),
    (.openAIResponses, .response(ResponsesNames(), ResponsesEcho(JSONView(checked: Array("{}".utf8)[...])))),
]
private let context = AnswerContext(
    id: "a1", model: "shown", createdAt: WallTime(microseconds: 1_700_000_000_000_000), wantsUsage: true)

/// What a client gets, and whether it is all.
private struct Reading: Equatable {
    var out: [UInt8] = []
    var isComplete = false

    init(_ pieces: [[UInt8]], _ translation: Translation, _ endpoint: Endpoint, streamed: Bool) {
        var reader = translation.reader(for: endpoint, streamed: streamed, context)
        for piece in pieces { _ = reader.consume(piece, into: &self.out) }
        _ = reader.finish(into: &self.out)
        self.isComplete = reader.facts.signs.contains(.terminal)
    }
}

private func checkStream(_ bytes: [UInt8], _ translation: Translation, _ endpoint: Endpoint) {
    let reading = Reading([bytes], translation, endpoint, streamed: true)
    guard let api = endpoint.api else { return checkRecords(reading.out) }
    let again = Reading([reading.out], Translation(api: api, form: .chat), endpoint, streamed: true)
    precondition(again.isComplete == reading.isComplete, "\(endpoint): \(text(reading.out)) -> \(text(again.out))")
    checkRecords(reading.out, areLines: api == .ollama)
}

private func checkRecords(_ out: [UInt8], areLines: Bool = false) {
    for line in out.split(separator: 0x0A) where areLines || line.starts(with: Array("data: ".utf8)) {
        let data = areLines ? line : line.dropFirst(6)
        precondition(data.equals("[DONE]") || (try? JSONView(data)) != nil, "no JSON: \(text(out))")
    }
}

private func checkWhole(_ bytes: [UInt8], _ translation: Translation, _ endpoint: Endpoint) {
    let reading = Reading([bytes], translation, endpoint, streamed: false)
    precondition(reading.isComplete != reading.out.isEmpty, "\(endpoint): \(text(reading.out))")
    precondition(!reading.isComplete || (try? JSONView(reading.out)) != nil, "no JSON: \(text(reading.out))")
    guard reading.isComplete, let api = endpoint.api else { return }
    let again = Reading([reading.out], Translation(api: api, form: .chat), endpoint, streamed: false)
    precondition(again.isComplete, "\(endpoint): \(text(reading.out))")
}

extension Endpoint {
    /// The API whose reader takes answers of this endpoint.
    fileprivate var api: ProviderAPI? {
        switch self {
        case .openAIChat: .openAI
        case .anthropicMessages: .anthropic
        case .ollamaChat: .ollama
        default: nil
        }
    }
}
