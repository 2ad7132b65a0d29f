import Testing

@testable import Dialects

@Suite struct OpeningTests {
    private func opening(_ members: String, at endpoint: Endpoint = .openAIChat) throws -> String {
        let body = try RequestBody(Array(#"{"model":"m",\#(members)}"#.utf8), endpoint: endpoint)
        return String(decoding: body.opening, as: UTF8.self)
    }

    private let system = #"{"role":"system","content":"s"}"#
    private let user = #"{"content":"u","role":"user"}"#
    private let answer = #"{"role":"assistant","content":"a"}"#

    @Test func `a conversation opens with all up to the first thing that a person said`() throws {
        let first = "[\(self.system) , \(self.user)"
        #expect(try self.opening(#""messages":\#(first)]"#) == first)
        #expect(try self.opening(#""messages":\#(first),\#(self.answer),\#(self.user)]"#) == first, "later turns too")
        #expect(try self.opening(#""messages":[\#(self.user),\#(self.system)]"#) == "[\(self.user)")
    }

    @Test func `where no person has said anything it is all there is`() throws {
        #expect(
            try self.opening(#""messages":[\#(self.system), \#(self.answer) ]"#) == "[\(self.system), \(self.answer)")
        #expect(try self.opening(#""messages":[]"#) == "")
    }

    @Test func `a role may be written with escapes`() throws {
        let escaped = ##"{"\u0072ole":"us\u0065r","content":"u"}"##
        #expect(try self.opening(#""messages":[\#(escaped),\#(self.answer)]"#) == "[\(escaped)")
    }

    @Test func `other calls open with their prompt or their first input`() throws {
        #expect(try self.opening(#""prompt":"p""#, at: .openAICompletions) == #""p""#)
        #expect(try self.opening(#""input":[\#(self.user),\#(self.answer)]"#, at: .openAIResponses) == self.user)
        #expect(try self.opening(#""input":"i""#, at: .openAIResponses) == #""i""#)
        #expect(try self.opening(#""input":"i""#, at: .openAIEmbeddings) == "")
    }
}
