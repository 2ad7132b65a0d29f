import Dialects
import Health
import Vocabulary

extension RewritePlan {
    /// The plan for `model` at a server inside with OpenAI's API, which has shown `inventory`.
    ///
    /// The manifest's bound is added to a request without one only where it surely leaves room for the prompt, since such
    /// servers refuse a bound that does not: the estimate of the prompt may be wrong by half.
    init(
        compatible model: ModelName, in inventory: Inventory?, outputTokensMax: Int?, promptTokens: Int,
        losses: LossRule
    ) {
        let context = inventory?.loadedModel(model)?.context ?? inventory?.model(model)?.contextMax
        let room = context.map { $0.count - 2 * promptTokens } ?? 0
        self.init(
            compatible: inventory?.model(model)?.spelling ?? model.rawValue, outputTokensMax: outputTokensMax,
            addsBound: outputTokensMax.map { $0 <= room } ?? false, losses: losses)
    }
}
