import Vocabulary

/// How many of a place's slots may be taken now (`health.md` E2): fewer after the server said that it is busy, and few
/// at first when its breaker has closed again. Answers bring them back.
///
/// After a recovery each answer opens one more slot. That follows the server, and needs no clock; E2 has it follow the
/// time, from a quarter to all in 30 s.
struct SlotLimit: Equatable, Sendable {
    /// Answers that open one more slot after the server was busy.
    static let answersPerSlot = 10
    /// So many pauses within `pausesWithin` are worth a warning: somebody else uses the server, or `slots` is too high.
    static let pausesMax = 10
    static let pausesWithin = Duration.seconds(60)

    /// `nil` for all.
    private var limit: Int?
    private var answers = 0
    private var answersForNext = 1
    private var pauses: [Instant] = []

    /// How many of `slots` may be taken; at least one.
    func open(of slots: Int) -> Int { self.limit.map { min($0, slots) } ?? slots }

    /// A request was answered.
    mutating func answered(slots: Int) {
        guard let limit else { return }
        self.answers += 1
        if self.answers < self.answersForNext { return }
        self.answers = 0
        self.limit = limit + 1 < slots ? limit + 1 : nil
    }

    /// The server asked for a pause: seven tenths of what was open, once for each pause. True if it does so too often.
    mutating func paused(slots: Int, at now: Instant) -> Bool {
        self.reduce(to: self.open(of: slots) * 7 / 10, slots, answersForNext: Self.answersPerSlot)
        self.pauses.removeAll { now - $0 >= Self.pausesWithin }
        self.pauses.append(now)
        guard self.pauses.count >= Self.pausesMax else { return false }
        self.pauses = []
        return true
    }

    /// The breaker has closed: a quarter of the slots at first.
    mutating func recovered(slots: Int) {
        self.reduce(to: slots / 4, slots, answersForNext: 1)
    }

    private mutating func reduce(to limit: Int, _ slots: Int, answersForNext: Int) {
        self.limit = max(1, limit) < slots ? max(1, limit) : nil
        self.answers = 0
        self.answersForNext = answersForNext
    }
}
