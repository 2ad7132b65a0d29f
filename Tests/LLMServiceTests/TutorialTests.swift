import Foundation
import LLMService
import Testing

struct Ticket: Structured {
    var subject: String
    var isUrgent: Bool
    static let schema = JSONSchema.object(["subject": .string, "isUrgent": .boolean])
}

/// The lines of the tutorial, as a compiler sees them.
@Suite struct TutorialTests {
    /// The first lines; only to be compiled, since they ask a real server.
    static func ticket(of mail: String) async throws -> Ticket {
        let service = OpenAICompatibleService(url: URL(string: "http://127.0.0.1:11430/v1")!, key: "gh_...")
        let request = ChatRequest(model: "general", "Make a ticket of this mail: \(mail)")
        let ticket = try await service.chat(request, as: Ticket.self)
        return ticket
    }

    @Test func `an answer is told as it comes`() async throws {
        let (service, request) = (InMemoryService(["Yes, it is."]), ChatRequest(model: "general", "Is it?"))
        var told = ""
        func print(_ text: String, terminator: String) { told += text + terminator }
        for try await chunk in service.chatStream(request) {
            if let text = chunk.text { print(text, terminator: "") }
        }
        #expect(told == "Yes, it is.")
    }

    @Test func `a function is called until the model knows enough`() async throws {
        let service = InMemoryService([
            .toolCall("bill", arguments: #"{"number": 4711}"#), .toolCall("bill", arguments: #"{"number": 4712}"#),
            "Bill 4711 is paid.",
        ])
        func lookUp(_ call: ToolCall) -> String { call.arguments.contains("4711") ? "paid" : "open" }
        var request = ChatRequest(model: "general", "Is bill 4711 paid?")
        request.tools = [ChatTool("bill", "Looks a bill up.", parameters: .object(["number": .integer]))]
        var reply = try await service.chat(request)
        while reply.stop == .toolCalls {
            let results = reply.toolCalls.map { call in ToolResult(of: call, lookUp(call)) }
            request.messages += [reply.message, .results(results)]
            reply = try await service.chat(request)
        }
        #expect(reply.text == "Bill 4711 is paid.")
        let last = try #require(service.requests.last)
        #expect(last.messages.count == 5)
        let call = ToolCall(id: "call_0", name: "bill", arguments: #"{"number": 4712}"#)
        #expect(last.messages.last == .results([ToolResult(of: call, "open")]))
    }

    @Test func `it is tested without a model`() async throws {
        let request = ChatRequest(model: "general", "Make a ticket of this mail: It is cold.")
        let service = InMemoryService([#"{"subject": "No heating", "isUrgent": true}"#])
        let ticket = try await service.chat(request, as: Ticket.self)
        #expect(ticket.subject == "No heating" && ticket.isUrgent)
    }

    static func lines(of file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
    }

    @Test func `each line of the tutorial's code is one of this file's`() throws {
        let file = URL(filePath: #filePath).resolvingSymlinksInPath()
        let root = file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let compiled = Set(try Self.lines(of: file))
        var isCode = false
        var count = 0
        for line in try Self.lines(of: root.appending(path: "Sources/LLMService/LLMService.docc/Tutorial.md")) {
            if line.hasPrefix("```") {
                isCode.toggle()
            } else if isCode {
                #expect(compiled.contains(line), "\(line)")
                count += 1
            }
        }
        #expect(count > 15)
    }
}
