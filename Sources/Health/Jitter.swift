import Vocabulary

extension Duration {
    /// This time +-20 %, so that many gateways do not ask, or come back, in step.
    func jittered(using generator: inout some RandomNumberGenerator) -> Duration {
        let spread = self.nanoseconds / 5
        guard spread > 0 else { return self }
        return self + .nanoseconds(Int64.random(in: -spread...spread, using: &generator))
    }
}
