/// Puts the pieces of tool calls together. As OpenAI streams them, the first piece of a call has its index, id and name,
/// and the others the index and more of the arguments. Servers that imitate it repeat id and name, leave the index out,
/// give all calls the index 0, or send a whole call in one piece.
struct OpenAICallReader {
    /// An answer with more calls is none that anybody could use.
    static let countMax = 1_024

    /// How many have begun.
    private(set) var count = 0
    /// Calls that have begun, or whose name has not come yet, in order.
    private var open: [Call] = []
    /// There were more than `countMax`.
    var hasTooMany: Bool { self.open.count > Self.countMax }

    private struct Call {
        /// The server's own index, if it tells one.
        var place: Int?
        var id: String
        /// The index that is told; `nil` as long as there is no name.
        var index: Int?
        /// Arguments that came before the name.
        var held: [UInt8] = []
    }

    /// Takes one element of `tool_calls`.
    mutating func read(_ piece: JSONView, into events: inout [AnswerEvent]) {
        if self.hasTooMany { return }
        var place: Int?
        var id: String?
        var function: JSONView?
        piece.forEachMember { key, value in
            switch key {
            case "index": place = value.integer
            case "id": id = value.string.filled
            case "function": function = value
            default: break
            }
        }
        let name = function?["name"]?.string.filled
        let at = self.find(place: place, id: id, hasName: name != nil)
        if let id, self.open[at].id.isEmpty { self.open[at].id = id }
        self.take(name, function?["arguments"], at: at, into: &events)
    }

    /// Takes a `function_call`, from before there were several.
    mutating func read(older piece: JSONView, into events: inout [AnswerEvent]) {
        let at = self.find(place: 0, id: nil, hasName: false)
        self.take(piece["name"]?.string.filled, piece["arguments"], at: at, into: &events)
    }

    /// Which call a piece belongs to; one that is new is added.
    private mutating func find(place: Int?, id: String?, hasName: Bool) -> Int {
        // Another id is another call, whatever its index.
        let found = self.open.lastIndex { call in
            if let id, !call.id.isEmpty, call.id != id { return false }
            if let place { return call.place == place }
            return id != nil ? call.id == id : !hasName
        }
        // Without index and id only the last call can go on.
        if let found, place != nil || id != nil || found == self.open.count - 1 { return found }
        self.open.append(Call(place: place, id: id ?? ""))
        return self.open.count - 1
    }

    private mutating func take(_ name: String?, _ arguments: JSONView?, at: Int, into events: inout [AnswerEvent]) {
        if let name, self.open[at].index == nil {
            self.open[at].index = self.count
            events.append(.toolCallBegan(index: self.count, id: self.open[at].id, name: name))
            self.count += 1
            if !self.open[at].held.isEmpty {
                events.append(.toolArguments(index: self.count - 1, self.open[at].held))
                self.open[at].held = []
            }
        }
        guard let more = Self.text(arguments), !more.isEmpty else { return }
        if let index = self.open[at].index {
            events.append(.toolArguments(index: index, more))
        } else {
            self.open[at].held += more
        }
    }

    /// Arguments are a text of JSON; some servers send the object itself.
    private static func text(_ arguments: JSONView?) -> [UInt8]? {
        guard let arguments else { return nil }
        return arguments.kind == .object ? Array(arguments.bytes) : arguments.stringBytes
    }
}
