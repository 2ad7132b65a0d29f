import Vocabulary

/// What stands after the `?` of a request: `name=value`, joined by `&`.
struct QueryValues {
    private let values: [String: String]

    /// Reads a query; of a name that is there twice the first value counts.
    init(_ query: ArraySlice<UInt8>?) {
        let pairs = (query ?? []).split(separator: UInt8(ascii: "&")).compactMap { pair -> (String, String)? in
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return (PercentForm.decoded(pair[..<equals]), PercentForm.decoded(pair[(equals + 1)...]))
        }
        self.values = Dictionary(pairs) { first, _ in first }
    }

    subscript(_ name: String) -> String? { self.values[name] }

    /// A number, or what counts without one.
    func number(_ name: String, default standard: Int) -> Int {
        self.values[name].flatMap { Int($0) } ?? standard
    }
}
