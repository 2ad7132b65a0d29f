import Residency
import Testing
import Vocabulary

@testable import Gateway

/// Whom a request counts for behind proxies.
@Suite struct ForwardedForTests {
    static func client(_ lines: String..., from peer: String = "10.0.0.1", proxies: String = "10.0.0.0/24") throws
        -> String
    {
        let client = ForwardedFor.client(
            of: IPAddress(text: peer), lines.map { Array($0.utf8)[...] }, proxies: [try CIDR(parsing: proxies)])
        return "\(client)"
    }

    @Test func `who is no proxy counts for itself, whatever it says`() throws {
        #expect(try Self.client("127.0.0.1", from: "10.0.1.1") == "10.0.1.1")
    }

    @Test func `the last address that is no proxy's counts, what stands before it is the client's own`() throws {
        #expect(try Self.client() == "10.0.0.1")
        #expect(try Self.client("192.168.1.5") == "192.168.1.5")
        #expect(try Self.client("127.0.0.1, 192.168.1.5") == "192.168.1.5")
        #expect(try Self.client("127.0.0.1", "192.168.1.5") == "192.168.1.5")
        #expect(try Self.client("127.0.0.1, 192.168.1.5, 10.0.0.9 ,\t10.0.0.8") == "192.168.1.5")
        #expect(try Self.client("192.168.1.5, 10.0.0.9", "10.0.0.8") == "192.168.1.5")
        #expect(try Self.client("10.0.0.7, 10.0.0.8") == "10.0.0.7", "the proxies themselves")
    }

    @Test func `what cannot be read ends the way at the proxy that appended it`() throws {
        for entry in ["unknown", "", "10.0.0.7.", "fd00::g", "[fd00::1", "192.168.1.5:", "192.168.1.5:x", "a:b:c"] {
            #expect(try Self.client("192.168.1.5, \(entry)") == "10.0.0.1", "\(entry)")
            #expect(try Self.client("192.168.1.5, \(entry), 10.0.0.9") == "10.0.0.9", "\(entry)")
        }
    }

    @Test func `addresses may have ports and brackets`() throws {
        #expect(try Self.client("192.168.1.5:4711") == "192.168.1.5")
        #expect(try Self.client("[fd00::1]:4711") == "fd00::1")
        #expect(try Self.client("[fd00::1]") == "fd00::1")
        #expect(try Self.client("fd00::1") == "fd00::1")
        #expect(try Self.client("192.168.1.5, ::ffff:10.0.0.9") == "192.168.1.5", "a proxy in another spelling")
    }

    @Test func `a long way is followed so far and no further`() throws {
        let hops = (1...40).map { "10.0.0.\($0)" }.joined(separator: ", ")
        #expect(try Self.client("192.168.1.5, " + hops) == "10.0.0.\(40 - ForwardedFor.hopsMax + 1)")
    }
}
