import Testing
import Vocabulary

@testable import SimulatedOllama

extension OnTheWire {
    /// The simulated server against what a real one was recorded to answer, request by request.
    @Suite struct TranscriptTests {
        /// The models of the recordings: what each could do, not what it said.
        static let models = [
            SimulatedModel("tiny", contextMax: Tokens(2048), template: .go),
            SimulatedModel("tiny-b", contextMax: Tokens(2048)),
            SimulatedModel(
                "tiny-go", contextMax: Tokens(2048), capabilities: [.completion, .tools, .insert], template: .go),
            SimulatedModel(
                "tiny-embed", family: "bert", contextMax: Tokens(256), embeddingLength: 64,
                capabilities: [.embedding], template: .go),
            SimulatedModel("slow", contextMax: Tokens(4096)),
            SimulatedModel("chain-tools", contextMax: Tokens(2048), capabilities: [.completion, .tools]),
            SimulatedModel("chain-search", contextMax: Tokens(2048), capabilities: [.completion, .tools]),
            SimulatedModel(
                "chain-tools-go", contextMax: Tokens(2048), capabilities: [.completion, .tools], template: .go),
            SimulatedModel("chain-think", contextMax: Tokens(2048), capabilities: [.completion, .thinking]),
            SimulatedModel("chain-hello", contextMax: Tokens(2048)),
            SimulatedModel(
                "chain-think-go", contextMax: Tokens(2048), capabilities: [.completion, .thinking], template: .go),
            SimulatedModel("chain-repeat", contextMax: Tokens(2048)),
            SimulatedModel("endless", contextMax: Tokens(2048)),
            SimulatedModel("endless-go", contextMax: Tokens(2048), template: .go),
            SimulatedModel("damaged", contextMax: Tokens(2048), isDamaged: true),
        ]

        static let aliases = ["innocent", "innocent2", "local-looking"].map { name in
            SimulatedModel(
                name, family: "gptoss", contextMax: Tokens(131_072), capabilities: [.completion, .tools],
                remote: .init(host: "http://127.0.0.1:11600", model: "big-model:120b"))
        }

        static let groups: [String] = AnswerFacts.withoutRepetitions(
            TranscriptCase.parse(TranscriptFacts.all).map { String($0.name.prefix { $0 != "/" }) })

        static func options(of group: String) -> SimulatedOllama.Options {
            var options = SimulatedOllama.Options()
            options.version = SimulatedOllama.Version("0.33.0-rc2")
            options.isCloudOn = group == "cloud-on" || group == "cloud-errors"
            options.remotes = group == "cloud-errors" ? [] : ["127.0.0.1"]
            options.models = group.hasPrefix("cloud") ? Self.aliases + Self.models : Self.models
            return options
        }

        @Test(arguments: groups) func `answers as the recorded server did`(group: String) async throws {
            let cases = TranscriptCase.parse(TranscriptFacts.all).filter { $0.name.hasPrefix(group + "/") }
            try await Play.run(Self.options(of: group)) { play in
                for transcript in cases {
                    let answer = try await play.ask(
                        transcript.method, transcript.target, transcript.requestBody,
                        headers: transcript.requestHeaders)
                    let isRight = AnswerFacts(of: answer) == transcript.expected && answer.isComplete
                    #expect(
                        isRight,
                        "\(transcript.name)\nexpected: \(transcript.expected)\nfound: \(AnswerFacts(of: answer))")
                }
            }
        }

        @Test func `holds the server against at least two hundred recordings`() {
            #expect(TranscriptCase.parse(TranscriptFacts.all).count >= 200)
        }
    }
}
