import Accounting
import Vocabulary

extension MetricsReport {
    /// A key that ends within so long should have a new secret by now.
    static let keysEndWithin = Duration.seconds(14 * 86_400)

    /// What the node reads, and where it writes.
    func files(_ text: inout MetricsText) {
        if let room = self.node.disk.room {
            text.family("gatehouse_state_free_bytes", .gauge, "Room left on the disk of the state folder.")
            text.sample("gatehouse_state_free_bytes", Double(room.free))
            text.family("gatehouse_state_size_bytes", .gauge, "Size of the disk of the state folder.")
            text.sample("gatehouse_state_size_bytes", Double(room.size))
        }
        let configuration = self.node.configuration
        text.family(
            "gatehouse_configuration_info", .gauge, "1 for each file that is in force, with the SHA-256 of its bytes.")
        for (file, hash) in configuration.files.sorted(by: { $0.key < $1.key }) {
            text.sample("gatehouse_configuration_info", [("file", file), ("sha256", "\(hash)")], 1)
        }
        text.family(
            "gatehouse_keys_ending", .gauge, "Keys of callers that are taken now and end within fourteen days.")
        let ending = configuration.keys.count(endingWithin: Self.keysEndWithin, from: self.node.timers.wallNow)
        text.sample("gatehouse_keys_ending", Double(ending))
    }
}
