/// What `/api/status` says of the server's own cloud.
public struct CloudStatus: Equatable, Sendable {
    /// Is it switched off?
    public let isDisabled: Bool
    /// By what: `none`, `env`, `config` or `both`.
    public let source: String
}

/// One model of `/api/tags`.
public struct InstalledModel: Equatable, Sendable {
    /// With its tag, as in `tiny:latest`.
    public let name: String
    /// SHA-256 of its manifest, in hexadecimal.
    public let digest: String
    /// Bytes on disk.
    public let size: Int
    /// As in `7.6B`.
    public let parameterSize: String
    /// As in `Q4_K_M`.
    public let quantization: String
    /// As in `llama`.
    public let family: String
    /// RFC 3339, as the server wrote it.
    public let modifiedAt: String
    /// The model's own longest context, if told.
    public let contextMax: Int?
    /// As far as this list knows: `tools` and `thinking` of chat-template models only `/api/show` tells.
    public let capabilities: [String]
    /// Where it really runs, if set: such a model is never local.
    public let remoteHost: String?
    /// What it is called there.
    public let remoteModel: String?
    /// The server's own JSON, to be passed on.
    public let json: [UInt8]

    init(name: String, _ view: JSONView) {
        let details = view["details"]
        self.name = name
        self.digest = view["digest"]?.string ?? ""
        self.size = view["size"]?.integer ?? 0
        self.parameterSize = details?["parameter_size"]?.string ?? ""
        self.quantization = details?["quantization_level"]?.string ?? ""
        self.family = details?["family"]?.string ?? ""
        self.modifiedAt = view["modified_at"]?.string ?? ""
        self.contextMax = details?["context_length"]?.integer
        self.capabilities = view["capabilities"]?.elements.compactMap(\.string) ?? []
        self.remoteHost = view["remote_host"]?.text
        self.remoteModel = view["remote_model"]?.text
        self.json = Array(view.bytes)
    }

    /// Does the server answer for it from elsewhere?
    public var isRemote: Bool { self.remoteHost != nil || self.remoteModel != nil }
}

/// One model of `/api/ps`.
public struct RunningModel: Equatable, Sendable {
    /// With its tag.
    public let name: String
    /// As in `/api/tags`.
    public let digest: String
    /// Bytes in memory.
    public let size: Int
    /// Bytes of them on GPUs; less than `size` means that the processor does part of the work.
    public let sizeVRAM: Int
    /// Tokens of context per slot, as it was loaded; older servers do not tell.
    public let contextLength: Int?
    /// When it will be unloaded: RFC 3339, as the server wrote it; in the year 2319 for never.
    public let expiresAt: String
    /// The server's own JSON, to be passed on.
    public let json: [UInt8]

    init(name: String, _ view: JSONView) {
        self.name = name
        self.digest = view["digest"]?.string ?? ""
        self.size = view["size"]?.integer ?? 0
        self.sizeVRAM = view["size_vram"]?.integer ?? 0
        self.contextLength = view["context_length"]?.integer
        self.expiresAt = view["expires_at"]?.string ?? ""
        self.json = Array(view.bytes)
    }
}

/// What `/api/show` says of one model.
public struct ModelDetails: Equatable, Sendable {
    /// Who makes its prompts, which decides what happens to long ones (`ollama.md` 6).
    public enum Template: String, Equatable, Sendable {
        /// Ollama's own templates.
        case go
        /// The model's chat template (Jinja).
        case chat
    }

    /// `completion`, `tools`, `insert`, `vision`, `embedding`, `thinking`, `image`, `audio`.
    public let capabilities: [String]
    /// Jinja tags in the template tell a chat template.
    public let template: Template
    /// The model's own longest context: `<architecture>.context_length` of its file.
    public let contextMax: Int?
    /// `num_ctx` among its parameters, if set.
    public let contextDefault: Int?
    /// As in `7.6B`.
    public let parameterSize: String
    /// As in `Q4_K_M`.
    public let quantization: String
    /// As in `llama`.
    public let family: String
    /// Where it really runs, if set.
    public let remoteHost: String?
    /// What it is called there.
    public let remoteModel: String?

    init(_ view: JSONView) {
        let details = view["details"]
        self.capabilities = view["capabilities"]?.elements.compactMap(\.string) ?? []
        self.template = view["template"]?.string?.contains("{%") == true ? .chat : .go
        var contextMax: Int?
        view["model_info"]?.forEachMember { key, value in
            if key.suffix(15).equals(".context_length") { contextMax = value.integer ?? contextMax }
        }
        self.contextMax = contextMax ?? details?["context_length"]?.integer
        self.contextDefault = view["parameters"]?.string.flatMap(Self.contextParameter)
        self.parameterSize = details?["parameter_size"]?.string ?? ""
        self.quantization = details?["quantization_level"]?.string ?? ""
        self.family = details?["family"]?.string ?? ""
        self.remoteHost = view["remote_host"]?.text
        self.remoteModel = view["remote_model"]?.text
    }

    /// Does the server answer for it from elsewhere?
    public var isRemote: Bool { self.remoteHost != nil || self.remoteModel != nil }

    /// Parameters are lines of a name, blanks and a value.
    private static func contextParameter(_ text: String) -> Int? {
        for line in text.utf8.split(separator: 0x0A) {
            let words = line.split(separator: 0x20)
            if words.count == 2, words[0].elementsEqual("num_ctx".utf8) { return Int(String(Substring(words[1]))) }
        }
        return nil
    }
}

extension JSONView {
    /// The text, if this is a string that is not empty.
    fileprivate var text: String? {
        self.string.flatMap { $0.isEmpty ? nil : $0 }
    }
}
