import Dialects

/// An answer shows the same, and the client gets the same, however it is cut.
struct Reading: Equatable {
    var out: [UInt8] = []
    var signs: AnswerSigns = []
    var isComplete = false
    var usage = AnswerUsage()
    var model: String?
}

func check(_ bytes: [UInt8]) {
    let options = AnswerReader.Options(hidesUsage: true, sentModel: "m:1b:local", shownModel: "m:1b")
    let endpoints: [Endpoint] = [.openAIChat, .openAIResponses, .anthropicMessages, .ollamaChat, .ollamaGenerate]
    for endpoint in endpoints {
        for streamed in [true, false] {
            _ = expectSame(bytes) { pieces in
                var reader = AnswerReader(endpoint: endpoint, streamed: streamed, options: options)
                var reading = Reading()
                for piece in pieces { _ = reader.consume(piece, into: &reading.out) }
                _ = reader.finish(into: &reading.out)
                reading.signs = reader.signs
                reading.isComplete = reader.isComplete
                reading.usage = reader.usage
                reading.model = reader.servedModel
                return reading
            }
        }
    }
}
