import Testing
import Vocabulary

@testable import Dialects

/// Texts are read and written eight bytes at once: what stands at and around each border is what could go wrong.
@Suite struct JSONTextTests {
    /// As RFC 8259 section 7 says it, a byte at a time.
    private static func escaped(_ text: [UInt8]) -> [UInt8] {
        text.flatMap { byte -> [UInt8] in
            switch byte {
            case 0x22, 0x5C: return [0x5C, byte]
            case 0x0A: return bytes(#"\n"#)
            case 0x0D: return bytes(#"\r"#)
            case 0x09: return bytes(#"\t"#)
            case 0..<0x20, 0x7F:
                return bytes(#"\u00"#) + bytes(String(byte >> 4, radix: 16)) + bytes(String(byte & 15, radix: 16))
            default: return [byte]
            }
        }
    }

    private static func written(_ text: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        JSONText.append(text, to: &out)
        return out
    }

    @Test func `every byte at every place is escaped if it must be, and read back`() {
        for byte in 0...UInt8.max {
            for before in 0..<9 {
                for after in [0, 1, 7, 8] {
                    let text = [UInt8](repeating: 0x61, count: before) + [byte] + [UInt8](repeating: 0xC3, count: after)
                    let inner = Self.written(text).dropFirst().dropLast()
                    #expect(inner.elementsEqual(Self.escaped(text)), "\(byte) behind \(before) before \(after)")
                    #expect(JSONText.unescaped(inner) == text, "\(byte) behind \(before) before \(after)")
                }
            }
        }
    }

    @Test func `texts of all lengths and kinds are read as they were written`() {
        var chance = SeededGenerator(seed: 1)
        for length in Array(0..<70) + Array(1_000..<1_060) + [5_000] {
            for density in [2, 12, 200] {
                let text = (0..<length).map { _ -> UInt8 in
                    let byte = UInt8(truncatingIfNeeded: chance.next())
                    return Int.random(in: 0..<density, using: &chance) == 0 ? byte % 0x80 : 0x61 + byte % 26
                }
                let out = Self.written(text)
                #expect(out == [0x22] + Self.escaped(text) + [0x22], "length \(length)")
                let view = JSONView(checked: out[...])
                #expect(view.stringBytes == text && view.string == String(decoding: text, as: UTF8.self))
            }
        }
    }

    @Test func `an escape at every place, and any of them, is resolved`() {
        for (escape, plain) in [
            (#"\b"#, "\u{8}"), (#"\f"#, "\u{C}"), (#"\/"#, "/"), (#"\u00e9"#, "é"), (#"\ud83d\ude00"#, "😀"),
            (#"\ud83d"#, "\u{FFFD}"), (#"\\"#, "\\"), (#"\""#, "\""),
        ] {
            for before in 0..<10 {
                for after in 0..<10 {
                    let (head, tail) = (String(repeating: "x", count: before), String(repeating: "y", count: after))
                    let raw = bytes(head + escape + escape + tail)
                    let found = JSONText.unescaped(raw)
                    // Two halves of a pair that do not fit are two characters.
                    #expect(text(found) == head + plain + plain + tail, "\(escape) behind \(before) before \(after)")
                    #expect(JSONText.unescapedString(raw[...]) == head + plain + plain + tail)
                    #expect(JSONText.holdsEscape(raw[...]))
                }
            }
        }
        #expect(!JSONText.holdsEscape(bytes("no escape in here, however long")[...]))
    }

    @Test func `a text that was not checked ends where there is no room`() {
        for tail in [#"\"#, #"\u"#, #"\u1"#, #"\ud83d\u"#, String(repeating: #"\u"#, count: 40)] {
            for before in 0..<10 {
                let raw = bytes(String(repeating: "x", count: before) + tail)
                #expect(JSONText.unescaped(raw).count <= raw.count + 8)
            }
        }
    }

    // MARK: Passing checked values

    private static func value(_ chance: inout SeededGenerator, depth: Int) -> String {
        let words = [
            #""""#, #""a""#, #""\"""#, #""\\""#, #""\\\\\"]""#, #""[{,:}]""#, #""é\n""#,
            #""longer than eight \"bytes\" é""#,
        ]
        switch Int.random(in: 0..<(depth > 4 ? 4 : 7), using: &chance) {
        case 0: return ["1", "-0.5e+3", "true", "false", "null"][Int.random(in: 0..<5, using: &chance)]
        case 1...3: return words[Int.random(in: 0..<words.count, using: &chance)]
        case 4:
            let elements = (0..<Int.random(in: 0..<4, using: &chance)).map { _ in Self.value(&chance, depth: depth + 1)
            }
            return "[" + elements.joined(separator: [",", " ,\n", ", "][elements.count % 3]) + "]"
        default:
            let members = (0..<Int.random(in: 0..<4, using: &chance)).map { number in
                #""k\#(number)" : \#(Self.value(&chance, depth: depth + 1))"#
            }
            return "{ " + members.joined(separator: ",") + "}"
        }
    }

    @Test func `a checked value is passed as checking passes it`() throws {
        var chance = SeededGenerator(seed: 2)
        for round in 0..<5_000 {
            let json = Self.value(&chance, depth: 0)
            for tail in ["", ",1", " ]", "}"] {
                try bytes(" " + json + tail).withUnsafeBufferPointer { buffer in
                    var checking = JSONCursor(buffer)
                    try checking.skipValue(depth: 0)
                    var passing = JSONCursor(buffer)
                    passing.skipChecked()
                    #expect(passing.at == checking.at, "round \(round): \(json)\(tail)")
                }
            }
        }
    }

    @Test func `what is no JSON is passed without going beyond its end`() {
        var chance = SeededGenerator(seed: 3)
        let pieces = bytes(#"{}[]",:\ 1tn"#)
        for _ in 0..<20_000 {
            let junk = (0..<Int.random(in: 0..<24, using: &chance)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &chance)]
            }
            junk.withUnsafeBufferPointer { buffer in
                var cursor = JSONCursor(buffer)
                cursor.skipChecked()
                #expect(cursor.at <= junk.count)
            }
        }
    }
}
