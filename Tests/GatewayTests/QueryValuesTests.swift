import Testing

@testable import Gateway

/// Questions to the admin plane, as the command line writes them.
@Suite struct QueryValuesTests {
    @Test func `a query is read by its names`() {
        let query = QueryValues(Array("model=llama3.2%3A3b&last=5&last=6&empty=&flag&days=many&%61b=c=d".utf8)[...])
        #expect(query["model"] == "llama3.2:3b")
        #expect(query["empty"] == "")
        #expect(query["flag"] == nil)
        #expect(query["ab"] == "c=d")
        #expect(query.number("last", default: 30) == 5)
        #expect(query.number("days", default: 7) == 7)
        #expect(query.number("none", default: 7) == 7)
        #expect(QueryValues(nil)["model"] == nil)
    }
}
