import Dialects

/// A body that is accepted is valid JSON, and so is what is sent on, which names the model it was given.
func check(_ bytes: [UInt8]) {
    let endpoints: [Endpoint] = [
        .openAIChat, .openAICompletions, .openAIEmbeddings, .openAIResponses, .anthropicMessages, .ollamaChat,
        .ollamaGenerate, .ollamaEmbed, .ollamaShow,
    ]
    let plan = RewritePlan(servedModel: "served:1b", keepAlive: .seconds(300), outputTokensMax: 100)
    for endpoint in endpoints {
        guard let body = try? RequestBody(bytes, endpoint: endpoint) else { continue }
        precondition((try? JSONScanner.validate(bytes)) != nil, "an invalid text was accepted")
        guard let sent = try? body.rewritten(for: plan) else { continue }
        guard let again = try? RequestBody(sent.bytes, endpoint: endpoint) else {
            preconditionFailure("what is sent on is refused: \(String(decoding: sent.bytes, as: UTF8.self))")
        }
        precondition(again.model == plan.sentModel, "what is sent on names \(again.model)")
        precondition(again.streams == body.streams)
    }
}
