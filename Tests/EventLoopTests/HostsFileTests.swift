import Foundation
import Testing
import Vocabulary

@testable import EventLoop

/// What /etc/hosts says of a name.
@Suite struct HostsFileTests {
    static let text = """
        # 10.0.0.9 gpu1.lan
        127.0.0.1\tlocalhost
        10.0.0.1  gpu1.lan GPU1 # gpu2.lan
        fd12::1   gpu1.lan
        10.0.0.1  gpu1.lan
        10.0.0.2  other gpu2.lan gpu1.lan.example
        nonsense  gpu3.lan
        gpu4.lan
        """

    @Test(arguments: [
        ("gpu1.lan", ["10.0.0.1", "fd12::1"]), ("GPU1.Lan", ["10.0.0.1", "fd12::1"]), ("gpu2.lan", ["10.0.0.2"]),
        ("gpu3.lan", []), ("gpu4.lan", []), ("10.0.0.1", []), ("lan", []),
    ])
    func `a name has the addresses that stand before it`(name: String, addresses: [String]) {
        #expect(HostsFile.addresses(of: name, in: Self.text).map(\.description) == addresses)
    }

    @Test func `a byte that is no text hides no name`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "hosts-\(UInt64.random(in: 0 ... .max))").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(Array("10.0.0.1 a # caf".utf8) + [0xE9] + Array("\n10.0.0.2 b.c\n".utf8)).write(
            to: URL(filePath: path))
        #expect(HostsFile.addresses(of: "b.c", at: path).map(\.description) == ["10.0.0.2"])
        #expect(HostsFile.addresses(of: "b.c", at: path + "-none").isEmpty)
    }

    @Test func `line ends of other systems are line ends`() {
        #expect(HostsFile.addresses(of: "b.c", in: "10.0.0.1 a\r\n10.0.0.2 b.c\r\n").map(\.description) == ["10.0.0.2"])
    }
}
