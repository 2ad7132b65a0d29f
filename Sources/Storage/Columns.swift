import GRDB
import Residency
import Vocabulary

extension Duration {
    /// Whole microseconds, as durations stand in files.
    var microseconds: Int64 {
        self.nanoseconds / 1000
    }
}

extension RequestID {
    /// The sixteen bytes, as ids stand in files: half the size of the text, in the same order.
    var columnBytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            for place in 0..<8 {
                let shift = UInt64(56 - 8 * place)
                buffer[place] = UInt8(truncatingIfNeeded: self.high >> shift)
                buffer[place + 8] = UInt8(truncatingIfNeeded: self.low >> shift)
            }
            count = 16
        }
    }
    /// Reads the same; `nil` for all else.
    init?(columnBytes bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.init(Self.text(bytes))
    }

    /// RequestID reads its 36-character form only.
    private static func text(_ bytes: [UInt8]) -> String {
        var text = Hexadecimal.text(bytes)
        for place in [8, 13, 18, 23] { text.insert("-", at: text.index(text.startIndex, offsetBy: place)) }
        return text
    }
}
