import Vocabulary

/// How many tokens a model makes of a prompt, guessed from its bytes. For each model that has answered, the ratio is
/// learnt from what backends counted; a model of which nothing is known has a quarter of a token for each byte, which is
/// Ollama's own guess (`ollama.md` 5).
///
/// No sample counts for much: one that is odd is left out, each moves the ratio by a bounded part of its distance, and
/// the ratio stays within bounds whatever is told.
public struct TokenEstimates: Equatable, Sendable {
    /// What has been learnt of one model.
    public struct Figure: Equatable, Sendable {
        /// Tokens per byte of prompt; within `ratioBounds`.
        public fileprivate(set) var ratio = TokenEstimates.ratioAtFirst
        /// The mean distance of the guesses from what was counted, relative to the count; 0.1 is a tenth. Later samples
        /// count for more.
        public fileprivate(set) var error = 0.0
        /// Samples that counted.
        public fileprivate(set) var samples = 0
    }

    /// Tokens per byte before anything is known.
    public static let ratioAtFirst = 0.25
    /// Plain text lies between an eighth and a half in all writing systems; what is beyond these is a prompt that the
    /// backend had in its cache or cut, or a count that is none.
    public static let ratioBounds = 0.0625...1.0
    /// In shorter prompts the words that a model's template adds outweigh what is said.
    public static let promptBytesMin = 256
    /// Models beyond this are not learnt.
    public static let modelsMax = 500

    /// The models that something is known of.
    public private(set) var figures: [ModelName: Figure] = [:]

    /// Nothing is known.
    public init() {}

    /// The tokens that `model` is guessed to make of so many bytes, rounded up.
    public func tokens(of promptBytes: Int, for model: ModelName?) -> Tokens {
        (model.flatMap { self.figures[$0] } ?? Figure()).tokens(of: promptBytes)
    }

    /// A backend has counted the tokens of a prompt without images. `context` is what the model can take, if that is
    /// known: a prompt that is guessed to be longer was cut before it was counted.
    public mutating func learn(_ model: ModelName, promptBytes: Int, promptTokens: Int, context: Tokens?) {
        guard promptBytes >= Self.promptBytesMin, promptTokens > 0 else { return }
        let observed = Double(promptTokens) / Double(promptBytes)
        let known = self.figures[model]
        var figure = known ?? Figure()
        let guess = figure.tokens(of: promptBytes)
        guard Self.ratioBounds.contains(observed), context.map({ guess <= $0 }) ?? true else { return }
        guard known != nil || self.figures.count < Self.modelsMax else { return }
        figure.learn(observed, error: Double(abs(guess.count - promptTokens)) / Double(promptTokens))
        self.figures[model] = figure
    }
}

extension TokenEstimates.Figure {
    /// The weight of a sample once there are many: about the last thirty count.
    private static let weightMin = 1.0 / 32
    /// The first guess weighs as much as this many samples.
    private static let samplesOfPrior = 3.0

    fileprivate func tokens(of promptBytes: Int) -> Tokens {
        Tokens(Int((Double(promptBytes) * self.ratio).rounded(.up)))
    }

    fileprivate mutating func learn(_ observed: Double, error: Double) {
        let weight = max(Self.weightMin, 1 / (Double(self.samples) + Self.samplesOfPrior + 1))
        self.ratio += weight * (observed - self.ratio)
        self.error += max(Self.weightMin, 1 / Double(self.samples + 1)) * (error - self.error)
        self.samples += 1
    }
}

/// How long a prompt is: its bytes, of which each model makes tokens in its own way.
public struct PromptLength: Sendable {
    /// Bytes of text.
    public let bytes: Int
    private let estimates: TokenEstimates

    /// So many bytes, as `estimates` measures them.
    public init(bytes: Int, _ estimates: TokenEstimates = TokenEstimates()) {
        self.bytes = bytes
        self.estimates = estimates
    }

    /// So many tokens for every model of which nothing has been learnt.
    public init(_ tokens: Tokens) {
        self.init(bytes: Int(Double(tokens.count) / TokenEstimates.ratioAtFirst))
    }

    /// The tokens that `model` is guessed to make of it.
    public func tokens(for model: ModelName?) -> Tokens {
        self.estimates.tokens(of: self.bytes, for: model)
    }
}
