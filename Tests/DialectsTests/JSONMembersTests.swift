import Testing

@testable import Dialects

@Suite struct JSONMembersTests {
    private func members(_ text: String, opening name: StaticString = "") throws -> JSONMembers? {
        try JSONMembers(checking: bytes(text)[...], opening: name)
    }

    @Test func `the last member of a name counts, and null is none`() throws {
        let read = try #require(try self.members(#"{"a":1,"b":"x", "a" : 2 ,"c":null,"\u0064":3}"#))
        #expect(read["a"]?.integer == 2)
        #expect(read["b"]?.string == "x")
        #expect(read["c"] == nil)
        #expect(read["d"]?.integer == 3)
        #expect(read["e"] == nil)
    }

    @Test func `an object is opened, or the first element of an array`() throws {
        let object = try #require(try self.members(#"{"m":{"a":1},"z":0}"#, opening: "m"))
        #expect(object.opened["a"]?.integer == 1)
        #expect(object["m"]?.bytes.elementsEqual(#"{"a":1}"#.utf8) == true)
        let array = try #require(try self.members(#"{"m":[{"a":1},{"a":2}]}"#, opening: "m"))
        #expect(array.opened["a"]?.integer == 1)
        for text in [#"{"m":[]}"#, #"{"m":[7,{"a":1}]}"#, #"{"m":"x"}"#, #"{"m":null}"#, #"{"n":{"a":1}}"#] {
            #expect(try self.members(text, opening: "m")?.opened["a"] == nil, "\(text)")
        }
    }

    @Test func `everything is checked, opened or not`() throws {
        for text in [
            #"{"m":{"a":01}}"#, #"{"m":[{"a":1},{"b":}]}"#, #"{"x":[1,]}"#, #"{"m":{}} 1"#, "{\"m\":{\"a\":\"\u{1}\"}}",
            "[1,", "", #"{"m":{"a":1}"#,
        ] {
            #expect(throws: JSONProblem.self, "\(text)") { try self.members(text, opening: "m") }
        }
    }

    @Test func `a value of another kind has no members`() throws {
        for text in ["[]", "1", #""x""#, "null"] { #expect(try self.members(text) == nil) }
    }
}
