import Testing
import Vocabulary

@testable import Residency

@Suite struct ModelGuardTests {
    /// `residency.md` A6, L09; `ollama.md` 9 A.
    @Test(arguments: [
        "x:cloud", "x:CLOUD", "x:Cloud", "x:7b-cloud", "x:7B-Cloud", "x: cloud", "x:cloud ", "x :cloud", " x:cloud",
        "x:\tcloud",
        "x:cloud\n", "x:cloud\u{0B}", "x:cloud\u{0C}\r", "x:cloud\u{85}", "x:cloud\u{A0}", "x:\u{2003}cloud",
        "x:cloud\u{3000}",
        "x:cloud\u{1680}", "x:cloud\u{2028}", "x:cloud\u{205F}", "x:7b-cl oud", ":cloud", "library/x:cloud",
        "registry.ollama.ai/library/x:cloud", "reg.example:5000/library/x:7b-cloud", "reg.example:5000/library/x:cloud",
        "reg.example:5000/x-cloud", "http://reg.example/x:cloud", "ollama.com/library/x", "ollama.com/library/x:7b",
        "OLLAMA.COM/x", "https://ollama.com/x", "www.ollama.com/x", "ollama.com:443/x", "x:cloud:local",
        "x:local:cloud",
        "x:cloud:latest", "x:7b-cloud:local", "x::cloud", "x:-cloud", "x:a-b-cloud",
        // Colons that are none.
        "x\u{FF1A}cloud", "x\u{A789}cloud", "x\u{2236}cloud", "x\u{FE55}cloud", "x\u{02D0}cloud", "x\u{0589}cloud",
        "x\u{05C3}cloud", "x\u{FE13}cloud",
        // Letters and hyphens that are others.
        "x:\u{FF43}\u{FF4C}\u{FF4F}\u{FF55}\u{FF44}", "x:\u{FF23}\u{FF2C}\u{FF2F}\u{FF35}\u{FF24}", "x:\u{0441}loud",
        "x:cl\u{043E}ud", "x:cl\u{03BF}ud", "x:clo\u{03C5}d", "x:clou\u{0501}", "x:c\u{2113}oud", "x:\u{24D2}loud",
        "x:\u{1D41C}\u{1D425}\u{1D428}\u{1D42E}\u{1D41D}", "x:\u{1D672}loud", "x:7b\u{2010}cloud", "x:7b\u{2013}cloud",
        "x:7b\u{2212}cloud", "x:7b\u{FF0D}cloud", "x:clo\u{0075}\u{0308}d", "x:clo\u{00FC}d",
        // Characters that do not show.
        "x:clo\u{200B}ud", "x:\u{FEFF}cloud", "x:cl\u{00AD}oud", "x:clo\u{0}ud", "x:cloud\u{7F}", "x:cloud\u{1B}",
        "x:cloud\u{E0020}",
        "x:clou\u{034F}d", "x:\u{202E}cloud", "x:cloud\u{FE0F}", "x:clo\u{FFFD}ud", "x:clo\u{E000}ud",
        // Forms that somebody may decode.
        "x%3Acloud", "x%3acloud", "x:%63loud", "x:clou%64", "x%253acloud", "x%25%33acloud", "x:7b%2Dcloud",
        "x%EF%BC%9Acloud",
        "x:cloud%20", "x:clo%00ud", "x:clo%FFud", "x\u{FF05}3acloud",
    ])
    func `every spelling of a cloud model is one`(name: String) {
        #expect(ModelGuard.isRemoteName(name))
        #expect(reason { () throws(Refusal) in try ModelGuard.check(requested: name) } == .remoteModel)
        #expect(reason { () throws(Refusal) in try ModelGuard.check(served: name) } == .remoteModel)
    }

    @Test(arguments: [
        "llama3.2", "llama3.2:latest", "llama3:8b", "qwen2.5-coder:7b-instruct-q4_K_M", "library/x:7b",
        "registry.ollama.ai/library/llama3:8b", "reg.example:5000/team/x:7b", "cloud", "cloud:7b", "cloudy:7b",
        "acme-cloud",
        "acme-cloud:7b", "reg.example:5000/acme-cloud:7b", "cloud/x:7b", "x:cloudy", "x:cloud9", "x:mycloud",
        "x:cloud-7b",
        "x:local", "x:7b:local", "notollama.com/x", "ollama.com.example/x", "x:7b%", "x:100%25", "通用", "général:7b", "",
    ])
    func `a name that only looks a little like it is none`(name: String) {
        #expect(!ModelGuard.isRemoteName(name))
        #expect(reason { () throws(Refusal) in try ModelGuard.check(requested: name) } == nil)
    }

    /// Every way to write the letters of the word in the two cases.
    @Test func `case never matters`() {
        for mask in 0..<32 {
            let word = zip("cloud", 0..<5).map { mask >> $1 & 1 == 1 ? $0.uppercased() : String($0) }.joined()
            #expect(ModelGuard.isRemoteName("x:\(word)"))
            #expect(ModelGuard.isRemoteName("x:7b-\(word)"))
            #expect(!ModelGuard.isRemoteName("x:7b\(word)"))
        }
    }

    /// Go's `strings.TrimSpace`, which Ollama uses, trims exactly what has the property White_Space.
    @Test func `every blank is trimmed, before and after`() {
        var blanks = 0
        for value in UInt32(0)...0xFFFF {
            guard let scalar = Unicode.Scalar(value), scalar.properties.isWhitespace else { continue }
            blanks += 1
            let blank = String(Character(scalar))
            for name in ["x:\(blank)cloud", "x:cloud\(blank)", "x:\(blank)\(blank)7b-cloud\(blank)"] {
                #expect(ModelGuard.isRemoteName(name), "U+\(String(value, radix: 16))")
            }
        }
        #expect(blanks == 25)
    }

    /// The quick way for plain names must agree with the thorough one.
    @Test func `plain names are judged alike with and without the short cut`() {
        let parts = ["x", ":", "cloud", "-cloud", "local", "/", "7b", "CLOUD", "ollama.com", ":5000"]
        for first in parts {
            for second in parts {
                for third in parts {
                    for fourth in parts {
                        let name = first + second + third + fourth
                        // A hidden character takes the short cut away and changes nothing else.
                        #expect(
                            ModelGuard.isRemoteName(name) == ModelGuard.isRemoteName("\u{200B}" + name), "\(name)")
                    }
                }
            }
        }
    }

    @Test(arguments: [
        "llama3.2:latest", "x", "a/b/c/d:e", "reg.example:5000/team/x:7b", "X_1-2.3:Q4_K_M", "x:7b:local",
    ])
    func `a name that Ollama can have is plausible`(name: String) {
        #expect(ModelGuard.isPlausible(name))
        #expect(reason { () throws(Refusal) in try ModelGuard.check(served: name) } == nil)
    }

    @Test(arguments: [
        "", " x", "x ", "x y", "x\n", "x\0", "通用", "x:", ":x", "x::y", "/x", "x/", "a//b", "a/b/c/d/e", "../x", "./x",
        ".x", "x%41",
        "x?y", "x#y", "x\\y", "x\"y", "x'y", "{x}", "x;y", "x@y",
        String(repeating: "x", count: 513),
    ])
    func `a name that Ollama cannot have is not served`(name: String) {
        #expect(!ModelGuard.isPlausible(name))
        #expect(reason { () throws(Refusal) in try ModelGuard.check(served: name) } == .modelUnknown)
    }

    /// `residency.md` A6, L10.
    @Test func `an installed alias of a remote model is remote, whatever its name`() {
        let verdict = { (host: String?, model: String?) in
            message { () throws(Refusal) in
                try ModelGuard.check(inventory: "innocent:latest", remoteHost: host, remoteModel: model)
            }
        }
        #expect(verdict(nil, nil) == nil)
        #expect(verdict("", "") == nil)
        #expect(
            verdict("https://ollama.com:443", "big:671b")
                == "model `innocent:latest` is an alias of `big:671b` at `https://ollama.com:443`, it would be answered "
                + "from outside")
        #expect(
            verdict("http://10.0.0.1", nil)
                == "model `innocent:latest` is an alias of `a remote model` at `http://10.0.0.1`, it would be answered "
                + "from outside")
        #expect(verdict(nil, "big") != nil)
        #expect(
            reason { () throws(Refusal) in
                try ModelGuard.check(inventory: "x:cloud", remoteHost: nil, remoteModel: nil)
            } == .remoteModel)
    }

    @Test func `a message shows a name without what could harm a terminal, and not at any length`() {
        #expect(
            message { () throws(Refusal) in try ModelGuard.check(requested: "x\u{1B}[2J\u{202E}:cloud\n") }
                == "model `x\u{FFFD}[2J\u{FFFD}:cloud\u{FFFD}` would be answered by Ollama's cloud, which no policy allows; "
                + "ask for a model that is installed here")
        #expect(ModelGuard.shown(String(repeating: "x", count: 200)).count == 99)
    }

    @Test(arguments: [
        ("x:7b:local", "x:7b", true), ("x:local", "x", true), ("x:LOCAL", "x", true), ("x:7b", "x:7b", false),
        ("x:7b-local", "x:7b-local", false), ("local", "local", false), (":local", ":local", false),
        ("x\u{1A}local", "x\u{1A}local", false), ("x:global", "x:global", false), ("", "", false),
        ("x:7b:local:local", "x:7b:local", true),
    ])
    func `a client's own local suffix is taken off`(name: String, bare: String, wasThere: Bool) {
        let removed = LocalSuffix.removed(from: name)
        #expect(removed.name == bare)
        #expect(removed.wasThere == wasThere)
    }

    @Test func `the suffix is put on where the server knows it and its cloud may be on`() throws {
        #expect(try LocalSuffix.served("x:7b", isKnownToServer: true, cloudIsKnownOff: false) == "x:7b:local")
        #expect(try LocalSuffix.served("x:7b", isKnownToServer: true, cloudIsKnownOff: true) == "x:7b")
        #expect(try LocalSuffix.served("x:7b", isKnownToServer: false, cloudIsKnownOff: false) == "x:7b")
        #expect(try LocalSuffix.served("x:7b", isKnownToServer: false, cloudIsKnownOff: true) == "x:7b")
    }

    @Test func `a model whose own tag is local has no name on a server that knows the suffix`() throws {
        #expect(try LocalSuffix.served("x:local", isKnownToServer: false, cloudIsKnownOff: false) == "x:local")
        for isOff in [true, false] {
            #expect(
                reason { () throws(Refusal) in
                    try LocalSuffix.served("x:local", isKnownToServer: true, cloudIsKnownOff: isOff)
                } == .modelUnavailable)
        }
    }

    @Test func `a remote name is never dressed as a local one`() {
        for isKnown in [true, false] {
            #expect(
                reason { () throws(Refusal) in
                    try LocalSuffix.served("x:cloud", isKnownToServer: isKnown, cloudIsKnownOff: false)
                } == .remoteModel)
        }
    }
}
