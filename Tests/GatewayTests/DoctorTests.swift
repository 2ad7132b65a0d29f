import Health
import Residency
import Testing
import Vocabulary

@testable import Gateway

/// What `doctor` makes of what it found.
@Suite struct DoctorTests {
    private func risks(at addresses: [SocketAddress]) async throws -> [String] {
        try await onLoop {
            var finding = Inspection.Finding(
                server: try BackendAddress(parsing: "gpu1:11434"), id: "gpu1",
                inventory: Inventory(
                    models: [InventoryModel(name: "a:latest", digest: "a", size: Bytes(1))],
                    version: OllamaVersion("0.33.0"), cloud: .off))
            finding.addresses = addresses
            return DoctorReport(finding).risks.map(\.code)
        }
    }

    @Test func `others reach a server at an address, not one on this host's loopback or a Unix socket`() async throws {
        #expect(try await self.risks(at: [SocketAddress("10.0.0.1", 11434)]) == ["reachable_directly"])
        #expect(
            try await self.risks(at: [SocketAddress("127.0.0.1", 11434), SocketAddress("10.0.0.1", 11434)])
                == ["reachable_directly"])
        #expect(try await self.risks(at: [SocketAddress("127.0.0.2", 11434), SocketAddress("::1", 11434)]) == [])
        #expect(try await self.risks(at: []) == [])
    }
}
