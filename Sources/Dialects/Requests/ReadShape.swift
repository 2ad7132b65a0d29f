/// What an Ollama server reads of one JSON object: the keys, and what it reads below them. Where there is no shape,
/// any key is the caller's own business (a JSON schema, a tool's arguments).
///
/// Go's decoder ignores the case of keys and takes the last of two equal ones (`ollama.md` 1.11), so these are the
/// keys that a body must have once and spelt exactly.
final class ReadShape: Sendable {
    /// What a key's value tells about the request as a whole.
    enum Mark: Sendable {
        case none
        /// Present and not empty: an image, whose bytes are no prompt text.
        case image
        /// Who speaks in this object.
        case role
        /// What the model thought in an earlier turn.
        case thinking
        /// A seal on it.
        case seal
    }

    /// One key that is read.
    final class Key: Sendable {
        let name: [UInt8]
        let field: Field?
        let mark: Mark
        /// Does the server read it? One that it passes over is listed since it is ours to read.
        let isRead: Bool
        /// What is read below; `nil` where nothing is, or where any key goes.
        let below: ReadShape?

        init(
            _ name: StaticString, _ field: Field? = nil, mark: Mark = .none, isRead: Bool = true,
            below: ReadShape? = nil
        ) {
            self.name = Array(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
            self.field = field
            self.mark = mark
            self.isRead = isRead
            self.below = below
        }
    }

    /// Where the object stands, for messages: `messages[]`.
    let place: String
    /// At most 64.
    let keys: [Key]
    /// Whether somebody speaks in it.
    let hasRole: Bool
    /// For each key its first eight bytes with bit 5 set in each: equal for every ASCII spelling of the key.
    private let prefixes: [UInt64]

    init(_ place: String, _ keys: [Key]) {
        precondition(keys.count <= 64, "one bit for each key")
        self.place = place
        self.keys = keys
        self.hasRole = keys.contains { $0.mark == .role }
        self.prefixes = keys.map { foldedPrefix($0.name) }
    }

    /// The first key from `index` on whose spelling may begin as `prefix` says.
    @inline(__always)
    func candidate(_ prefix: UInt64, from index: Int = 0) -> Int? {
        self.prefixes.withUnsafeBufferPointer { prefixes in
            var index = index
            while index < prefixes.count {
                if prefixes[index] == prefix { return index }
                index += 1
            }
            return nil
        }
    }

    /// A shape of keys without anything below them.
    convenience init(_ place: String, names: [StaticString]) {
        self.init(place, names.map { Key($0) })
    }
}

/// The first eight bytes of `key` with bit 5 set, zero-filled.
@inline(__always)
func foldedPrefix(_ key: some Collection<UInt8>) -> UInt64 {
    var prefix: UInt64 = 0
    var shift: UInt64 = 0
    for byte in key.prefix(8) {
        prefix |= UInt64(byte | 0x20) << shift
        shift += 8
    }
    return prefix
}

/// The top-level members of a request that Gatehouse itself reads.
enum Field: Int, CaseIterable, Sendable {
    case model
    case name
    case stream
    case streamOptions
    case messages
    case prompt
    case suffix
    case system
    case template
    case input
    case instructions
    case images
    case tools
    case toolChoice
    case options
    case keepAlive
    case shift
    case debugRenderOnly
    case maxTokens
    case maxCompletionTokens
    case maxOutputTokens
    case outputConfig
    case outputFormat

    /// The key in the body, which is the name used in messages and in `x-gatehouse-dropped`.
    var key: String {
        switch self {
        case .model: "model"
        case .name: "name"
        case .stream: "stream"
        case .streamOptions: "stream_options"
        case .messages: "messages"
        case .prompt: "prompt"
        case .suffix: "suffix"
        case .system: "system"
        case .template: "template"
        case .input: "input"
        case .instructions: "instructions"
        case .images: "images"
        case .tools: "tools"
        case .toolChoice: "tool_choice"
        case .options: "options"
        case .keepAlive: "keep_alive"
        case .shift: "shift"
        case .debugRenderOnly: "_debug_render_only"
        case .maxTokens: "max_tokens"
        case .maxCompletionTokens: "max_completion_tokens"
        case .maxOutputTokens: "max_output_tokens"
        case .outputConfig: "output_config"
        case .outputFormat: "output_format"
        }
    }
}
