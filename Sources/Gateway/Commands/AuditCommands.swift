import Accounting
import Foundation
import Residency
import Storage
import Vocabulary

/// Which audit file a command reads.
public struct AuditSource: Sendable {
    var file: String?
    var configurationPath: String?

    /// The file itself, else the one in the state folder of the configuration's node.
    public init(file: String?, configurationPath: String?) {
        self.file = file
        self.configurationPath = configurationPath
    }

    func open() throws -> AuditReader {
        try AuditReader(path: AuditFiles.path(file: self.file, configurationPath: self.configurationPath))
    }
}

/// Which records `gatehouse audit show` prints, as the command line has them.
public struct AuditSelection: Sendable {
    var filter = AuditReader.Filter()
    var last: Int

    /// Sentences for what is wrong with the options; `nil` inside if a text is none of the kind it should be.
    public init(since: String?, until: String?, kind: String?, request: String?, last: Int) throws(AuditOptionFault) {
        self.last = last
        self.filter.from = try Self.read(since, "--since", "a time, as in 2026-11-24T12:00:00Z") {
            WallTime(rfc3339: $0)
        }
        self.filter.to = try Self.read(until, "--until", "a time, as in 2026-11-24T12:00:00Z") { WallTime(rfc3339: $0) }
        let kinds = AuditKind.allCases.map(\.rawValue).joined(separator: ", ")
        self.filter.kind = try Self.read(kind, "--kind", "one of \(kinds)") { AuditKind(rawValue: $0) }
        self.filter.request = try Self.read(request, "--request", "a request id") { RequestID($0) }
    }

    private static func read<T>(
        _ text: String?, _ option: String, _ expected: String, _ parse: (String) -> T?
    ) throws(AuditOptionFault) -> T? {
        guard let text else { return nil }
        guard let value = parse(text) else {
            throw AuditOptionFault(message: "\(option) is `\(text)`, expected \(expected)")
        }
        return value
    }
}

/// An option's value is none of its kind.
public struct AuditOptionFault: Error {
    /// Which one, and what was expected.
    public let message: String
}

/// Reads checkpoints as `--checkpoint` has them.
public func auditCheckpoints(_ texts: [String]) throws(AuditOptionFault) -> AuditCheckpoints {
    var checkpoints: [AuditCheckpoint] = []
    for text in texts {
        guard let checkpoint = AuditCheckpoint(text) else {
            throw AuditOptionFault(
                message: "--checkpoint is `\(text)`, expected a record's number and hash, as `audit verify` prints them"
            )
        }
        checkpoints.append(checkpoint)
    }
    return AuditCheckpoints(all: checkpoints)
}

/// Records that a chain must contain.
public struct AuditCheckpoints: Sendable {
    let all: [AuditCheckpoint]
}

/// `gatehouse audit verify`: exits 1 if the chain or the usage rows do not hold.
public func verifyAudit(
    _ source: AuditSource, _ part: AuditPart, usage: String?, checkpoints: AuditCheckpoints, asJSON: Bool
) -> Int32 {
    reading(source) { reader in
        let range = try part.range(in: reader)
        let usagePath = usage ?? AuditFiles.usage(beside: reader.path)
        let examination = try AuditExamination(
            reader, range, usage: usagePath.map { path in try UsageReader(path: path) }, checkpoints: checkpoints.all)
        let report = AuditVerifyReport(reader.path, examination)
        if asJSON { sayJSON(report) } else { say(report.text) }
        return examination.isWhole ? ExitStatus.done : ExitStatus.failed
    }
}

/// `gatehouse audit show`: prints the last records that are wanted.
public func showAudit(_ source: AuditSource, _ selection: AuditSelection, asJSON: Bool) -> Int32 {
    reading(source) { reader in
        var records: [AuditRecord] = []
        var faults: [AuditFault] = []
        try reader.records(selection.filter) { found in
            switch found {
            case .success(let record): records.append(record)
            case .failure(let fault): faults.append(fault)
            }
            // Twice as many as are wanted, so that forgetting is rare.
            if records.count > 2 * max(selection.last, 500) { records.removeFirst(records.count - selection.last) }
            return true
        }
        records = records.suffix(selection.last)
        if asJSON {
            sayJSON(records.map { AuditRecordReport($0) })
        } else if records.isEmpty {
            say("no such records")
        } else {
            say(selection.filter.request == nil ? AuditPages.list(records) : AuditPages.details(records))
        }
        for fault in faults { complain("\(fault)") }
        return faults.isEmpty ? ExitStatus.done : ExitStatus.failed
    }
}

/// `gatehouse audit export`: prints every record as a line of JSON.
public func exportAudit(_ source: AuditSource, _ part: AuditPart) -> Int32 {
    reading(source) { reader in
        let range = try part.range(in: reader)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var faults: [AuditFault] = []
        var lines = Data()
        try reader.records(range.filter) { found in
            switch found {
            case .success(let record): lines += ((try? encoder.encode(AuditRecordReport(record))) ?? Data()) + [0x0A]
            case .failure(let fault): faults.append(fault)
            }
            if lines.count > 1 << 16 {
                FileHandle.standardOutput.write(lines)
                lines = Data()
            }
            return true
        }
        FileHandle.standardOutput.write(lines)
        for fault in faults { complain("\(fault)") }
        return faults.isEmpty ? ExitStatus.done : ExitStatus.failed
    }
}

/// Opens the file and gives it to `body`; what goes wrong becomes a sentence and an exit code.
private func reading(_ source: AuditSource, _ body: (AuditReader) throws -> Int32) -> Int32 {
    do {
        return try body(try source.open())
    } catch {
        return ExitStatus.told(error)
    }
}
