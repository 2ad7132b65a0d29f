import Testing
import Vocabulary

@testable import Health

struct `Rounds of probes` {
    @Test func `from unknown one version and one list of models make a backend usable`() {
        var shell = Shell()
        shell.play(until: .ps)
        #expect(shell.probes() == [.version, .status, .tags, .ps])
        #expect(shell.health.usability == .usable)
        #expect(shell.changes == [UsabilityChange(from: .unknown, to: .usable, cause: "it answered")])
        #expect(!shell.health.hasBeenProbed, "the round has not ended")
        shell.play(for: .seconds(1))
        #expect(shell.health.hasBeenProbed)
    }

    @Test func `a list of models that fails leaves the backend unknown`() {
        var shell = Shell()
        shell.server.failing = [.tags]
        shell.play(for: .milliseconds(500))
        #expect(shell.probes() == [.version, .status, .tags])
        #expect(shell.health.usability == .unknown)
        #expect(shell.health.hasBeenProbed)
        #expect(shell.health.answeredAt != nil && !shell.health.hasBeenListed, "it has not said that it has none")
    }

    @Test func `three failed rounds in a row make a usable backend unusable, with the cause told`() {
        var shell = Shell()
        shell.play(for: .seconds(1))
        shell.server.failure = .upstreamConnectFailed
        shell.play(for: .seconds(9))  // One interval of at most 6 s, then one second between rounds.
        let detail = "GET /api/version: upstream_connect_failed"
        #expect(shell.health.usability == .unusable(.upstreamConnectFailed, detail: detail))
        #expect(shell.changes.last?.cause == "3 probe rounds in a row failed, the last at \(detail)")
    }

    @Test func `two failed rounds change nothing`() {
        var shell = Shell()
        shell.play(for: .seconds(1))
        let rounds = shell.roundStarts.count
        shell.server.failure = .upstreamConnectFailed
        while shell.roundStarts.count < rounds + 2 { shell.play(for: .milliseconds(100)) }
        shell.server.failure = nil
        shell.play(for: .seconds(30))
        #expect(shell.changes.count == 1)
    }

    @Test func `an unusable backend needs two rounds to come back`() {
        var shell = Shell(server: Server(failure: .upstreamConnectFailed))
        shell.play(for: .seconds(5))
        #expect(!shell.health.usability.isUsable)
        shell.server.failure = nil
        let start = shell.roundStarts.count
        while shell.roundStarts.count == start { shell.play(for: .milliseconds(10)) }
        shell.play(for: .milliseconds(500))
        #expect(!shell.health.usability.isUsable)
        shell.play(for: .milliseconds(1200))
        #expect(shell.health.usability == .usable)
        #expect(shell.changes.last?.cause == "2 probe rounds in a row succeeded")
    }

    @Test func `an answering process with a hanging list of models is not well`() {
        var shell = Shell()
        shell.play(for: .seconds(1))
        shell.server.failing = [.tags]
        shell.play(for: .seconds(60))
        #expect(shell.health.usability.reason == .upstreamError)
        #expect(shell.changes.count == 2, "the version answers between the failures must not count as recovery")
    }

    @Test func `a backend that accepts and never answers is found out within fifteen seconds`() {
        var shell = Shell()
        shell.play(for: .seconds(1))
        shell.server.latency = .seconds(60)
        shell.play(for: .seconds(15))
        #expect(shell.health.usability.reason == .upstreamFirstByteTimeout)
    }

    @Test func `every sequence of eight rounds agrees with counting by hand`() {
        for sequence in 0..<256 {
            var shell = Shell()
            shell.play(for: .milliseconds(100))
            var (isUsable, contrary) = (true, 0)
            for bit in 0..<8 {
                let succeeds = sequence >> bit & 1 == 1
                shell.server.failure = succeeds ? nil : .upstreamConnectFailed
                let rounds = shell.roundStarts.count
                while shell.roundStarts.count == rounds { shell.play(for: .milliseconds(100)) }
                shell.play(for: .milliseconds(100))
                contrary = succeeds == isUsable ? 0 : contrary + 1
                if contrary == (isUsable ? 3 : 2) { (isUsable, contrary) = (!isUsable, 0) }
                #expect(shell.health.usability.isUsable == isUsable, "sequence \(sequence), round \(bit)")
            }
        }
    }
}

struct `Intervals` {
    private func gaps(_ shell: Shell, since first: Int) -> [Duration] {
        let starts = Array(shell.roundStarts.dropFirst(first))
        return zip(starts.dropFirst(), starts).map { $0 - $1 }
    }

    @Test func `rounds come every five seconds, a fifth more or less, and never in step`() {
        var shell = Shell()
        shell.play(for: .seconds(600))
        let gaps = self.gaps(shell, since: 0)
        #expect(gaps.allSatisfy { $0 >= .seconds(4) && $0 <= .seconds(6) })
        #expect(Set(gaps).count > gaps.count / 2)
        let mean = gaps.reduce(.zero, +) / gaps.count
        #expect(mean > .milliseconds(4800) && mean < .milliseconds(5200))
    }

    @Test func `two backends with one seed ask alike, with two seeds not`() {
        func starts(_ seed: UInt64) -> [Instant] {
            var shell = Shell(seed: seed)
            shell.play(for: .seconds(60))
            return shell.roundStarts
        }
        #expect(starts(1) == starts(1))
        #expect(starts(1) != starts(2))
    }

    @Test func `while down every ten seconds, while changing every second`() {
        var shell = Shell(server: Server(failure: .upstreamConnectFailed))
        shell.play(for: .seconds(120))
        let gaps = self.gaps(shell, since: 0)
        #expect(gaps[..<2].allSatisfy { $0 >= .milliseconds(800) && $0 <= .milliseconds(1200) })
        #expect(gaps[3...].allSatisfy { $0 >= .seconds(8) && $0 <= .seconds(12) })
    }

    @Test func `models are listed every thirty seconds`() {
        var shell = Shell()
        shell.play(for: .seconds(600))
        let listings = shell.sent.filter { $0.probe == .tags }.map(\.at)
        let gaps = zip(listings.dropFirst(), listings).map { $0 - $1 }
        #expect(gaps.allSatisfy { $0 >= .seconds(24) && $0 <= .seconds(42) })  // 30 s +-20 %, then the next round.
    }

    @Test func `models are listed with the next round on demand, and soon`() {
        var shell = Shell()
        shell.play(for: .seconds(2))
        let sent = shell.sent.count
        shell.run(shell.health.refreshInventory(at: shell.now))
        shell.play(for: .milliseconds(100))
        #expect(shell.probes(since: sent) == [.version, .status, .tags, .ps])
    }

    @Test func `many demands make one round a second at most`() {
        var shell = Shell()
        shell.play(for: .seconds(2))
        let rounds = shell.roundStarts.count
        for _ in 0..<1000 {
            shell.run(shell.health.refreshInventory(at: shell.now))
            shell.play(for: .milliseconds(10))
        }
        #expect(shell.roundStarts.count - rounds <= 11)
    }

    @Test func `a new version and a failure both cause a listing`() {
        var shell = Shell()
        shell.play(for: .seconds(1))
        shell.server.version = OllamaVersion("0.34.0")
        var sent = shell.sent.count
        shell.play(for: .seconds(7))
        #expect(shell.probes(since: sent).prefix(4) == [.version, .status, .tags, .ps], "with the same round")
        shell.server.failing = [.ps]
        sent = shell.sent.count
        while !shell.probes(since: sent).contains(.ps) { shell.play(for: .milliseconds(10)) }
        shell.play(for: .milliseconds(50))
        shell.server.failing = []
        shell.play(for: .seconds(2))
        #expect(shell.probes(since: sent).contains(.tags))
    }
}

struct `Inventory from probes` {
    @Test func `each model is shown once, between rounds`() {
        var shell = Shell()
        shell.server.models = [model("a:latest", digest: "1"), model("b:latest", digest: "2")]
        shell.play(for: .seconds(120))
        #expect(shell.probes()[..<6] == [.version, .status, .tags, .ps, .show("a:latest"), .show("b:latest")])
        #expect(shell.probes().filter { $0 == .show("a:latest") }.count == 1)
        let known = shell.health.inventory.model("a:latest")
        #expect(known?.capabilities == ["completion", "tools"])
        #expect(known?.contextMax == Tokens(131_072))
        #expect(shell.health.inventory.model("c:latest") == nil)
    }

    @Test func `a new digest is shown again, and what was told of the old one is forgotten`() {
        var shell = Shell()
        shell.play(for: .seconds(1))
        shell.server.models = [model("llama3.2:latest", digest: "b")]
        shell.server.failing = [.show("llama3.2:latest")]
        shell.play(for: .seconds(45))
        #expect(shell.health.inventory.model("llama3.2:latest")?.capabilities == [])
        shell.server.failing = []
        shell.play(for: .seconds(45))
        #expect(shell.health.inventory.model("llama3.2:latest")?.capabilities == ["completion", "tools"])
    }

    @Test func `a model that cannot be shown says nothing about the backend, and is asked for with each listing`() {
        var shell = Shell()
        shell.server.failing = [.show("llama3.2:latest")]
        shell.play(for: .seconds(130))
        #expect(shell.health.usability == .usable)
        #expect((3...6).contains(shell.probes().filter { $0 == .show("llama3.2:latest") }.count))
    }

    @Test func `a remote model in the list is marked and not asked about`() {
        var shell = Shell()
        shell.server.models = [model("big:latest", digest: "1", remoteHost: "https://ollama.com:443")]
        shell.play(for: .seconds(60))
        #expect(shell.health.inventory.model("big:latest")?.isRemote == true)
        #expect(!shell.probes().contains(.show("big:latest")))
        #expect(
            shell.health.usability == .usable, "an alias in the list is refused by name; the server may serve others")
    }

    @Test func `a model that only its details show to be remote is marked`() {
        var shell = Shell()
        shell.server.shown = ShownModel(remoteModel: "gpt-oss:120b")
        shell.play(for: .seconds(1))
        #expect(shell.health.inventory.model("llama3.2:latest")?.isRemote == true)
    }

    @Test func `a model answered about after it has left the list is ignored`() {
        var shell = Shell()
        shell.play(until: .show("llama3.2:latest"))
        shell.server.models = []
        shell.play(for: .seconds(60))
        #expect(shell.health.inventory.models.isEmpty)
    }

    @Test func `the inventory stays while the backend is down`() {
        var shell = Shell()
        shell.play(for: .seconds(1))
        shell.server.failure = .upstreamConnectFailed
        shell.play(for: .seconds(60))
        #expect(shell.health.inventory.model("llama3.2:latest") != nil)
    }

    @Test func `a change is told once, an equal answer not at all`() {
        var shell = Shell()
        shell.play(for: .seconds(4))
        let before = shell.inventoryChanges
        shell.play(for: .seconds(60))
        #expect(shell.inventoryChanges == before)
        shell.server.loaded = [LoadedModel(name: "llama3.2:latest", size: Bytes(10), sizeVRAM: Bytes(10))]
        shell.play(for: .seconds(60))
        #expect(shell.inventoryChanges == before + 1)
        #expect(shell.health.inventory.loadedModel("llama3.2:latest") != nil)
    }

    @Test func `many slow details do not delay the rounds`() {
        var shell = Shell()
        shell.server.models = (0..<200).map { model(ModelName(rawValue: "m\($0):latest"), digest: "\($0)") }
        shell.server.latency = .milliseconds(1500)
        shell.play(for: .seconds(120))
        let starts = shell.roundStarts
        #expect(zip(starts.dropFirst(), starts).allSatisfy { $0 - $1 <= .seconds(8) })
        #expect(shell.changes.count == 1)
    }
}
