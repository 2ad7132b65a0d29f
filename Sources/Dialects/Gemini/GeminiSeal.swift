/// Gemini's seals on what it thought (`thoughtSignature`), as callers keep them between two turns.
///
/// Gemini 3 demands the seal of a turn's first call back with it, and refuses one that is another provider's (Gemini
/// API, Thought signatures). Callers know seals as Anthropic has them, without a maker's name, and may bring one from a
/// conversation that began elsewhere: so ours are marked on their way out, and only marked ones go back.
enum GeminiSeal {
    /// No base64, which is what other providers' seals are, has a colon.
    private static let mark = "gemini:"

    /// What Gemini takes where there is no seal, since the call was made by another model or its seal was lost (Gemini
    /// API, Thought signatures, "FAQs").
    static let none = "skip_thought_signature_validator"

    /// The seal as callers see it.
    static func marked(_ seal: String) -> String { Self.mark + seal }

    /// The seal as Gemini sees it; `nil` if it is another provider's.
    static func unmarked(_ text: String) -> String? {
        text.hasPrefix(Self.mark) ? String(text.dropFirst(Self.mark.utf8.count)) : nil
    }
}
