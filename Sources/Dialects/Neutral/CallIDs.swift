/// The ids of a conversation's calls as one API takes them: what it does not take is made up, each call has one of its
/// own, and a result names that of its call. The same calls in the same places always get the same ids.
struct CallIDs {
    /// The id itself if the API takes it, or what it becomes; `nil` if one must be made up.
    private let fit: (String) -> String?
    /// What a call by this id was last named.
    private var named: [String: String] = [:]
    private var used: Set<String> = []
    private var nameless = Nameless()
    private var count = 0

    init(fit: @escaping (String) -> String?) {
        self.fit = fit
    }

    /// The assistant speaks again: what it called before is over.
    mutating func beginTurn() { self.nameless = Nameless() }

    /// The id to send for `call`. One without gets its place in the conversation as its id.
    mutating func id(of call: ToolCall) -> String {
        self.count += 1
        var id = (call.id.isEmpty ? nil : self.fit(call.id)) ?? "call_\(self.count)"
        // Some servers count calls anew in each turn.
        while !self.used.insert(id).inserted {
            id = self.fit(id + "_\(self.count)") ?? "call_\(self.count)"
            self.count += 1
        }
        if call.id.isEmpty { self.nameless.add(call.name, id) } else { self.named[call.id] = id }
        return id
    }

    /// The id to send for `result`: that of its call. One without is for the first call without, of its name if there is
    /// one; where there is none the API will say so.
    mutating func id(of result: ToolResult) -> String {
        if !result.id.isEmpty, let id = self.named[result.id] ?? self.fit(result.id) { return id }
        if result.id.isEmpty, let id = self.nameless.take(result.name) { return id }
        self.count += 1
        return "call_\(self.count)"
    }
}

/// Calls of one turn that came without an id and have no result yet. Both ways to take one pass each call once: a turn
/// may hold a hundred thousand.
private struct Nameless {
    private struct Line {
        var places: [Int] = []
        var taken = 0
    }

    /// In order; `nil` once it has its result.
    private var ids: [String?] = []
    private var firstOpen = 0
    private var byName: [String: Line] = [:]

    mutating func add(_ name: String, _ id: String) {
        self.byName[name, default: Line()].places.append(self.ids.count)
        self.ids.append(id)
    }

    /// The first call of this name, else the first of all.
    mutating func take(_ name: String?) -> String? {
        while let name, let line = self.byName[name], line.taken < line.places.count {
            self.byName[name]?.taken += 1
            if let id = self.take(at: line.places[line.taken]) { return id }
        }
        while self.firstOpen < self.ids.count {
            self.firstOpen += 1
            if let id = self.take(at: self.firstOpen - 1) { return id }
        }
        return nil
    }

    private mutating func take(at place: Int) -> String? {
        defer { self.ids[place] = nil }
        return self.ids[place]
    }
}
