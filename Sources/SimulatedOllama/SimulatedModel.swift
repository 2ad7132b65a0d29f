import Vocabulary

/// A model that the simulated server has on its disk.
public struct SimulatedModel: Sendable {
    /// What a model can do, in the words of `/api/show`.
    public enum Capability: String, Sendable, CaseIterable {
        case completion, tools, insert, vision, embedding, thinking
    }

    /// Who applies the prompt template; several answers depend on it (`ollama.md` 6).
    public enum Template: Sendable {
        /// The runner, from the model file (Jinja).
        case chat
        /// Ollama, from the Modelfile (Go).
        case go
    }

    /// Where an alias really answers.
    public struct Remote: Hashable, Sendable {
        /// `remote_host`, a URL.
        public let host: String
        /// `remote_model`.
        public let model: String

        /// The model `model` at `host`.
        public init(host: String, model: String) {
            self.host = host
            self.model = model
        }
    }

    /// With its tag, as in `llama3.2:3b`.
    public let name: String
    /// `details.family`.
    public var family: String
    /// `details.parameter_size`.
    public var parameterSize: String
    /// `details.quantization_level`.
    public var quantization: String
    /// On disk.
    public var size: Bytes
    /// The longest context it was trained for.
    public var contextMax: Tokens
    /// Numbers in one embedding.
    public var embeddingLength: Int
    /// What `/api/show` says it can do.
    public var capabilities: [Capability]
    /// Who applies the template.
    public var template: Template
    /// The share of a loaded model that is in GPU memory: below 1, `size_vram` is smaller than `size`.
    public var gpuShare: Double
    /// Loading fails with 500, as that of a damaged file does.
    public var isDamaged: Bool
    /// Set for an alias: answers come from elsewhere.
    public var remote: Remote?

    /// A model called `name` (`:latest` is added if it has no tag) of about three billion parameters.
    public init(
        _ name: String, family: String = "llama", parameterSize: String = "3.2B", quantization: String = "Q4_K_M",
        size: Bytes = Bytes(2_019_393_189), contextMax: Tokens = Tokens(131_072), embeddingLength: Int = 3072,
        capabilities: [Capability] = [.completion], template: Template = .chat, gpuShare: Double = 1,
        isDamaged: Bool = false, remote: Remote? = nil
    ) {
        self.name = ModelName(canonical: name).rawValue
        self.family = family
        self.parameterSize = parameterSize
        self.quantization = quantization
        self.size = size
        self.contextMax = contextMax
        self.embeddingLength = embeddingLength
        self.capabilities = capabilities
        self.template = template
        self.gpuShare = gpuShare
        self.isDamaged = isDamaged
        self.remote = remote
    }

    /// 64 hexadecimal digits that belong to the name: the same in every run.
    public var digest: String {
        var generator = SeededGenerator(seed: Hash.of(Array(self.name.utf8)))
        return (0..<4).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    func can(_ capability: Capability) -> Bool { self.capabilities.contains(capability) }

    /// What most people would have: a general model, one for code, one that reasons, one that sees, one that embeds.
    public static let defaults = [
        SimulatedModel("llama3.2:3b", capabilities: [.completion, .tools], template: .go),
        SimulatedModel(
            "qwen2.5-coder:7b", family: "qwen2", parameterSize: "7.6B", size: Bytes(4_683_087_332),
            contextMax: Tokens(32_768), embeddingLength: 3584, capabilities: [.completion, .tools, .insert],
            template: .go),
        SimulatedModel(
            "qwen3:8b", family: "qwen3", parameterSize: "8.2B", size: Bytes(5_225_388_164),
            contextMax: Tokens(40_960), embeddingLength: 4096, capabilities: [.completion, .tools, .thinking]),
        SimulatedModel(
            "llava:7b", family: "llama", parameterSize: "7B", quantization: "Q4_0", size: Bytes(4_733_363_377),
            contextMax: Tokens(32_768), embeddingLength: 4096, capabilities: [.completion, .vision], template: .go),
        SimulatedModel(
            "nomic-embed-text", family: "nomic-bert", parameterSize: "137M", quantization: "F16",
            size: Bytes(274_302_450), contextMax: Tokens(2048), embeddingLength: 768, capabilities: [.embedding],
            template: .go),
    ]
}

/// A fast hash that is the same in every run, unlike `Hasher`.
enum Hash {
    /// Eight bytes at a time: multiply, fold. Not against an attacker.
    static func of(_ bytes: some Collection<UInt8>, seed: UInt64 = 0x9E37_79B9_7F4A_7C15) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: bytes.count)
        var word: UInt64 = 0
        var filled: UInt64 = 0
        for byte in bytes {
            word |= UInt64(byte) << filled
            filled += 8
            if filled == 64 {
                hash = Self.mix(hash ^ word)
                word = 0
                filled = 0
            }
        }
        return Self.mix(hash ^ word)
    }

    static func mix(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: 0x9FB2_1C65_1E98_DF25)
        return high ^ low
    }
}
