import Foundation
import Testing
import Vocabulary

@testable import Dialects

/// Every input that the fuzz targets begin with, and every one that they once found, held to what those targets hold.
@Suite struct CorpusTests {
    /// An input by its name.
    struct Entry: CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]

        var testDescription: String { self.name }
        /// Whole, in two pieces at every border, and byte by byte.
        var cuts: [[[UInt8]]] {
            self.bytes.indices.map { [Array(self.bytes[..<$0]), Array(self.bytes[$0...])] }
                + [[self.bytes], self.bytes.map { [$0] }]
        }
    }

    static func entries(_ target: String) throws -> [Entry] {
        let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
            .appending(path: "../../../deploy/fuzz/corpus/\(target)").standardized
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
        return try names.map { Entry(name: $0, bytes: Array(try Data(contentsOf: folder.appending(path: $0)))) }
    }

    @Test func `no folder of the corpus is left out`() throws {
        let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
            .appending(path: "../../../deploy/fuzz/corpus").standardized
        let own: Set = ["json", "request-body", "sse", "ndjson", "answer", "translated-request", "translated-answer"]
        let ofTheServer: Set = ["request-head", "chunked-body", "connection", "proxy-header"]
        #expect(Set(try FileManager.default.contentsOfDirectory(atPath: folder.path())) == own.union(ofTheServer))
        for target in own { #expect(try Self.entries(target).count >= 4, "\(target)") }
    }

    @Test(arguments: try Self.entries("json"))
    func `the members of a valid text are valid texts`(entry: Entry) {
        let isValid = problem(entry.bytes) == nil
        guard let members = try? JSONScanner.members(of: entry.bytes) else { return }
        #expect(isValid)
        for member in members { #expect(problem(Array(entry.bytes[member.value])) == nil) }
    }

    @Test(arguments: try Self.entries("request-body"))
    func `what is sent on is what was accepted, for the model that was chosen`(entry: Entry) throws {
        let plan = RewritePlan(servedModel: "served:1b", keepAlive: .seconds(300), outputTokensMax: 100)
        var accepted = 0
        for endpoint in Endpoint.allCases where endpoint.hasBody {
            guard let body = try? RequestBody(entry.bytes, endpoint: endpoint) else { continue }
            accepted += 1
            #expect(problem(entry.bytes) == nil)
            guard let sent = try? body.rewritten(for: plan) else { continue }
            let again = try RequestBody(sent.bytes, endpoint: endpoint)
            #expect(again.model == plan.sentModel)
            #expect(again.streams == body.streams)
        }
        #expect(accepted > 0 || ["case", "escaped-key", "trailing"].contains(entry.name))
    }

    @Test(arguments: try Self.entries("sse"))
    func `events are the same for every cut, and no byte is lost`(entry: Entry) throws {
        func read(_ pieces: [[UInt8]]) throws -> (events: [[UInt8]], bytes: [UInt8]) {
            var splitter = SSESplitter()
            var slices: [[UInt8]] = []
            for piece in pieces {
                splitter.append(piece)
                while let slice = try splitter.next() { slices.append(Array(slice)) }
            }
            let events = slices.map { SSEEvent($0[...]) }.filter(\.hasData).map { Array($0.data) }
            return (events, slices.flatMap { $0 } + splitter.rest())
        }
        let whole = try read([entry.bytes])
        for cut in entry.cuts {
            let reading = try read(cut)
            #expect(reading.events == whole.events, "\(cut.map(\.count))")
            #expect(reading.bytes == entry.bytes, "\(cut.map(\.count))")
        }
    }

    @Test(arguments: try Self.entries("ndjson"))
    func `lines are the same for every cut, and no byte is lost`(entry: Entry) throws {
        func read(_ pieces: [[UInt8]]) throws -> (lines: [[UInt8]], rest: [UInt8]) {
            var splitter = NDJSONSplitter()
            var lines: [[UInt8]] = []
            for piece in pieces {
                splitter.append(piece)
                while let line = try splitter.next() { lines.append(Array(line)) }
            }
            return (lines, Array(splitter.rest()))
        }
        let whole = try read([entry.bytes])
        #expect(whole.lines.flatMap { $0 } + whole.rest == entry.bytes)
        for cut in entry.cuts {
            let reading = try read(cut)
            #expect(reading.lines == whole.lines && reading.rest == whole.rest, "\(cut.map(\.count))")
        }
    }

    @Test(arguments: try Self.entries("answer"))
    func `an answer is read alike for every cut`(entry: Entry) {
        let options = AnswerReader.Options(hidesUsage: true, sentModel: "m:1b:local", shownModel: "m:1b")
        let endpoints: [Endpoint] = [.openAIChat, .openAIResponses, .anthropicMessages, .ollamaChat, .ollamaGenerate]
        for endpoint in endpoints {
            for streamed in [true, false] {
                let whole = read(endpoint, streamed: streamed, options, [entry.bytes])
                for cut in entry.cuts where read(endpoint, streamed: streamed, options, cut) != whole {
                    Issue.record("\(endpoint), streamed \(streamed), differs when cut into \(cut.map(\.count))")
                }
            }
        }
    }

    @Test(arguments: try Self.entries("translated-request"))
    func `what is written for another provider can be read there`(entry: Entry) throws {
        var written = 0
        for endpoint in Endpoint.allCases where endpoint.hasBody && endpoint != .ollamaShow {
            guard let body = try? RequestBody(entry.bytes, endpoint: endpoint) else { continue }
            if endpoint == .anthropicCountTokens { continue }
            for api in ProviderAPI.allCases {
                let plan = RewritePlan(outside: "served", api: api, outputTokensMax: 100, losses: .drop)
                guard let sent = try? body.translated(for: plan) else { continue }
                written += 1
                #expect(problem(sent.bytes) == nil)
                guard case .endpoint(let other) = sent.call, other.generates else { continue }
                #expect(throws: Never.self, "\(endpoint) to \(api): \(text(sent.bytes))") {
                    try RequestBody(sent.bytes, endpoint: other).translated(for: plan)
                }
            }
        }
        #expect(written > 0)
    }

    @Test(arguments: try Self.entries("translated-answer"))
    func `an answer is the same for every cut, and whole for who reads it on`(entry: Entry) {
        let readers: [(Endpoint, ProviderAPI)] = [
            (.openAIChat, .openAI), (.anthropicMessages, .anthropic), (.ollamaChat, .ollama),
        ]
        for api in ProviderAPI.allCases {
            for (endpoint, other) in readers {
                for streamed in [true, false] {
                    let whole = Self.translated([entry.bytes], from: api, to: endpoint, streamed: streamed)
                    let again = Self.translated([whole.out], from: other, to: endpoint, streamed: streamed)
                    #expect(again.isComplete == whole.isComplete, "\(api) to \(endpoint): \(text(whole.out))")
                    for cut in entry.cuts {
                        let reading = Self.translated(cut, from: api, to: endpoint, streamed: streamed)
                        if reading != whole {
                            Issue.record("\(api) to \(endpoint) differs when cut \(cut.map(\.count))")
                        }
                    }
                }
            }
        }
    }

    private static func translated(
        _ pieces: [[UInt8]], from api: ProviderAPI, to endpoint: Endpoint, streamed: Bool
    ) -> Translated {
        var reader = Translation(api: api, form: .chat).reader(for: endpoint, streamed: streamed, Codec.context)
        var out: [UInt8] = []
        for piece in pieces { _ = reader.consume(piece, into: &out) }
        _ = reader.finish(into: &out)
        return Translated(out: out, isComplete: reader.facts.signs.contains(.terminal))
    }

    private struct Translated: Equatable {
        let out: [UInt8]
        let isComplete: Bool
    }
}
