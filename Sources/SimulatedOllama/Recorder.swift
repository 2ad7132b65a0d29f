import HTTPServer
import Vocabulary

extension SimulatedOllama {
    /// How often what has happened.
    public struct Counters: Sendable {
        /// Requests of all kinds, those below `/__simulated/` left out.
        public internal(set) var requests = 0
        /// Requests that came with a body.
        public internal(set) var bodies = 0
        /// Requests that made a model work.
        public internal(set) var inferences = 0
        /// Requests for paths that change the host or reach outside.
        public internal(set) var forbiddenCalls = 0
        /// Tokens sent.
        public internal(set) var tokens = 0
        /// Answers under way.
        public internal(set) var answering = 0
        /// Clients that left before their answer was complete.
        public internal(set) var clientsGone = 0
        /// Models loaded.
        public internal(set) var loads = 0
        /// Of these, because a request asked for other load-time options.
        public internal(set) var reloads = 0
        /// Models put out to make room.
        public internal(set) var evictions = 0
        /// Models whose keep-alive ran out.
        public internal(set) var expiries = 0
        /// Requests refused because the queue for loads was full.
        public internal(set) var refusals = 0
    }

    /// A request as it came.
    public struct SeenRequest: Sendable {
        /// The method.
        public let method: String
        /// The target, still percent-encoded, with its query.
        public let target: String
        /// Every header line in order.
        public let headers: [(name: String, value: String)]
        /// The body; empty if it is longer than 64 KiB.
        public let body: [UInt8]
    }

    /// What a real server would have sent outside.
    public struct Departure: Sendable, Equatable {
        /// Where to.
        public let host: String
        /// On which path.
        public let path: String
        /// The model asked for there; empty where there is none.
        public let model: String
        /// What would have gone out, the first 64 KiB of it.
        public let body: [UInt8]
    }

    /// How often what has happened.
    public var counters: Counters {
        var counters = self.recorder.counters
        let scheduled = self.scheduler.counters
        counters.loads = scheduled.loads
        counters.reloads = scheduled.reloads
        counters.evictions = scheduled.evictions
        counters.expiries = scheduled.expiries
        counters.refusals = scheduled.refusals
        return counters
    }

    /// The latest requests, oldest first.
    public var requests: [SeenRequest] { self.recorder.requests }

    /// Everything that would have left, oldest first, up to `departuresMax`.
    public var departures: [Departure] { self.recorder.departures }

    /// The calls that change the host or reach outside, oldest first: `pull`, `create` and so on.
    public var forbiddenCalls: [String] { self.recorder.forbidden }

    /// Departures and forbidden calls remembered; later ones are only counted.
    public nonisolated static let departuresMax = 1000
}

/// Remembers what was seen, at next to no cost: heads and bodies are kept as they came until somebody asks.
struct Recorder {
    /// Longer bodies are not kept.
    static let bodyMax = 64 << 10

    private let requestsMax: Int
    private var ring: [(head: RequestHead, body: [UInt8])] = []
    private var next = 0
    var counters = SimulatedOllama.Counters()
    private(set) var departures: [SimulatedOllama.Departure] = []
    private(set) var forbidden: [String] = []

    init(requestsMax: Int) {
        self.requestsMax = requestsMax
    }

    mutating func saw(_ head: RequestHead, body: [UInt8]) {
        self.counters.requests += 1
        if !body.isEmpty { self.counters.bodies += 1 }
        guard self.requestsMax > 0 else { return }
        let kept = (head, body.count <= Self.bodyMax ? body : [])
        if self.ring.count < self.requestsMax {
            self.ring.append(kept)
        } else {
            self.ring[self.next] = kept
        }
        self.next = (self.next + 1) % self.requestsMax
    }

    mutating func wouldHaveLeft(to host: String, path: String, model: String, body: [UInt8]) {
        guard self.departures.count < SimulatedOllama.departuresMax else { return }
        self.departures.append(
            .init(host: host, path: path, model: model, body: Array(body.prefix(Self.bodyMax))))
    }

    mutating func calledForbidden(_ name: String) {
        self.counters.forbiddenCalls += 1
        if self.forbidden.count < SimulatedOllama.departuresMax { self.forbidden.append(name) }
    }

    var requests: [SimulatedOllama.SeenRequest] {
        let ordered =
            self.ring.count < self.requestsMax ? self.ring : Array(self.ring[self.next...] + self.ring[..<self.next])
        return ordered.map { kept in
            .init(
                method: String(decoding: kept.head.method, as: UTF8.self),
                target: String(decoding: kept.head.target, as: UTF8.self),
                headers: kept.head.headers.map {
                    (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self))
                },
                body: kept.body)
        }
    }
}
