import Residency
import Vocabulary

/// What the referee knows of a request that might leave.
struct Asked {
    var project: String?
    var feature: String?
    var raised: Sensitivity?
    var declinesExternal: Bool
    var trigger: Trigger
    var backend: BackendID
    var model: String
    var bytes: Int
    var wall: WallTime
}

extension WorldPlan {
    func local(_ wall: WallTime) -> Moment { Moment(of: wall, offset: self.offset) }
}

extension PolicyPlan {
    fileprivate func local(_ wall: WallTime) -> Moment { Moment(of: wall, offset: self.offset) }
}

/// The day and the minute of the policy, and the weekday from Monday, 0; the referee's own arithmetic.
struct Moment {
    let day: Int
    let weekday: Int
    let minute: Int

    init(of wall: WallTime, offset: Int) {
        let microseconds = Int(wall.microseconds) + offset * 3_600_000_000
        let perDay = 86_400_000_000
        self.day = microseconds >= 0 ? microseconds / perDay : -((-microseconds + perDay - 1) / perDay)
        // 1970-01-01 was a Thursday.
        self.weekday = ((self.day + 3) % 7 + 7) % 7
        self.minute = (microseconds - self.day * perDay) / 60_000_000
    }
}

/// The referee's own reading of a policy, word for word as the manual has it, and on purpose not the program's.
extension PolicyPlan {
    func sensitivity(of asked: Asked) -> Sensitivity {
        let own = asked.project.flatMap { self.projects[$0] } ?? self.sensitivityDefault
        return max(own, asked.raised ?? .public)
    }

    /// The rules by which it may go: none if it may not.
    func allowances(for asked: Asked, _ book: DayBook) -> [RuleID] {
        guard !asked.declinesExternal, self.spoken[asked.backend]?.contains(asked.model) == true else { return [] }
        let meant = self.rules.filter { $0.backends?.contains(asked.backend) ?? true }
        if meant.contains(where: { !$0.isAllowance && self.denies($0, asked) }) { return [] }
        return meant.filter { $0.isAllowance && self.allows($0, asked, book) }.map(\.id)
    }

    private func allows(_ rule: Rule, _ asked: Asked, _ book: DayBook) -> Bool {
        let used = book.used(by: rule.id, on: self.local(asked.wall).day)
        return self.sensitivity(of: asked) <= (rule.sensitivity ?? .public)
            && (rule.triggers ?? []).contains(asked.trigger)
            && rule.projects.map { asked.project.map($0.contains) ?? false } ?? true
            && rule.features.map { asked.feature.map($0.contains) ?? false } ?? true
            && self.isWithin(rule.hours, asked.wall)
            && rule.bytes.map { asked.bytes <= $0 } ?? true
            && rule.requestsPerDay.map { used.requests + 1 <= $0 } ?? true
            && rule.bytesPerDay.map { used.bytes + asked.bytes <= $0 } ?? true
    }

    /// Who does not say its project or feature may be the one that is meant.
    private func denies(_ rule: Rule, _ asked: Asked) -> Bool {
        rule.sensitivity.map { self.sensitivity(of: asked) >= $0 } ?? true
            && rule.triggers?.contains(asked.trigger) ?? true
            && rule.projects.map { asked.project.map($0.contains) ?? true } ?? true
            && rule.features.map { asked.feature.map($0.contains) ?? true } ?? true
            && self.isWithin(rule.hours, asked.wall)
    }

    private func isWithin(_ hours: Hours?, _ wall: WallTime) -> Bool {
        guard let hours else { return true }
        let moment = self.local(wall)
        let (today, minute) = (moment.weekday, moment.minute)
        let (from, to) = (hours.from * 60, hours.to * 60)
        if from < to { return hours.days.contains(today) && from <= minute && minute < to }
        return hours.days.contains(today) && minute >= from
            || hours.days.contains((today + 6) % 7) && minute < to
    }
}

/// The referee's own count of what has left. A day only ever advances, whatever the clock does and however often the
/// node is started anew.
struct DayBook {
    private struct Entry {
        let departure: Int
        let rule: RuleID
        let bytes: Int
    }

    private var day = Int.min
    private var entries: [Entry] = []

    func used(by rule: RuleID, on day: Int) -> (requests: Int, bytes: Int) {
        if day > self.day { return (0, 0) }
        let entries = self.entries.filter { $0.rule == rule }
        return (entries.count, entries.reduce(0) { $0 + $1.bytes })
    }

    mutating func count(_ departure: Int, _ bytes: Int, by rule: RuleID, on day: Int) {
        self.advance(to: day)
        self.entries.append(Entry(departure: departure, rule: rule, bytes: bytes))
    }

    private mutating func advance(to day: Int) {
        if day <= self.day { return }
        self.day = day
        self.entries = []
    }

    /// A node that is started anew knows what has left, in its order, and what day it is.
    mutating func replay(_ departures: [(departure: Int, bytes: Int, rule: RuleID, day: Int)], on day: Int) {
        self = DayBook()
        for gone in departures { self.count(gone.departure, gone.bytes, by: gone.rule, on: gone.day) }
        self.advance(to: day)
    }
}
