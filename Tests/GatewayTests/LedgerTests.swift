import EventLoop
import Testing
import Vocabulary

@testable import Gateway

/// The requests that are remembered, and how many.
@Suite struct LedgerTests {
    @LoopActor static func record(_ number: UInt64) -> RequestRecord {
        var generator = SeededGenerator(seed: number)
        let wall = WallTime(microseconds: Int64(number) * 1000)
        return RequestRecord(
            id: RequestID(at: wall, using: &generator), endpoint: .openAIChat, arrivedAt: .zero, startedAt: wall)
    }

    @Test func `the newest come first, and the oldest are forgotten`() async throws {
        try await onLoop {
            let ledger = Ledger()
            let records = (1...UInt64(Bounds.requestsRemembered + 2)).map { Self.record($0) }
            for record in records { ledger.end(record) }
            #expect(ledger.newest(3).map(\.id) == records.suffix(3).reversed().map(\.id))
            #expect(ledger.newest(.max).count == Bounds.requestsRemembered)
            #expect(ledger.record(records[0].id) == nil)
            #expect(ledger.record(records[1].id) == nil)
            #expect(ledger.record(records[2].id) === records[2])
            #expect(ledger.newest(0).isEmpty)
        }
    }

    @Test func `what has ended or was never there cannot be cancelled`() async throws {
        try await onLoop {
            let ledger = Ledger()
            let record = Self.record(1)
            ledger.end(record)
            #expect(!ledger.cancel(record.id))
            #expect(!ledger.cancel(Self.record(2).id))
            #expect(ledger.openCount == 0)
        }
    }
}
