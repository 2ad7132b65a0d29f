import Testing
import Vocabulary

@testable import Configuration

@Suite struct SectionTests {
    private enum Level: String, CaseIterable {
        case debug, info, warning, error
    }

    private struct Backend: Equatable {
        let id: String
        let slots: Int
    }

    private struct Settings: Equatable {
        let listen: ListenAddress
        let state: String
        let wait: Duration
        let level: Level
        let note: String?
        let zones: [String]
        let backends: [Backend]
        let queue: Int
        let body: Bytes
    }

    private static func settings(_ root: inout Section) -> Settings {
        Settings(
            listen: root.listenAddress("listen", default: .unix(path: "/run/x.sock")), state: root.text("state"),
            wait: root.duration("wait", default: .seconds(5), in: .zero ... .seconds(60)),
            level: root.choice("level", default: .info), note: root.readIfPresent("note") { $0.text() },
            zones: root.entries("zones") { name, value in
                value.list { $0.text() }.isEmpty ? nil : name.text
            },
            backends: root.list("backends", default: []) { value in
                value.section { Backend(id: $0.text("id"), slots: $0.int("slots", default: 1, in: 1...64)) }
            },
            queue: root.section("limits") { $0.int("queue", default: 64, in: 1...1000) },
            body: root.size("body", default: .mebibytes(32), in: .kibibytes(1)...Bounds.bodiesInFlight))
    }

    @Test func `a file says what it says, and defaults stand for the rest`() throws {
        let small = try tree("schema: 1\nstate: /var/lib/x\n").decode(schema: 1, Self.settings)
        #expect(
            small
                == Settings(
                    listen: .unix(path: "/run/x.sock"), state: "/var/lib/x", wait: .seconds(5), level: .info, note: nil,
                    zones: [], backends: [], queue: 64, body: .mebibytes(32)))
        let text = """
            # A comment.
            schema: 1
            listen: "[::1]:11430"
            state: 'with blanks'   # and another
            wait: 250ms
            level: error
            note: 007
            zones:
              lab: [10.0.0.0/8]
              attic:
                - 10.1.0.0/16
            backends:
              - id: gpu1
                slots: 4
              - {id: gpu2}
            limits: {queue: 8}
            body: 1MiB
            """
        let full = try tree(text).decode(schema: 1, Self.settings)
        #expect(full.listen == .tcp(SocketAddress(try #require(IPAddress("::1")), port: 11430)))
        #expect(full.state == "with blanks")
        #expect(full.wait == .milliseconds(250))
        #expect(full.level == .error)
        #expect(full.note == "007")
        #expect(full.zones == ["lab", "attic"])
        #expect(full.backends == [Backend(id: "gpu1", slots: 4), Backend(id: "gpu2", slots: 1)])
        #expect(full.queue == 8)
        #expect(full.body == .mebibytes(1))
    }

    @Test func `every mistake of a file is told at once, in the order of the file`() {
        let text = """
            schema: 1
            lisen: 127.0.0.1:1
            listen: localhost:11430
            wait: 5
            level: warn
            zones:
              lab: 10.0.0.0/8
              attic: []
            backends:
              - id: gpu1
                slot: 4
                slots: 0
              - slots: "4"
              - gpu3
            limits: {queue: many, queue_max: 3}
            body: 32MB
            note:
            colour: blue
            """
        #expect(
            mistakes(text, Self.settings) == [
                "f.yaml:1:1: key `state` is missing",
                "f.yaml:2:1: unknown key `lisen`, `listen` is already there",
                "f.yaml:3:9: found `localhost:11430`, expected an address, not a name: write `127.0.0.1:11430` or `[::1]:11430`",
                "f.yaml:4:7: found `5`, expected a time with its unit, from 0s to 1m, as in `5s`",
                "f.yaml:5:8: found `warn`, did you mean `warning`? expected one of `debug`, `info`, `warning`, `error`",
                "f.yaml:7:8: found `10.0.0.0/8`, expected a list, one `- ` line for each item",
                "f.yaml:11:5: unknown key `slot`, `slots` is already there",
                "f.yaml:12:12: found `0`, expected a whole number from 1 to 64",
                "f.yaml:13:5: key `id` is missing",
                "f.yaml:13:12: found `4`, expected a whole number from 1 to 64",
                "f.yaml:14:5: found `gpu3`, expected keys and values",
                "f.yaml:15:17: found `many`, expected a whole number from 1 to 1000",
                "f.yaml:15:23: unknown key `queue_max`, `queue` is already there",
                "f.yaml:16:7: found `32MB`, expected a size with its unit, from 1KiB to 512MiB, as in `32MiB`",
                "f.yaml:17:1: key `note` has no value, write one or leave the key out",
                "f.yaml:18:1: unknown key `colour`, accepted here: `schema`, `listen`, `state`, `wait`, `level`, `note`, "
                    + "`zones`, `backends`, `limits`, `body`",
            ])
    }

    @Test(arguments: [
        ("a: 1\n", "f.yaml:1:1: key `schema` is missing, this file must say `schema: 1`"),
        ("schema: 2\na: 1\n", "f.yaml:1:9: schema 2 is newer than this program, which reads schema 1"),
        ("schema: 0\na: 1\n", "f.yaml:1:9: schema 0 is not known, this program reads schema 1"),
        ("schema: one\na: 1\n", "f.yaml:1:9: found `one`, expected a whole number"),
        ("schema: '1'\na: 1\n", "f.yaml:1:9: found `1`, expected a whole number"),
        ("- a\n", "f.yaml:1:1: found a list, expected keys and values, as in `schema: 1`"),
        ("a\n", "f.yaml:1:1: found `a`, expected keys and values, as in `schema: 1`"),
        ("~\n", "f.yaml:1:1: found nothing, expected keys and values, as in `schema: 1`"),
    ])
    func `a file says which schema it has`(text: String, expected: String) {
        #expect(mistakes(text) { $0.int("a", default: 1) } == [expected])
    }

    @Test func `a section that is left out has its defaults, and its required keys are missed`() {
        #expect(mistakes("schema: 1\n") { root in root.section("s") { $0.int("n", default: 1) } } == [])
        #expect(
            mistakes("schema: 1\n") { root in root.section("s") { $0.text("n") } }
                == ["f.yaml:1:1: key `n` is missing"])
        #expect(
            mistakes("schema: 1\ns: 3\n") { root in root.section("s") { $0.text("n") } }
                == ["f.yaml:2:4: found `3`, expected keys and values"])
        #expect(
            mistakes("schema: 1\ns:\n") { root in root.section("s") { $0.text("n") } }
                == ["f.yaml:2:1: key `s` has no value, write one or leave the key out"])
        #expect(
            mistakes("schema: 1\ns: {}\n") { root in root.section("s") { $0.text("n") } }
                == ["f.yaml:2:4: key `n` is missing"])
    }

    @Test func `a required list holds something`() {
        #expect(
            mistakes("schema: 1\n") { root in root.list("l") { $0.text() } } == ["f.yaml:1:1: key `l` is missing"])
        #expect(
            mistakes("schema: 1\nl: []\n") { root in root.list("l") { $0.text() } }
                == ["f.yaml:2:4: found an empty list, expected at least one item"])
    }

    @Test func `an owner adds its own mistakes, where they belong`() {
        let text = "schema: 1\na: 1\nzones:\n  Lab: x\n"
        let found = mistakes(text) { root in
            let a = root.int("a")
            root.problem(with: "a", "\(a) is odd")
            root.problem(with: "b", "nothing is known of b")
            _ = root.entries("zones") { name, value in
                name.problem("write names small")
                value.problem("no")
                return name.text
            }
        }
        #expect(
            found == [
                "f.yaml:1:1: nothing is known of b", "f.yaml:2:4: 1 is odd", "f.yaml:4:3: write names small",
                "f.yaml:4:8: no",
            ])
    }

    @Test func `places are kept for checks that come later`() throws {
        let read = try tree("schema: 1\na:\n  b: 1\n")
        let positions = try read.decode(schema: 1) { root in
            root.section("a") { inner in
                _ = inner.int("b")
                return [inner.position, inner.position(of: "b"), inner.position(of: "c")]
            }
        }
        #expect(positions.map(\.description) == ["f.yaml:3:3", "f.yaml:3:6", "f.yaml:3:3"])
    }

    @Test func `columns count characters, not bytes`() {
        #expect(
            mistakes("schema: 1\n\"größe\": x\n") { $0.int("größe") }
                == ["f.yaml:2:10: found `x`, expected a whole number"])
    }

    @Test(
        arguments: [
            ("slots", ["slot", "slots", "shots"], "slots"), ("sluts", ["slots", "state"], "slots"),
            ("lsiten", ["listen", "list"], "listen"), ("LISTEN", ["listen"], "listen"),
            ("queue_depth", ["queue"], "queue"), ("warn", ["error", "warning"], "warning"),
            ("a", ["b"], "b"), ("ab", ["xy"], nil), ("colour", ["color"], "color"), ("x", [], nil),
            ("keep-alive", ["keep_alive", "keep"], "keep_alive"),
        ] as [(String, [String], String?)])
    func `the nearest word is suggested if it is near`(word: String, words: [String], expected: String?) {
        #expect(nearest(to: word, among: words) == expected)
    }

    @Test func `the distance of words is symmetric, zero only for equal ones, and bounded by their length`() {
        let words = ["", "a", "ab", "ba", "abc", "acb", "cab", "bca", "abcd", "dcba", "abdc"]
        for left in words {
            for right in words {
                let distance = editDistance(left, right)
                #expect(distance == editDistance(right, left))
                #expect((distance == 0) == (left == right))
                #expect(distance <= max(left.count, right.count))
                #expect(distance >= abs(left.count - right.count))
            }
        }
        #expect(editDistance("ab", "ba") == 1)
        #expect(editDistance("kitten", "sitting") == 3)
    }

    @Test func `problems are sorted by place and told once`() {
        let at = { (line: Int, column: Int) in Position(file: "f", line: line, column: column) }
        let problems = Problems([
            Problem(at(10, 1), "c"), Problem(at(2, 7), "b"), Problem(at(2, 7), "b"), Problem(at(2, 3), "a"),
            Problem(file: "f", "whole"), Problem(file: "e", "other"),
        ])
        #expect(problems.description == "e: other\nf: whole\nf:2:3: a\nf:2:7: b\nf:10:1: c")
    }

    @Test func `a key that is refused is told in its own words, and offered to nobody`() {
        func read(_ section: inout Section) {
            _ = section.bool("works", default: true)
            section.refuse("later", "`later` is not there in this version")
        }
        #expect(mistakes("schema: 1\nworks: false\n", read) == [])
        #expect(mistakes("schema: 1\nlater: 3\n", read) == ["f.yaml:2:1: `later` is not there in this version"])
        #expect(mistakes("schema: 1\nlater:\n", read) == ["f.yaml:2:1: `later` is not there in this version"])
        #expect(
            mistakes("schema: 1\nlatter: 3\n", read) == [
                "f.yaml:2:1: unknown key `latter`, accepted here: `schema`, `works`"
            ])
    }
}
