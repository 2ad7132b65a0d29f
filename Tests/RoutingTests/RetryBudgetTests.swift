import Testing
import Vocabulary

@testable import Routing

@Suite struct RetryBudgetTests {
    @Test func `without requests the floor is allowed and no more`() {
        var budget = RetryBudget()
        #expect((0..<5).map { _ in budget.takeRetry(at: start) } == [true, true, true, false, false])
    }

    @Test func `a tenth of the requests is allowed beside the floor`() {
        var budget = RetryBudget()
        for _ in 0..<50 { budget.requestBegan(at: start) }
        #expect((0..<20).filter { _ in budget.takeRetry(at: start) }.count == 3 + 5)
    }

    @Test func `looking does not spend`() {
        let budget = RetryBudget()
        #expect((0..<10).allSatisfy { _ in budget.allowsRetry(at: start) })
    }

    @Test func `what is older than ten seconds no longer counts`() {
        var budget = RetryBudget(percent: 10, floor: 1)
        let taken = [0, 9, 10].map { budget.takeRetry(at: start + .seconds($0)) }
        #expect(taken == [true, false, true])
    }

    @Test func `a bucket that is used again forgets what it held`() {
        var budget = RetryBudget(percent: 100, floor: 0)
        for _ in 0..<5 { budget.requestBegan(at: start) }
        budget.requestBegan(at: start + .seconds(10))
        #expect((0..<10).filter { _ in budget.takeRetry(at: start + .seconds(10)) }.count == 1)
    }

    @Test func `whenever one is taken the last ten seconds hold no more than floor and share`() {
        var generator = SeededGenerator(seed: 7)
        var budget = RetryBudget()
        var requests: [Instant] = []
        var retries: [Instant] = []
        var now = start
        for _ in 0..<5_000 {
            now = now + .milliseconds(Int.random(in: 1...80, using: &generator))
            if Bool.random(using: &generator) {
                budget.requestBegan(at: now)
                requests.append(now)
            } else if budget.takeRetry(at: now) {
                retries.append(now)
            } else {
                continue
            }
            // Whole seconds: the present one and the nine before it.
            let from = now.nanoseconds / 1_000_000_000 - 9
            let inWindow = { (list: [Instant]) in list.count { $0.nanoseconds / 1_000_000_000 >= from } }
            if retries.last == now { #expect(inWindow(retries) <= 3 + inWindow(requests) / 10) }
        }
        #expect(retries.count > 200)
    }
}
