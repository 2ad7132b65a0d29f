import Configuration
import Dialects
import Foundation
import Residency
import SimulatedOllama
import Testing
import Vocabulary

@testable import Gateway

/// Holds the manual to the code: what the code has, the manual tells, and what the manual tells, the code has.
@Suite struct ManualTests {
    // MARK: Pages

    @Test func `the landing page leads to every page, and no link leads nowhere`() throws {
        let names = try ManualPages.pages().map { $0.deletingPathExtension().lastPathComponent }
        #expect(names.count > 5)
        let landing = try ManualPages.text("Gateway")
        for name in names where name != "Gateway" { #expect(landing.contains("<doc:\(name)>"), "\(name)") }
        for page in try ManualPages.pages() {
            let text = try String(contentsOf: page, encoding: .utf8)
            for link in TextPattern("<doc:([^>]+)>").groups(in: text) {
                #expect(names.contains(link), "\(page): \(link)")
            }
        }
    }

    // MARK: Reasons

    @Test func `every reason has one row with its status, and no row is left of one that is gone`() throws {
        let rows = try ManualPages.rows("ReasonCodes").filter { $0.count == 4 && $0[0].hasPrefix("`") }
        let told = Dictionary(rows.map { ($0[0].bare, $0[1]) }) { first, _ in first }
        #expect(told.count == rows.count, "a code stands twice")
        for reason in Reason.allCases { #expect(told[reason.rawValue] == String(reason.status), "\(reason.rawValue)") }
        #expect(told.keys.filter { Reason(rawValue: $0) == nil } == [])
        for row in rows { #expect(!row[2].isEmpty && !row[3].isEmpty, "\(row[0]) without a word") }
    }

    // MARK: Configuration

    /// A key is documented by its path, in which what an operator names is in capitals: `backends.NAME.url`,
    /// `keys[].secrets[].hash`.
    @Test func `every key that is read is documented, and no other`() throws {
        let source = try SourceText.text(under: "Gateway/Configuration")
        let readers =
            "text|bool|int|duration|choice|list|section|entries|read|readIfPresent|addresses|names|pattern|optional|minutes|count"
            + "|rules|listIfPresent"
        // The schema is read by the tree itself.
        let read = Set(TextPattern(#"\b(?:\#(readers))\(\s*"([a-z_]+)""#).groups(in: source)).union(["schema"])
        #expect(read.count > 40)
        let bounds = Set(try Self.bounds().map(\.name))
        // Other tables of the page on the policy have fewer columns.
        let rows = try ManualPages.rows("Configuration") + ManualPages.rows("Policy").filter { $0.count == 4 }
        let paths = rows.map { $0[0] }.filter {
            $0.hasPrefix("`") && $0.hasSuffix("`") && !$0.contains(" ") && !bounds.contains($0.bare)
                && !$0.contains("*")
        }
        let parts = paths.flatMap { $0.bare.replacing("[]", with: "").split(separator: ".").map { String($0) } }
        let documented = Set(parts).subtracting(["NAME"])
        #expect(read.subtracting(documented) == [], "not in the manual")
        #expect(documented.subtracting(read) == [], "not in the code")
    }

    @Test func `the complete examples load`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gatehouse-manual-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let blocks = TextPattern("```yaml\n(# (?:gatehouse.yaml|models.manifest|keys.yaml)\n[^`]*)```")
            .groups(in: try ManualPages.text("Configuration"))
        #expect(blocks.count == 3)
        for block in blocks {
            let name = String(block.dropFirst(2).prefix { $0 != "\n" })
            try block.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        try String(repeating: "a", count: 64).write(
            to: folder.appending(path: "pepper"), atomically: true, encoding: .utf8)
        let loader = ConfigurationLoader(path: folder.appending(path: "gatehouse.yaml").path, nodeDefault: "test")
        do throws(Problems) {
            let configuration = try loader.load()
            #expect(configuration.backends.count == 4)
            #expect(configuration.manifest.models.count == 3)
            #expect(configuration.keys.count == 1)
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func `the example of a policy loads, and its tests pass`() throws {
        let blocks = TextPattern("```yaml\n(# policy.yaml\n[^`]*)```").groups(in: try ManualPages.text("Policy"))
        #expect(blocks.count == 1)
        let file = try PolicyFolder(blocks[0]).read()
        let report = PolicyTestReport(file, path: "policy.yaml")
        #expect(report.failed == 0, "\(report.text)")
        #expect(report.tests.count == 4)
        let lint = PolicyLint(file, backends: [("euai", "EU")], path: "policy.yaml")
        #expect(lint.lines == [])
    }

    @Test func `what a policy will have later is named, and every reason of a policy explained`() throws {
        let source = try SourceText.text(under: "Gateway/Configuration")
        let later = Set(TextPattern(#"[Ll]ater\(\s*"([a-z_]+)""#).groups(in: source))
        #expect(later.count > 10)
        let text = try ManualPages.text("Policy")
        #expect(later.filter { !text.contains("`\($0)`") } == [])
        let told = Set(try ManualPages.rows("Policy").filter { $0.count == 2 }.map { $0[0].bare }).subtracting([
            "reason"
        ])
        let reasons = Reason.allCases.filter { $0 == .allowRule || $0.isPolicyRefusal }.map(\.rawValue)
        #expect(told == Set(reasons))
    }

    /// `public static let requestHead = Bytes.kibibytes(64)`
    private static func bounds() throws -> [(name: String, number: String)] {
        TextPattern(#"static let ([a-zA-Z]+) = ([^\n]+)"#).pairs(in: try SourceText.text(of: "Vocabulary/Bounds.swift"))
            .map {
                ($0, TextPattern("([0-9][0-9_]*)").groups(in: $1)[0].replacing("_", with: ""))
            }
    }

    @Test func `every bound has a row with its number`() throws {
        let rows = Dictionary(try ManualPages.rows("Configuration").map { ($0[0].bare, $0) }) { first, _ in first }
        let bounds = try Self.bounds()
        #expect(bounds.count > 30)
        for (name, number) in bounds {
            let row = rows[name]
            #expect(row != nil, "\(name) is not in the manual")
            let told = TextPattern("([0-9][0-9,]*)").groups(in: row?[1] ?? "").map { $0.replacing(",", with: "") }
            #expect(told.first == number, "\(name)")
        }
    }

    // MARK: API

    @Test func `every path is listed, served or forbidden`() throws {
        let text = try ManualPages.text("API")
        let served = Dialects.Endpoint.allCases.flatMap { endpoint in
            endpoint.allow.split(separator: ", ").map { "`\($0) \(endpoint.backendPath)" }
        }
        #expect(served.filter { !text.contains($0) } == [])
        let forbidden = TextPattern(#""((?:api|v1)/[a-z_]+)""#).groups(
            in: try SourceText.text(of: "Dialects/PathSpelling.swift"))
        #expect(forbidden.count > 10)
        #expect(forbidden.filter { !text.contains("`/\($0)`") } == [])
    }

    @Test func `every header of ours is documented`() throws {
        let source = try SourceText.text(under: "Gateway")
        let names = Set(TextPattern(#""(x-gatehouse-[a-z-]+|x-request-timeout)""#).groups(in: source))
        #expect(names.count > 8)
        let text = try ManualPages.text("API")
        #expect(names.filter { !text.contains("`\($0)") } == [])
        let folded = text.lowercased()
        #expect(CallerRules.forwardingHeaders.filter { !folded.contains("`\($0)`") }.map(\.description) == [])
    }

    @Test func `every change of a body is documented, with the names that are told`() throws {
        let text = try ManualPages.text("API")
        let source = try SourceText.text(of: "Dialects/Requests/Splice.swift")
        let options = TextPattern(#""((?:num|main|use|draft|low|f16|logits|vocab)[a-z_]*)""#).groups(in: source)
        #expect(options.count == 13)
        #expect(options.filter { !text.contains("`\($0)`") } == [])
        let splices = TextPattern(#"\n    case ([a-zA-Z]+)\n"#).groups(in: source)
        let rows = try ManualPages.rows("API").filter { $0.count == 4 && $0[1] != "where" }
        #expect(rows.count == splices.count, "one row for each of \(splices)")
    }

    @Test func `every change on the way to a compatible server is documented`() throws {
        let source = try SourceText.text(of: "Dialects/Requests/CompatibleSplice.swift")
        let splices = TextPattern(#"\n    case ([a-zA-Z]+)\n"#).groups(in: source)
        let section = try ManualPages.sections("API")["What is changed on the way to other servers inside"] ?? ""
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("|") && !$0.hasPrefix("|--") }
        #expect(rows.count == splices.count + 1, "a head, and one row for each of \(splices)")
        let members = TextPattern(#""([a-z_]+)""#).groups(in: source)
        #expect(members.count == 4)
        #expect(members.filter { !section.contains("`\($0)`") } == [])
    }

    // MARK: Operating

    @Test func `every metric is documented, and no other`() throws {
        let source = try SourceText.text(under: "Gateway/Observing")
        let emitted = Set(TextPattern(#""((?:gatehouse|gen_ai)_[a-z_]+)""#).groups(in: source))
        let rows = try ManualPages.rows("Operating").filter {
            $0.count == 4 && TextPattern("^`g[a-z_]+`$").matches($0[0])
        }
        let told = Set(rows.map { $0[0].bare })
        // Labels are named like families, and stand in another column.
        let labels = Set(rows.flatMap { TextPattern("`([a-z_]+)`").groups(in: $0[2]) })
        #expect(emitted.count > 25)
        #expect(emitted.subtracting(told).subtracting(labels) == [], "not in the manual")
        #expect(told.subtracting(emitted) == [], "not in the code")
        let used = Set(TextPattern(#"\("([a-z_]+)", "#).groups(in: source))
        #expect(labels.subtracting(used) == [], "labels that are not in the code")
    }

    @Test func `every field of the request log is documented`() throws {
        let source = try SourceText.text(of: "Gateway/Observing/RequestLine.swift")
        let fields = TextPattern(#"(?:member|key)\("([a-z_]+)""#).groups(in: source)
        #expect(fields.count > 15)
        let cells = try ManualPages.rows("Operating").map { $0[0] }.joined(separator: " ")
        #expect(fields.filter { !cells.contains("`\($0)`") } == [])
    }

    @Test func `every health path is documented`() throws {
        let paths = TextPattern(#""(/[a-z/]+)"\.utf8"#).groups(
            in: try SourceText.text(of: "Gateway/Planes/OperationsPlane.swift"))
        #expect(paths.count > 5)
        let text = try ManualPages.text("Operating")
        #expect(paths.filter { !text.contains("`\($0)") && !text.contains("`GET \($0)") } == [])
    }

    // MARK: Runbook

    @Test func `every reason has its place in the runbook, once`() throws {
        let rows = try ManualPages.rows("Runbook").filter { $0.count == 3 && $0[0].hasPrefix("`") }
        let codes = rows.flatMap { TextPattern("`([a-z_]+)`").groups(in: $0[0]) }
        #expect(codes.sorted() == Reason.allCases.map(\.rawValue).sorted())
        for row in rows { #expect(!row[1].isEmpty && !row[2].isEmpty, "\(row[0]) without a word") }
    }

    @Test func `every alert has its heading in the runbook, and its link leads there`() throws {
        let rules = try String(
            contentsOf: repository.appending(path: "deploy/monitoring/gatehouse.rules.yml"), encoding: .utf8)
        let alerts = TextPattern("- alert: ([A-Za-z]+)").groups(in: rules)
        #expect(alerts.count > 20)
        #expect(Set(alerts).count == alerts.count)
        // A heading's anchor is its words in lower case (GitHub, Grafana, DocC).
        #expect(TextPattern("runbook_url: Runbook.md#([a-z]+)").groups(in: rules) == alerts.map { $0.lowercased() })
        let sections = try ManualPages.sections("Runbook")
        for alert in alerts {
            #expect((sections[alert]?.count ?? 0) > 100, "\(alert) is not explained")
            #expect(sections[alert]?.hasPrefix("*") == true, "\(alert) does not begin with what it means")
        }
        #expect(sections.keys.filter { $0.hasPrefix("Gatehouse") && !alerts.contains($0) } == [])
        // The table names no alert that is none.
        let named = TextPattern("(Gatehouse[A-Z][A-Za-z]+)").groups(in: try ManualPages.text("Runbook"))
        #expect(Set(named).subtracting(alerts) == [])
    }

    @Test func `every example of a load balancer is named in the manual`() throws {
        let folder = repository.appending(path: "deploy/examples")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let text = try ManualPages.text("LoadBalancers")
        #expect(files.count >= 4)
        #expect(files.filter { !text.contains("`\($0)`") } == [])
    }

    // MARK: Commands

    @Test func `every command has its section, with its options`() throws {
        let sections = try ManualPages.sections("CommandLine")
        let shared = try ManualPages.text("CommandLine")
        let commands = try DeclaredCommand.all()
        #expect(commands.count > 20)
        for command in commands {
            let section = sections["gatehouse \(command.name)"]
            #expect(section != nil, "gatehouse \(command.name)")
            #expect(command.options.filter { section?.contains("--\($0)") != true } == [], "\(command.name)")
        }
        #expect(try DeclaredCommand.sharedOptions().filter { !shared.contains("--\($0)") } == [])
        let known = Set(commands.map { "gatehouse \($0.name)" })
        #expect(sections.keys.filter { $0.hasPrefix("gatehouse ") && !known.contains($0) } == [])
    }

    @Test func `the simulated server's options and faults are documented`() throws {
        let text = try ManualPages.text("SimulatedOllama")
        let simulate = try #require(try DeclaredCommand.all().first { $0.name == "simulate" })
        #expect(simulate.options.count > 5)
        #expect(simulate.options.filter { !text.contains("`--\($0)`") } == [])
        #expect(Fault.grammar.filter { !text.contains("`\($0)`") } == [])
    }

    @Test func `the manual lists every member that goes outside or stays here`() throws {
        let source = try SourceText.text(of: "Dialects/Requests/ExternalMembers.swift")
        let text = try ManualPages.text("API")
        let part = try #require(text.split(separator: "## What is changed on the way outside").last)
        let section = try #require(part.split(separator: "\n## ").first)
        let members = TextPattern(#"[\["( ]"([a-z_]+)"[,\]]"#).groups(in: source)
        #expect(Set(members).count > 35)
        #expect(members.filter { !section.contains("`\($0)`") && !section.contains("`\"\($0)\"") } == [])
    }

    // MARK: Audit

    @Test func `every kind of record, every fault and every reason that makes a decision is documented, and no other`()
        throws
    {
        let cells = try ManualPages.rows("Audit").filter { $0[0].hasPrefix("`") }.map { ($0.count, $0[0].bare) }
        let kinds = cells.filter { AuditKind(rawValue: $0.1) != nil && $0.0 == 3 }.map(\.1)
        #expect(kinds == AuditKind.allCases.map(\.rawValue))
        let faults = cells.filter { $0.0 == 2 }.map(\.1)
        #expect(Set(faults) == Set(AuditFault.Code.allCases.map(\.rawValue)))
        let text = try ManualPages.text("Audit")
        for reason in Reason.allCases where reason.isResidencyRefusal {
            #expect(text.contains("`\(reason.rawValue)`"), "\(reason.rawValue)")
        }
        for change in AuditBackendChange.Change.allCases { #expect(text.contains("`\(change.rawValue)`")) }
    }

    @Test func `a usage row's line has the columns that the manual names, in its order`() throws {
        let source = try SourceText.text(of: "Storage/UsageInsert.swift")
        let list = try #require(TextPattern(#"static let columns = \[([^\]]*)\]"#).groups(in: source).first)
        let columns = ["id"] + TextPattern(#""([a-z_]+)""#).groups(in: list)
        #expect(columns.count == 22)
        let told = columns.map { "`\($0)`" }.joined(separator: ", ")
        let text = try ManualPages.text("Audit").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains(told))
        let verifier = try String(contentsOf: repository.appending(path: "deploy/audit-verify.py"), encoding: .utf8)
        let sql = columns.joined(separator: ", ")
        #expect(verifier.replacing("\"\n    \"", with: "").contains(sql))
    }

    // MARK: Residency

    @Test func `every number of the leak list has its row, and every test that is named is there`() throws {
        let rows = try ManualPages.rows("Residency").filter { $0.count == 3 && $0[0].hasPrefix("L") }
        var numbers: Set<Int> = []
        for row in rows {
            let found = TextPattern("L([0-9]+)").groups(in: row[0]).compactMap { Int($0) }
            numbers.formUnion(row[0].contains(" to ") ? Set(found[0]...found[1]) : Set(found))
        }
        #expect(numbers == Set(1...31).union(33...37).union([42]))
        let tests = try SourceText.tests()
        let text = try ManualPages.text("Residency")
        let list = try #require(text.split(separator: "## The leak list").last?.split(separator: "\n## ").first)
        // Pytest's names begin alike, the names of our own tests are sentences.
        let names = TextPattern("`([^`]+)`").groups(in: String(list)).filter {
            $0.hasPrefix("test_") || $0.contains(" ")
        }
        #expect(names.count > 40)
        let lost = names.filter { name in
            !tests.contains(name.hasPrefix("test_") ? "def \(name)(" : "func `\(name)`(")
        }
        #expect(lost == [])
    }
}
