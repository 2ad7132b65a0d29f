import Testing

@testable import Dialects

/// Ids of calls; what becomes of them in a request is told by the tests of each dialect.
@Suite struct CallIDTests {
    private func call(_ id: String, _ name: String = "f") -> ToolCall { ToolCall(id: id, name: name, arguments: []) }
    private func result(_ id: String, _ name: String? = nil) -> ToolResult { ToolResult(id: id, name: name, parts: []) }

    @Test func `results without an id go to the first open call of their name, else to the first of all`() {
        var ids = CallIDs.openAI
        let calls = ["f", "g", "f", "h"].map { ids.id(of: self.call("", $0)) }
        #expect(calls == ["call_1", "call_2", "call_3", "call_4"])
        #expect(ids.id(of: self.result("", "g")) == "call_2")
        #expect(ids.id(of: self.result("")) == "call_1")
        #expect(ids.id(of: self.result("", "f")) == "call_3", "the first of its name has its result")
        #expect(ids.id(of: self.result("", "x")) == "call_4")
        #expect(ids.id(of: self.result("", "f")) == "call_5", "nobody called")
    }

    @Test func `an id that comes again is another call's, and the result is the last one's`() {
        for (kind, long) in [(CallIDs.openAI, String(repeating: "x", count: 40)), (CallIDs.anthropic, "a:b")] {
            var ids = kind
            var seen: Set<String> = []
            for _ in 0..<5 {
                // What would be made up may be there already.
                for id in [long, "call_2", "", "call_4"] {
                    let sent = ids.id(of: self.call(id))
                    #expect(seen.insert(sent).inserted && sent.utf8.count <= 44, "\(sent)")
                    if !id.isEmpty { #expect(ids.id(of: self.result(id)) == sent) }
                }
                ids.beginTurn()
            }
        }
    }

    @Test func `a turn's end closes what it left open`() {
        var ids = CallIDs.anthropic
        _ = ids.id(of: self.call(""))
        ids.beginTurn()
        let second = ids.id(of: self.call(""))
        #expect(ids.id(of: self.result("", "f")) == second)
    }
}
