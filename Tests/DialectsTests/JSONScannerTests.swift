import Testing
import Vocabulary

@testable import Dialects

@Suite struct JSONScannerTests {
    @Test func `the scanner follows depth as far as the bound says`() {
        #expect(maximumDepth == Bounds.jsonDepth)
        let fits = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        #expect(problem(fits) == nil)
        #expect(problem("[" + fits + "]") == .tooDeep)
        let objects = String(repeating: #"{"a":"#, count: 128) + "1" + String(repeating: "}", count: 128)
        #expect(problem(objects) == nil)
        #expect(problem(#"{"a":"# + objects + "}") == .tooDeep)
        let mixed = String(repeating: #"[{"a":"#, count: 64) + "1" + String(repeating: "}]", count: 64)
        #expect(problem(mixed) == nil)
        #expect(problem(String(repeating: "[", count: 1_000_000)) == .tooDeep)
    }

    @Test(arguments: [
        "{}", "[]", "null", "true", "false", "0", "-0", "10", "1.5", "1e9", "1E+9", "-1.25e-3", #""""#, #""a""#,
        #""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#, #" { "a" : [ 1 , 2 ] , "b" : { } } "#, "\t\r\n[\n]\n", #""\uD800""#,
        #"{"a":1,"a":2}"#, "[[],{},[{}]]", #""é中😀""#,
    ])
    func `valid texts are valid`(_ text: String) {
        #expect(problem(text) == nil)
    }

    @Test(arguments: [
        ("", JSONProblem.Kind.empty), (" \n", .empty), ("{", .unexpectedEnd), ("[", .unexpectedEnd),
        ("[1", .unexpectedEnd), (#"{"a""#, .unexpectedEnd), (#"{"a":"#, .unexpectedEnd), (#"{"a":1"#, .unexpectedEnd),
        (#"{"a":1,"#, .unexpectedEnd), (#""a"#, .unexpectedEnd), (#""\"#, .unexpectedEnd), (#""\u12"#, .unexpectedEnd),
        ("tru", .unexpectedEnd), ("-", .invalidNumber), ("01", .invalidNumber), ("-01", .invalidNumber),
        ("1.", .invalidNumber), (".5", .unexpectedByte(0x2E)), ("1e", .invalidNumber), ("1e+", .invalidNumber),
        ("+1", .unexpectedByte(0x2B)), ("NaN", .unexpectedByte(0x4E)), ("nul!", .unexpectedByte(0x21)),
        ("[1,]", .unexpectedByte(0x5D)), (#"{"a":1,}"#, .unexpectedByte(0x7D)), ("[1 2]", .unexpectedByte(0x32)),
        ("{1:2}", .unexpectedByte(0x31)), ("{'a':1}", .unexpectedByte(0x27)), (#"{"a" 1}"#, .unexpectedByte(0x31)),
        ("[}", .unexpectedByte(0x7D)), ("[1}", .unexpectedByte(0x7D)), (#"{"a":1]"#, .unexpectedByte(0x5D)),
        ("{} {}", .trailingBytes), ("1 2", .trailingBytes), ("{}x", .trailingBytes), ("{}\u{0}", .trailingBytes),
        (#""\x""#, .invalidEscape), (#""\u12g4""#, .invalidEscape), ("\"\n\"", .controlCharacter(0x0A)),
        ("\"\u{1}\"", .controlCharacter(1)), ("\u{FEFF}{}", .unexpectedByte(0xEF)), ("//\n{}", .unexpectedByte(0x2F)),
    ])
    func `invalid texts are named by their fault`(_ text: String, _ kind: JSONProblem.Kind) {
        #expect(problem(text) == kind)
    }

    @Test func `each special byte is seen at each place of a word`() {
        for offset in 0..<40 {
            let plain = String(repeating: "x", count: offset)
            let behind = String(repeating: "y", count: 20)
            #expect(problem("\"\(plain)\"") == nil)
            #expect(problem("\"\(plain)\u{1F}\(behind)\"") == .controlCharacter(0x1F))
            #expect(problem("\"\(plain)\u{0}\(behind)\"") == .controlCharacter(0))
            #expect(problem("\"\(plain)\\q\(behind)\"") == .invalidEscape)
            #expect(problem("\"\(plain)\"\(behind)") == .trailingBytes)
            #expect(problem("\"\(plain)é\(behind)\"") == nil)
            #expect(problem("\"\(plain)\u{7F}!#[]\(behind)\"") == nil)
            #expect(problem([0x22] + bytes(plain) + [0xFF] + bytes(behind) + [0x22]) == .invalidUTF8)
        }
    }

    @Test func `every sequence of two bytes is UTF-8 exactly if Swift says so`() {
        for first in UInt8(0x80)...0xFF {
            for second in UInt8(0)...0xFF where second != 0x22 && second != 0x5C && second >= 0x20 {
                let isValid = String(validating: [first, second], as: UTF8.self) != nil
                #expect((problem([0x22, first, second, 0x22]) == nil) == isValid, "\(first) \(second)")
            }
        }
    }

    @Test func `longer sequences are UTF-8 exactly if Swift says so`() {
        let edges: [UInt8] = [0x20, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xE0, 0xFF]
        for first in UInt8(0xDF)...0xF8 {
            for second in edges {
                for third in edges {
                    let three = [first, second, third]
                    let isValid = String(validating: three, as: UTF8.self) != nil
                    #expect((problem([0x22] + three + [0x22]) == nil) == isValid, "\(three)")
                    for fourth in edges where first >= 0xF0 {
                        let four = three + [fourth]
                        let isValid = String(validating: four, as: UTF8.self) != nil
                        #expect((problem([0x22] + four + [0x22]) == nil) == isValid, "\(four)")
                    }
                }
            }
        }
    }

    @Test func `members are listed with their bytes, duplicates and escaped keys included`() throws {
        let source = #" {"a" : 1 ,"\u0061":"x","":{ "b":[] }} "#
        let members = try JSONScanner.members(of: bytes(source))
        #expect(members.map { text($0.key) } == ["a", "a", ""])
        #expect(members.map { text(bytes(source)[$0.value]) } == ["1", #""x""#, #"{ "b":[] }"#])
        #expect(throws: JSONProblem.self) { try JSONScanner.members(of: bytes("[]")) }
        #expect(throws: JSONProblem.self) { try JSONScanner.members(of: bytes("{} 1")) }
    }

    @Test func `escapes are resolved as Go resolves them`() {
        func unescaped(_ raw: String) -> String { text(JSONText.unescaped(bytes(raw))) }
        #expect(unescaped(#"a\"\\\/\b\f\n\r\tz"#) == "a\"\\/\u{8}\u{C}\n\r\tz")
        #expect(unescaped(#"\u00e9\u4E2D\ud83d\ude00"#) == "é中😀")
        #expect(unescaped(#"\ud83dx"#) == "\u{FFFD}x")
        #expect(unescaped(#"\ude00"#) == "\u{FFFD}")
        #expect(unescaped(#"\ud83d\u0041"#) == "\u{FFFD}A")
        #expect(unescaped(#"\ud83d\ud83d\ude00"#) == "\u{FFFD}😀")
        // Never seen behind the scanner, but nothing may trap.
        #expect(unescaped(#"\"#) == "\\")
        #expect(unescaped(#"\u12"#) == "\u{FFFD}")
    }

    @Test func `random damage never passes for more than it is, and never traps`() {
        var generator = SeededGenerator(seed: 7)
        let seed = bytes(#"{"model":"tiny","n":[1,-2.5e3,true,null],"s":"é\u00e9\n","o":{"k":{}}}"#)
        for _ in 0..<3000 {
            var damaged = seed
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<damaged.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: damaged[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: damaged.remove(at: index)
                default: damaged.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                }
            }
            if problem(damaged) == nil {
                #expect((try? JSONView(damaged)) != nil)
                #expect(String(validating: damaged, as: UTF8.self) != nil)
            }
        }
    }
}
