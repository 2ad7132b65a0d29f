import Testing
import Vocabulary

/// Names inside URLs: the command line writes them, the planes read them.
@Suite struct PercentFormTests {
    @Test(arguments: [
        ("llama3.2:3b", "llama3.2%3A3b"),
        ("hf.co/bartowski/Llama-3.2_GGUF:Q4", "hf.co%2Fbartowski%2FLlama-3.2_GGUF%3AQ4"),
        ("a b&c=d?e#f%g+h", "a%20b%26c%3Dd%3Fe%23f%25g%2Bh"), ("gpü", "gp%C3%BC"), ("~-_.", "~-_."), ("", ""),
        ("\r\n\0", "%0D%0A%00"),
    ])
    func `a name goes there and back`(name: String, form: String) {
        #expect(PercentForm.encoded(name) == form)
        #expect(PercentForm.decoded(Array(form.utf8)) == name)
    }

    @Test func `every byte goes there and back`() {
        let text = String(decoding: (0..<0x80).map { UInt8($0) }, as: UTF8.self)
        let form = PercentForm.encoded(text)
        #expect(form.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        #expect(PercentForm.decoded(Array(form.utf8)) == text)
    }

    @Test(arguments: [
        ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("100%", "100%"), ("%3a", ":"), ("%3A%", ":%"), ("%%41", "%A"),
        ("a+b", "a+b"), ("llama3.2:3b", "llama3.2:3b"),
    ])
    func `what is no percent form stands for itself`(form: String, text: String) {
        #expect(PercentForm.decoded(Array(form.utf8)) == text)
    }
}
