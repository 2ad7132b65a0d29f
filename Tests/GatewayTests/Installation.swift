import Configuration
import Testing
import Vocabulary

@testable import Gateway

/// The files of one installation in a folder of its own, and what is made of them.
struct Installation {
    /// What a test changes nothing about.
    static let gatehouse = """
        schema: 1
        state: /var/lib/gatehouse
        backends:
          here: {url: http://127.0.0.1:11434, zone: loopback}

        """
    static let manifest = """
        schema: 1
        models:
          llama3.2:3b: {}

        """

    let folder: TemporaryFolder
    var hostAddresses: [IPAddress] = []

    /// Writes these files; `nil` leaves one out.
    init(
        gatehouse: String? = Self.gatehouse, manifest: String? = Self.manifest, keys: String? = nil,
        pepper: String? = nil
    ) throws {
        self.folder = try TemporaryFolder()
        for (name, text) in [
            ("gatehouse.yaml", gatehouse), ("models.manifest", manifest), ("keys.yaml", keys), ("pepper", pepper),
        ] {
            if let text { try self.folder.write(text, to: name) }
        }
    }

    func load() throws(Problems) -> GatehouseConfiguration {
        let addresses = self.hostAddresses
        return try ConfigurationLoader(
            path: self.folder["gatehouse.yaml"], nodeDefault: "this-host", hostAddresses: { addresses }
        ).load()
    }

    /// The mistakes, one line each, with paths as they are inside the folder.
    var mistakes: [String] {
        do throws(Problems) {
            _ = try self.load()
            return []
        } catch {
            return error.all.map { $0.description.replacing("\(self.folder.path)/", with: "") }
        }
    }
}
