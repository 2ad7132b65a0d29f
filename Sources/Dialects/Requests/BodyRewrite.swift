/// Collects the changes of one request. Members that go are cut together at the end, so that commas come out right.
struct BodyRewrite {
    private let body: RequestBody
    private let plan: RewritePlan
    private let facts: BodyFacts
    private let options: Container?

    private var edits = Edits()
    private var cutMembers: [Item] = []
    private var newMembers: [(key: String, json: String)] = []
    private var cutOptions: [Item] = []
    private var newOption: String?
    private var dropped: [String] = []

    init(_ body: RequestBody, _ plan: RewritePlan) {
        self.body = body
        self.plan = plan
        self.facts = BodyFacts(bytes: body.bytes, map: body.map, endpoint: body.endpoint)
        self.options = body.map[.options].flatMap { Container(body.bytes[$0.value]) }
    }

    mutating func make(_ splice: Splice) {
        switch splice {
        case .servedModel: self.servedModel()
        case .usage: self.usage()
        case .outputBound: self.outputBound()
        case .loadOptions: self.loadOptions()
        case .keepAlive: self.keepAlive()
        case .webSearch: self.webSearch()
        case .foreignSeals: self.foreignSeals()
        case .rendering: self.drop(.debugRenderOnly)
        }
    }

    /// Cuts a member and names it. One that is `null` says nothing and stays.
    private mutating func drop(_ field: Field) {
        guard let item = self.body.map[field], self.facts.view(field) != nil else { return }
        self.cutMembers.append(item)
        self.dropped.append(field.key)
    }

    private mutating func servedModel() {
        var name: [UInt8] = []
        JSONText.append(self.plan.sentModel.utf8, to: &name)
        if let older = self.body.map[.name] { self.cutMembers.append(older) }
        if let item = self.body.map[.model] {
            if self.body.bytes[item.value] != name[...] { self.edits.replace(item.value, with: name) }
        } else {
            self.newMembers.append(("model", String(decoding: name, as: UTF8.self)))
        }
    }

    private mutating func usage() {
        guard self.body.endpoint == .openAIChat || self.body.endpoint == .openAICompletions, self.body.streams,
            !self.body.wantsUsage
        else { return }
        guard let item = self.body.map[.streamOptions] else {
            self.newMembers.append(("stream_options", #"{"include_usage":true}"#))
            return
        }
        guard let container = Container(self.body.bytes[item.value]) else {
            self.edits.replace(item.value, with: Array(#"{"include_usage":true}"#.utf8))
            return
        }
        if let flag = container.items.first(where: { self.key($0) == "include_usage" }) {
            self.edits.replace(flag.value, with: Array("true".utf8))
        } else {
            let comma = container.items.isEmpty ? "" : ","
            self.insert(#"\#(comma)"include_usage":true"#, at: container.close)
        }
    }

    private mutating func outputBound() {
        guard let (field, name) = self.facts.outputBound else { return }
        if field == .options { return self.numPredict(name) }
        let older = self.facts.view(field)?.integer
        let newerItem = self.body.endpoint.readsNewerBoundName ? self.body.map[.maxCompletionTokens] : nil
        let newer = newerItem.flatMap { _ in self.facts.view(.maxCompletionTokens)?.integer }
        // Anthropic demands a bound of its own; without one the server's answer is a 400 that says so.
        if self.body.endpoint == .anthropicMessages, (older ?? 0) <= 0 { return }
        let asked = [older, newer].compactMap { $0 }
        guard let wanted = self.bound(asked, name) else { return }
        if let item = self.body.map[field] {
            if older != wanted { self.edits.replace(item.value, with: Array(String(wanted).utf8)) }
        } else if let newerItem, newer != nil {
            self.edits.replace(newerItem.key, with: Array(field.key.utf8))
            if newer != wanted { self.edits.replace(newerItem.value, with: Array(String(wanted).utf8)) }
        } else {
            self.newMembers.append((field.key, String(wanted)))
        }
    }

    /// The bound to send for what was asked; `nil` if nothing is to be sent. A wish that is cut is named.
    private mutating func bound(_ asked: [Int], _ name: String) -> Int? {
        let positive = asked.filter { $0 > 0 }.min()
        guard let most = self.plan.outputTokensMax else { return positive ?? asked.first }
        let wanted = min(positive ?? most, most)
        if !asked.isEmpty, positive != wanted { self.dropped.append(name) }
        return wanted
    }

    private mutating func numPredict(_ name: String) {
        let item = self.options?.items.first { self.key($0) == "num_predict" }
        let asked = self.facts.view(.options)?["num_predict"]?.integer
        guard let wanted = self.bound(asked.map { [$0] } ?? [], name), wanted != asked else { return }
        if let item {
            self.edits.replace(item.value, with: Array(String(wanted).utf8))
        } else {
            self.newOption = #""num_predict":\#(wanted)"#
        }
    }

    private mutating func loadOptions() {
        guard self.body.endpoint.dialect == .ollama else { return }
        self.drop(.shift)
        guard let options else { return }
        for item in options.items {
            let key = self.key(item)
            guard RequestBody.loadOptions.contains(key) else { continue }
            self.cutOptions.append(item)
            self.dropped.append("options.\(key)")
        }
    }

    private mutating func keepAlive() {
        guard self.body.endpoint.dialect == .ollama, self.body.endpoint != .ollamaShow else { return }
        switch self.plan.keepAlive {
        case .caller: return
        case .backend: self.drop(.keepAlive)
        case .seconds(let seconds):
            guard let item = self.body.map[.keepAlive] else {
                self.newMembers.append(("keep_alive", String(seconds)))
                return
            }
            guard self.facts.view(.keepAlive)?.double != Double(seconds) else { return }
            self.edits.replace(item.value, with: Array(String(seconds).utf8))
            self.dropped.append(Field.keepAlive.key)
        }
    }

    private mutating func webSearch() {
        guard self.body.webSearch == .declared, let item = self.body.map[.tools],
            let tools = Container(self.body.bytes[item.value])
        else { return }
        let hosted = WebSearch.hosted(in: JSONView(checked: self.body.bytes[item.value]))
        self.edits.cut(hosted.map { tools.items[$0] }, of: tools.items.count)
        self.dropped.append("tools.web_search")
    }

    private mutating func foreignSeals() {
        for seal in self.body.map.seals { self.edits.replace(seal, with: Array("\"\"".utf8)) }
        if !self.body.map.seals.isEmpty { self.dropped.append("input[].encrypted_content") }
    }

    // MARK: Putting it together

    private func key(_ item: Item) -> String {
        String(decoding: JSONText.unescaped(self.body.bytes[item.key]), as: UTF8.self)
    }

    private mutating func insert(_ json: String, at index: Int) {
        self.edits.replace(index..<index, with: Array(json.utf8))
    }

    mutating func finish() -> (bytes: [UInt8], dropped: [String]) {
        self.finishOptions()
        let map = self.body.map
        self.edits.cut(self.cutMembers, of: map.memberCount)
        var isFirst = map.memberCount == self.cutMembers.count
        for (key, json) in self.newMembers {
            var member: [UInt8] = isFirst ? [] : [UInt8(ascii: ",")]
            JSONText.append(key.utf8, to: &member)
            member.append(UInt8(ascii: ":"))
            member.append(contentsOf: json.utf8)
            self.edits.replace(map.close..<map.close, with: member)
            isFirst = false
        }
        return (self.edits.applied(to: self.body.bytes), self.dropped)
    }

    private mutating func finishOptions() {
        if let options {
            self.edits.cut(self.cutOptions, of: options.items.count)
            if let newOption {
                let comma = options.items.count == self.cutOptions.count ? "" : ","
                self.insert(comma + newOption, at: options.close)
            }
        } else if let newOption {
            if let null = self.body.map[.options] {
                self.edits.replace(null.value, with: Array("{\(newOption)}".utf8))
            } else {
                self.newMembers.append(("options", "{\(newOption)}"))
            }
        }
    }
}

extension Endpoint {
    /// Does an OpenAI client call the bound `max_completion_tokens` here?
    fileprivate var readsNewerBoundName: Bool { self == .openAIChat || self == .openAICompletions }
}
