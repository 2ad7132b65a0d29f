import LLMService
import Testing

@testable import DocumentSummarizer

@Suite struct SummarizerTests {
    static let answer = #"{"title": "Bills", "points": ["They are due."], "summary": "Pay."}"#

    /// Notes the first word of each passage, and sums up.
    static func service(_ most: Locked<(now: Int, max: Int)> = Locked((0, 0))) -> InMemoryService {
        InMemoryService { request in
            most.with {
                $0.now += 1
                $0.max = max($0.max, $0.now)
            }
            await Task.yield()
            most.with { $0.now -= 1 }
            if case .schema = request.format { return .text(Self.answer) }
            return .text(String(request.messages.last?.text.prefix { !$0.isWhitespace } ?? ""))
        }
    }

    @Test func `a short document is summed up at once`() async throws {
        let service = Self.service()
        let summary = try await Summarizer(service: service, model: "general").summary(of: "A short text.")
        #expect(summary == Summary(title: "Bills", points: ["They are due."], summary: "Pay."))
        #expect(service.requests.count == 1)
        #expect(service.requests[0].format == .schema(Summary.schema, name: "Summary"))
        #expect(service.requests[0].messages.last == .user("A short text."))
    }

    @Test func `a long one is read in passages, some at once, and their notes in order`() async throws {
        let most = Locked((now: 0, max: 0))
        let service = Self.service(most)
        let document = (1...40).map { "\($0) is the number of this paragraph." }.joined(separator: "\n\n")
        let summarizer = Summarizer(service: service, model: "general", passageLengthMax: 100, concurrentMax: 3)
        _ = try await summarizer.summary(of: document)
        #expect(most.with { $0.max } <= 3)
        let last = try #require(service.requests.last)
        let notes = try #require(last.messages.last?.text.split(separator: "\n\n").compactMap { Int($0) })
        #expect(notes.count > 10 && notes == notes.sorted() && notes.first == 1)
    }

    @Test func `notes that are too long are noted again`() async throws {
        let service = Self.service()
        let document = (1...60).map { "\($0) is the number of this paragraph." }.joined(separator: "\n\n")
        _ = try await Summarizer(service: service, model: "general", passageLengthMax: 50).summary(of: document)
        #expect(service.requests.count > 61)
    }

    @Test func `notes as long as the document lead nowhere, and end`() async {
        let service = InMemoryService { request in .text(request.messages.last?.text ?? "") }
        let summarizer = Summarizer(service: service, model: "general", passageLengthMax: 10)
        let error = await failure { try await summarizer.summary(of: "A document of many words.") }
        #expect(error?.kind == .unreadableOutput)
    }

    @Test func `one failure ends all`() async {
        let service = InMemoryService { _ throws(LLMError) in throw LLMError(.forbidden, "no", code: "deny_rule") }
        let summarizer = Summarizer(service: service, model: "general", passageLengthMax: 10)
        #expect(await failure { try await summarizer.summary(of: "A document of words.") }?.code == "deny_rule")
    }

    @Test(arguments: [
        ("One two. Three four.\nFive six.\n\nSeven.", 32, ["One two. Three four.\nFive six.\n\n", "Seven."]),
        ("One two.\nThree four five.", 20, ["One two.\n", "Three four five."]),
        ("One two. Three four.", 15, ["One two. ", "Three four."]), ("One two", 5, ["One ", "two"]),
        ("Onetwothree", 4, ["Onet", "woth", "ree"]), ("", 4, []), ("four", 4, ["four"]),
        ("\u{1F600}e\u{301}", 1, ["\u{1F600}", "e\u{301}"]),
    ])
    func `a text is cut where a reader would pause`(text: String, lengthMax: Int, expected: [String]) {
        let passages = passages(of: text, lengthMax: lengthMax)
        #expect(passages.map(String.init) == expected)
        #expect(passages.joined() == text)
    }
}
