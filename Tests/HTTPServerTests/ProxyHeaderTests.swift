import Testing
import Vocabulary

@testable import HTTPServer

/// What a proxy says first, in both versions of the PROXY protocol.
struct ProxyHeaderTests {
    static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10] + Array("QUIT\n".utf8)

    static func binary(_ command: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
        Self.signature + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 0xFF)] + rest
    }

    static let v4: [UInt8] = [10, 1, 2, 3, 10, 0, 0, 1, 0x30, 0x39, 0x2C, 0xA6]
    static let v6: [UInt8] =
        [0xFD] + [UInt8](repeating: 0, count: 14) + [7] + [UInt8](repeating: 0, count: 15) + [1, 1, 0, 0, 80]
    static let mapped: [UInt8] =
        [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 127, 0, 0, 1] + [UInt8](repeating: 0, count: 15) + [
            1, 1, 0, 0, 80,
        ]

    static let good: [(bytes: [UInt8], client: String)] = [
        (Array("PROXY TCP4 10.1.2.3 10.0.0.1 12345 11430\r\n".utf8), "10.1.2.3:12345"),
        (Array("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n".utf8), "255.255.255.255:65535"),
        (Array("PROXY TCP6 fd00::7 ::1 0 80\r\n".utf8), "[fd00::7]:0"),
        (Array("PROXY TCP6 ::ffff:127.0.0.1 ::1 256 80\r\n".utf8), "127.0.0.1:256"),
        (Array("PROXY UNKNOWN\r\n".utf8), "unknown"),
        (Array("PROXY UNKNOWN ffff:f::ffff ffff::ffff 65535 65535\r\n".utf8), "unknown"),
        (binary(0x21, 0x11, v4), "10.1.2.3:12345"),
        (binary(0x21, 0x11, v4 + [4, 0, 1, 0]), "10.1.2.3:12345"),
        (binary(0x21, 0x21, v6), "[fd00::7]:256"),
        (binary(0x21, 0x21, mapped), "127.0.0.1:256"),
        (binary(0x21, 0x00, []), "unknown"),
        (binary(0x21, 0x31, [UInt8](repeating: 0, count: 216)), "unknown"),
        (binary(0x20, 0x00, []), "proxy"),
        (binary(0x20, 0x11, v4), "proxy"),
        (binary(0x20, 0x00, [UInt8](repeating: 9, count: ProxyHeader.binaryMax - 16)), "proxy"),
    ]

    static let bad: [[UInt8]] =
        [
            "GET / HTTP/1.1\r\n\r\n", "PROXY\r\n", "PROXY \r\n", "proxy TCP4 10.1.2.3 10.0.0.1 1 2\r\n",
            "PROXY TCP4 10.1.2.3 10.0.0.1 1 2\n", "PROXY TCP4 10.1.2.3 10.0.0.1 1\r\n",
            "PROXY TCP4 10.1.2.3 10.0.0.1 1 2 3\r\n", "PROXY TCP4  10.1.2.3 10.0.0.1 1 2\r\n",
            "PROXY TCP4 fd00::7 fd00::8 1 2\r\n", "PROXY TCP6 10.1.2.3 10.0.0.1 1 2\r\n",
            "PROXY TCP4 10.1.2.3 fd00::8 1 2\r\n", "PROXY TCP4 10.1.2.3 10.0.0.1 65536 2\r\n",
            "PROXY TCP4 10.1.2.3 10.0.0.1 01 2\r\n", "PROXY TCP4 10.1.2.3 10.0.0.1 +1 2\r\n",
            "PROXY TCP4 10.1.2.3 10.0.0.1  2\r\n", "PROXY TCP4 010.1.2.3 10.0.0.1 1 2\r\n",
            "PROXY UDP4 10.1.2.3 10.0.0.1 1 2\r\n", "PROXY UNKNOWN" + String(repeating: "x", count: 94) + "\r\n",
            "\r\n\r\nGET", "\u{16}\u{3}\u{1}",
        ].map { Array($0.utf8) } + [
            binary(0x11, 0x11, v4), binary(0x22, 0x11, v4), binary(0x21, 0x12, v4), binary(0x21, 0x41, v6),
            binary(0x21, 0x11, Array(v4.dropLast())), binary(0x21, 0x21, v4),
            binary(0x20, 0x00, [UInt8](repeating: 9, count: ProxyHeader.binaryMax - 15)),
        ]

    static func word(_ client: ProxyHeader.Client) -> String {
        switch client {
        case .address(let address): "\(address)"
        case .unknown: "unknown"
        case .proxyItself: "proxy"
        }
    }

    @Test func `each good header names its client, however it comes and whatever follows`() {
        for (bytes, client) in Self.good {
            for count in 0..<bytes.count where ProxyHeader.read(Array(bytes[..<count])) != .incomplete {
                Issue.record("\(client): \(count) of \(bytes.count) bytes were enough")
            }
            for rest in [[], Array("GET / HTTP/1.1\r\n\r\n".utf8), [0, 10, 13, 10]] {
                guard case .header(let header) = ProxyHeader.read(bytes + rest) else {
                    Issue.record("\(client): \(ProxyHeader.read(bytes + rest))")
                    continue
                }
                #expect(header.count == bytes.count)
                #expect(Self.word(header.client) == client)
            }
        }
    }

    @Test func `each bad one is refused, and stays so with more bytes`() {
        for bytes in Self.bad {
            let readings = (0...bytes.count).map { ProxyHeader.read(Array(bytes[..<$0])) }
            let first = readings.firstIndex { $0 != .incomplete }
            guard let first, case .refused = readings[first] else {
                Issue.record("\(bytes): \(readings.last ?? .incomplete)")
                continue
            }
            for (count, reading) in readings.enumerated().dropFirst(first) {
                guard case .refused = reading else {
                    Issue.record("\(bytes): refused after \(first) bytes, \(reading) after \(count)")
                    continue
                }
            }
        }
    }

    @Test func `a header that never ends is refused at its bound`() {
        let line = Array("PROXY UNKNOWN ".utf8) + [UInt8](repeating: 0x78, count: 200)
        #expect(ProxyHeader.read(Array(line[..<106])) == .incomplete)
        #expect(ProxyHeader.read(Array(line[..<107])) == .refused("a PROXY line is longer than 107 bytes"))
    }

    @Test func `no bytes trap, and what was read once stays when more comes`() {
        var generator = SeededBytes(state: 7)
        for _ in 0..<20_000 {
            var bytes = Self.good[Int(generator.next() % UInt64(Self.good.count))].bytes
            for _ in 0...(generator.next() % 3) {
                bytes[Int(generator.next() % UInt64(min(bytes.count, 64)))] = UInt8(
                    truncatingIfNeeded: generator.next())
            }
            let cut = Int(generator.next() % UInt64(bytes.count + 1))
            let early = ProxyHeader.read(Array(bytes[..<cut]))
            let whole = ProxyHeader.read(bytes)
            switch (early, whole) {
            case (.incomplete, _), (.refused, .refused): break
            case (.header(let one), .header(let other)) where one == other: break
            default: Issue.record("\(bytes) cut at \(cut): \(early), then \(whole)")
            }
        }
    }
}

/// SplitMix64: the same bytes in each run.
private struct SeededBytes: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
