import Health
import Testing
import Vocabulary

struct `Readiness of a node` {
    private let start = Instant.zero + .seconds(50)
    private let well = Readiness.Facts(isListening: true, allProbed: true, backendsUsable: 2, backends: 2)

    private func after(_ time: Duration) -> Instant { self.start + time }

    @Test func `comes at once when the first probes end well`() {
        var readiness = Readiness(at: self.start)
        let starting = Readiness.Facts(isListening: true, backends: 2)
        #expect(readiness.update(starting, at: self.start) == [.wake(at: self.after(.seconds(30)))])
        #expect(readiness.startupAnswer.status == 503)
        #expect(
            readiness.update(self.well, at: self.after(.milliseconds(200))) == [
                .changed(from: .notReady, to: .ready, cause: "all checks pass")
            ])
        #expect(readiness.startupAnswer.status == 200)
        #expect(readiness.readyAnswer.status == 200)
    }

    @Test func `the start waits for the first probes for thirty seconds, and needs listeners`() {
        var readiness = Readiness(at: self.start)
        var facts = Readiness.Facts(isListening: true, backends: 1)
        _ = readiness.update(facts, at: self.after(.seconds(29)))
        #expect(!readiness.isStarted)
        _ = readiness.update(facts, at: self.after(.seconds(30)))
        #expect(readiness.isStarted)
        var other = Readiness(at: self.start)
        facts.isListening = false
        _ = other.update(facts, at: self.after(.seconds(60)))
        #expect(!other.isStarted)
    }

    @Test func `an answer stays for ten seconds before it may change back`() {
        var readiness = Readiness(at: self.start)
        _ = readiness.update(self.well, at: self.start)
        var down = self.well
        down.backendsUsable = 0
        #expect(readiness.update(down, at: self.after(.seconds(3))) == [.wake(at: self.after(.seconds(10)))])
        #expect(readiness.answer == .ready)
        #expect(
            readiness.update(down, at: self.after(.seconds(10))) == [
                .changed(from: .ready, to: .notReady, cause: "backends: 0 of 2 usable")
            ])
        #expect(readiness.update(self.well, at: self.after(.seconds(11))) == [.wake(at: self.after(.seconds(20)))])
        #expect(readiness.answer == .notReady)
    }

    @Test func `a backend that flaps every second changes the answer once in ten seconds at most`() {
        var readiness = Readiness(at: self.start)
        var changes = 0
        for second in 0..<600 {
            var facts = self.well
            facts.backendsUsable = second % 2
            for case .changed in readiness.update(facts, at: self.after(.seconds(second))) { changes += 1 }
        }
        #expect((10...60).contains(changes))
    }

    @Test func `draining and hard failures are told at once, and nothing ends a drain`() {
        var readiness = Readiness(at: self.start)
        _ = readiness.update(self.well, at: self.start)
        var unfit = self.well
        unfit.hardFailure = "no descriptors are left"
        #expect(
            readiness.update(unfit, at: self.after(.seconds(1))) == [
                .changed(from: .ready, to: .notReady, cause: "fit: no descriptors are left")
            ])
        var draining = self.well
        draining.isDraining = true
        #expect(
            readiness.update(draining, at: self.after(.seconds(2))) == [
                .changed(from: .notReady, to: .draining, cause: "serving: draining")
            ])
        #expect(readiness.update(self.well, at: self.after(.seconds(60))) == [])
        #expect(readiness.answer == .draining)
        #expect(readiness.readyAnswer.status == 503)
    }

    @Test(arguments: [true, false])
    func `nodes that share their backends stay ready without them`(areIndependent: Bool) {
        var readiness = Readiness(options: .init(backendsAreIndependent: areIndependent), at: self.start)
        var facts = self.well
        facts.backendsUsable = 0
        _ = readiness.update(facts, at: self.start)
        #expect((readiness.answer == .ready) == !areIndependent)
    }

    @Test func `every combination of facts is judged by its parts`() {
        for bits in 0..<32 {
            let facts = Readiness.Facts(
                isListening: bits & 1 != 0, allProbed: bits & 2 != 0, isDraining: bits & 4 != 0,
                backendsUsable: bits & 8 == 0 ? 0 : 1, backends: 1, hardFailure: bits & 16 == 0 ? "" : "x")
            var readiness = Readiness(at: self.start)
            _ = readiness.update(facts, at: self.start)
            let isReady = bits & 1 != 0 && bits & 2 != 0 && bits & 4 == 0 && bits & 8 != 0 && bits & 16 == 0
            #expect(readiness.answer == (bits & 4 != 0 ? .draining : isReady ? .ready : .notReady), "\(facts)")
            #expect((readiness.readyAnswer.status == 200) == isReady)
            #expect(readiness.verboseAnswer.status == readiness.readyAnswer.status)
        }
    }

    @Test func `one backend of several down is a degraded node, not an unready one`() {
        var readiness = Readiness(at: self.start)
        #expect(!readiness.isDegraded)
        var facts = self.well
        facts.backendsUsable = 1
        _ = readiness.update(facts, at: self.start)
        #expect(readiness.answer == .ready)
        #expect(readiness.isDegraded)
    }

    @Test func `a refused reload is told and changes no answer`() {
        var readiness = Readiness(at: self.start)
        var facts = self.well
        facts.refusedReload = "the reload at noon was refused"
        _ = readiness.update(facts, at: self.start)
        #expect(readiness.readyAnswer.status == 200 && !readiness.isDegraded)
        #expect(readiness.verboseAnswer.body.contains("[-]configuration the reload at noon was refused\n"))
        let check = HealthDocument(readiness, backends: []).checks.first { $0.componentID == "configuration" }
        #expect(check?.status == .warn)
        #expect(HealthDocument(readiness, backends: []).status == .warn)
    }

    @Test func `bodies are constant and searchable`() {
        var readiness = Readiness(at: self.start)
        #expect(readiness.readyAnswer.body == "gatehouse=notready\n")
        #expect(
            readiness.verboseAnswer.body == """
                [-]started not listening yet
                [+]serving
                [+]fit
                [-]backends 0 of 0 usable
                [+]configuration
                gatehouse=notready

                """)
        _ = readiness.update(self.well, at: self.start)
        #expect(readiness.readyAnswer.body == "gatehouse=ready\n")
        #expect(
            readiness.verboseAnswer.body
                == "[+]started\n[+]serving\n[+]fit\n[+]backends\n[+]configuration\ngatehouse=ready\n")
        var draining = self.well
        draining.isDraining = true
        _ = readiness.update(draining, at: self.start)
        #expect(readiness.readyAnswer.body == "gatehouse=draining\n")
    }
}

struct `Liveness and models` {
    @Test func `a loop that has not turned for five seconds is not alive`() {
        let turn = Instant.zero + .seconds(9)
        #expect(Liveness.answer(lastTurn: turn, at: turn + .seconds(5)).status == 200)
        #expect(Liveness.answer(lastTurn: turn, at: turn + .seconds(5)).body == "ok\n")
        #expect(Liveness.answer(lastTurn: turn, at: turn + .milliseconds(5001)).status == 503)
    }

    @Test func `a model is ready where a usable backend has it`() {
        var up = Shell()
        up.play(for: .seconds(1))
        var down = Shell()
        down.server.models = [model("other:latest", digest: "o"), model("far:latest", digest: "f", remoteHost: "h")]
        down.play(for: .seconds(1))
        down.server.failure = .upstreamConnectFailed
        down.play(for: .seconds(30))
        let backends = [down.health, up.health]
        #expect(ModelReadiness(of: "llama3.2:latest", in: backends) == .ready)
        #expect(ModelReadiness(of: "other:latest", in: backends) == .notReady)
        #expect(ModelReadiness(of: "far:latest", in: backends) == .unknown)
        #expect(ModelReadiness(of: "none:latest", in: backends) == .unknown)
        #expect(ModelReadiness.allCases.map(\.answer.status) == [200, 503, 404])
        #expect(
            ModelReadiness.allCases.map(\.answer.body) == ["model=ready\n", "model=notready\n", "model=unknown\n"])
    }

    @Test func `the health document tells the worst of what was looked at`() {
        var up = Shell()
        up.play(for: .seconds(1))
        let unknown = Shell()
        var readiness = Readiness(at: .zero)
        #expect(HealthDocument(readiness, backends: [up.health]).status == .fail)
        let facts = Readiness.Facts(isListening: true, allProbed: true, backendsUsable: 1, backends: 1)
        _ = readiness.update(facts, at: .zero)
        #expect(HealthDocument(readiness, backends: [up.health]).status == .pass)
        let document = HealthDocument(readiness, backends: [up.health, unknown.health])
        #expect(document.status == .warn)
        #expect(document.status.httpStatus == 200)
        #expect(
            document.checks.last
                == HealthDocument.Check(
                    key: "backend:usability", componentID: "gpu1", observedValue: "unknown", status: .warn,
                    output: "unknown"))
        let storage = HealthDocument.Check(
            key: "storage:usage", componentID: "usage", observedValue: "failing", status: .warn)
        #expect(HealthDocument(readiness, backends: [up.health], others: [storage]).status == .warn)
        #expect(HealthDocument.Status.fail.httpStatus == 503)
    }
}

struct `Weight of a node` {
    @Test func `is zero when the node is not ready, and at least five when it is`() {
        var weight = Weight()
        #expect(weight.update(isReady: false, climbs: false, slotsFree: 4, slots: 4, at: .zero) == 0)
        #expect(weight.update(isReady: true, climbs: false, slotsFree: 0, slots: 4, at: .zero) == 5)
        var other = Weight()
        #expect(other.update(isReady: true, climbs: false, slotsFree: 4, slots: 4, at: .zero) == 100)
        #expect(other.update(isReady: false, climbs: false, slotsFree: 4, slots: 4, at: .zero) == 0)
    }

    @Test func `moves twenty points in two seconds at most, in steps of five`() {
        var weight = Weight()
        _ = weight.update(isReady: true, climbs: false, slotsFree: 8, slots: 8, at: .zero)
        var told: [Int] = []
        for second in 1...10 {
            told.append(
                weight.update(
                    isReady: true, climbs: false, slotsFree: 3, slots: 8, at: .zero + .seconds(second)))
        }
        #expect(told == [100, 80, 80, 60, 60, 40, 40, 35, 35, 35])
    }

    @Test func `climbs for a minute after a recovery`() {
        var weight = Weight()
        var told: [Int] = []
        for second in stride(from: 0, through: 60, by: 10) {
            told.append(
                weight.update(
                    isReady: true, climbs: true, slotsFree: 8, slots: 8, at: .zero + .seconds(second)))
        }
        #expect(told == [10, 25, 40, 55, 70, 85, 100])
    }
}
