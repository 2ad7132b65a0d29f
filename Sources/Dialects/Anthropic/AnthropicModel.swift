/// What a model of Anthropic's takes, by its name. The API refuses with a 400 what a model does not take, and nothing
/// but the name tells beforehand.
///
/// Source: Anthropic's documentation, "Adaptive thinking", "Extended thinking", "Effort" and the migration guides to
/// 4.5 and 4.7. A name without `claude` is somebody else's model behind the same API: it is treated as the older ones,
/// which is the form that others copied. One without a version is treated as the newest.
///
/// | From version | Thinking | Effort | Sampling |
/// |---|---|---|---|
/// | 1 to 3 | by budget | none | both of `temperature` and `top_p` |
/// | 4 to 4.5 | by budget | none | one of them |
/// | 4.6 | adaptive | `low` to `high`, `max` | one of them |
/// | 4.7 | adaptive | `low` to `max` | none |
struct AnthropicModel: Equatable {
    /// Does it decide itself how much it thinks (`adaptive`)? Else it wants a budget.
    let thinksAdaptively: Bool
    /// Does it take `xhigh`, between `high` and `max`?
    let takesExtraHigh: Bool
    /// May it be told not to think?
    let canBeOff: Bool
    /// Does it take `temperature`, `top_p` and `top_k`?
    let takesSampling: Bool
    /// Does it take `temperature` beside `top_p`?
    let takesBothSamplings: Bool

    /// The model that the backend knows by `name`: `claude-opus-4-6`, `claude-3-7-sonnet-20250219`,
    /// `anthropic/claude-sonnet-4.5`.
    init(_ name: String) {
        let words = name.utf8.split { !Self.isLetter($0) && !Self.isDigit($0) }
        guard let start = words.firstIndex(where: { Self.equals($0, "claude") }) else {
            self.init(version: 0, canBeOff: true)
            return
        }
        let rest = words[(start + 1)...]
        var version = Int.max
        if let major = rest.firstIndex(where: { Self.part($0) != nil }) {
            let minor = major + 1 < rest.endIndex ? Self.part(rest[major + 1]) : nil
            version = (Self.part(rest[major]) ?? 0) * 100 + (minor ?? 0)
        }
        self.init(version: version, canBeOff: !rest.contains { Self.equals($0, "fable") || Self.equals($0, "mythos") })
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// `word` is in small letters.
    private static func equals(_ found: Substring.UTF8View, _ word: String) -> Bool {
        found.lazy.map { $0 | 0x20 }.elementsEqual(word.utf8)
    }

    /// A part of a version, which has one or two digits where a date has eight.
    private static func part(_ word: Substring.UTF8View) -> Int? {
        word.count <= 2 && word.allSatisfy(Self.isDigit) ? Int(Substring(word)) : nil
    }

    /// `version` is a hundred times the major one, and the minor one.
    private init(version: Int, canBeOff: Bool) {
        self.thinksAdaptively = version >= 406
        self.takesExtraHigh = version >= 407
        self.canBeOff = canBeOff
        self.takesSampling = version < 407
        self.takesBothSamplings = version < 400
    }
}
