/// Ends a text before the first stop sequence, also when tokens cut it in two. What could be the beginning of one is
/// held back until it is clear.
struct StopFilter {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []

    init(_ stops: [[UInt8]]) {
        self.stops = stops.filter { !$0.isEmpty }
    }

    var isEmpty: Bool { self.stops.isEmpty }

    /// Replaces `token` by what may be shown now; true if a stop sequence has been reached.
    mutating func pass(_ token: inout [UInt8]) -> Bool {
        self.held += token
        token.removeAll(keepingCapacity: true)
        if let end = self.stops.compactMap({ Self.firstIndex(of: $0, in: self.held) }).min() {
            token += self.held[..<end]
            self.held = []
            return true
        }
        let kept = self.stops.map { Self.overlap(of: self.held, with: $0) }.max() ?? 0
        token += self.held.dropLast(kept)
        self.held = Array(self.held.suffix(kept))
        return false
    }

    /// What was held back for nothing, at the end of the text.
    mutating func flush(into token: inout [UInt8]) {
        token += self.held
        self.held = []
    }

    private static func firstIndex(of stop: [UInt8], in text: [UInt8]) -> Int? {
        guard stop.count <= text.count else { return nil }
        return (0...text.count - stop.count).first { text[$0..<$0 + stop.count].elementsEqual(stop) }
    }

    /// The longest end of `text` that is a beginning of `stop`.
    private static func overlap(of text: [UInt8], with stop: [UInt8]) -> Int {
        let longest = min(text.count, stop.count - 1)
        guard longest > 0 else { return 0 }
        return (1...longest).reversed().first { text.suffix($0).elementsEqual(stop.prefix($0)) } ?? 0
    }
}
