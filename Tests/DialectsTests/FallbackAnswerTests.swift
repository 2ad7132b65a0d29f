import Dialects
import Testing
import Vocabulary

@Suite struct FallbackAnswerTests {
    private let answer: FallbackAnswer = {
        var generator = SeededGenerator(seed: 1)
        let now = WallTime(microseconds: 1_700_000_000_000_000)
        return FallbackAnswer("Come back \"later\".", to: RequestID(at: now, using: &generator), at: now)
    }()

    @Test func `every endpoint that answers with text has the reply, whole and streamed, as its own reader reads it`() {
        for endpoint in Endpoint.allCases where endpoint.generates {
            for streamed in [false, true] {
                guard let body = self.answer.body(of: endpoint, streamed: streamed) else {
                    Issue.record("\(endpoint) has no reply")
                    continue
                }
                var reader = AnswerReader(endpoint: endpoint, streamed: streamed, options: .init())
                var shown: [UInt8] = []
                var signs = reader.consume(body, into: &shown)
                signs.formUnion(reader.finish(into: &shown))
                #expect(signs == [.content, .terminal], "\(endpoint) streamed \(streamed)")
                #expect(shown == body, "\(endpoint) streamed \(streamed)")
                #expect(String(decoding: body, as: UTF8.self).contains(#"Come back \"later\"."#))
            }
        }
    }

    @Test func `an endpoint that answers with vectors has no reply`() {
        for endpoint in [Endpoint.openAIEmbeddings, .ollamaEmbed, .ollamaEmbeddings] {
            #expect(self.answer.body(of: endpoint, streamed: false) == nil)
        }
    }
}
