import Vocabulary

/// The share of traffic this node asks for, 0 to 100: what `/weight` answers (`health.md` D1).
///
/// It follows the share of free slots in steps of 5, moves at most 20 points in 2 s, and climbs from 10 to 100 within a
/// minute after the node became ready, while its models are cold. A ready node never says less than 5, for 0 means "send
/// nothing at all".
public struct Weight: Sendable {
    /// The weight told last.
    public private(set) var value = 0

    private var fullAt: Instant?  // From then on nothing but the slots counts; `nil` while not ready.
    private var movedAt: Instant?

    private static let step = 5
    private static let moveMax = 20
    private static let moveEvery = Duration.seconds(2)
    private static let climbFrom = 10
    private static let climbTime = Duration.seconds(60)

    /// A node that has never been ready.
    public init() {}

    /// Takes the state of this moment. A node in its first start does not climb: `climbs` is for recoveries.
    public mutating func update(
        isReady: Bool, climbs: Bool, slotsFree: Int, slots: Int, at now: Instant
    ) -> Int {
        guard isReady else {
            self = Weight()
            return 0
        }
        guard self.fullAt != nil else {
            self.fullAt = climbs ? now + Self.climbTime : now
            self.movedAt = now
            self.value = self.target(slotsFree: slotsFree, slots: slots, at: now)
            return self.value
        }
        if let movedAt, now - movedAt >= Self.moveEvery {
            let target = self.target(slotsFree: slotsFree, slots: slots, at: now)
            self.value = min(max(target, self.value - Self.moveMax), self.value + Self.moveMax)
            self.movedAt = now
        }
        return self.value
    }

    private func target(slotsFree: Int, slots: Int, at now: Instant) -> Int {
        let share = slots > 0 ? min(max(0, slotsFree), slots) * 100 / slots : 0
        let left = self.fullAt.map { max(.zero, $0 - now) } ?? Self.climbTime
        let ceiling = 100 - (100 - Self.climbFrom) * Int(left.milliseconds) / Int(Self.climbTime.milliseconds)
        let rounded = (min(share, ceiling) + Self.step / 2) / Self.step * Self.step
        return min(max(rounded, Self.step), 100)
    }
}
