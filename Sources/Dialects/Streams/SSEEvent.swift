/// The fields of one event that matter here, read from the slice that `SSESplitter` cut. `id` and `retry` are not
/// used by any model API.
public struct SSEEvent: Sendable {
    /// The value of the last `event:` line; empty if there is none.
    public private(set) var name: ArraySlice<UInt8>
    /// The `data:` lines, joined with line feeds. With one line, as all model APIs send, it lies in the slice itself.
    public private(set) var data: ArraySlice<UInt8>
    /// Was there a `data:` line at all? Without one it is a comment or a bare field: nothing is dispatched.
    public private(set) var hasData = false

    /// Reads the lines of `slice`. A byte order mark before the first is passed over.
    public init(_ slice: ArraySlice<UInt8>) {
        self.name = slice[slice.endIndex..<slice.endIndex]
        self.data = self.name
        var index = slice.startIndex
        if slice.first == 0xEF, slice.starts(with: [0xEF, 0xBB, 0xBF]) { index += 3 }
        while index < slice.endIndex {
            let end = lineEnd(in: slice, from: index, orReturn: true) ?? slice.endIndex
            self.read(slice[index..<end])
            index = end + 1
        }
    }

    private mutating func read(_ line: ArraySlice<UInt8>) {
        if let value = Self.value(of: "data", in: line) {
            self.data = self.hasData ? self.data + CollectionOfOne(0x0A) + value : value
            self.hasData = true
        } else if let value = Self.value(of: "event", in: line) {
            self.name = value
        }
    }

    /// The value of a field: what follows the colon, without one leading space.
    private static func value(of field: StaticString, in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let length = field.utf8CodeUnitCount
        guard line.count >= length, line.prefix(length).equals(field) else { return nil }
        let rest = line.dropFirst(length)
        if rest.isEmpty { return rest }
        guard rest.first == UInt8(ascii: ":") else { return nil }
        let value = rest.dropFirst()
        return value.first == 0x20 ? value.dropFirst() : value
    }
}
