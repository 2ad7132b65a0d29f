import Testing
import Vocabulary

@testable import Residency

@Suite struct DepartureCheckTests {
    private static func request(_ number: UInt64) -> RequestID {
        var generator = SeededGenerator(seed: number)
        return RequestID(at: AuditVectors.noon, using: &generator)
    }

    private static func intent(_ number: UInt64, _ attempt: Int = 1) -> DepartureCheck.Mark {
        .intent(Self.request(number), attempt: attempt)
    }

    private static func outcome(_ number: UInt64, _ attempt: Int = 1) -> DepartureCheck.Mark {
        .outcome(Self.request(number), attempt: attempt)
    }

    /// The check after these records, whose numbers count from 1.
    private func check(_ marks: [DepartureCheck.Mark], startsAnywhere: Bool = false) -> DepartureCheck {
        var check = DepartureCheck(startsAnywhere: startsAnywhere)
        for (place, mark) in marks.enumerated() { check.take(mark, at: Int64(place + 1)) }
        return check
    }

    private func faults(_ marks: [DepartureCheck.Mark], startsAnywhere: Bool = false) -> [String] {
        self.check(marks, startsAnywhere: startsAnywhere).faults.map { "\($0.sequence) \($0.code.rawValue)" }
    }

    @Test func `intents with their outcomes in any order of requests are whole`() {
        let check = self.check([
            Self.intent(1), Self.intent(2), Self.outcome(2), Self.intent(2, 2), Self.outcome(1), Self.outcome(2, 2),
            .start, Self.intent(3),
        ])
        #expect(check.faults == [])
        #expect((check.intents, check.outcomes, check.open) == (4, 3, 1))
    }

    @Test func `an outcome of nothing, and a second one, are found where they stand`() {
        #expect(self.faults([Self.outcome(1)]) == ["1 outcome_without_intent"])
        #expect(self.faults([Self.intent(1), Self.outcome(1, 2)]) == ["2 outcome_without_intent"])
        #expect(self.faults([Self.outcome(1), Self.intent(1)]) == ["1 outcome_without_intent"], "order counts")
        #expect(self.faults([Self.intent(1), Self.outcome(1), Self.outcome(1)]) == ["3 outcome_twice"])
        #expect(self.faults([Self.intent(1), Self.outcome(1), .start, Self.outcome(1)]) == ["4 outcome_twice"])
    }

    @Test func `an intent without outcome is a fault once its node was started again`() {
        #expect(self.faults([Self.intent(1), Self.intent(2), Self.outcome(2)]) == [])
        #expect(
            self.faults([Self.intent(1), Self.intent(2), Self.intent(3), Self.outcome(2), .start]) == [
                "1 outcome_missing", "3 outcome_missing",
            ])
        let late = self.check([Self.intent(1), .start, Self.outcome(1), .start])
        #expect(late.faults.map(\.code) == [.outcomeMissing], "told once")
        #expect(late.open == 0)
    }

    @Test func `an attempt has one intent`() {
        #expect(self.faults([Self.intent(1), Self.intent(1), Self.outcome(1)]) == ["2 intent_twice"])
        #expect(self.faults([Self.intent(1), Self.outcome(1), Self.intent(1)]) == ["3 intent_twice"])
        #expect(
            self.faults([Self.intent(1), .start, Self.intent(1)]) == ["1 outcome_missing", "3 intent_twice"])
    }

    @Test func `a part may hold outcomes of intents before it, but not two`() {
        #expect(self.faults([Self.outcome(1), Self.intent(2)], startsAnywhere: true) == [])
        #expect(self.faults([Self.outcome(1), Self.outcome(1)], startsAnywhere: true) == ["2 outcome_twice"])
    }

    @Test func `what does not say of what it is is told, and faults are bounded`() {
        #expect(self.faults([.unreadable]) == ["1 malformed"])
        let many = self.check((0..<250).map { Self.outcome($0) })
        #expect((many.faults.count, many.faultCount) == (DepartureCheck.faultsMax, 250))
    }
}
