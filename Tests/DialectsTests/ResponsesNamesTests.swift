import Testing

@testable import Dialects

@Suite struct ResponsesNamesTests {
    private func tool(_ name: String, _ namespace: String? = nil) -> ResponsesNames.Tool {
        ResponsesNames.Tool(name: name, namespace: namespace, isCustom: false)
    }

    @Test func `a tool has the same name whenever it is asked for, and leads back to itself`() {
        var names = ResponsesNames()
        #expect(names.name(for: self.tool("find", "mcp__notes")) == "mcp__notes__find")
        #expect(names.name(for: self.tool("find", "mcp__notes")) == "mcp__notes__find")
        #expect(names.name(for: self.tool("find")) == "find")
        #expect(names.tool(named: "mcp__notes__find") == self.tool("find", "mcp__notes"))
        #expect(names.tool(named: "find") == self.tool("find"))
    }

    @Test func `the own namespace is none`() {
        var names = ResponsesNames()
        #expect(names.name(for: self.tool("exec", "functions")) == "exec")
        #expect(names.name(for: self.tool("exec")) == "exec")
        #expect(names.tool(named: "exec") == self.tool("exec", "functions"))
    }

    @Test func `tools that would be called alike are told apart`() {
        var names = ResponsesNames()
        let tools = [
            self.tool("b__c", "a"), self.tool("c", "a__b"), self.tool("a__b__c"), self.tool("b c", "a"),
            self.tool("b.c", "a"), self.tool("b_c", "a"),
        ]
        let sent = tools.map { names.name(for: $0) }
        #expect(Set(sent).count == tools.count)
        #expect(sent[0] == "a__b__c" && sent[2].hasPrefix("a__b__c_") && sent[5] == "a__b_c")
        #expect(zip(sent, tools).allSatisfy { names.tool(named: $0) == $1 })
    }

    @Test func `every name is one that functions may have`() {
        var names = ResponsesNames()
        let long = String(repeating: "long", count: 30)
        let tools = [
            self.tool("find", "Größe/x"), self.tool(long, "one"), self.tool(long + "1", "one"), self.tool("x", long),
        ]
        let sent = tools.map { names.name(for: $0) }
        for name in sent {
            #expect((1...64).contains(name.utf8.count), "\(name)")
            #expect(name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }, "\(name)")
        }
        #expect(Set(sent).count == tools.count)
        // What is cut is told apart by what was cut off, the same in every request.
        var others = ResponsesNames()
        #expect(others.name(for: tools[2]) == sent[2])
    }
}
