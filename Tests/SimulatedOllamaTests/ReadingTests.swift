import Testing
import Vocabulary

@testable import SimulatedOllama

/// The leniency that a gateway must not rely on the backend for (`ollama.md` 1.11).
@Suite struct ReadingTests {
    private static func chat(_ text: String) throws -> Job {
        let value = try JSONReader.read(Array(text.utf8))
        return try NativeReading.chat(#require(value.object))
    }

    @Test(arguments: [
        #"{"model":"a","model":"b"}"#, #"{"MODEL":"b"}"#, #"{"model":"a","Model":"b"}"#, #"{"mod\u0065l":"b"}"#,
        #"{"model":"b"}{"model":"c"}"#, #"{"model":"b"} garbage"#, #"{"model":"b","model":null}"#,
        #"  {"x":[1,{"model":"c"}],"model" : "b"}"#,
    ])
    func `the model is found as Go finds it`(text: String) throws {
        #expect(try Self.chat(text).model == "b")
    }

    @Test func `keys fold as Go folds them, with the two letters beyond ASCII`() throws {
        let job = try Self.chat("{\"model\":\"a\",\"me\u{17F}\u{17F}ages\":[{\"role\":\"user\",\"content\":\"x\"}]}")
        #expect(job.messages.count == 1)
        #expect(try Self.chat("{\"\u{212A}eep_alive\":5}").keepAlive == .seconds(5))
    }

    @Test func `a repeated options object adds to the first`() throws {
        let job = try Self.chat(#"{"options":{"num_ctx":512,"num_predict":1},"options":{"num_predict":2}}"#)
        #expect(job.options.numContext == 512)
        #expect(job.options.numPredict == 2)
    }

    @Test(arguments: [
        ("", "EOF"), ("   ", "EOF"), ("{", "unexpected EOF"), (#"{"a":"#, "unexpected EOF"),
        (#"{"a" 1}"#, "invalid character '1' after object key"),
        (#"{"a":1 "b":2}"#, "invalid character '\"' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("{a:1}", "invalid character 'a' looking for beginning of object key string"),
        ("hello", "invalid character 'h' looking for beginning of value"),
        ("trux", "invalid character 'x' in literal true (expecting 'e')"),
        ("\"\u{1}\"", "invalid character '\\x01' in string literal"),
        (#""\x""#, "invalid character 'x' in string escape code"),
        ("\u{1F}\u{8B}", "invalid character '\\x1f' looking for beginning of value"),
    ])
    func `broken JSON is told in Go's words`(text: String, words: String) {
        #expect(throws: JSONReader.Problem(text: words)) { try JSONReader.read(Array(text.utf8)) }
    }

    @Test func `text is what its escapes mean`() throws {
        let value = try JSONReader.read(Array(#""a\u00e9\ud83d\ude00\n\ud800""#.utf8))
        #expect(value.string == "a\u{E9}\u{1F600}\n\u{FFFD}")
    }

    @Test(arguments: [
        ("5m", Duration.seconds(300)), ("1h30m", .seconds(5400)), ("1.5s", .milliseconds(1500)), ("0", .zero),
        ("100ms", .milliseconds(100)), ("-1s", .seconds(-1)),
    ])
    func `durations are Go's`(text: String, duration: Duration) throws {
        #expect(try GoDuration.parse(text) == duration)
    }

    @Test(arguments: [
        ("10", "time: missing unit in duration \"10\""), ("", "time: invalid duration \"\""),
        ("5x", "time: unknown unit \"x\" in duration \"5x\""), ("s", "time: invalid duration \"s\""),
    ])
    func `bad durations are told in Go's words`(text: String, words: String) {
        #expect(throws: GoDuration.Problem(text: words)) { try GoDuration.parse(text) }
    }

    @Test func `stored and run-length zstd blocks are unpacked`() {
        // Magic, a single segment of five bytes; a stored block of 2, a last block of 3 equal bytes.
        let frame: [UInt8] = [
            0x28, 0xB5, 0x2F, 0xFD, 0x20, 5, 2 << 3, 0, 0, 0x61, 0x62, 3 << 3 | 2 | 1, 0, 0, 0x63,
        ]
        #expect(Zstandard.unpack(frame) == Array("abccc".utf8))
        #expect(Zstandard.unpack(Array("{\"a\":1}".utf8)) == nil)
        #expect(Zstandard.unpack(Array(frame.dropLast())) == nil)
    }
}

@Suite struct ModelReferenceTests {
    private static let now = SimulatedOllama.Version("0.33.0")
    private static let before = SimulatedOllama.Version("0.17.5")

    @Test(arguments: [
        ("x", "x", ModelReference.Source.any), ("x:cloud", "x", .cloud), ("x:CLOUD", "x", .cloud),
        ("  x: cloud ", "x", .cloud), ("x:120b-cloud", "x:120b", .cloud), ("x:7b-Cloud", "x:7b", .cloud),
        ("x:local", "x", .local), ("x:1b:LOCAL", "x:1b", .local), ("x-cloud", "x-cloud", .any),
        ("a/b/x:cloud", "a/b/x", .cloud), ("x:cloudy", "x:cloudy", .any),
    ])
    func `the suffix says where`(name: String, base: String, source: ModelReference.Source) throws {
        let reference = try ModelReference(name, version: Self.now)
        #expect(reference.base == base)
        #expect(reference.source == source)
    }

    @Test func `both suffixes at once are refused`() {
        #expect(throws: ModelReference.Problem.conflictingSources) {
            try ModelReference("x:local:cloud", version: Self.now)
        }
    }

    @Test func `before 0.17.6 the suffixes were tags`() throws {
        let reference = try ModelReference("x:local", version: Self.before)
        #expect(reference.source == .any)
        #expect(try reference.key() == "x:local")
        #expect(throws: ModelReference.Problem.invalidName) {
            try ModelReference("x:1b:local", version: Self.before).key()
        }
    }

    @Test(arguments: [
        ("Llama3.2", "llama3.2:latest"), ("registry.ollama.ai/library/x:1b", "x:1b"), ("library/x", "x:latest"),
        ("me/x", "me/x:latest"), ("hf.co/me/x:Q4_K_M", "hf.co/me/x:q4_k_m"),
    ])
    func `one model has one key`(name: String, key: String) throws {
        #expect(try ModelReference(name, version: Self.now).key() == key)
    }

    @Test(arguments: ["a b/c", "", "x:y:z", "a/b/c/d", "x:", "\u{FF58}"])
    func `other letters make no name`(name: String) throws {
        let reference = try ModelReference(name, version: Self.now)
        #expect(throws: ModelReference.Problem.invalidName) { try reference.key() }
    }

    @Test func `versions order by their numbers`() {
        #expect(SimulatedOllama.Version("0.16.1").knowsCloudSwitch == false)
        #expect(SimulatedOllama.Version("0.16.2").knowsCloudSwitch)
        #expect(SimulatedOllama.Version("0.17.6-rc1").knowsSourceSuffixes)
        #expect(SimulatedOllama.Version("1.0").framesStreamsAnew)
    }
}
