import Testing
import Vocabulary

@testable import Health

struct `Freshness` {
    @Test func `without any answer for three intervals nothing is known`() {
        var shell = Shell()
        shell.play(for: .seconds(1))
        shell.play(for: .seconds(30), isDeaf: true)
        #expect(shell.health.usability == .unknown)
        #expect(shell.changes.last?.cause == "no probe and no request was answered for 15 s")
    }

    @Test func `answered requests keep a backend known`() {
        var shell = Shell()
        shell.play(for: .seconds(1))
        for _ in 0..<10 {
            shell.play(for: .seconds(10), isDeaf: true)
            shell.run(shell.health.trafficSucceeded(at: shell.now))
        }
        #expect(shell.health.usability == .usable)
        #expect(shell.changes.count == 1)
    }

    @Test func `a request answered late makes a forgotten backend usable again`() {
        var shell = Shell()
        shell.play(for: .seconds(1))
        shell.play(for: .seconds(30), isDeaf: true)
        shell.run(shell.health.trafficSucceeded(at: shell.now))
        #expect(shell.health.usability == .usable)
        #expect(shell.changes.last?.cause == "a request was answered")
    }

    @Test func `requests alone never make an unknown backend usable`() {
        var shell = Shell()
        shell.play(until: .version)
        shell.run(shell.health.trafficSucceeded(at: shell.now))
        #expect(shell.health.usability == .unknown)
    }
}

struct `Requests as evidence` {
    static let connectReasons: [Reason] = [.upstreamConnectFailed, .upstreamConnectTimeout, .dnsNoAnswer]

    @Test(arguments: connectReasons)
    func `requests that cannot connect bring the next round forward`(reason: Reason) {
        var shell = Shell()
        shell.play(for: .seconds(2))
        let sent = shell.sent.count
        shell.run(shell.health.trafficFailed(reason, at: shell.now))
        shell.play(for: .milliseconds(100))
        #expect(shell.sent.count > sent)
    }

    @Test(arguments: Reason.allCases)
    func `no number of failed requests makes a backend unusable, which is for its breaker to say`(reason: Reason) {
        var shell = Shell()
        shell.play(for: .milliseconds(100))
        for _ in 0..<100 { shell.run(shell.health.trafficFailed(reason, at: shell.now)) }
        #expect(shell.health.usability == .usable)
    }

    @Test func `a missing model brings a listing`() {
        var shell = Shell()
        shell.play(for: .seconds(2))
        let sent = shell.sent.count
        shell.run(shell.health.trafficFailed(.modelUnavailable, at: shell.now))
        shell.play(for: .milliseconds(100))
        #expect(shell.probes(since: sent).contains(.tags))
    }

    @Test func `a busy backend is not asked more often`() {
        var shell = Shell()
        shell.play(for: .seconds(2))
        #expect(shell.health.trafficFailed(.upstreamBusy, at: shell.now) == [])
    }
}

struct `Cloud and quarantine` {
    private let strict = BackendHealth.Options(requireCloudOff: true)

    @Test(arguments: CloudState.allCases, [false, true])
    func `a cloud that is not off counts only where it is demanded`(cloud: CloudState, isRequired: Bool) {
        var shell = Shell(.init(requireCloudOff: isRequired), server: Server(cloud: cloud))
        shell.play(for: .seconds(1))
        #expect(shell.health.usability.isUsable == (cloud == .off || cloud == .absent || !isRequired))
        #expect(shell.health.usability.reason == (shell.health.usability.isUsable ? nil : .cloudNotOff))
    }

    @Test func `a cloud that is turned on makes the backend unusable with the next round, turned off usable`() {
        var shell = Shell(self.strict)
        shell.play(for: .seconds(1))
        shell.server.cloud = .on
        shell.play(for: .seconds(7))
        let detail = "/api/status says that its cloud is on"
        #expect(shell.health.usability == .unusable(.cloudNotOff, detail: detail))
        shell.server.cloud = .off
        shell.play(for: .seconds(7))
        #expect(shell.health.usability == .usable)
    }

    @Test func `after a refused connection what the old process said of its cloud no longer counts`() {
        var shell = Shell(self.strict)
        shell.play(for: .seconds(1))
        #expect(!shell.health.inventory.needsLocalSuffix)
        shell.run(shell.health.trafficFailed(.upstreamConnectFailed, at: shell.now))
        #expect(shell.health.usability.reason == .cloudNotOff)
        #expect(shell.health.inventory.needsLocalSuffix)
        shell.play(for: .seconds(2))
        #expect(shell.health.usability == .usable)
    }

    @Test func `quarantine survives any number of good probes and requests`() {
        var shell = Shell()
        shell.play(for: .seconds(1))
        shell.run(shell.health.remoteModelSeen("the answer to r1 names remote_host ollama.com", at: shell.now))
        shell.run(shell.health.remoteModelSeen("the answer to r2 names remote_host ollama.com", at: shell.now))
        shell.play(for: .seconds(600))
        shell.run(shell.health.trafficSucceeded(at: shell.now))
        let detail = "the answer to r1 names remote_host ollama.com"
        #expect(shell.health.usability == .quarantined(detail: detail))
        #expect(shell.health.usability.reason == .backendQuarantined)
        #expect(shell.changes.count == 2)
    }

    @Test func `quarantine survives a fall, a recovery and a reload`() {
        var shell = Shell()
        shell.play(for: .seconds(1))
        shell.run(shell.health.remoteModelSeen("seen", at: shell.now))
        shell.server.failure = .upstreamConnectFailed
        shell.play(for: .seconds(60))
        shell.server.failure = nil
        shell.play(for: .seconds(60))
        shell.run(shell.health.optionsChanged(self.strict, at: shell.now))
        shell.play(for: .seconds(60))
        #expect(shell.health.usability == .quarantined(detail: "seen"))
    }

    @Test func `an operator's release begins from unknown, and one round makes it usable`() {
        var shell = Shell()
        shell.play(for: .seconds(2))
        shell.run(shell.health.remoteModelSeen("seen", at: shell.now))
        shell.run(shell.health.releaseQuarantine(at: shell.now))
        #expect(shell.health.usability == .unknown)
        shell.play(for: .milliseconds(100))
        #expect(shell.health.usability == .usable)
        #expect(shell.health.releaseQuarantine(at: shell.now) == [], "there is nothing to release twice")
    }

    @Test func `options of a reload count at once`() {
        var shell = Shell(server: Server(cloud: .on))
        shell.play(for: .seconds(1))
        #expect(shell.health.usability == .usable)
        shell.run(shell.health.optionsChanged(self.strict, at: shell.now))
        #expect(shell.health.usability.reason == .cloudNotOff)
        #expect(shell.changes.last?.cause == "the configuration was reloaded")
    }
}

struct `Strange order` {
    @Test func `an answer to a question that is not in flight is ignored`() {
        var shell = Shell()
        shell.play(until: .status)
        #expect(shell.health.probeSucceeded(.version(nil), at: shell.now) == [])
        #expect(shell.health.probeFailed(.tags, .upstreamError, detail: "late", at: shell.now) == [])
        shell.play(for: .seconds(1))
        #expect(shell.health.usability == .usable)
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `no order of events breaks the machine`(seed: UInt64) {
        var shell = Shell(.init(requireCloudOff: seed % 2 == 0), seed: seed)
        var chance = SeededGenerator(seed: seed)
        shell.play(for: .zero)
        for _ in 0..<400 {
            switch Int.random(in: 0..<12, using: &chance) {
            case 0: shell.server.failure = Bool.random(using: &chance) ? .upstreamConnectFailed : nil
            case 1: shell.server.failing = Bool.random(using: &chance) ? [.tags] : []
            case 2: shell.server.latency = .milliseconds(Int.random(in: 1...4000, using: &chance))
            case 3: shell.server.cloud = CloudState.allCases.randomElement(using: &chance) ?? .off
            case 4: shell.run(shell.health.trafficFailed(.upstreamConnectFailed, at: shell.now))
            case 5: shell.run(shell.health.trafficSucceeded(at: shell.now))
            case 6: shell.run(shell.health.refreshInventory(at: shell.now))
            case 7 where seed % 5 == 0: shell.run(shell.health.remoteModelSeen("seen", at: shell.now))
            case 8: shell.run(shell.health.releaseQuarantine(at: shell.now))
            default: shell.play(for: .milliseconds(Int.random(in: 1...5000, using: &chance)))
            }
        }
        // Whatever happened, a server that is well again is found to be well.
        shell.server = Server()
        shell.run(shell.health.releaseQuarantine(at: shell.now))
        shell.play(for: .seconds(60))
        #expect(shell.health.usability == .usable, "seed \(seed)")
    }
}
