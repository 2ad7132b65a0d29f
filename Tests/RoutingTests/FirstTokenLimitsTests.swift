import Testing
import Vocabulary

@testable import Routing

@Suite struct FirstTokenLimitsTests {
    private let limits = FirstTokenLimits()
    private let loaded = Seat(request: id(1), backend: "gpu1", model: "a:latest", isLoaded: true)
    private let cold = Seat(request: id(1), backend: "gpu1", model: "a:latest")
    private let outside = Seat(request: id(1), backend: "provider", model: "m", isExternal: true)

    /// Seconds after the beginning.
    private func look(_ seat: Seat, prompt: Int = 0, loaded: Double? = nil, at now: Double = 0) -> Double? {
        self.limits.nextLook(
            seat, promptTokens: Tokens(prompt), began: start, loadedSince: loaded.map { start + .seconds($0) },
            now: start + .seconds(now)
        ).map { ($0 - start).inSeconds }
    }

    @Test func `a model in memory has the warm limit, and a second for each 1,000 tokens`() {
        #expect(self.look(self.loaded) == 15 && self.look(self.loaded, prompt: 4_000) == 19)
        #expect(self.look(self.loaded, at: 14) == 15 && self.look(self.loaded, at: 15) == nil)
    }

    @Test func `a backend outside has its own limit`() {
        #expect(self.look(self.outside) == 30 && self.look(self.outside, prompt: 9_000, at: 30) == nil)
    }

    @Test func `a model that is being loaded is looked at again and again, until the cold limit`() {
        var looks: [Double] = []
        var now = 0.0
        while let next = self.look(self.cold, at: now) { (now, looks) = (next, looks + [next]) }
        #expect(looks == [15, 30, 45, 60, 75, 90, 105, 120])
        #expect(self.look(self.cold, prompt: 30_000, at: 90) == 120)
    }

    @Test func `once it is loaded the warm limit counts from there`() {
        #expect(self.look(self.cold, loaded: 10, at: 15) == 25 && self.look(self.cold, loaded: 10, at: 25) == nil)
        #expect(self.look(self.cold, loaded: 119, at: 120) == 134, "also behind the cold limit")
        #expect(self.look(self.cold, prompt: 200_000, loaded: 100, at: 120) == 300, "and 300 s is the end")
    }

    @Test func `a load that was over before the request came is not its own`() {
        #expect(self.look(self.cold, loaded: -1, at: 15) == 30)
    }

    @Test func `what is known at the beginning is what slowness is measured by`() {
        #expect(self.limits.due(self.cold, promptTokens: Tokens(0), began: start) == start + .seconds(120))
        #expect(self.limits.due(self.loaded, promptTokens: Tokens(1_000), began: start) == start + .seconds(16))
    }
}
