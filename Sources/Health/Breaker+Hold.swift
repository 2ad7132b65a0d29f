import Vocabulary

/// An operator's hand on a breaker (`health.md` E2): for a time it is what the operator says, whatever becomes of
/// requests. Then it begins anew, closed.
extension Breaker {
    /// What an operator holds it at.
    public struct Hold: Equatable, Sendable {
        /// True for open, false for closed.
        public let isOpen: Bool
        /// Until when.
        public let until: Instant
    }

    /// The longest time for which it can be held: a forgotten hold must end by itself.
    public static let holdMax = Duration.seconds(86_400)

    /// Holds it open or closed until then.
    public mutating func hold(open: Bool, until: Instant) -> Change? {
        let before = self.label
        self.renew()
        self.held = Hold(isOpen: open, until: until)
        return Change(from: before, to: self.label, cause: .held, until: self.keepsAwayUntil)
    }

    /// Lets it go.
    public mutating func release() -> Change? {
        guard self.held != nil else { return nil }
        let before = self.label
        self.renew()
        return Change(from: before, to: self.label, cause: .holdOver, until: nil)
    }
}
