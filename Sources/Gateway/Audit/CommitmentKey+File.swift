import Configuration
import Residency
import Vocabulary

extension CommitmentKey {
    /// Only its owner may read it, and nobody writes it again.
    private static let mode: UInt32 = 0o400

    /// The key in a state folder, made if there is none yet. A file that is no key is refused: with another key, what was
    /// recorded could no longer be compared with a body. Blocks.
    init(keptIn folder: String) throws(FileFault) {
        let path = folder + "/" + Defaults.commitmentKey
        if !ConfigurationFile.exists(path) {
            var generator = SystemRandomNumberGenerator()
            let bytes = (0..<Self.size).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            try ConfigurationFile.write(bytes, to: path, mode: Self.mode)
        }
        let bytes = try ConfigurationFile.bytes(path, max: Bounds.configurationFile)
        guard let key = CommitmentKey(bytes) else {
            throw FileFault(
                path,
                "the key for commitments has \(bytes.count) bytes, expected \(Self.size); put the file back from a copy, "
                    + "or move it away and a new one will be made")
        }
        self = key
    }
}
