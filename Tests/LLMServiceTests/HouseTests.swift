import Foundation
import Testing

/// The library stands alone: read from the tree this file stands in.
@Suite struct HouseTests {
    static let sources = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")

    /// The imports of each Swift file below `folder`, by its path from there.
    static func imports(below folder: String) throws -> [String: [String]] {
        let root = Self.sources.appending(path: folder)
        let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        var found: [String: [String]] = [:]
        for path in paths where path.hasSuffix(".swift") {
            // No line of a text begins so in our sources.
            let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
            let lines = text.utf8.split(separator: UInt8(ascii: "\n")).map(Substring.init)
            found[path] = lines.filter { $0.contains("import ") && Self.isImport($0) }.map {
                String($0.split(separator: " ").last ?? "")
            }
        }
        return found
    }

    private static func isImport(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        return words.first { !$0.hasPrefix("@") && $0 != "public" && $0 != "internal" } == "import"
    }

    @Test func `the library imports Foundation, and its networking in one file`() throws {
        let imports = try Self.imports(below: "LLMService")
        #expect(imports.count > 20)
        for (path, modules) in imports {
            let allowed = path == "Wire/HTTPClient.swift" ? ["Foundation", "FoundationNetworking"] : ["Foundation"]
            #expect(Set(modules).isSubset(of: allowed), "\(path)")
        }
    }

    @Test func `the example needs the library alone`() throws {
        for (path, modules) in try Self.imports(below: "DocumentSummarizer") {
            #expect(Set(modules).isSubset(of: ["Foundation", "LLMService"]), "\(path)")
        }
    }

    @Test func `the daemon has no part of the library`() throws {
        for (path, modules) in try Self.imports(below: "") where !path.hasPrefix("DocumentSummarizer/") {
            #expect(!modules.contains("LLMService"), "\(path)")
        }
    }
}
