import Vocabulary

/// Names one conversation of one caller within this process, by 64 bits of a hash. Two that fall together share the
/// higher sensitivity, which is never to the advantage of whoever made them; by chance, that happens once in
/// 3,000,000,000 books of `Bounds.conversations`. Nobody can make one fall together with that of another key: the hash
/// over both is keyed anew with each start.
///
/// It is made for each request, hence no SHA-256, which costs a microsecond more.
public struct ConversationID: Hashable, Sendable {
    /// Of a longer name the beginning and the end count, this many bytes of each, and its length: opening turns may be
    /// whole documents.
    static let endBytes = 4096

    private let value: Int

    /// The conversation that `caller` calls `name`. Conversations belong to the key; without one, to the project.
    public init(_ name: ArraySlice<UInt8>, of caller: PolicyCaller) {
        var hasher = Hasher()
        hasher.combine(caller.key)
        if caller.key == nil { hasher.combine(caller.project) }
        hasher.combine(name.count)
        hasher.combine(Self.folded(name.prefix(Self.endBytes)))
        if name.count > Self.endBytes {
            hasher.combine(Self.folded(name.dropFirst(Self.endBytes).suffix(Self.endBytes)))
        }
        self.value = hasher.finalize()
    }

    /// The same for a name as text.
    public init(_ name: String, of caller: PolicyCaller) {
        self.init(Array(name.utf8)[...], of: caller)
    }

    /// Eight bytes at a time, each multiplied into what there was, the two halves of the product put together.
    private static func folded(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.withUnsafeBytes { bytes in
            var state: UInt64 = 0x9E37_79B9_7F4A_7C15  // Of the golden ratio; any odd number does, as the next one.
            func take(_ word: UInt64) {
                let product = (state ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
                state = product.high ^ product.low
            }
            var at = 0
            while at + 8 <= bytes.count {
                take(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
                at += 8
            }
            take(bytes[at...].reduce(0) { $0 << 8 | UInt64($1) })
            return state
        }
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
