import Testing
import Vocabulary

@testable import Routing

/// Guesses of tokens that get better.
@Suite struct TokenEstimatesTests {
    private let model: ModelName = "qwen3:8b"

    /// Learns from prompts of a model that makes `ratio` tokens of a byte, give or take `spread`.
    private func taught(
        _ ratio: Double, samples: Int, spread: Double = 0, seed: UInt64 = 1, from estimates: TokenEstimates = .init()
    ) -> TokenEstimates {
        var estimates = estimates
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<samples {
            let bytes = Int.random(in: TokenEstimates.promptBytesMin...40_000, using: &generator)
            let observed = ratio * Double.random(in: (1 - spread)...(1 + spread), using: &generator)
            estimates.learn(
                self.model, promptBytes: bytes, promptTokens: Int(Double(bytes) * observed), context: nil)
        }
        return estimates
    }

    @Test(arguments: [(0, 0), (1, 1), (4, 1), (5, 2), (4000, 1000), (4001, 1001)])
    func `of an unknown model four bytes are a token`(bytes: Int, tokens: Int) {
        #expect(TokenEstimates().tokens(of: bytes, for: self.model) == Tokens(tokens))
        #expect(TokenEstimates().tokens(of: bytes, for: nil) == Tokens(tokens))
        #expect(PromptLength(bytes: bytes).tokens(for: self.model) == Tokens(tokens))
    }

    @Test func `a length in tokens is that length for a model of which nothing is known`() {
        for tokens in [0, 1, 7, 16_384] { #expect(PromptLength(Tokens(tokens)).tokens(for: "x") == Tokens(tokens)) }
    }

    @Test(arguments: [0.08, 0.13, 0.25, 0.4, 0.66, 0.95])
    func `the ratio comes near that of the model, and the error near nothing`(ratio: Double) throws {
        let figure = try #require(self.taught(ratio, samples: 200).figures[self.model])
        #expect(abs(figure.ratio - ratio) < 0.02 * ratio)
        #expect(figure.error < 0.02)
        #expect(figure.samples == 200)
    }

    @Test(arguments: UInt64(1)...8)
    func `where prompts differ, the ratio is near their mean and the error tells how they differ`(seed: UInt64) throws {
        let figure = try #require(self.taught(0.3, samples: 400, spread: 0.2, seed: seed).figures[self.model])
        #expect(abs(figure.ratio - 0.3) < 0.02)
        #expect((0.05...0.2).contains(figure.error))
    }

    @Test func `a model that changes is learnt anew`() throws {
        let changed = self.taught(0.5, samples: 200, from: self.taught(0.2, samples: 1000))
        #expect(abs(try #require(changed.figures[self.model]).ratio - 0.5) < 0.01)
    }

    @Test func `the first samples count most, and none for more than a quarter`() throws {
        var first = TokenEstimates()
        first.learn(self.model, promptBytes: 1000, promptTokens: 500, context: nil)
        #expect(first.figures[self.model]?.ratio == 0.25 + 0.25 / 4)
        #expect(first.figures[self.model]?.error == 0.5)
        let late = self.taught(0.25, samples: 1000)
        var odd = late
        odd.learn(self.model, promptBytes: 1000, promptTokens: 1000, context: nil)
        let moved = try #require(odd.figures[self.model]).ratio - (try #require(late.figures[self.model]).ratio)
        #expect(moved > 0 && moved < 0.75 / 31)
    }

    @Test func `whatever is told, ratio and error stay within bounds`() {
        var generator = SeededGenerator(seed: 7)
        var estimates = TokenEstimates()
        for _ in 0..<20_000 {
            let bytes = Int.random(in: -10...5000, using: &generator)
            let tokens = Int.random(in: -10...20_000, using: &generator)
            estimates.learn(self.model, promptBytes: bytes, promptTokens: tokens, context: nil)
            guard let figure = estimates.figures[self.model] else { continue }
            #expect(TokenEstimates.ratioBounds.contains(figure.ratio))
            #expect((0...16).contains(figure.error))
        }
        #expect(estimates.figures.count == 1)
    }

    @Test(arguments: [
        (TokenEstimates.promptBytesMin - 1, 64, nil),  // too short to tell anything
        (4096, 0, nil),  // not counted
        (4096, 255, nil),  // only what was not in the cache
        (4096, 4097, nil),  // no tokenizer does that
        (4096, 1000, 1023),  // cut to fit
    ])
    func `an odd sample is left out`(bytes: Int, tokens: Int, context: Int?) {
        var estimates = TokenEstimates()
        estimates.learn(
            self.model, promptBytes: bytes, promptTokens: tokens, context: context.map { Tokens($0) })
        #expect(estimates == TokenEstimates())
    }

    @Test func `models beyond the bound are not learnt, and those before it still are`() {
        var estimates = TokenEstimates()
        for number in 0..<(TokenEstimates.modelsMax + 10) {
            estimates.learn(ModelName("m\(number)"), promptBytes: 1000, promptTokens: 500, context: nil)
        }
        #expect(estimates.figures.count == TokenEstimates.modelsMax)
        estimates.learn("m0", promptBytes: 1000, promptTokens: 500, context: nil)
        #expect(estimates.figures["m0"]?.samples == 2)
        #expect(estimates.tokens(of: 1000, for: "m505") == Tokens(250))
    }
}
