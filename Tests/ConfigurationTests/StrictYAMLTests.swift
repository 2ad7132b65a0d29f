import Testing
import Vocabulary

@testable import Configuration

@Suite struct StrictYAMLTests {
    @Test(arguments: [
        (
            "schema: 1\nzones: &z\n  lab: 1\nother: *z\n",
            [
                "f.yaml:2:8: anchors and aliases (`&z`) are not used here, write the value out",
                "f.yaml:2:8: anchors and aliases (`&z`) are not used here, write the value out",
            ]
        ),
        ("schema: &a 1\n", ["f.yaml:1:9: anchors and aliases (`&a`) are not used here, write the value out"]),
        (
            "&k schema: 1\n", ["f.yaml:1:1: anchors and aliases (`&k`) are not used here, write the value out"]
        ),
        ("schema: !!int 1\n", ["f.yaml:1:9: tags (`!...`) are not used here, write the value alone"]),
        ("schema: !!str 1\n", ["f.yaml:1:9: tags (`!...`) are not used here, write the value alone"]),
        ("schema: !mine 1\n", ["f.yaml:1:9: tags (`!...`) are not used here, write the value alone"]),
        ("schema: ! 1\n", ["f.yaml:1:9: tags (`!...`) are not used here, write the value alone"]),
        ("!mine schema: 1\n", ["f.yaml:1:1: tags (`!...`) are not used here, write the value alone"]),
        ("a: !!map {b: 1}\n", ["f.yaml:1:4: tags (`!...`) are not used here, write the value alone"]),
        ("a: !!seq [1]\n", ["f.yaml:1:4: tags (`!...`) are not used here, write the value alone"]),
        ("a: !!set {b}\n", ["f.yaml:1:4: tags (`!...`) are not used here, write the value alone"]),
        ("a:\n  <<: {b: 1}\n", ["f.yaml:2:3: merge keys (`<<`) are not used here, write the values out"]),
        ("? [a, b]\n: 1\n", ["f.yaml:1:3: found a list or a mapping as a key, expected a plain word"]),
        ("a: 1\nb: 2\na: 3\n", ["f.yaml:1:1: key `a` stands more than once in the same place, first here"]),
        ("a: 1\n\"a\": 2\n", ["f.yaml:1:1: key `a` stands more than once in the same place, first here"]),
        ("b:\n  1: x\n  '1': y\n", ["f.yaml:2:3: key `1` stands more than once in the same place, first here"]),
        (
            "a: 1\nb: 2\na: 3\nb: 4\n",
            ["f.yaml:1:1: keys `a`, `b` stand more than once in the same place, the first of them here"]
        ),
        ("a: 1\n---\nb: 2\n", ["f.yaml:2:1: found a second document, expected one in a file"]),
        ("", ["f.yaml: file is empty, expected at least `schema: 1`"]),
        ("# nothing but a comment\n", ["f.yaml: file is empty, expected at least `schema: 1`"]),
        (
            "a: [1, 2\nb: 3\n",
            [
                "f.yaml:2:2: not valid YAML: while parsing a flow sequence that began in line 1, "
                    + "did not find expected ',' or ']'"
            ]
        ),
        (
            "a:\n\tb: 1\n",
            [
                "f.yaml:2:1: not valid YAML: while scanning for the next token that began in line 2, "
                    + "found character that cannot start any token; indent with blanks, not with tabs"
            ]
        ),
        (
            "a: \"x\n",
            [
                "f.yaml:2:1: not valid YAML: while scanning a quoted scalar that began in line 1, "
                    + "found unexpected end of stream"
            ]
        ),
        ("a: *nobody\n", ["f.yaml:1:4: not valid YAML: found undefined alias"]),
    ])
    func `what YAML has beyond plain values is refused where it stands`(text: String, expected: [String]) {
        // Each mistake is told once: an alias repeats what its anchor says.
        let once = expected.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        #expect(mistakes(Array(text.utf8)) == once)
    }

    @Test func `a byte that is not UTF-8 is found with its place`() {
        #expect(
            mistakes(Array("schema: 1\nä: ".utf8) + [0xFF, 0x0A])
                == ["f.yaml:2:4: found a byte that is not UTF-8, save the file in that encoding"])
        #expect(
            mistakes([0xC3, 0x28])
                == ["f.yaml:1:1: found a byte that is not UTF-8, save the file in that encoding"])
        #expect(
            mistakes(Array("a: b".utf8) + [0xE2, 0x82])
                == ["f.yaml:1:5: found a byte that is not UTF-8, save the file in that encoding"])
    }

    @Test func `a control character is found with its place`() {
        #expect(
            mistakes(Array("schema: 1\nname: a\u{1}b\n".utf8))
                == ["f.yaml:2:8: not valid YAML: control characters are not allowed (U+0001)"])
        #expect(
            mistakes(Array("a: \0\n".utf8)) == [
                "f.yaml:1:4: not valid YAML: control characters are not allowed (U+0000)"
            ])
    }

    @Test func `a byte order mark is passed over`() throws {
        let tree = try ConfigurationTree.read([0xEF, 0xBB, 0xBF] + Array("schema: 1\n".utf8), file: "f.yaml")
        try tree.decode(schema: 1) { _ in }
    }

    @Test func `a file is as large as its bound and no larger`() throws {
        let bound = Bounds.configurationFile.count
        let fits = Array("schema: 1\n#".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: bound - 11)
        try ConfigurationTree.read(fits, file: "f.yaml").decode(schema: 1) { _ in }
        #expect(mistakes(fits + [0x0A]) == ["f.yaml: file is larger than 1048576 bytes, no configuration is"])
    }

    @Test func `nesting ends at its bound, however it is written`() {
        let depth = ConfigurationTree.depthMax
        let deep = { (levels: Int) in
            "a: " + String(repeating: "[", count: levels) + "x" + String(repeating: "]", count: levels) + "\n"
        }
        #expect(mistakes(Array(deep(depth - 2).utf8)) == [])
        #expect(mistakes(Array(deep(depth).utf8)) == ["f.yaml:1:35: nested more than 32 levels deep"])
        // libyaml's own bound keeps the parser's recursion from the end of the stack.
        #expect(mistakes(Array(deep(100_000).utf8)).count == 1)
        #expect(mistakes(Array(String(repeating: "- ", count: 100_000).utf8)).count == 1)
    }

    @Test func `aliases that multiply cost nothing`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            let repeated = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(repeated)]\n"
        }
        #expect(mistakes(Array(text.utf8)).count == 31)
    }
}
