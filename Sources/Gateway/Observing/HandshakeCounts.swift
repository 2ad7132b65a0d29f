import TLS

/// How the TLS handshakes of clients have ended so far.
struct HandshakeCounts {
    /// How one ends.
    enum Outcome: String, CaseIterable {
        /// Certificates and keys were exchanged.
        case full
        /// The client came back with a session of an earlier connection.
        case resumed
        /// Nothing was agreed on.
        case failed
    }

    private var numbers: [Outcome: Int] = [:]

    /// Each outcome, those that have not happened too.
    var counts: [(Outcome, Int)] { Outcome.allCases.map { ($0, self.numbers[$0] ?? 0) } }

    mutating func count(_ result: Result<TLSHandshake, TLSProblem>) {
        switch result {
        case .success(let handshake): self.numbers[handshake.isResumed ? .resumed : .full, default: 0] += 1
        case .failure: self.numbers[.failed, default: 0] += 1
        }
    }
}
