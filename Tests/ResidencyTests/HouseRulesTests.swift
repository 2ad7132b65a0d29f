import Foundation
import Testing

/// Rules of the house that a machine can hold: read from the tree this file stands in.
@Suite struct HouseRulesTests {
    /// The package's folder, also when it is built through a link.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Targets that decide and touch nothing.
    static let pure = ["Vocabulary", "Dialects", "Residency", "Health", "Accounting", "Routing"]

    /// All that a pure target may import: each other, and two libraries of values.
    static let importable = Set(pure + ["Crypto", "DequeModule", "HeapModule", "OrderedCollections", "Collections"])

    /// Swift files below `folder`, by their path from the root.
    static func files(below folder: String) -> [(path: String, text: String)] {
        let start = Self.root.appending(path: folder)
        let paths = FileManager.default.enumerator(atPath: start.path)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
            (try? String(contentsOf: start.appending(path: path), encoding: .utf8)).map { ("\(folder)/\(path)", $0) }
        }
    }

    @Test func `the tree is there to be read`() {
        for target in Self.pure where target == "Vocabulary" || target == "Residency" {
            #expect(!Self.files(below: "Sources/\(target)").isEmpty)
        }
    }

    /// The one file beside the tests of Residency that makes verdicts and intents: the tests of the door cannot do
    /// without grants for backends outside, and the policy and the store stand above it.
    static let granter = "Tests/OutboundTests/ExternalGranter.swift"

    static func looksInside(_ path: String) -> Bool { path.hasPrefix("Tests/ResidencyTests/") || path == Self.granter }

    @Test func `only the tests of Residency look inside it`() {
        for file in Self.files(below: "Tests") + Self.files(below: "Sources") + Self.files(below: "deploy")
        where !Self.looksInside(file.path) {
            #expect(!HouseRules.looksInside("Residency", file.text), "\(file.path)")
        }
    }

    /// A proof that an intent is durable is worth as much as its maker: the store that has committed it.
    @Test func `only the audit store says that an intent is durable`() {
        let makers = Self.files(below: "Sources").filter { $0.text.contains("@_spi(Durable)") }.map(\.path)
        let allowed = ["Sources/Residency/Audit/AuditIntent.swift", "Sources/Storage/AuditStore+Durable.swift"]
        #expect(makers.filter { !allowed.contains($0) } == [])
        let tests = Self.files(below: "Tests").filter {
            $0.text.contains("@_spi(" + "Durable)") && !Self.looksInside($0.path)
                && !$0.path.hasPrefix("Tests/Simulation/")  // It plays the store.
        }
        #expect(tests.map(\.path) == [])
    }

    /// The text of a provider's key goes into one header line, and nowhere else.
    @Test func `only the door reads a backend's key`() {
        let readers = (Self.files(below: "Sources") + Self.files(below: "Tests")).filter {
            $0.text.contains("@_spi(" + "Door)") && !$0.path.hasPrefix("Tests/ResidencyTests/")
        }
        #expect(
            readers.map(\.path).filter { !$0.hasPrefix("Sources/Outbound/") }
                == ["Sources/Residency/BackendCredential.swift", "Sources/Residency/CredentialHeader.swift"])
    }

    @Test(arguments: Self.pure)
    func `a pure target imports values only`(target: String) {
        for file in Self.files(below: "Sources/\(target)") {
            #expect(HouseRules.imports(of: file.text).subtracting(Self.importable) == [], "\(file.path)")
        }
    }

    @Test(arguments: Self.pure)
    func `a pure target reads no clock, draws no chance and prints nothing`(target: String) {
        for file in Self.files(below: "Sources/\(target)") {
            #expect(HouseRules.impurities(of: file.text) == [], "\(file.path)")
        }
    }

    @Test func `no marker of unfinished work is left`() {
        for file in Self.files(below: "Sources") {
            #expect(HouseRules.markers(of: file.text) == [], "\(file.path)")
        }
    }

    @Test func `the rules find what they look for`() {
        #expect(HouseRules.looksInside("Residency", "@testable import Residency\n"))
        #expect(HouseRules.looksInside("Residency", "@testable  public import struct Residency.Grant"))
        #expect(!HouseRules.looksInside("Residency", "import Residency\n@testable import Routing"))
        #expect(!HouseRules.looksInside("Residency", "// @testable import Residency"))
        #expect(
            HouseRules.imports(
                of: "import Vocabulary\n  @preconcurrency internal import Glibc\nimport struct Foundation.Date")
                == ["Vocabulary", "Glibc", "Foundation"])
        #expect(HouseRules.imports(of: "/// import Foundation\nlet x = 1") == [])
        for impure in [
            "let now = ContinuousClock.now", "SystemRandomNumberGenerator()", "Int.random(in: 0..<3)",
            "list.shuffled()",
            "list.randomElement()", "Date()", "clock_gettime(0, &t)", "print(x)", "try await Task.sleep(for: x)",
            "Int\n.random(in:\n 0..<(3 + x.count))",
        ] {
            #expect(HouseRules.impurities(of: impure).count == 1, "\(impure)")
        }
        for pure in [
            "Int.random(in: 0..<3, using: &generator)", "Double.random(in: f(x)..<(y), using: &generator)",
            "list.shuffled(using: &generator)", "// print(x)", "fingerprint(x)", "let update = Update()",
        ] {
            #expect(HouseRules.impurities(of: pure) == [], "\(pure)")
        }
        #expect(HouseRules.markers(of: "// T" + "ODO: later") == ["T" + "ODO"])
    }
}

/// The rules themselves, on text.
enum HouseRules {
    /// `text` without its comments; strings are kept, which errs on the strict side.
    static func code(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
        }.joined(separator: "\n")
    }

    static func looksInside(_ module: String, _ text: String) -> Bool {
        Self.code(text).split(separator: "\n").contains { line in
            line.contains("@testable") && Self.imports(of: String(line)).contains(module)
        }
    }

    /// The modules that `text` imports, whatever stands before and behind the word.
    static func imports(of text: String) -> Set<String> {
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        var modules: Set<String> = []
        for line in Self.code(text).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let start = words.firstIndex(of: "import"), words[..<start].allSatisfy(Self.isModifier) else {
                continue
            }
            let named = words[(start + 1)...].first { !kinds.contains($0) }
            if let named { modules.insert(String(named.prefix { $0 != "." && $0 != ";" })) }
        }
        return modules
    }

    private static func isModifier(_ word: Substring) -> Bool {
        word.hasPrefix("@") || ["public", "package", "internal", "fileprivate", "private"].contains(word)
    }

    /// Calls that read a clock, draw chance without a generator, sleep or print.
    static func impurities(of text: String) -> [String] {
        let code = Self.code(text)
        let banned = [
            "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", "clock_gettime(", "gettimeofday(",
            "Date(", "Task.sleep", "print(", "debugPrint(", "dump(", "arc4random", "getenv(", "ProcessInfo",
        ]
        return banned.filter { Self.has($0, code) }
            + [".random(", ".shuffled(", ".shuffle(", ".randomElement("].filter {
                Self.hasCallWithoutGenerator($0, code)
            }
    }

    /// True if `word` stands in `code` as a word of its own at its beginning.
    private static func has(_ word: String, _ code: String) -> Bool {
        code.ranges(of: word).contains { range in
            guard range.lowerBound > code.startIndex else { return true }
            let before = code[code.index(before: range.lowerBound)]
            return !before.isLetter && !before.isNumber && before != "_"
        }
    }

    private static func hasCallWithoutGenerator(_ call: String, _ code: String) -> Bool {
        code.ranges(of: call).contains { range in
            var depth = 1
            let arguments = code[range.upperBound...].prefix { character in
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                return depth > 0
            }
            return !arguments.contains("using:")
        }
    }

    static func markers(of text: String) -> [String] {
        // Put together, so that this file has none.
        ["T" + "ODO", "F" + "IXME", "X" + "XX:", "HA" + "CK:"].filter { text.contains($0) }
    }
}
