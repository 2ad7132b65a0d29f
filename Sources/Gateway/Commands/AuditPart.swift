import Accounting
import Residency
import Storage
import Vocabulary

/// Which part of a chain a command reads, as the command line has it.
public struct AuditPart: Sendable {
    /// An end of a part.
    private enum End: Sendable {
        case record(Int64)
        case time(WallTime)
    }

    private let from: End?
    private let to: End?

    /// From a record or moment, to a record or before a moment. Throws a sentence for what is neither.
    public init(from: String?, to: String?) throws(AuditOptionFault) {
        self.from = try Self.read(from, "--from")
        self.to = try Self.read(to, "--to")
    }

    private static func read(_ text: String?, _ option: String) throws(AuditOptionFault) -> End? {
        guard let text else { return nil }
        if let number = Int64(text), number > 0 { return .record(number) }
        if let time = WallTime(rfc3339: text) { return .time(time) }
        throw AuditOptionFault(
            message: "\(option) is `\(text)`, expected a record's number, or a time, as in 2026-11-24T12:00:00Z")
    }

    /// The records that are meant; there is at least one, unless the whole file is meant.
    func range(in reader: AuditReader) throws -> AuditRange {
        if self.from == nil, self.to == nil { return .whole }
        var range = AuditRange.whole
        let head = try reader.head()?.sequence ?? 0
        switch self.from {
        case .record(let number): range.first = number
        case .time(let time): range.first = try reader.numbers(from: time, to: nil).first ?? head + 1
        case nil: break
        }
        switch self.to {
        case .record(let number): range.last = number
        case .time(let time): range.last = try reader.numbers(from: nil, to: time).last ?? 0
        case nil: break
        }
        guard range.first <= min(range.last, head) else {
            throw AdminFailure(message: "no record lies between --from and --to; the last one is record \(head)")
        }
        return range
    }
}

/// Records that lie one after another.
struct AuditRange {
    /// The first one's number.
    var first: Int64
    /// The last one's number, or one behind the end.
    var last: Int64

    /// All records.
    static let whole = AuditRange(first: 1, last: .max)

    /// The first record of the file is within.
    var hasBeginning: Bool { self.first == 1 }

    func contains(_ sequence: Int64) -> Bool { self.first <= sequence && sequence <= self.last }

    var filter: AuditReader.Filter {
        var filter = AuditReader.Filter()
        if !self.hasBeginning { filter.first = self.first }
        if self.last < .max { filter.last = self.last }
        return filter
    }
}
