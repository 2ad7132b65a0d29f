import Testing
import Vocabulary

@testable import Accounting

/// A fixed key text, its secret the bytes of a seeded generator.
func keyText(environment: String = "live", id: KeyID = "abcd2345", seed: UInt64 = 7) -> KeyText {
    var generator = SeededGenerator(seed: seed)
    return .generate(environment: environment, id: id, using: &generator)
}

struct `Key text` {
    @Test func `is what it was, byte for byte`() {
        #expect(
            keyText().revealed == "gh_live_abcd2345_1xwCy9oR9v5haessTjDm-K_HNfgvzZ3_MOm6X0cdeKw_3pK3Mv")
    }

    @Test func `reads back, whatever the secret and environment`() throws {
        for seed in 0..<500 as Range<UInt64> {
            for environment in ["l", "test", "abcdefghijklmno9"] {
                let text = keyText(environment: environment, seed: seed)
                let read = try KeyText(text.revealed.utf8)
                #expect(read.revealed == text.revealed)
                #expect(read.secret == text.secret)
                #expect(read.id == text.id)
                #expect(read.environment == environment)
            }
        }
    }

    @Test func `with one character changed is told by its check or its shape`() {
        let bytes = Array(keyText().revealed.utf8)
        for place in bytes.indices {
            for replacement in UInt8(0x20)...0x7E where replacement != bytes[place] {
                var changed = bytes
                changed[place] = replacement
                #expect(throws: KeyText.Flaw.self) { try KeyText(changed) }
            }
        }
    }

    @Test func `with two neighbours swapped, cut short or lengthened is told`() {
        let bytes = Array(keyText().revealed.utf8)
        for place in bytes.indices.dropLast() where bytes[place] != bytes[place + 1] {
            var changed = bytes
            changed.swapAt(place, place + 1)
            #expect(throws: KeyText.Flaw.self) { try KeyText(changed) }
        }
        for count in 0..<bytes.count { #expect(throws: KeyText.Flaw.self) { try KeyText(bytes.prefix(count)) } }
        #expect(throws: KeyText.Flaw.malformed) { try KeyText(bytes + bytes) }
        #expect(throws: KeyText.Flaw.self) { try KeyText(bytes + [0x41]) }
    }

    @Test func `a typo in the secret is a wrong check, other text is no key`() {
        var typo = Array(keyText().revealed.utf8)
        typo[30] = typo[30] == 0x41 ? 0x42 : 0x41
        #expect(throws: KeyText.Flaw.checksum) { try KeyText(typo) }
        #expect(throws: KeyText.Flaw.malformed) { try KeyText("sk-proj-1234567890".utf8) }
        #expect(throws: KeyText.Flaw.malformed) { try KeyText([]) }
    }

    @Test func `prints without its secret`() {
        let text = keyText()
        #expect("\(text)" == "gh_live_abcd2345_[redacted]")
        #expect(String(reflecting: text) == "gh_live_abcd2345_[redacted]")
        #expect("\([text])" == "[gh_live_abcd2345_[redacted]]")
    }

    @Test func `ids are eight clear characters`() {
        var generator = SeededGenerator(seed: 1)
        let ids = (0..<1000).map { _ in KeyText.generateID(using: &generator) }
        #expect(ids.allSatisfy { KeyText.isID($0.rawValue.utf8) && $0.rawValue.allSatisfy { !"01oil".contains($0) } })
        #expect(Set(ids).count == 1000)
    }
}

struct `Check texts` {
    @Test func `the checksum is that of zip`() {
        #expect(CRC32.checksum("123456789".utf8) == 0xCBF4_3926)  // The check value of the CRC catalogue.
        #expect(CRC32.checksum([]) == 0)
        #expect(CRC32.text([]) == Array("000000".utf8))
    }

    @Test func `base64url agrees with RFC 4648's alphabet and refuses spare bits`() throws {
        let bytes = (0..<32).map { UInt8($0 * 8) }
        let text = Base64URL.encode(bytes)
        #expect(String(decoding: text, as: UTF8.self) == "AAgQGCAoMDhASFBYYGhweICIkJigqLC4wMjQ2ODo8Pg")
        #expect(Base64URL.decode32(text[...]) == bytes)
        var spare = text
        spare[42] = UInt8(ascii: "h")
        #expect(Base64URL.decode32(spare[...]) == nil)
        #expect(Base64URL.decode32(text.dropLast()) == nil)
        #expect(Base64URL.decode32(Array(repeating: UInt8(ascii: "+"), count: 43)[...]) == nil)
    }

    @Test func `a hash is the HMAC-SHA-256 that other programs compute, and reads back`() throws {
        let pepper = try #require(Pepper([UInt8](repeating: 0x0B, count: 32)))
        let hash = SecretHash(keyText(), pepper: pepper)
        #expect(hash.hex == "aaa2fcfb582df6d036e284032ff492000fb4dc32161336a972b9ee335546cba4")
        #expect(SecretHash(hex: hash.hex) == hash)
        #expect(SecretHash(hex: hash.hex.uppercased()) == nil)
        #expect(SecretHash(hex: String(hash.hex.dropLast())) == nil)
        #expect(SecretHash(hex: "") == nil)
        #expect(SecretHash(keyText(seed: 8), pepper: pepper) != hash)
        let other = try #require(Pepper([UInt8](repeating: 0x0C, count: 32)))
        #expect(SecretHash(keyText(), pepper: other) != hash)
    }

    @Test func `a pepper has thirty-two bytes and prints as redacted`() throws {
        #expect(Pepper([UInt8](repeating: 1, count: 31)) == nil)
        let pepper = try #require(Pepper([UInt8](repeating: 1, count: 32)))
        #expect("\(pepper)" == "pepper [redacted]")
        #expect(String(reflecting: pepper) == "pepper [redacted]")
    }
}
