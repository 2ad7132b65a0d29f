import Vocabulary

/// The requests that wait for a seat with one model: first come, first served, interactive ones before batch ones.
///
/// So that batch work is not starved, one of it goes first after `interactiveInARowMax` interactive requests were
/// seated past it.
struct ModelQueue: Sendable {
    struct Place: Equatable, Sendable {
        let request: RequestID
        let arrivedAt: Instant
    }

    static let interactiveInARowMax = 8

    private(set) var interactive: [Place] = []
    private(set) var batch: [Place] = []
    private var interactiveInARow = 0

    var count: Int { self.interactive.count + self.batch.count }
    var isEmpty: Bool { self.interactive.isEmpty && self.batch.isEmpty }

    /// All that wait, in the order in which they are to be seated.
    var inOrder: [RequestID] {
        let batchFirst = self.interactiveInARow >= Self.interactiveInARowMax
        let order = batchFirst ? self.batch + self.interactive : self.interactive + self.batch
        return order.map(\.request)
    }

    /// Adds a request by the time of its first arrival: one that comes back after a failed attempt has its old turn.
    mutating func add(_ request: RequestID, arrivedAt: Instant, priority: RequestPriority) {
        let place = Place(request: request, arrivedAt: arrivedAt)
        switch priority {
        case .interactive: Self.insert(place, into: &self.interactive)
        case .batch: Self.insert(place, into: &self.batch)
        }
    }

    private static func insert(_ place: Place, into places: inout [Place]) {
        let index = places.lastIndex { $0.arrivedAt <= place.arrivedAt }.map { $0 + 1 } ?? 0
        places.insert(place, at: index)
    }

    /// Takes a request out because it has a seat now.
    mutating func seated(_ request: RequestID) {
        let wasInteractive = self.interactive.contains { $0.request == request }
        self.remove(request)
        self.interactiveInARow = wasInteractive && !self.batch.isEmpty ? self.interactiveInARow + 1 : 0
    }

    /// Takes a request out for another reason.
    mutating func remove(_ request: RequestID) {
        self.interactive.removeAll { $0.request == request }
        self.batch.removeAll { $0.request == request }
    }

    /// The position from 1, counting all that are seated before; `nil` if it does not wait here.
    func position(of request: RequestID) -> Int? {
        self.inOrder.firstIndex(of: request).map { $0 + 1 }
    }
}
