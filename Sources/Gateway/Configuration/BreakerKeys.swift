import Configuration
import Health
import Residency
import Vocabulary

/// `breaker`: when breakers open and close, for every backend, and again in one of `backends`.
struct BreakerKeys: Sendable {
    private var failures: Int
    /// What the operator wrote; else it is the zone's.
    private var openFor: Duration?
    private var trials: Int

    /// `failures` in a row that open, `open_for` the first time, `trials` in a row that close. What is not there is as
    /// `outer` has it, or by default.
    init(reading section: inout Section, within outer: BreakerKeys? = nil) {
        let standard = Breaker.Options()
        self.failures = section.int("failures", default: outer?.failures ?? standard.failures, in: 1...1000)
        self.openFor =
            section.readIfPresent("open_for") { $0.duration(in: .seconds(1) ... .seconds(3_600)) } ?? outer?.openFor
        self.trials = section.int("trials", default: outer?.trials ?? standard.trials, in: 1...100)
    }

    /// The same for a backend in a zone.
    func options(in zone: ZoneName) -> Breaker.Options {
        let standard: Breaker.Options =
            switch zone {
            case .loopback: .loopback
            case .external: .external
            default: Breaker.Options()
            }
        return Breaker.Options(
            failures: self.failures, openFor: self.openFor ?? standard.openFor, trials: self.trials)
    }
}
