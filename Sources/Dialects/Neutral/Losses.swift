/// What a translation could not carry over, by the caller's own names for it (`logit_bias`, `messages[].name`).
public struct Losses: Equatable, Sendable {
    /// How much depends on it.
    public enum Weight: Equatable, Sendable {
        /// The answer is still one to what was asked: a seed, a penalty, a name for the books.
        case hint
        /// The answer would be another one, or of another form: several choices, a schema, probabilities.
        case demand
    }

    /// At most so many names are told; one more is told as `other`.
    static let namesMax = 16

    /// The hints, in order, each once.
    public private(set) var hints: [String] = []
    /// The demands, in order, each once.
    public private(set) var demands: [String] = []

    /// None.
    public init() {}

    /// Nothing was lost?
    public var isEmpty: Bool { self.hints.isEmpty && self.demands.isEmpty }

    /// Notes that `name` is not carried over. A name that comes from the caller may be any text: one that is no plain
    /// word is told as `other`.
    public mutating func note(_ name: String, _ weight: Weight) {
        switch weight {
        case .hint: Self.add(name, to: &self.hints)
        case .demand: Self.add(name, to: &self.demands)
        }
    }

    /// Adds a name to those that will be told, once.
    static func add(_ name: String, to names: inout [String]) {
        let told = name.isPlain(most: 96, and: ".[]") && names.count < Self.namesMax ? name : "other"
        if !names.contains(told) { names.append(told) }
    }
}
