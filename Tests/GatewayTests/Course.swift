import Routing
import Vocabulary

@testable import Gateway

/// A request's machine, driven to an end by hand: what a `RequestRecord` and the metrics are told of it.
struct Course {
    static let id = RequestID("0190e3a0-0000-7000-8000-00000000000a")!
    static let arrival = Instant(nanoseconds: 1_000_000_000)
    static let seat = Seat(request: id, backend: "gpu1", model: "llama3.2:3b")
    static let other = Seat(request: id, backend: "gpu2", model: "llama3.2:3b")

    private var machine = RequestMachine(request: id, models: ["llama3.2:3b"], holding: .stream)
    private var budget = RetryBudget()
    private(set) var ending: RequestMachine.Ending?

    private static func at(_ milliseconds: Int64) -> Instant { self.arrival + .milliseconds(milliseconds) }

    private mutating func take(_ actions: [RequestMachine.Action]) {
        for case .end(let ending) in actions { self.ending = ending }
    }

    /// Arrives, and waits in the queue.
    init() {
        self.take(self.machine.begun(budget: &self.budget, at: Self.arrival))
        self.take(self.machine.queued(at: Self.arrival))
    }

    mutating func seated(_ seat: Seat = Self.seat, at milliseconds: Int64) {
        self.take(self.machine.seated(seat, budget: &self.budget, at: Self.at(milliseconds)))
    }

    mutating func head(_ status: Int = 200, at milliseconds: Int64) {
        self.take(
            self.machine.answerBegan(
                status: status, retryAfter: nil, budget: &self.budget, at: Self.at(milliseconds)))
    }

    mutating func bytes(_ signs: AnswerSigns = .content, at milliseconds: Int64) {
        if case .fail(let actions) = self.machine.answerContinued(
            signs, bytes: 10, budget: &self.budget, at: Self.at(milliseconds))
        {
            self.take(actions)
        }
    }

    mutating func completed(_ signs: AnswerSigns = [.content, .terminal], at milliseconds: Int64) {
        self.take(
            self.machine.attemptEnded(
                .completed(signs, detail: nil), budget: &self.budget, at: Self.at(milliseconds)))
    }

    mutating func failed(_ reason: Reason, at milliseconds: Int64) {
        self.take(
            self.machine.attemptEnded(
                .failed(reason, detail: "so it was"), budget: &self.budget, at: Self.at(milliseconds)))
        if self.ending == nil { self.take(self.machine.queued(at: Self.at(milliseconds))) }
    }

    mutating func waitedInVain() {
        self.take(self.machine.queueWaitOver(retryAfter: .seconds(7), at: Self.arrival + Bounds.queueWait))
    }

    mutating func clientLeft(at milliseconds: Int64) {
        self.take(self.machine.clientLeft(at: Self.at(milliseconds)))
    }

    // MARK: Whole courses

    /// A quarter of a second in the queue, the first token after three quarters, the end after two seconds.
    static func served() -> Course {
        var course = Course()
        course.seated(at: 250)
        course.head(at: 700)
        course.bytes(at: 750)
        course.completed(at: 2000)
        return course
    }

    /// The first backend refuses to be connected to, the second one answers.
    static func servedBySecond() -> Course {
        var course = Course()
        course.seated(at: 0)
        course.failed(.upstreamConnectFailed, at: 100)
        course.seated(Self.other, at: 100)
        course.head(at: 300)
        course.bytes(at: 400)
        course.completed(at: 500)
        return course
    }
}
