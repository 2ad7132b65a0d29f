import Testing
import Vocabulary

@testable import Configuration

@Suite struct YAMLWriterTests {
    @Test func `a file is written as a person would`() {
        var yaml = YAMLWriter()
        yaml.comment("Written by `gatehouse init`.\n\nKeep it in Git.")
        yaml.entry("schema", 1)
        yaml.blankLine()
        yaml.mapping("zones", comment: "where backends may stand") { zones in
            zones.list("lab", ["10.20.0.0/16", "fd12::/32"])
            zones.list("attic", [], comment: "nothing yet")
        }
        yaml.items("backends", of: ["gpu1", "gpu2"]) { item, name in
            item.entry("id", YAMLScalar(name), comment: "a GPU server")
            item.entry("url", YAMLScalar("\(name):11434"))
            item.mapping("tls") { $0.entry("on", false) }
            item.comment("one request at a time")
            item.entry("slots", 1)
        }
        yaml.items("none", of: [Int]()) { _, _ in }
        yaml.mapping("empty") { $0.comment("nothing here") }
        yaml.entry("wait", "250ms")
        #expect(
            yaml.text == """
                # Written by `gatehouse init`.
                #
                # Keep it in Git.
                schema: 1

                zones:  # where backends may stand
                  lab:
                    - 10.20.0.0/16
                    - fd12::/32
                  attic: []  # nothing yet
                backends:
                  - id: gpu1  # a GPU server
                    url: gpu1:11434
                    tls:
                      "on": false
                    # one request at a time
                    slots: 1
                  - id: gpu2  # a GPU server
                    url: gpu2:11434
                    tls:
                      "on": false
                    # one request at a time
                    slots: 1
                none: []
                empty: {}
                  # nothing here
                wait: 250ms

                """)
    }

    @Test(arguments: [
        "gpu1", "llama3.2:latest", "10.20.0.0/16", "127.0.0.1:11430", "/etc/gatehouse", "unix:/run/g.sock",
        "http://gpu1:11434",
        "a b c", "5s", "32MiB", "sha256:0a1b", "Q4_K_M", "user@host", "x*y",
    ])
    func `a plain text needs no quotes`(text: String) {
        #expect(YAMLScalar(text).text == text)
    }

    @Test(arguments: [
        "", " ", " a", "a ", "a  b", "a: b", "a:", ": a", "a #b", "#a", "- a", "-a", "? a", "true", "False", "YES",
        "no", "on", "n",
        "null", "~", "1", "007", "1.5", "1e5", "0x1F", "1_000", "12:30", "2026-01-01", "2026-01-01T00:00:00Z", "*a",
        "&a", "!a",
        "%a", "@a", "`a", "[a]", "{a}", "a, b", "'a'", "\"a\"", "a\\b", "a\nb", "a\tb", "a\r\nb", "a\u{0}b", "a\u{1B}b",
        "a\u{7F}",
        "a\u{85}b", "a\u{2028}b", "a\u{FEFF}b", "ä", "通用", "🦙", "|", ">", "---", "...", "=", "<<", ".5", "+1", "-1",
    ])
    func `any other text is quoted, and read again as it was`(text: String) throws {
        #expect(YAMLScalar(text).text.hasPrefix("\""))
        try self.roundTrip(text)
    }

    /// Every character of the first plane by itself, between letters, in front and behind.
    @Test func `every character survives being written and read`() throws {
        var all: [String] = []
        for value in UInt32(0)...0xFFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            all.append("a\(Character(scalar))b")
        }
        for start in stride(from: 0, to: all.count, by: 4096) {
            try self.roundTrip(Array(all[start..<min(all.count, start + 4096)]))
        }
    }

    @Test func `random texts of difficult characters survive, as values and as keys`() throws {
        var generator = SeededGenerator(seed: 20_261_124)
        let alphabet = Array(
            ": #-?*&!%@`'\"[]{},|>=<~\\\n\t\r.0123456789eExX_+/aTrueNoYlLünf通\u{0}\u{1B}\u{85}\u{2028}")
        var texts: [String] = []
        for _ in 0..<4000 {
            let length = Int.random(in: 1...8, using: &generator)
            texts.append(
                String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] }))
        }
        try self.roundTrip(texts)
        for text in texts.prefix(1000) where text != YAMLScalar("schema").text {
            var yaml = YAMLWriter()
            yaml.entry("schema", 1)
            yaml.mapping("keys") { $0.entry(text, "x") }
            let read = try tree(yaml.text).decode(schema: 1) { root in
                root.entries("keys") { name, _ in name.text }
            }
            #expect(read == [text])
        }
    }

    @Test func `comments cannot break out of their line`() throws {
        var yaml = YAMLWriter()
        yaml.entry("schema", 1, comment: "one\nevil: 2\r\nmore: 3\u{2028}last: 4")
        yaml.comment("one\revil: 2")
        try tree(yaml.text).decode(schema: 1) { _ in }
    }

    @Test func `the largest and the smallest number survive`() throws {
        var yaml = YAMLWriter()
        yaml.entry("schema", 1)
        yaml.entry("most", YAMLScalar(Int.max))
        yaml.entry("least", YAMLScalar(Int.min))
        yaml.entry("yes", YAMLScalar(true))
        let read = try tree(yaml.text).decode(schema: 1) {
            ($0.int("most"), $0.int("least"), $0.bool("yes", default: false))
        }
        #expect(read == (Int.max, Int.min, true))
    }

    private func roundTrip(_ text: String) throws {
        try self.roundTrip([text])
    }

    private func roundTrip(_ texts: [String]) throws {
        var yaml = YAMLWriter()
        yaml.entry("schema", 1)
        yaml.list("texts", texts.map { YAMLScalar($0) })
        let read = try tree(yaml.text).decode(schema: 1) { root in
            root.list("texts") { value in
                // An empty text is no value for most owners, so it is looked at below their readers.
                if case .scalar(let text, isQuoted: _) = value.node.content { text } else { nil }
            }
        }
        #expect(read.map { Array($0.unicodeScalars) } == texts.map { Array($0.unicodeScalars) })
    }
}
