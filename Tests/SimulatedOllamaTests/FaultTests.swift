import Testing

@testable import SimulatedOllama

@Suite struct FaultTests {
    @Test(arguments: [
        "refuse", "hang", "reset-after=4096", "stall-after=3", "status=503", "garbage", "slow-load=1.5", "remote-host",
        "truncate-after=0", "runner-dies-after=7", "redirect=http://10.0.0.1/x", "status=500@inference", "lose-slots",
    ])
    func `a fault reads what it writes`(text: String) throws {
        #expect(try Fault(parsing: text).description == text)
    }

    @Test func `a fault means what it says`() throws {
        #expect(try Fault(parsing: "reset-after=10") == Fault(.resetAfter(bytes: 10)))
        #expect(try Fault(parsing: "slow-load=0.25@all") == Fault(.slowLoad(.milliseconds(250))))
        #expect(try Fault(parsing: "hang@inference") == Fault(.hang, scope: .inference))
    }

    @Test(arguments: [
        ("rest-after=1", "unknown fault 'rest-after=1'; did you mean 'reset-after'?"),
        ("status", "fault 'status': expected a status from 400 to 599, found 'nothing'"),
        ("status=200", "fault 'status=200': expected a status from 400 to 599, found '200'"),
        ("hang=3", "fault 'hang=3' takes no value, found '3'"),
        ("stall-after=-1", "fault 'stall-after=-1': expected a whole number from 0, found '-1'"),
        ("slow-load=soon", "fault 'slow-load=soon': expected seconds from 0 to 86400, found 'soon'"),
        ("redirect=", "fault 'redirect=': expected a URL in printable ASCII without blanks, found ''"),
        ("refuse@inference", "fault 'refuse@inference' befalls the whole server: leave out '@inference'"),
        ("hang@probes", "fault 'hang@probes': after '@' stands 'inference' or 'all', not 'probes'"),
    ])
    func `what is no fault is told with a way out`(text: String, message: String) {
        let problem = #expect(throws: Fault.Problem.self) { try Fault(parsing: text) }
        #expect(problem?.description.hasPrefix(message) ?? false, "\(problem?.description ?? "nothing thrown")")
    }

    @Test func `an unknown fault lists every known one`() {
        let problem = #expect(throws: Fault.Problem.self) { try Fault(parsing: "zzzzzzzzzzz") }
        for entry in Fault.grammar { #expect(problem?.description.contains(entry) ?? false) }
    }
}
