import Foundation
import Testing
import Vocabulary

@testable import HTTPServer

/// Every input that the fuzz targets begin with, and every one that they once found, read whole and cut everywhere.
struct CorpusTests {
    static func entries(_ target: String) throws -> [(name: String, bytes: [UInt8])] {
        let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
            .appending(path: "../../../deploy/fuzz/corpus/\(target)").standardized
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
        return try names.map { (name: $0, bytes: Array(try Data(contentsOf: folder.appending(path: $0)))) }
    }

    @Test func `each head of the corpus reads alike for every cut`() throws {
        let entries = try Self.entries("request-head")
        #expect(entries.count >= 15)
        for entry in entries { expectSameForEverySplit(entry.bytes, "\(entry.name)") }
    }

    @Test func `each chunked body of the corpus reads alike for every cut`() throws {
        let entries = try Self.entries("chunked-body")
        #expect(entries.count >= 10)
        for entry in entries { expectSameChunksForEverySplit(entry.bytes, bodyMax: 1000) }
    }

    @Test func `each PROXY header of the corpus is read, and nothing shorter`() throws {
        let entries = try Self.entries("proxy-header")
        #expect(entries.count >= 8)
        for entry in entries {
            let whole = ProxyHeader.read(entry.bytes)
            guard case .header(let header) = whole else { continue }
            for cut in 0...entry.bytes.count {
                let expected = cut < header.count ? .incomplete : whole
                #expect(ProxyHeader.read(Array(entry.bytes[..<cut])) == expected, "\(entry.name)")
            }
        }
    }

    @Test func `each connection of the corpus is served alike for every cut`() throws {
        let entries = try Self.entries("connection")
        #expect(entries.count >= 8)
        for entry in entries {
            let whole = served([entry.bytes[...]])
            for cut in entry.bytes.indices where served([entry.bytes[..<cut], entry.bytes[cut...]]) != whole {
                Issue.record("\(entry.name) is served differently when cut at \(cut)")
            }
            #expect(served(entry.bytes.indices.map { entry.bytes[$0...$0] }) == whole, "\(entry.name)")
            #expect(!whole.contains { $0.contains("smuggled") }, "\(entry.name)")
        }
    }

    /// What a handler that reads every body would see.
    private func served(_ pieces: [ArraySlice<UInt8>]) -> [String] {
        var play = Play()
        var log: [String] = []
        for piece in pieces {
            var word = play.send(bytes: Array(piece))
            while word != "-" {
                log.append(word)
                if word.hasPrefix("start") {
                    word = play.readBody()
                    if word == "wait" || word == "100, wait" { break }
                } else if word == "body ready" {
                    log.removeLast()
                    word = play.take()
                } else if word.hasPrefix("body ") || word.hasPrefix("no body") {
                    word = String(play.answer().dropFirst("keep, ".count))
                } else if word.hasPrefix("refuse") {
                    word = play.refused()
                } else {
                    break
                }
            }
        }
        return log
    }
}
