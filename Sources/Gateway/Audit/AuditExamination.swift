import Residency
import Storage
import Vocabulary

/// Verifies an audit file or a part of it: the records, their intents and outcomes, and the usage rows that they count.
struct AuditExamination {
    /// What became of the usage rows that a record counted.
    struct Rows {
        /// Records whose rows have the digest of then.
        var agree = 0
        /// Records of whose rows some are missing.
        var gone = 0
        /// The newest of these: whether its rows were due to be deleted, its time tells.
        var newestGone: AuditRecord?
        /// Records whose rows are others than then.
        var differ: [AuditRecord] = []
    }

    private(set) var verifier: AuditVerifier
    private(set) var fault: AuditFault?
    /// Intents and outcomes of the records that hold.
    private(set) var departures: DepartureCheck
    /// `nil` if there is no usage file to compare with.
    private(set) var rows: Rows?

    /// Reads both files. Of a part, the first record is taken to hang on the one before, and checkpoints outside are not
    /// looked for. Blocks: some hundred thousand records a second.
    init(
        _ reader: AuditReader, _ part: AuditRange = .whole, usage: UsageReader?, checkpoints: [AuditCheckpoint]
    ) throws(StorageProblem) {
        var verifier = AuditVerifier(
            checkpoints: checkpoints.filter { part.contains($0.sequence) }, startsAnywhere: !part.hasBeginning)
        var departures = DepartureCheck(startsAnywhere: !part.hasBeginning)
        var fault: AuditFault?
        var counted: [(AuditRecord, AuditedRows)] = []
        try reader.records(part.filter) { found in
            switch found {
            case .success(let record):
                fault = verifier.check(record)
                if fault == nil, let mark = DepartureCheck.Mark(record) { departures.take(mark, at: record.sequence) }
                if fault == nil, usage != nil, let rows = AuditedRows(body: record.body, kind: record.kind) {
                    counted.append((record, rows))
                }
            case .failure(let malformed):
                fault = malformed
            }
            return fault == nil
        }
        self.verifier = verifier
        self.departures = departures
        self.fault = fault ?? verifier.finish()
        if let usage { self.rows = try Self.compare(counted, usage) }
    }

    /// Nothing is wrong.
    var isWhole: Bool {
        self.fault == nil && self.departures.faultCount == 0 && self.rows?.differ.isEmpty ?? true
    }

    private static func compare(
        _ counted: [(AuditRecord, AuditedRows)], _ usage: UsageReader
    ) throws(StorageProblem) -> Rows {
        var rows = Rows()
        for (record, then) in counted {
            let now = try usage.rows(from: then.first, through: then.last)
            if now == then {
                rows.agree += 1
            } else if now?.requests ?? 0 < then.requests {
                // Deleted when they were old enough, or by somebody: the file alone cannot tell.
                rows.gone += 1
                rows.newestGone = record
            } else {
                rows.differ.append(record)
            }
        }
        return rows
    }
}
