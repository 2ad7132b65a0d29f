/// What the tools of a response are called on their way to a server that knows functions alone, and back.
///
/// A `namespace` groups tools, and a call of one must come back with its name and its namespace apart: Codex knows no
/// other form. Which name belongs to which is looked up here and never read off the name, since namespaces hold the
/// same underscores (`mcp__server`).
struct ResponsesNames: Equatable, Sendable {
    /// A tool as the client declared it.
    struct Tool: Hashable, Sendable {
        var name: String
        var namespace: String?
        /// Does it take one text in place of arguments?
        var isCustom: Bool
    }

    /// The longest name of a function (OpenAI API reference, "Create chat completion", tools).
    static let lengthMax = 64
    /// The namespace that tools without one are in: Codex puts all of its own there, and they keep their names.
    static let ownNamespace = "functions"

    /// What tells a tool from others. Whether it is custom does not.
    private struct Key: Hashable {
        var name: String
        /// `nil` for the one that tools without one are in.
        var namespace: String?

        init(_ tool: Tool) {
            self.name = tool.name
            self.namespace = tool.namespace == ResponsesNames.ownNamespace ? nil : tool.namespace
        }
    }

    private var tools: [String: Tool] = [:]
    private var sent: [Key: String] = [:]

    /// The name to send for a tool, which is from now on its own. The same tool has the same name in every request, so
    /// that what servers keep of a prompt stays good; only where two would be called alike does it depend on which came
    /// first.
    mutating func name(for tool: Tool) -> String {
        let key = Key(tool)
        if let name = self.sent[key] { return name }
        let plain = key.namespace.map { $0 + "__" + tool.name } ?? tool.name
        // Names in no namespace are the client's own affair, as everywhere else.
        var name = key.namespace == nil ? plain : Self.fitting(plain)
        var tries = 0
        while self.tools[name] != nil {
            name = Self.marked(plain, tries)
            tries += 1
        }
        self.tools[name] = tool
        self.sent[key] = name
        return name
    }

    /// The tool that a name was sent for. One that nobody declared is a function of that name.
    func tool(named name: String) -> Tool {
        self.tools[name] ?? Tool(name: name, namespace: nil, isCustom: false)
    }

    private static func fitting(_ name: String) -> String {
        name.isPlain(most: Self.lengthMax, and: "") ? name : Self.marked(name, 0)
    }

    /// The name in plain characters and cut, with eight digits that tell it from others so cut (FNV-1a).
    private static func marked(_ name: String, _ number: Int) -> String {
        var hash: UInt32 = 0x811C_9DC5
        for byte in "\(number)\(name)".utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        let digits = String(hash, radix: 16)
        let plain = name.utf8.prefix(Self.lengthMax - 9).map { $0.isPlain ? $0 : UInt8(ascii: "_") }
        return String(decoding: plain, as: UTF8.self) + "_" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
