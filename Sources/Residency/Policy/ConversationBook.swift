import Vocabulary

/// Names one conversation of one caller within this process: 64 bits of a hash that is keyed anew with each start, so that
/// nobody outside can make two names fall together. Two that do nevertheless share the higher sensitivity, which is never
/// to their advantage; among `Bounds.conversations` that has a chance of 1 in 3,000,000,000.
///
/// It is made for each request, hence no SHA-256, which takes three times as long.
public struct ConversationID: Hashable, Sendable {
    /// Of a longer name the beginning and the end count, this many bytes of each, and its length: opening turns may be
    /// whole documents.
    static let endBytes = 512

    private let value: Int

    /// The conversation that `caller` calls `name`. Conversations belong to the key; without one, to the project.
    public init(_ name: ArraySlice<UInt8>, of caller: PolicyCaller) {
        var hasher = Hasher()
        hasher.combine(caller.key)
        if caller.key == nil { hasher.combine(caller.project) }
        hasher.combine(name.count)
        name.prefix(Self.endBytes).withUnsafeBytes { hasher.combine(bytes: $0) }
        name.dropFirst(Self.endBytes).suffix(Self.endBytes).withUnsafeBytes { hasher.combine(bytes: $0) }
        self.value = hasher.finalize()
    }

    /// The same for a name as text.
    public init(_ name: String, of caller: PolicyCaller) {
        self.init(Array(name.utf8)[...], of: caller)
    }
}

/// Remembers how sensitive each conversation was at its most sensitive turn, since later turns carry the earlier ones
/// with them (L22 of `residency.md` A6).
///
/// Bounded: at most `Bounds.conversations`, none longer than `Bounds.conversationMemory` after its last turn. When it is
/// full the one goes that was silent longest. What is public is not remembered: it raises nothing.
public struct ConversationBook: Sendable {
    private struct Entry: Sendable {
        var id: ConversationID
        var sensitivity: Sensitivity
        var usedAt: Instant
        /// Its neighbours by time of use; `nil` at the ends.
        var older: Int?
        var newer: Int?
    }

    private let countMax: Int
    private var places: [ConversationID: Int] = [:]
    private var entries: [Entry] = []
    private var free: [Int] = []
    private var oldest: Int?
    private var newest: Int?

    /// An empty book.
    public init(countMax: Int = Bounds.conversations) {
        precondition(countMax > 0, "a book needs room for one conversation")
        self.countMax = countMax
    }

    /// The conversations that are remembered.
    public var count: Int { self.places.count }

    /// Takes a turn of a conversation, and returns the highest sensitivity that it has had.
    public mutating func note(_ id: ConversationID, _ sensitivity: Sensitivity, at now: Instant) -> Sensitivity {
        self.forget(before: now - Bounds.conversationMemory)
        if let place = self.places[id] {
            self.entries[place].sensitivity = max(self.entries[place].sensitivity, sensitivity)
            self.entries[place].usedAt = now
            self.unlink(place)
            self.append(place)
            return self.entries[place].sensitivity
        }
        guard sensitivity > .public else { return sensitivity }
        if self.places.count >= self.countMax, let oldest = self.oldest { self.remove(oldest) }
        self.insert(Entry(id: id, sensitivity: sensitivity, usedAt: now))
        return sensitivity
    }

    private mutating func forget(before end: Instant) {
        while let oldest = self.oldest, self.entries[oldest].usedAt < end { self.remove(oldest) }
    }

    private mutating func insert(_ entry: Entry) {
        let place: Int
        if let free = self.free.popLast() {
            place = free
            self.entries[place] = entry
        } else {
            place = self.entries.count
            self.entries.append(entry)
        }
        self.places[entry.id] = place
        self.append(place)
    }

    private mutating func remove(_ place: Int) {
        self.unlink(place)
        self.places[self.entries[place].id] = nil
        self.free.append(place)
    }

    /// Puts an entry that is in no list at the newest end.
    private mutating func append(_ place: Int) {
        self.entries[place].older = self.newest
        self.entries[place].newer = nil
        if let newest = self.newest { self.entries[newest].newer = place } else { self.oldest = place }
        self.newest = place
    }

    private mutating func unlink(_ place: Int) {
        let (older, newer) = (self.entries[place].older, self.entries[place].newer)
        if let older { self.entries[older].newer = newer } else { self.oldest = newer }
        if let newer { self.entries[newer].older = older } else { self.newest = older }
    }
}
