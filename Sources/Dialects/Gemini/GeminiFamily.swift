/// What a model's name tells of what it takes: the API is one, but its models differ.
enum GeminiFamily: Equatable, Sendable {
    /// Up to 2.5, and what is not called Gemini: thinking is bounded by a number of tokens, seals are not demanded, and
    /// pictures stand beside the result that they belong to.
    case early
    /// From 3: thinking has levels, the first call of a turn must bear a seal, and results have pictures in them.
    case late

    /// Reads `gemini-2.5-flash`, with or without `models/` before it. A name without a number, like
    /// `gemini-flash-latest`, is that of a new one.
    init(model: String) {
        let name = model.split(separator: "/").last ?? ""
        let isEarly = !name.hasPrefix("gemini-") || name.hasPrefix("gemini-1") || name.hasPrefix("gemini-2")
        self = isEarly ? .early : .late
    }
}

/// How much a Gemini model is told to think: `generationConfig.thinkingConfig`. Budget and level exclude each other.
struct GeminiThinking: Equatable, Sendable {
    /// The most tokens; 0 is none, -1 leaves it to the model.
    var budget: Int?
    /// A word for how much.
    var level: String?
    /// Are its thoughts to be told, as far as Gemini tells them?
    var isTold = true

    /// The largest budget that all models of 2.5 take (Gemini API, Thinking, "Set budget").
    static let budgetMax = 24_576

    /// Puts a wish into the words of a family. The late one cannot but think: `LOW` is the least that all of its models
    /// take, since `MINIMAL` is for the smaller ones alone (Gemini API, Thinking, "Thinking levels").
    init(_ wish: Reasoning, _ family: GeminiFamily, _ losses: inout Losses) {
        switch (wish, family) {
        case (.off, .early):
            self.budget = 0
            self.isTold = false
        case (.off, .late):
            losses.note("reasoning", .hint)
            self.level = "LOW"
            self.isTold = false
        case (.on, .early): self.budget = -1
        case (.on, .late): break
        case (.effort(let effort), .early): self.budget = Self.budget(of: effort, &losses)
        case (.effort(let effort), .late): self.level = Self.level(of: effort, &losses)
        case (.budget(let tokens), _):
            if tokens > Self.budgetMax { losses.note("thinking.budget_tokens", .hint) }
            self.budget = min(tokens, Self.budgetMax)
        }
    }

    /// As Google's own API in OpenAI's dialect translates it (Gemini API, OpenAI compatibility, "Thinking").
    private static func budget(of effort: Reasoning.Effort, _ losses: inout Losses) -> Int {
        switch effort {
        case .minimal, .low: return 1_024
        case .medium: return 8_192
        case .high: return Self.budgetMax
        case .xhigh, .max:
            losses.note("reasoning_effort", .hint)
            return Self.budgetMax
        }
    }

    private static func level(of effort: Reasoning.Effort, _ losses: inout Losses) -> String {
        switch effort {
        case .low: return "LOW"
        case .medium: return "MEDIUM"
        case .high: return "HIGH"
        case .minimal:
            losses.note("reasoning_effort", .hint)
            return "LOW"
        case .xhigh, .max:
            losses.note("reasoning_effort", .hint)
            return "HIGH"
        }
    }
}
