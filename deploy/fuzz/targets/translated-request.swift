import Vocabulary

@testable import Dialects

/// A body that is read for another provider is written as valid JSON that the reader of that dialect takes, and so is
/// what becomes of that. `FUZZ_PART` names the one endpoint to read as; without it all are.
func check(_ bytes: [UInt8]) {
    for endpoint in parts {
        guard let body = try? RequestBody(bytes, endpoint: endpoint) else { continue }
        _ = body.promptBytes
        guard endpoint.generates || endpoint.embeds else { continue }
        for api in ProviderAPI.allCases {
            let plan = RewritePlan(outside: "served", api: api, outputTokensMax: 100, losses: .drop)
            guard let sent = try? body.translated(for: plan) else { continue }
            precondition((try? JSONScanner.validate(sent.bytes)) != nil, "no JSON: \(text(sent.bytes))")
            guard case .endpoint(let other) = sent.call else { continue }
            do throws(BodyRefusal) {
                let again = try RequestBody(sent.bytes, endpoint: other)
                let back = try again.translated(for: plan)
                precondition((try? JSONScanner.validate(back.bytes)) != nil, "no JSON: \(text(back.bytes))")
            } catch {
                precondition(error.reason == .dialectUnsupported, "\(api): \(error): \(text(sent.bytes))")
            }
        }
    }
}

private let all: [Endpoint] = [
    .openAIChat, .openAICompletions, .openAIResponses, .openAIEmbeddings, .anthropicMessages, .anthropicCountTokens,
    .ollamaChat, .ollamaGenerate, .ollamaEmbed, .ollamaEmbeddings,
]
private let parts = all.filter { part == nil || part == $0.rawValue }

extension Endpoint {
    fileprivate var embeds: Bool { [.openAIEmbeddings, .ollamaEmbed, .ollamaEmbeddings].contains(self) }
}
