import Vocabulary

/// Tells a backend that has lost its slots for a model from one that is slow: Ollama's worker can get stuck when a
/// client leaves, and then every later request for that model hangs while `/api/ps` looks as it should, until the model
/// is unloaded (`ollama.md` 1.12).
///
/// The sign is silence where there is no reason for it: requests that were sent while the model was in memory and got no
/// first token in time, several in a row, with no answer in between.
struct SilentRow: Equatable, Sendable {
    /// One may be a prompt that is harder than it is long.
    static let countMax = 2

    private var count = 0

    /// True until an answer comes, or the model is unloaded.
    var hasLostSlots: Bool { self.count >= Self.countMax }

    /// Takes in how a request ended; true if slots are found to be lost now.
    mutating func ended(_ outcome: SeatOutcome, wasLoaded: Bool) -> Bool {
        switch outcome {
        case .success, .slow:
            self.count = 0
        case .failure(.upstreamFirstByteTimeout) where wasLoaded:
            self.count = min(self.count + 1, Self.countMax + 1)
            return self.count == Self.countMax
        case .failure, .busy, .modelMissing, .neutral:
            break
        }
        return false
    }
}
