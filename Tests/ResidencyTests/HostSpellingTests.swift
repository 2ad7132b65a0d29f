import Testing
import Vocabulary

@testable import Residency

@Suite struct HostSpellingTests {
    @Test(arguments: [
        ("10.0.0.5", "10.0.0.5"), ("::1", "::1"), ("fd12:0:0:0::5", "fd12::5"), ("gpu1", "gpu1"),
        ("GPU1.Lab", "gpu1.lab"),
        ("gpu-1.lab.example", "gpu-1.lab.example"), ("ollama_1", "ollama_1"), ("localhost", "localhost"),
        ("127.0.0.1.nip.example", "127.0.0.1.nip.example"), ("1gpu", "1gpu"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("0xg", "0xg"),
    ])
    func `an address in its usual form and a plain name pass`(text: String, expected: String) throws {
        #expect(try HostSpelling.check(text).text == expected)
    }

    /// `residency.md` A2 and A6, L06: what libcurl or a resolver would read as some address.
    @Test(arguments: [
        ("127.1", "host `127.1` is an unusual spelling of an address, write `127.0.0.1`"),
        ("127.0.1", "host `127.0.1` is an unusual spelling of an address, write `127.0.0.1`"),
        ("2130706433", "host `2130706433` is an unusual spelling of an address, write `127.0.0.1`"),
        ("0x7f000001", "host `0x7f000001` is an unusual spelling of an address, write `127.0.0.1`"),
        ("0X7F000001", "host `0X7F000001` is an unusual spelling of an address, write `127.0.0.1`"),
        ("0x7f.0.0.1", "host `0x7f.0.0.1` is an unusual spelling of an address, write `127.0.0.1`"),
        ("017700000001", "host `017700000001` is an unusual spelling of an address, write `127.0.0.1`"),
        ("0177.0.0.1", "host `0177.0.0.1` is an unusual spelling of an address, write `127.0.0.1`"),
        ("010.0.0.1", "host `010.0.0.1` is an unusual spelling of an address, write `8.0.0.1`"),
        ("10.0.0.5.", "host `10.0.0.5.` is an unusual spelling of an address, write `10.0.0.5`"),
        ("0", "host `0` is an unusual spelling of an address, write `0.0.0.0`"),
        (
            "256.0.0.1",
            "host `256.0.0.1` ends in a number and is no IPv4 address, expected four numbers from 0 to 255, "
                + "without leading zeros"
        ),
        (
            "1.2.3.4.5",
            "host `1.2.3.4.5` ends in a number and is no IPv4 address, expected four numbers from 0 to 255, "
                + "without leading zeros"
        ),
        (
            "gpu.7",
            "host `gpu.7` ends in a number and is no IPv4 address, expected four numbers from 0 to 255, "
                + "without leading zeros"
        ),
        (
            "08.0.0.1",
            "host `08.0.0.1` ends in a number and is no IPv4 address, expected four numbers from 0 to 255, "
                + "without leading zeros"
        ),
        ("gpu1.", "host `gpu1.` ends in a dot, write `gpu1`"),
        (".", "host `.` is the root of DNS, expected a name or an address"),
        ("gpu..lab", "host `gpu..lab` has an empty label, two dots in a row or one at its beginning"),
        (".gpu", "host `.gpu` has an empty label, two dots in a row or one at its beginning"),
        ("user@gpu1", "the host has a user before its `@`, write the name or address alone"),
        ("user:secret@gpu1", "the host has a user before its `@`, write the name or address alone"),
        ("user:sécret@gpu1", "the host has a user before its `@`, write the name or address alone"),
        ("gpu%31", "host `gpu%31` has a percent sign, write every character as it is"),
        ("fe80::1%eth0", "host `fe80::1%eth0` has a zone id after its `%`, a link-local address cannot be a backend"),
        ("[::1]", "host `[::1]` is not an IPv6 address in its usual form, as in `fd12::5`"),
        ("::1::", "host `::1::` is not an IPv6 address in its usual form, as in `fd12::5`"),
        ("12345::1", "host `12345::1` is not an IPv6 address in its usual form, as in `fd12::5`"),
        (
            "gpü1",
            "host `gpü1` has characters beyond ASCII, write the name as DNS has it (`xn--...`), "
                + "after making sure that no letter is a look-alike"
        ),
        (
            "１２７.0.0.1",
            "host `１２７.0.0.1` has characters beyond ASCII, write the name as DNS has it (`xn--...`), "
                + "after making sure that no letter is a look-alike"
        ),
        ("gpu 1", "the host has a blank or a control character in it"),
        ("gpu1\0.lab", "the host has a blank or a control character in it"),
        ("", "the host is empty, expected a name or an address"),
        ("gpu/1", "host `gpu/1` has a `/` in it, expected letters, digits, hyphens and dots"),
        ("-gpu", "host `-gpu` has a label that begins or ends with a hyphen"),
    ])
    func `an unusual spelling is refused with what to write instead`(text: String, expected: String) {
        #expect(message { () throws(Refusal) in try HostSpelling.check(text) } == expected)
    }

    @Test func `names are as long as DNS allows`() {
        let label = String(repeating: "a", count: 63)
        let long = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
        #expect(long.count == 253)
        #expect(message { () throws(Refusal) in try HostSpelling.check(long) } == nil)
        #expect(
            message { () throws(Refusal) in try HostSpelling.check("c." + long) }
                == "the host is 255 bytes long, a DNS name has 253 at most")
        #expect(
            message { () throws(Refusal) in try HostSpelling.check(label + "a") }
                == "host `\(label)a` has a label of 64 bytes, DNS takes 63")
    }

    @Test(arguments: [
        ("gpu1", "gpu1:11434", false), ("gpu1:8000", "gpu1:8000", false), ("http://gpu1:8000/", "gpu1:8000", false),
        ("HTTPS://gpu1", "gpu1:11434", true), ("https://gpu1:443", "gpu1:443", true),
        ("10.0.0.5", "10.0.0.5:11434", false),
        ("[fd12::5]", "[fd12::5]:11434", false), ("http://[fd12::5]:80", "[fd12::5]:80", false),
        ("unix:/run/o.sock", "unix:/run/o.sock", false), ("GPU1", "gpu1:11434", false),
    ])
    func `a backend's address is read from what people write`(text: String, endpoint: String, tls: Bool) throws {
        let address = try BackendAddress(parsing: text)
        #expect(address.endpoint.description == endpoint)
        #expect(address.tls == tls)
    }

    @Test(arguments: [
        ("ftp://gpu1", "scheme `ftp` is not known, expected `http` or `https`"),
        ("http://gpu1/api", "`http://gpu1/api` has a path or a query, expected a host and a port only"),
        ("gpu1?x", "`gpu1?x` has a path or a query, expected a host and a port only"),
        ("gpu1:0", "`gpu1:0` has no valid port, expected a number from 1 to 65535"),
        ("gpu1:", "`gpu1:` has no valid port, expected a number from 1 to 65535"),
        ("gpu1:65536", "`gpu1:65536` has no valid port, expected a number from 1 to 65535"),
        ("gpu1:+80", "`gpu1:+80` has no valid port, expected a number from 1 to 65535"),
        ("gpu1:080", "`gpu1:080` has no valid port, expected a number from 1 to 65535"),
        ("[::1]80", "`[::1]80` has no valid port, expected a number from 1 to 65535"),
        ("[::1", "`[::1` has no `]` after its address"),
        ("[10.0.0.1]", "`[10.0.0.1]` has no IPv6 address between its brackets"),
        (
            "[fe80::1%eth0]:80",
            "host `fe80::1%eth0` has a zone id after its `%`, a link-local address cannot be a backend"
        ),
        ("fd12::5", "`fd12::5` has more than one colon, write an IPv6 address in brackets: `[fd12::5]:11434`"),
        ("http://user:secret@gpu1:80", "the host has a user before its `@`, write the name or address alone"),
        ("http://user@gpu1", "the host has a user before its `@`, write the name or address alone"),
        ("http://user:secret@gpu1", "the host has a user before its `@`, write the name or address alone"),
        ("http://user:secret@gpu1/api", "the host has a user before its `@`, write the name or address alone"),
        ("user:secret@gpu1?x", "the host has a user before its `@`, write the name or address alone"),
        ("ftp://user:secret@gpu1", "the host has a user before its `@`, write the name or address alone"),
        ("user:secret@http://gpu1", "the host has a user before its `@`, write the name or address alone"),
        ("http://user:sécret@[::1", "the host has a user before its `@`, write the name or address alone"),
        ("127.1:11434", "host `127.1` is an unusual spelling of an address, write `127.0.0.1`"),
        ("unix:run/o.sock", "the Unix socket `run/o.sock` has a relative path, expected one that begins with `/`"),
        ("unix:/run/\u{1}", "the path of the Unix socket has a control character in it"),
        ("", "the host is empty, expected a name or an address"),
    ])
    func `an address that is not one says why`(text: String, expected: String) {
        #expect(message { () throws(Refusal) in try BackendAddress(parsing: text) } == expected)
    }

    @Test func `a socket's path is as long as the system takes`() {
        let path = "/" + String(repeating: "s", count: 106)
        #expect(message { () throws(Refusal) in try BackendAddress(parsing: "unix:" + path) } == nil)
        #expect(message { () throws(Refusal) in try BackendAddress(parsing: "unix:" + path + "s") } != nil)
    }
}
