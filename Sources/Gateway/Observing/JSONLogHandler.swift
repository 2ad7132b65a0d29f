import Foundation
import Logging
import Vocabulary

/// What the daemon says about itself: one JSON object a line, through the same writer as the request log.
struct JSONLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata = Logger.Metadata()
    var metadataProvider: Logger.MetadataProvider?
    private let writer: LineWriter

    init(writer: LineWriter, level: Logger.Level) {
        self.writer = writer
        self.logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = self.metadata.merging(event.metadata ?? [:]) { $1 }.mapValues(\.description)
        // Logged from any thread, so the loop's clock is out of reach; a log line's time is told, never compared.
        fields["time"] = WallTime(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)).rfc3339
        fields["level"] = event.level.rawValue
        fields["message"] = event.message.description
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(fields) else { return }
        self.writer.write(Array(line))
    }
}
