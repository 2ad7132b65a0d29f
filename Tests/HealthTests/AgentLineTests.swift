import Health
import Testing

struct `The line for HAProxy's agent check` {
    @Test func `says all four things in each state`() {
        func line(_ answer: Readiness.Answer) -> String {
            AgentLine(answer, weight: 75, places: 24, balancers: 1).text
        }
        #expect(line(.ready) == "up ready 75% maxconn:24\n")
        #expect(line(.draining) == "up drain 0% maxconn:24\n")
        #expect(line(.notReady) == "down ready 0% maxconn:24 #not ready\n")
    }

    @Test(arguments: [(24, 2, 12), (3, 2, 1), (0, 1, 1), (1, 64, 1), (100, 0, 100)])
    func `shares the places among balancers, and never says that there is no limit`(
        places: Int, balancers: Int, told: Int
    ) {
        #expect(AgentLine(.ready, weight: 5, places: places, balancers: balancers).connectionsMax == told)
    }
}
