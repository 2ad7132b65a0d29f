import Testing
import Vocabulary

@testable import Residency

@Suite struct PolicyClockTests {
    @Test(arguments: [
        ("+00:00", 0), ("+08:00", 480), ("-03:30", -210), ("+14:00", 840), ("-12:00", -720), ("-00:00", 0),
    ])
    func `an offset is read`(text: String, minutes: Int) throws {
        #expect(try #require(PolicyClock(text)).offsetMinutes == minutes)
    }

    @Test(arguments: [
        "", "Z", "8", "+8", "+8:00", "08:00", "+14:01", "-12:01", "+08:60", "+0a:00", "++8:00", "+08:000",
    ])
    func `what is no offset is refused`(text: String) {
        #expect(PolicyClock(text) == nil)
    }

    @Test func `a time of day is read, midnight from both sides, and nothing else`() {
        #expect(["00:00", "08:30", "23:59", "24:00"].map(PolicyClock.minutes) == [0, 510, 1439, 1440])
        for text in ["24:01", "8:00", "08:60", "0800", "08:00:00", "-1:00", "", "aa:bb", "99:00"] {
            #expect(PolicyClock.minutes(text) == nil, "\(text)")
        }
    }

    @Test func `days and hours are those of the offset, also before 1970`() throws {
        let shanghai = try #require(PolicyClock("+08:00"))
        #expect(PolicyClock.utc.moment(of: wednesdayNoon) == .init(weekday: .wed, minute: 720))
        #expect(shanghai.moment(of: wednesdayNoon + .seconds(5 * 3600)) == .init(weekday: .thu, minute: 60))
        #expect(shanghai.day(of: wednesdayNoon) == PolicyClock.utc.day(of: wednesdayNoon))
        #expect(shanghai.day(of: wednesdayNoon + .seconds(4 * 3600)) == shanghai.day(of: wednesdayNoon) + 1)
        #expect(PolicyClock.utc.day(of: WallTime(microseconds: -1)) == -1)
        #expect(PolicyClock.utc.moment(of: WallTime(microseconds: -1)) == .init(weekday: .wed, minute: 1439))
    }

    @Test func `a window over midnight belongs to the day on which it begins`() {
        let night = DailyWindow(from: 22 * 60, to: 6 * 60, days: [.fri])
        #expect(night.contains(.init(weekday: .fri, minute: 22 * 60)))
        #expect(night.contains(.init(weekday: .sat, minute: 6 * 60 - 1)))
        #expect(!night.contains(.init(weekday: .sat, minute: 6 * 60)))
        #expect(!night.contains(.init(weekday: .sat, minute: 22 * 60)))
        #expect(!night.contains(.init(weekday: .fri, minute: 60)))
    }

    @Test func `a window is as many minutes of the week as its hours and days make`() {
        for (from, to) in [(0, 1440), (480, 1080), (1080, 480), (1439, 0), (0, 1)] {
            for count in 1...7 {
                let window = DailyWindow(from: from, to: to, days: Set(PolicyClock.Weekday.allCases.prefix(count)))
                let minutes = PolicyClock.Weekday.allCases.reduce(0) { sum, day in
                    sum + (0..<1440).count { window.contains(.init(weekday: day, minute: $0)) }
                }
                #expect(minutes == count * (to > from ? to - from : to + 1440 - from), "\(from) \(to) \(count)")
            }
        }
    }
}
