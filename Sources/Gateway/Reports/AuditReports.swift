import Residency
import Storage
import Vocabulary

/// One record, as `gatehouse audit export` and `show --json` write it.
struct AuditRecordReport: Encodable {
    /// The record's number.
    let seq: Int64
    /// Its time, for people: RFC 3339.
    let time: String
    /// Its time as it was hashed: microseconds since the epoch.
    let time_us: Int64
    /// Its kind.
    let kind: String
    /// Its body, as a text, so that the bytes which were hashed are not lost.
    let body: String
    /// The body's hash, in hexadecimal as the next two.
    let body_sha256: String
    /// The hash of the record before.
    let previous: String
    /// Its own hash.
    let hash: String

    init(_ record: AuditRecord) {
        self.seq = record.sequence
        self.time = record.time.rfc3339
        self.time_us = record.time.microseconds
        self.kind = record.kind
        self.body = String(decoding: record.body, as: UTF8.self)
        self.body_sha256 = "\(record.bodyHash)"
        self.previous = "\(record.previous)"
        self.hash = "\(record.hash)"
    }
}

/// What `gatehouse audit verify` found.
struct AuditVerifyReport: Encodable {
    /// The file.
    let file: String
    /// Chain, intents, outcomes and rows hold.
    let whole: Bool
    /// Records that hold.
    let records: Int
    /// The times of the first and the last of them.
    let from: String?
    let to: String?
    /// The last of them, `SEQ:HASH`: to be kept elsewhere.
    let checkpoint: String?
    /// The first that does not hold.
    let fault: Fault?
    /// Intents and outcomes.
    let departures: Departures
    /// What became of the usage rows; none without a usage file.
    let usage: Usage?

    struct Fault: Encodable {
        let code: String
        let seq: Int64
        let message: String

        init(_ fault: AuditFault) {
            self.code = fault.code.rawValue
            self.seq = fault.sequence
            self.message = fault.description
        }
    }

    struct Departures: Encodable {
        /// Intents in the records that hold.
        let intents: Int
        /// Outcomes in them.
        let outcomes: Int
        /// Intents without outcome since the last start.
        let open: Int
        /// What is wrong; the first hundred.
        let faults: [Fault]
        /// How much is wrong.
        let faultCount: Int
    }

    struct Usage: Encodable {
        /// Records whose rows are those of then.
        let agree: Int
        /// Records of whose rows some are missing, and the newest of them.
        let gone: Int
        let newestGone: Int64?
        let newestGoneTime: String?
        /// Records whose rows are others.
        let differ: [Int64]
    }

    init(_ path: String, _ examination: AuditExamination) {
        let verifier = examination.verifier
        self.file = path
        self.whole = examination.isWhole
        self.records = verifier.count
        self.from = verifier.firstTime?.rfc3339
        self.to = verifier.head?.time.rfc3339
        self.checkpoint = verifier.head.map { "\($0.checkpoint)" }
        self.fault = examination.fault.map { Fault($0) }
        let departures = examination.departures
        self.departures = Departures(
            intents: departures.intents, outcomes: departures.outcomes, open: departures.open,
            faults: departures.faults.map { Fault($0) }, faultCount: departures.faultCount)
        self.usage = examination.rows.map { rows in
            Usage(
                agree: rows.agree, gone: rows.gone, newestGone: rows.newestGone?.sequence,
                newestGoneTime: rows.newestGone?.time.rfc3339, differ: rows.differ.map(\.sequence))
        }
    }

    /// For a person.
    var text: String {
        var lines: [String] = []
        if let fault {
            lines.append("BROKEN at \(fault.message)")
            lines.append("\(self.records) records before it hold")
        } else {
            lines.append("the chain of \(self.records) records holds, from \(self.from ?? "") to \(self.to ?? "")")
        }
        if let checkpoint { lines.append("checkpoint \(checkpoint)") }
        lines += self.departureLines
        guard let usage else { return lines.joined(separator: "\n") }
        lines.append("usage rows: \(usage.agree) records agree with theirs")
        if usage.gone > 0 {
            lines.append(
                "\(usage.gone) records have rows that are gone, the newest is record \(usage.newestGone ?? 0) of "
                    + "\(usage.newestGoneTime ?? ""): is that older than usage.retention_days?")
        }
        if !usage.differ.isEmpty {
            let names = usage.differ.prefix(10).map { "\($0)" }.joined(separator: ", ")
            let rest = usage.differ.count > 10 ? " and \(usage.differ.count - 10) more" : ""
            lines.append("BROKEN: the usage rows of record \(names)\(rest) are not those that it counted")
        }
        return lines.joined(separator: "\n")
    }

    private var departureLines: [String] {
        let found = self.departures
        if found.intents + found.outcomes == 0 { return [] }
        let open =
            found.open == 0 ? "" : ", \(found.open) intents are open: the last process had not told what became of them"
        var lines = ["\(found.intents) intents to send something outside, \(found.outcomes) outcomes\(open)"]
        lines += found.faults.prefix(10).map { "BROKEN at \($0.message)" }
        if found.faultCount > 10 { lines.append("BROKEN: \(found.faultCount - 10) more of these") }
        return lines
    }
}
