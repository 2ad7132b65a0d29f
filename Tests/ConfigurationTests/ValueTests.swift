import Testing
import Vocabulary

@testable import Configuration

@Suite struct ValueTests {
    @Test(arguments: [
        ("250ms", 250), ("0s", 0), ("5s", 5000), ("5 s", 5000), ("2m", 120_000), ("1h", 3_600_000), ("1d", 86_400_000),
        ("'5s'", 5000),
    ])
    func `a time is a whole number and its unit`(text: String, milliseconds: Int) {
        #expect(
            outcome(text) { $0.duration(in: .zero ... .seconds(86_400)) } == .success(.milliseconds(milliseconds)))
    }

    @Test(arguments: [
        "5", "s", "5S", "5sec", "1.5s", "-5s", "5s ago", "٥s", "99999999999999999999s", "9223372036854775807d", "2d",
        "5m5s",
        "0x5s", "+5s",
    ])
    func `a text that is no time in the range is told what one is`(text: String) {
        #expect(
            outcome(text) { $0.duration(in: .milliseconds(1) ... .seconds(86_400)) }
                == .failure(Mistake("found `\(text)`, expected a time with its unit, from 1ms to 1d, as in `5s`")))
    }

    @Test(arguments: [
        ("100B", 100), ("1KiB", 1024), ("32MiB", 32 << 20), ("2GiB", 2 << 30), ("0B", 0), ("8 MiB", 8 << 20),
    ])
    func `a size is a whole number and its unit`(text: String, bytes: Int) {
        #expect(outcome(text) { $0.size(in: Bytes(0)...Bytes(.max)) } == .success(Bytes(bytes)))
    }

    @Test(arguments: ["32", "32MB", "32M", "32mib", "1.5MiB", "-1B", "9223372036854775807GiB", "3GiB"])
    func `a text that is no size in the range is told what one is`(text: String) {
        #expect(
            outcome(text) { $0.size(in: .kibibytes(1)...Bytes(2 << 30)) }
                == .failure(Mistake("found `\(text)`, expected a size with its unit, from 1KiB to 2GiB, as in `32MiB`"))
        )
    }

    @Test(arguments: [("1", 1), ("65535", 65_535)])
    func `a port is a number`(text: String, port: UInt16) {
        #expect(outcome(text) { $0.port() } == .success(port))
    }

    @Test(arguments: [
        "0", "65536", "-1", "080", "8e1", "0x50", "+80", "8_0", "eighty", "'80'", "80.0", "99999999999999999999",
    ])
    func `what is no port is told what one is`(text: String) {
        let shown = text == "'80'" ? "80" : text
        #expect(
            outcome(text) { $0.port() }
                == .failure(Mistake("found `\(shown)`, expected a whole number from 1 to 65535")))
    }

    @Test(arguments: [
        (Int.min...Int.max, "a whole number"), (0...Int.max, "a whole number from 0 up"),
        (Int.min...9, "a whole number up to 9"), (1...9, "a whole number from 1 to 9"),
    ])
    func `a range is told as a person would`(range: ClosedRange<Int>, expected: String) {
        #expect(outcome("x") { $0.int(in: range) } == .failure(Mistake("found `x`, expected \(expected)")))
    }

    @Test func `numbers reach both ends of their range`() {
        #expect(outcome("-9223372036854775808") { $0.int() } == .success(.min))
        #expect(outcome("9223372036854775807") { $0.int() } == .success(.max))
        #expect(outcome("-0") { $0.int() } == .success(0))
    }

    @Test(arguments: ["yes", "no", "on", "off", "True", "1", "'true'", "[]"])
    func `truth is told in one way`(text: String) {
        #expect(throws: Mistake.self) { try outcome(text) { $0.bool() }.get() }
    }

    @Test func `true and false are read`() {
        #expect(outcome("true") { $0.bool() } == .success(true))
        #expect(outcome("false") { $0.bool() } == .success(false))
    }

    @Test(arguments: [
        ("NO", "NO"), ("true", "true"), ("1.10", "1.10"), ("'null'", "null"), ("a b", "a b"), ("\"a\\nb\"", "a\nb"),
        ("12:30", "12:30"), ("2026-01-01", "2026-01-01"),
    ])
    func `a text is what is written, whatever else it could mean`(text: String, expected: String) {
        #expect(outcome(text) { $0.text() } == .success(expected))
    }

    @Test(arguments: [
        ("''", "found an empty text, expected a text"), ("[a]", "found a list, expected a text"),
        ("{a: b}", "found keys and values, expected a text"),
        ("~", "key `value` has no value, write one or leave the key out"),
        ("null", "key `value` has no value, write one or leave the key out"),
    ])
    func `what is no text is told so`(text: String, expected: String) {
        #expect(outcome(text) { $0.text() } == .failure(Mistake(expected)))
    }

    @Test func `a list may hold nothing only if its reader takes it`() {
        #expect(
            outcome("[a, ~]") { $0.list { $0.text() } } == .failure("found nothing, expected a text"))
    }

    @Test(arguments: [
        ("127.0.0.1:11430", "127.0.0.1:11430"), ("'[::1]:11430'", "[::1]:11430"), ("0.0.0.0:0", "0.0.0.0:0"),
        ("unix:/run/g.sock", "unix:/run/g.sock"), ("'[::]:80'", "[::]:80"),
    ])
    func `a place to listen is an address and a port, or a socket`(text: String, expected: String) {
        #expect(outcome(text) { $0.listenAddress()?.description } == .success(expected))
    }

    @Test(arguments: [
        (
            "localhost:1",
            "found `localhost:1`, expected an address, not a name: write `127.0.0.1:1` or `[::1]:1`"
        ),
        (
            "':11430'",
            "found `:11430`, write `0.0.0.0:11430` to listen on every IPv4 address of this host, "
                + "`127.0.0.1:11430` for this host alone"
        ),
        (
            "'*:80'",
            "found `*:80`, write `0.0.0.0:80` to listen on every IPv4 address of this host, "
                + "`127.0.0.1:80` for this host alone"
        ),
        ("127.0.0.1", "found `127.0.0.1`, expected an address and a port, as in `127.0.0.1:11430`"),
        ("'127.0.0.1:'", "found `127.0.0.1:`, expected an address and a port, as in `127.0.0.1:11430`"),
        ("127.0.0.1:65536", "found `127.0.0.1:65536`, expected an address and a port, as in `127.0.0.1:11430`"),
        ("127.0.0.1:010", "found `127.0.0.1:010`, expected an address and a port, as in `127.0.0.1:11430`"),
        ("11430", "found `11430`, expected an address and a port, as in `127.0.0.1:11430`"),
        (
            "127.1:80",
            "found `127.1:80`, `127.1` is no IP address in its usual form, expected one as in `127.0.0.1:80`"
        ),
        ("'::1:80'", "found `::1:80`, an IPv6 address has brackets, write `[::1]:80`"),
        ("'[10.0.0.1]:80'", "found `[10.0.0.1]:80`, an IPv4 address has no brackets, write `10.0.0.1:80`"),
        ("unix:g.sock", "found `unix:g.sock`, expected an absolute path, as in `unix:/run/gatehouse.sock`"),
    ])
    func `what is no place to listen is told what one is`(text: String, expected: String) {
        #expect(outcome(text) { $0.listenAddress() } == .failure(Mistake(expected)))
    }

    @Test func `a reader of the owner's own speaks for itself`() {
        struct Odd: Error { let number: Int }
        let even = { (value: Value) in
            value.parsed("a number", message: { (odd: Odd) in "\(odd.number) is odd" }) {
                (text: String) throws(Odd) in
                let number = Int(text) ?? 1
                if number % 2 == 1 { throw Odd(number: number) }
                return number
            }
        }
        #expect(outcome("4", even) == .success(4))
        #expect(outcome("5", even) == .failure("5 is odd"))
        #expect(outcome("[]", even) == .failure("found a list, expected a number"))
        #expect(
            outcome("x") { $0.parsed("a network") { Int($0) } } == .failure("found `x`, expected a network"))
    }

    @Test func `a message shows one short line of what it found`() {
        let long = String(repeating: "x", count: 100)
        #expect(
            outcome(long) { $0.bool() }
                == .failure(Mistake("found `\(String(repeating: "x", count: 60))...`, expected `true` or `false`")))
        #expect(
            outcome("\"a\\nb\\e[2J\"") { $0.bool() }
                == .failure("found `a\u{FFFD}b\u{FFFD}[2J`, expected `true` or `false`"))
    }

    @Test func `a secret is not seen, in whatever way it is printed`() throws {
        let secret = try #require(try? outcome("hunter2") { $0.secret() }.get())
        #expect(secret.revealed == "hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        struct Holder { let secret: Secret }
        for shown in [
            "\(secret)", String(reflecting: secret), String(describing: secret), dumped, "\(Holder(secret: secret))",
            String(reflecting: Holder(secret: secret)), "\([secret])", "\(Optional(secret) as Any)",
        ] {
            #expect(!shown.contains("hunter2"))
            #expect(shown.contains("[redacted]"))
        }
    }

    @Test func `a secret that is none is told without it`() {
        #expect(
            outcome("[hunter2]") { $0.secret().map { $0.revealed } } == .failure("found no text, expected a secret"))
    }

    @Test func `a value is asked whether it is some text, and nothing is reported`() {
        func read(_ section: inout Section) {
            let values = [section.value("a"), section.value("b"), section.value("c")].compactMap { $0 }
            #expect(values.map { $0.says("x") } == [true, false, false])
        }
        #expect(mistakes("schema: 1\na: x\nb: xy\nc: [x]\n", read) == [])
    }
}
