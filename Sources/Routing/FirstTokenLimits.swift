import Vocabulary

/// How long a stream's first token may take (`health.md` E3). Ollama sends nothing before it, so that loading a model,
/// reading a prompt and hanging all look alike (`ollama.md` 1.7): what tells them apart is whether the model is in the
/// backend's memory, and how long the prompt is.
public struct FirstTokenLimits: Equatable, Sendable {
    /// With the model in memory, before anything of the prompt is counted.
    public var warm = Duration.seconds(15)
    /// More for each 1,000 tokens of prompt.
    public var perThousandTokens = Duration.seconds(1)
    /// For loading the model; once it is loaded the warm limit runs.
    public var cold = Duration.seconds(120)
    /// Loading and reading together.
    public var coldMax = Duration.seconds(300)
    /// From a backend outside.
    public var external = Duration.seconds(30)

    /// The limits of `health.md` E3.
    public init() {}

    /// When the first token is due of an attempt that began at `began`, as far as that is known then.
    func due(_ seat: Seat, promptTokens: Tokens, began: Instant) -> Instant {
        self.due(seat, promptTokens: promptTokens, began: began, loadedSince: nil)
    }

    /// When to look at the attempt again; `nil` if its time is over. Nobody tells when a model is loaded: that is found
    /// out by looking, as often as a loaded one has time for its first token.
    func nextLook(
        _ seat: Seat, promptTokens: Tokens, began: Instant, loadedSince: Instant?, now: Instant
    ) -> Instant? {
        let loadedSince = loadedSince.flatMap { $0 >= began ? $0 : nil }
        let due = self.due(seat, promptTokens: promptTokens, began: began, loadedSince: loadedSince)
        guard due > now else { return nil }
        let isLoading = !seat.isExternal && !seat.isLoaded && loadedSince == nil
        return isLoading ? min(due, now + self.reading(promptTokens)) : due
    }

    private func due(_ seat: Seat, promptTokens: Tokens, began: Instant, loadedSince: Instant?) -> Instant {
        if seat.isExternal { return began + self.external }
        if seat.isLoaded { return began + self.reading(promptTokens) }
        guard let loadedSince else { return began + self.cold }
        return min(began + self.coldMax, loadedSince + self.reading(promptTokens))
    }

    private func reading(_ promptTokens: Tokens) -> Duration {
        self.warm + self.perThousandTokens * Int(clamping: promptTokens.count) / 1000
    }
}
