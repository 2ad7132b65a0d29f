import GRDB
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
        [self.high, self.low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * UInt64($0))) }
        }
    }
}
