/// How much a model of Anthropic's is told to think, and the bound on its answer, which holds the thinking too.
///
/// | Asked | A model that thinks adaptively | One that thinks by budget |
/// |---|---|---|
/// | `off` | `disabled`; nothing where it cannot be off | `disabled` |
/// | `on` | `adaptive` | the budget of `medium` |
/// | `effort` | `adaptive` with this effort; `minimal` is `low`, `xhigh` is `high` before 4.7 | the budget below |
/// | `budget` | `adaptive` with the effort whose budget is next above | this budget |
///
/// | Effort | `minimal` | `low` | `medium` | `high` | `xhigh` | `max` |
/// |---|---|---|---|---|---|---|
/// | Budget in tokens | 1,024 | 2,048 | 8,192 | 16,384 | 24,576 | 32,000 |
///
/// 1,024 is the API's least; beyond 32,000 its documentation advises against streams. A tool that must be called is a
/// stronger wish than thinking, and the API forbids both together: thinking is left out then. So it is where the
/// bound leaves no room for it. All that differs from what was asked is noted as
/// `reasoning_effort`, or `thinking.budget_tokens` where a budget was asked.
struct AnthropicThinking: Equatable {
    /// What `thinking` says.
    enum Form: Equatable {
        case unsaid
        case disabled
        case adaptive
        case enabled(budget: Int)
    }

    private(set) var form = Form.unsaid
    /// `output_config.effort`.
    private(set) var effort: Reasoning.Effort?
    /// `max_tokens`.
    private(set) var outputTokensMax: Int

    /// The API's least budget.
    static let budgetMin = 1024
    /// What an answer may take where nobody has set a bound: the API wants one.
    static let outputTokensDefault = 4096

    init(
        _ request: ChatRequest, _ model: AnthropicModel, for target: TranslationTarget, _ turns: AnthropicTurns,
        _ losses: inout Losses
    ) {
        let bound = target.bound(request.outputTokensMax, named: "max_tokens", &losses)
        self.outputTokensMax = bound ?? Self.outputTokensDefault
        guard let asked = request.reasoning else { return }
        if asked == .off {
            if model.canBeOff { self.form = .disabled } else { losses.note(asked.name, .hint) }
            return
        }
        guard target.thinks != false else {
            losses.note(asked.name, .hint)
            return
        }
        let isForced = !request.tools.isEmpty && request.toolChoice?.isForced == true
        if isForced || (!model.thinksAdaptively && turns.callsWithoutThinking) {
            losses.note(asked.name, .hint)
            if model.canBeOff { self.form = .disabled }
        } else if model.thinksAdaptively {
            self.form = .adaptive
            self.effort = Self.effort(asked, model, &losses)
        } else {
            self.setBudget(asked, bound: bound, &losses)
        }
    }

    private static func effort(
        _ asked: Reasoning, _ model: AnthropicModel, _ losses: inout Losses
    ) -> Reasoning.Effort? {
        let wanted: Reasoning.Effort
        switch asked {
        case .off, .on: return nil
        case .effort(let effort): wanted = effort
        case .budget(let tokens):
            losses.note(asked.name, .hint)
            wanted = Reasoning.Effort(tokens: tokens)
        }
        let sent: Reasoning.Effort =
            switch wanted {
            case .minimal: .low
            case .xhigh: model.takesExtraHigh ? .xhigh : .high
            case .low, .medium, .high, .max: wanted
            }
        if sent != wanted { losses.note(asked.name, .hint) }
        return sent
    }

    private mutating func setBudget(_ asked: Reasoning, bound: Int?, _ losses: inout Losses) {
        let wanted: Int
        let most: Int?
        switch asked {
        case .off: return
        // What is derived from a word leaves a quarter of the bound to the answer itself.
        case .on: (wanted, most) = (Reasoning.Effort.medium.tokens, bound.map { $0 - $0 / 4 })
        case .effort(let effort): (wanted, most) = (effort.tokens, bound.map { $0 - $0 / 4 })
        case .budget(let tokens): (wanted, most) = (max(tokens, Self.budgetMin), bound.map { $0 - 1 })
        }
        let budget = min(wanted, most ?? wanted)
        guard budget >= Self.budgetMin else {
            losses.note(asked.name, .hint)
            self.form = .disabled
            return
        }
        if case .budget(let tokens) = asked, tokens != budget { losses.note(asked.name, .hint) }
        self.form = .enabled(budget: budget)
        // A budget may be any number.
        if bound == nil { self.outputTokensMax = budget.addingSaturated(Self.outputTokensDefault) }
    }

    /// Does the model think, as far as it is told?
    var isOn: Bool {
        switch self.form {
        case .unsaid, .disabled: false
        case .adaptive, .enabled: true
        }
    }
}

extension Reasoning {
    /// What callers who ask so call it.
    var name: String {
        switch self {
        case .off, .on, .effort: "reasoning_effort"
        case .budget: "thinking.budget_tokens"
        }
    }
}

extension ToolChoice {
    /// Does it leave the model no way but a call?
    var isForced: Bool {
        switch self {
        case .auto, .none: false
        case .required, .tool: true
        }
    }
}
