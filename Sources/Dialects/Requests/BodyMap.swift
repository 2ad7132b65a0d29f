/// One member of an object or one element of an array, with what is needed to cut it out.
struct Item: Sendable {
    /// Its position among its siblings, from 0.
    let index: Int
    /// From behind the `{`, `[` or comma before it to the comma or bracket behind it, white space included.
    let segment: Range<Int>
    /// Between the quotes of the key; empty for elements.
    let key: Range<Int>
    /// The value's bytes.
    let value: Range<Int>
}

/// An object or array within a text, taken apart one level deep.
struct Container: Sendable {
    /// The members or elements, in order.
    let items: [Item]
    /// The index of the closing brace or bracket.
    let close: Int

    /// Takes apart `text`, a checked object or array; `nil` if it is neither. All ranges are indices of `text`.
    init?(_ text: ArraySlice<UInt8>) {
        guard let open = text.first, open == UInt8(ascii: "{") || open == UInt8(ascii: "[") else { return nil }
        let isObject = open == UInt8(ascii: "{")
        let base = text.startIndex
        let items = try? text.withUnsafeBufferPointer { (buffer) throws(JSONProblem) in
            var cursor = JSONCursor(buffer, at: 1)
            var items: [Item] = []
            var segment = 1
            guard try cursor.peek() != open + 2 else { return items }  // `}` is `{` + 2, `]` is `[` + 2.
            while true {
                let key = isObject ? try cursor.key().range : 0..<0
                _ = try cursor.peek()
                let value = cursor.at
                try cursor.skipValue(depth: 1)
                let end = cursor.at
                let next = try cursor.peek()
                items.append(
                    Item(
                        index: items.count, segment: (base + segment)..<(base + cursor.at),
                        key: (base + key.lowerBound)..<(base + key.upperBound), value: (base + value)..<(base + end)))
                guard next == UInt8(ascii: ",") else { return items }
                cursor.at += 1
                segment = cursor.at
            }
        }
        guard let items else { return nil }
        self.items = items
        self.close = text.endIndex - 1
    }
}

/// The outermost object of a request: where the members stand that Gatehouse reads.
struct BodyMap: Sendable {
    /// By `Field`'s raw value.
    private var items = [Item?](repeating: nil, count: Field.allCases.count)
    /// Members in all, those that nobody reads included.
    var memberCount = 0
    /// The index of the closing brace.
    var close = 0
    /// Members that the server passes over, at most `unreadMax` of them.
    var unread: [Item] = []
    /// More of them are not kept.
    static let unreadMax = 64
    /// Were there more?
    var hasMoreUnread = false
    /// Was there an image anywhere?
    var hasImages = false
    /// Bytes of the values that hold images.
    var imageBytes = 0
    /// Does it hold thinking of earlier turns?
    var hasThinking = false
    /// The values of seals that a translation has made: Ollama would take them for the thinking itself.
    var seals: [Range<Int>] = []
    /// Where the first thing ends that a person said; `nil` if nobody has said any.
    var openingEnd: Int?

    subscript(field: Field) -> Item? {
        get { self.items[field.rawValue] }
        set { self.items[field.rawValue] = newValue }
    }

    /// Notes a member; `key` is what the server takes it for, if for anything.
    mutating func add(_ item: Item, _ key: ReadShape.Key?) {
        if let field = key?.field { self[field] = item }
        if key?.isRead ?? false { return }
        if self.unread.count < Self.unreadMax { self.unread.append(item) } else { self.hasMoreUnread = true }
    }
}
