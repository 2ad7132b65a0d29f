import Accounting
import Testing
import Vocabulary

@testable import Storage

struct `Summary of usage` {
    private let folder: Folder
    private let store: UsageStore
    private let rows: [UsageRow]

    init() throws {
        self.folder = try Folder()
        self.store = try UsageStore(path: self.folder.file())
        var rows: [UsageRow] = []
        for number in 0..<120 {
            var one = row(
                number, at: noon + .seconds(number * 3600),
                model: number % 3 == 0 ? nil : ModelName("m\(number % 3):latest"),
                key: number % 2 == 0 ? "aaaa2222" : "bbbb3333", status: number % 5 == 0 ? 503 : 200)
            one.promptTokens = number % 4 == 0 ? nil : Tokens(number)
            one.firstToken = number % 4 == 1 ? nil : .milliseconds(number)
            if number % 9 == 0 { one.reason = .upstreamTruncated }
            one.feature = number % 7 == 0 ? "search" : nil
            one.principal = number % 11 == 0 ? "u-7" : nil
            one.backend = number % 2 == 0 ? "gpu1" : "gpu2"
            rows.append(one)
        }
        for one in rows { self.store.append(one) }
        self.store.flush()
        self.rows = rows
    }

    private func value(_ row: UsageRow, _ dimension: UsageDimension) -> String? {
        switch dimension {
        case .day: row.time.utc.day
        case .model: row.model?.rawValue
        case .key: row.key?.rawValue
        case .project: row.project?.rawValue
        case .feature: row.feature?.rawValue
        case .principal: row.principal?.rawValue
        case .backend: row.backend?.rawValue
        }
    }

    @Test func `by any set of dimensions agrees with adding up by hand, in order`() throws {
        let all = UsageDimension.allCases
        let (from, to) = (noon + .seconds(3600 * 7), noon + .seconds(3600 * 100))
        for bits in 1..<(1 << all.count) {
            let dimensions = all.indices.filter { bits >> $0 & 1 == 1 }.map { all[$0] }
            var expected: [[String?]: UsageTotals] = [:]
            for row in self.rows where row.time >= from && row.time < to {
                expected[dimensions.map { self.value(row, $0) }, default: UsageTotals()].add(row)
            }
            let lines = try self.store.summary(from: from, to: to, by: dimensions)
            #expect(lines.count == expected.count)
            for line in lines { #expect(line.totals == expected[line.group], "\(line.group)") }
            let texts = lines.map { $0.group.map { $0 ?? "" } }
            #expect(texts == texts.sorted { $0.lexicographicallyPrecedes($1) })
        }
    }

    @Test func `without dimensions is one line, also of nothing`() throws {
        #expect(try self.store.everything().requests == 120)
        let nothing = try self.store.summary(from: noon + .seconds(-10), to: noon, by: [])
        #expect(nothing == [UsageSummary(group: [], totals: UsageTotals())])
        #expect(try self.store.summary(from: noon + .seconds(-10), to: noon, by: [.day]) == [])
    }

    @Test
    func `a stream that broke after it had begun is an error, an answer that is passed on is judged by its status`()
        throws
    {
        let day = noon + .seconds(86_400 * 30)
        for (number, end) in [
            (Reason.allowLocal, 200), (.answeredHere, 200), (.upstreamStalled, 200), (.clientLeft, 200),
            (.upstreamRefused, 400), (.keyMissing, 401),
        ].enumerated() {
            var one = row(5000 + number, at: day, status: end.1)
            one.reason = end.0
            self.store.append(one)
        }
        self.store.flush()
        let lines = try self.store.summary(from: day, to: day + .seconds(1), by: [])
        #expect(lines.map(\.totals.errors) == [4])
    }

    @Test func `a day begins at midnight in UTC`() throws {
        let lines = try self.store.summary(from: noon, to: noon + .seconds(86_400), by: [.day])
        #expect(lines.map(\.group) == [["2026-11-24"], ["2026-11-25"]])
        #expect(lines.map(\.totals.requests) == [12, 12])
    }

    @Test func `can be read by another program while the store writes`() throws {
        let reader = try UsageReader(path: self.folder.file())
        for number in 0..<100 { self.store.append(row(1000 + number)) }
        self.store.flush()
        let lines = try reader.summary(from: noon, to: noon + .seconds(1), by: [.project])
        #expect(lines.map(\.totals.requests) == [101])
    }

    @Test func `of more lines than anybody reads is refused with a way out`() throws {
        for number in 0...UsageReader.groupsMax {
            if number % 5000 == 4999 { self.store.flush() }
            self.store.append(row(number, at: noon + .seconds(1), model: ModelName("x\(number):1")))
        }
        #expect(self.store.flush())
        #expect {
            try self.store.summary(from: noon, to: noon + .seconds(2), by: [.model])
        } throws: {
            "\($0)" == "the summary has more than 10000 lines; ask for fewer days or fewer dimensions"
        }
    }
}
