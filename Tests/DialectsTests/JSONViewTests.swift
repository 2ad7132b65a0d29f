import Testing

@testable import Dialects

@Suite struct JSONViewTests {
    private func view(_ text: String) throws -> JSONView { try JSONView(bytes(text)) }

    @Test func `members, elements and texts are found`() throws {
        let view = try view(#" {"a":{"b":[1,"x\n",null,true]},"c":null,"d":"","e":[ ],"f":{ }} "#)
        #expect(view["a"]?["b"]?.elements.count == 4)
        #expect(view["a"]?["b"]?.first?.integer == 1)
        #expect(view["a"]?["b"]?.elements[1].string == "x\n")
        #expect(view["a"]?["b"]?.elements[2].kind == .null)
        #expect(view["a"]?["b"]?.elements[3].bool == true)
        #expect(view["c"] == nil)
        #expect(view["missing"] == nil)
        #expect(view["d"]?.isEmpty == true && view["e"]?.isEmpty == true && view["f"]?.isEmpty == true)
        #expect(view["a"]?.isEmpty == false)
        #expect(view["a"]?["b"]?["x"] == nil)
        #expect(view["d"]?.first == nil)
        #expect(text(try #require(view["a"]?.bytes)) == #"{"b":[1,"x\n",null,true]}"#)
    }

    @Test func `the last of two equal keys counts, and escapes in keys count`() throws {
        #expect(try view(#"{"a":1,"\u0061":2}"#)["a"]?.integer == 2)
        #expect(try view(#"{"a":1,"a":null}"#)["a"] == nil)
    }

    @Test(arguments: [
        ("0", 0), ("-7", -7), ("12345678901", 12_345_678_901), ("1.9", 1), ("-1.9", -1), ("2e3", 2000),
        ("9223372036854775807", Int.max), ("9223372036854775808", Int.max), ("-1e300", Int.min), ("1e400", Int.max),
        ("99999999999999999999999", Int.max),
    ])
    func `numbers become whole numbers within 64 bits`(_ text: String, _ number: Int) throws {
        #expect(try view(text).integer == number)
    }

    @Test func `a view of another kind gives nothing`() throws {
        let view = try view(#""text""#)
        #expect(view.integer == nil && view.double == nil && view.bool == nil && view.elements.isEmpty)
        #expect(try self.view("3").string == nil)
        #expect(try self.view("3").isEmpty == false)
    }

    @Test func `a slice of a larger buffer reads as the whole would`() throws {
        let buffer = bytes(#"data: {"a":[{"b":"x"}]}  "#)
        let view = try JSONView(buffer[6...])
        #expect(view["a"]?.first?["b"]?.string == "x")
        #expect(view.bytes.startIndex == 6)
    }

    @Test func `what is written reads back the same`() throws {
        let odd = (0..<0x300).compactMap(Unicode.Scalar.init).map { String($0) }.joined() + "\u{2028}😀\"\\/"
        var writer = JSONWriter()
        writer.object { object in
            object.key("text")
            object.string(odd)
            object.key("list")
            object.array { list in
                list.integer(-3)
                list.bool(false)
                list.null()
                list.array { _ in }
                list.object {
                    $0.key("x"); $0.raw([0x31])
                }
            }
            object.key("numbers")
            object.array { list in
                for number in [0.7, -2, 1e-07, 1e300, .leastNonzeroMagnitude] { list.number(number) }
            }
            object.key("copied")
            object.string(escaped: bytes(#"..\/\u00fc.."#)[2..<10])
            object.key("end")
            object.string("")
        }
        let view = try JSONView(writer.bytes)
        #expect(view["text"]?.string == odd)
        #expect(text(try #require(view["list"]?.bytes)) == #"[-3,false,null,[],{"x":1}]"#)
        #expect(view["numbers"]?.elements.map(\.double) == [0.7, -2, 1e-07, 1e300, .leastNonzeroMagnitude])
        #expect(view["copied"]?.string == "/ü")
        #expect(view["end"]?.string == "")
        #expect(!writer.bytes.contains { $0 < 0x20 || $0 == 0x7F })
    }

    @Test func `a byte is escaped wherever it stands`() throws {
        for byte in UInt8(0)..<0x80 {
            for place in 0..<19 {
                var plain = bytes("ab cd/ef'gh~ij{kl}m")
                plain[place] = byte
                var writer = JSONWriter()
                writer.string(utf8: plain)
                #expect(try JSONView(writer.bytes).stringBytes == plain)
                #expect(!writer.bytes.contains { $0 < 0x20 || $0 == 0x7F })
            }
        }
    }
}
