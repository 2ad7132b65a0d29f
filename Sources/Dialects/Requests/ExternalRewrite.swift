/// The closed list of changes that are made to a request on its way outside. Whatever is not listed here passes byte for
/// byte. Each has its reason; one that takes something from the caller is named in `x-gatehouse-dropped`.
enum ExternalSplice: CaseIterable {
    /// `model` becomes the name that the backend knows it by.
    case servedModel
    /// Members that are not among `ExternalMembers` stay here: each is a channel, or means nothing there.
    case members
    /// Tools that the provider would run itself stay here (`residency.md` A6, L11).
    case hostedTools
    /// Thinking that Anthropic has not sealed stays here: its API refuses it. Another provider or a server inside has
    /// made it, in an earlier turn.
    case foreignThinking
    /// `stream_options.include_usage` is set on streams: without it usage is told nowhere.
    case usage
    /// The caller's bound on the answer is no higher than the manifest's, under the caller's own name for it. Where
    /// there is none, none is added: of the two names there are servers that refuse the one or the other, and unlike
    /// Ollama they all have a bound of their own.
    case outputBound
}

/// Collects the changes of one request on its way to a server that is no Ollama.
struct ExternalRewrite {
    private let body: RequestBody
    private let plan: RewritePlan
    private let members: Container

    private var edits = Edits()
    private var cut: [Item] = []
    private var newMembers: [(key: String, json: String)] = []
    private var dropped: [String] = []

    init(_ body: RequestBody, _ plan: RewritePlan) {
        guard let open = body.bytes.firstIndex(of: UInt8(ascii: "{")),
            let members = Container(body.bytes[open...body.map.close])
        else { preconditionFailure("a request's body is an object") }
        self.body = body
        self.plan = plan
        self.members = members
    }

    mutating func make(_ splice: ExternalSplice) {
        switch splice {
        case .servedModel: self.servedModel()
        case .members: self.dropMembers()
        case .hostedTools: self.dropHostedTools()
        case .foreignThinking: self.dropForeignThinking()
        case .usage: self.usage()
        case .outputBound:
            self.bound("max_tokens")
            self.bound("max_completion_tokens")
        }
    }

    mutating func make(_ splice: CompatibleSplice) {
        switch splice {
        case .servedModel: self.servedModel()
        case .hostedTools: self.dropHostedTools()
        case .connections:
            for key in CompatibleSplice.connecting {
                for item in self.items(key) where self.view(item).kind != .null {
                    self.cut.append(item)
                    self.drop(key)
                }
            }
        case .usage: self.usage()
        case .outputBound:
            for key in CompatibleSplice.bounds { self.bound(key) }
            self.addBound()
        }
    }

    /// The manifest's bound where the caller has none. A `null` is none, and gives way.
    private mutating func addBound() {
        guard self.plan.addsBound, self.body.endpoint.generates, let most = self.plan.outputTokensMax else { return }
        let said = CompatibleSplice.bounds.flatMap { self.items($0) }
        guard said.allSatisfy({ self.view($0).kind == .null }) else { return }
        if let item = self.item("max_tokens") {
            self.edits.replace(item.value, with: Array(String(most).utf8))
        } else {
            self.newMembers.append(("max_tokens", String(most)))
        }
    }

    private func key(_ item: Item) -> String {
        String(decoding: JSONText.unescaped(self.body.bytes[item.key]), as: UTF8.self)
    }

    private func view(_ item: Item) -> JSONView { JSONView(checked: self.body.bytes[item.value]) }

    private func item(_ key: String) -> Item? { self.members.items.first { self.key($0) == key } }

    /// A server takes one of them, and which one is not known here.
    private func items(_ key: String) -> [Item] { self.members.items.filter { self.key($0) == key } }

    /// What a message has that a server inside would fetch. Also where the API has no messages: vLLM takes them for
    /// embeddings too (vLLM, "Chat Embeddings API").
    var obstacleInside: BodyRefusal? {
        self.items("messages").lazy.compactMap { ForeignPlaces.obstacle(in: self.view($0), isOutside: false) }.first
    }

    private mutating func servedModel() {
        var name: [UInt8] = []
        JSONText.append(self.plan.sentModel.utf8, to: &name)
        guard let item = self.body.map[.model] else { preconditionFailure("these endpoints know no other name for it") }
        if self.body.bytes[item.value] != name[...] { self.edits.replace(item.value, with: name) }
    }

    private mutating func dropMembers() {
        guard let allowed = ExternalMembers.of(self.body.endpoint) else {
            preconditionFailure("a request of \(self.body.endpoint) is on its way outside")
        }
        for item in self.members.items {
            let key = self.key(item)
            if allowed.contains(key) || key == "store" && self.view(item).bool == false { continue }
            self.cut.append(item)
            // What says nothing is not missed.
            if self.view(item).kind != .null { self.drop(key) }
        }
    }

    /// Names what was taken. The name goes into a header line, and may be any text of the caller's.
    private mutating func drop(_ name: String) {
        Losses.add(name, to: &self.dropped)
    }

    /// Functions and custom tools are run by the caller; all else by the provider. Servers refuse an empty list, and a
    /// choice between tools where there is none.
    private mutating func dropHostedTools() {
        guard let item = self.item("tools"), let tools = Container(self.body.bytes[item.value]) else { return }
        let hosted = tools.items.filter { tool in
            self.view(tool)["type"].map { !self.isOfCaller($0.string ?? "") } ?? false
        }
        if hosted.isEmpty { return }
        let isSearch = self.body.webSearch != .none
        if isSearch { self.drop("tools.web_search") }
        let searches = WebSearch.hosted(in: self.view(item)).count
        if hosted.count > searches { self.drop("tools.hosted") }
        guard hosted.count == tools.items.count else {
            return self.edits.cut(hosted, of: tools.items.count)
        }
        for key in ["tools", "tool_choice", "parallel_tool_calls"] {
            if let item = self.item(key) { self.cut.append(item) }
        }
    }

    /// A turn that was nothing else goes with it: the API puts turns of one role together.
    private mutating func dropForeignThinking() {
        guard self.body.endpoint == .anthropicMessages, self.body.map.hasThinking,
            let messages = self.body.map[.messages], let turns = Container(self.body.bytes[messages.value])
        else { return }
        var emptied: [Item] = []
        for turn in turns.items {
            let members = Container(self.body.bytes[turn.value])?.items ?? []
            guard let content = members.last(where: { self.key($0) == "content" }),
                let blocks = Container(self.body.bytes[content.value])
            else { continue }
            let foreign = blocks.items.filter { Self.isForeignThinking(self.view($0)) }
            if foreign.isEmpty { continue }
            self.drop("messages[].thinking")
            if foreign.count == blocks.items.count {
                emptied.append(turn)
            } else {
                self.edits.cut(foreign, of: blocks.items.count)
            }
        }
        self.edits.cut(emptied, of: turns.items.count)
    }

    /// Anthropic's seals are base64; those of others are marked with their maker's name and a colon.
    private static func isForeignThinking(_ block: JSONView) -> Bool {
        guard block["type"]?.string == "thinking" else { return false }
        let seal = block["signature"]?.string ?? ""
        return seal.isEmpty || seal.utf8.contains(UInt8(ascii: ":"))
    }

    /// Does the caller run tools of this type? Anthropic has some of its own whose calls the caller carries out (Anthropic
    /// API reference, "Tool use").
    private func isOfCaller(_ type: String) -> Bool {
        switch self.body.endpoint.dialect {
        case .anthropic:
            type == "custom" || ["bash_", "text_editor_", "computer_", "memory_"].contains { type.hasPrefix($0) }
        case .openAI, .ollama: type == "function" || type == "custom"
        }
    }

    /// Anthropic's streams tell it anyway.
    private mutating func usage() {
        guard self.body.streams, !self.body.wantsUsage, self.body.endpoint.dialect == .openAI else { return }
        guard let item = self.body.map[.streamOptions] else {
            self.newMembers.append(("stream_options", #"{"include_usage":true}"#))
            return
        }
        guard let options = Container(self.body.bytes[item.value]) else {
            return self.edits.replace(item.value, with: Array(#"{"include_usage":true}"#.utf8))
        }
        if let flag = options.items.first(where: { self.key($0) == "include_usage" }) {
            self.edits.replace(flag.value, with: Array("true".utf8))
        } else {
            let comma = options.items.isEmpty ? "" : ","
            self.edits.replace(options.close..<options.close, with: Array(#"\#(comma)"include_usage":true"#.utf8))
        }
    }

    /// Zero and less are no bound with some servers.
    private mutating func bound(_ key: String) {
        guard let most = self.plan.outputTokensMax else { return }
        for item in self.items(key) {
            guard let asked = self.view(item).integer, asked <= 0 || asked > most else { continue }
            self.edits.replace(item.value, with: Array(String(most).utf8))
            self.drop(key)
        }
    }

    mutating func finish() -> (bytes: [UInt8], dropped: [String]) {
        self.edits.cut(self.cut, of: self.members.items.count)
        // The model stays, so that something stands before what is added.
        for (key, json) in self.newMembers {
            let close = self.members.close
            self.edits.replace(close..<close, with: Array(#","\#(key)":\#(json)"#.utf8))
        }
        return (self.edits.applied(to: self.body.bytes), self.dropped)
    }
}

extension RequestBody {
    /// Why this request cannot go outside as it is; `nil` if it can.
    var obstacleOutside: BodyRefusal? {
        if self.webSearch == .forced { return .forcedWebSearch }
        guard let messages = self.map[.messages] else { return nil }
        let view = JSONView(checked: self.bytes[messages.value])
        return self.endpoint == .anthropicMessages
            ? AnthropicPlaces.obstacle(in: view) : ForeignPlaces.obstacle(in: view)
    }

    func rewrittenOutside(for plan: RewritePlan) throws(BodyRefusal) -> (bytes: [UInt8], dropped: [String]) {
        if let obstacle = self.obstacleOutside { throw obstacle }
        var rewrite = ExternalRewrite(self, plan)
        for splice in ExternalSplice.allCases { rewrite.make(splice) }
        return rewrite.finish()
    }
}
