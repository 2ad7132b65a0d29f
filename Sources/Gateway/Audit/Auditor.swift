import EventLoop
import Foundation
import Logging
import Residency
import Storage
import Vocabulary

/// Tells the audit chain what the node decides: each request that leaves and what becomes of it, each refusal for
/// residency's sake, each configuration, each backend that is kept from requests, and once a minute how many requests
/// there were, with the digest of their usage rows.
///
/// A chain that cannot be written keeps no local request from its answer: what is lost is counted and told.
@LoopActor
final class Auditor {
    /// How often requests are counted.
    static let countEvery = Duration.seconds(60)
    /// How often the chain's head is logged, for whoever keeps logs elsewhere.
    static let headEvery = Duration.seconds(3_600)

    let store: Result<AuditStore, StorageProblem>
    private let usage: UsageStore?
    let timers: any Timers
    private let commitmentKey: CommitmentKey
    /// Its level is the configuration's.
    var log: Logger
    private var lastRow: Int64
    private var standings: [BackendID: BackendStanding] = [:]
    /// Intents and outcomes since the start.
    var departures = DepartureCounts()
    /// How long what was about to leave waited for its intent, in seconds.
    var intentWaits = BucketHistogram(bounds: BucketHistogram.auditSeconds)
    private var lostWithoutStore = 0
    private var lostTold = 0
    private var isCounting = false
    /// A genesis or a start is recorded; without one a node has done nothing that is worth a record.
    private var hasBegun = false
    private var isClosed = false
    private var isFailing = false

    /// Opens the chain in `folder`. A file that is another program's or a later version's is thrown, since the operator
    /// must decide what becomes of it, and so is a key for commitments that is none; with any other problem the node runs,
    /// and tells that nothing is kept. Blocks.
    init(folder: String, usage: UsageStore?, timers: any Timers, log: Logger) throws {
        self.commitmentKey = try CommitmentKey(keptIn: folder)
        self.usage = usage
        self.timers = timers
        self.log = log
        do throws(StorageProblem) {
            let store = try AuditStore(path: folder + "/" + Defaults.auditDatabase)
            self.store = .success(store)
            self.lastRow = store.found.lastRow
        } catch {
            if error.code == .foreign || error.code == .newerSchema { throw error }
            self.store = .failure(error)
            self.lastRow = 0
        }
    }

    /// Begins a new file, or goes on with the one that is there. Before anything else is recorded, and when it is sure
    /// that no other process writes the file: what that one has under way would be told as ended.
    func begin(_ start: AuditStart, folder: String) {
        self.hasBegun = true
        if case .success(let store) = self.store, let head = store.found.head {
            if let fault = store.found.fault {
                self.log.error("the audit chain does not hold: \(fault)")
            }
            self.log.notice("the audit chain goes on", metadata: ["head": "\(head.checkpoint)"])
            self.endOpenIntents(store.found.open)
            self.record(.start(start, fault: store.found.fault))
        } else {
            self.record(.genesis(start, previousFile: AuditFiles.previousHash(in: folder)))
        }
        self.tellCondition()
    }

    /// Counts and looks from now on.
    func schedule() {
        self.timers.schedule(after: Self.countEvery) { [weak self] in
            guard let self, !self.isClosed else { return }
            self.schedule()
            self.tellCondition()
            self.tellLost()
            _ = startTask { await self.countRequests() }
        }
    }

    /// Logs the head from now on.
    func scheduleHead() {
        self.timers.schedule(after: Self.headEvery) { [weak self] in
            guard let self, !self.isClosed else { return }
            self.scheduleHead()
            self.tellHead()
        }
    }

    /// What commits to `body` in a record without telling it.
    func commitment(of body: [UInt8]) -> AuditHash {
        self.commitmentKey.commitment(of: body)
    }

    /// Puts an event into the chain. Never blocks, never fails.
    func record(_ event: AuditEvent) {
        self.append(event)
    }

    @discardableResult
    private func append(_ event: AuditEvent) -> Bool {
        switch self.store {
        case .success(let store):
            return store.append(event, at: self.timers.wallNow)
        case .failure:
            self.lostWithoutStore += 1
            return false
        }
    }

    /// Records which backends may be sent nothing any more, or something again.
    func watch(_ fleet: Fleet) {
        let found =
            fleet.backends.map { ($0.id, BackendStanding($0)) } + fleet.external.map { ($0.id, BackendStanding($0)) }
        for (id, standing) in found {
            let before = self.standings[id] ?? .allowed
            for change in before.changes(to: standing, of: id) { self.record(.backend(change)) }
        }
        self.standings = Dictionary(uniqueKeysWithValues: found)
    }

    // MARK: Counting

    private func countRequests() async {
        guard !self.isCounting, let usage else { return }
        self.isCounting = true
        defer { self.isCounting = false }
        let last = self.lastRow
        do throws(StorageProblem) {
            let rows = try await runOnWorker { () throws(StorageProblem) in
                usage.flush(timeout: .seconds(2))
                return try usage.rows(after: last)
            }
            // While the worker read, the node may have stopped and counted them itself.
            if !self.isClosed { self.count(rows) }
        } catch {
            self.log.warning("requests could not be counted for the audit chain, and will be later: \(error)")
        }
    }

    /// Rows that could not be put into the chain are counted with the next ones.
    private func count(_ rows: AuditedRows?) {
        guard let rows, case .success = self.store, self.append(.local(rows)) else { return }
        self.lastRow = rows.last
    }

    /// Records are lost while the queue is full: told once there is room again.
    private func tellLost() {
        guard self.condition == .writing, self.lost > self.lostTold else { return }
        let lost = self.lost
        if self.append(.lost(records: lost - self.lostTold)) { self.lostTold = lost }
    }

    /// Counts what is left, writes what waits and closes the file. Call it when usage is closed. Blocks.
    func close() {
        if self.isClosed { return }
        self.isClosed = true
        if self.hasBegun {
            self.count(try? self.usage?.rows(after: self.lastRow))
            self.tellLost()
            self.record(.stop)
        }
        guard case .success(let store) = self.store else { return }
        store.close()
        self.tellHead()
    }

    // MARK: How it goes

    /// How the writing goes.
    var condition: StoreCondition {
        switch self.store {
        case .success(let store): store.condition
        case .failure(let problem): .failing(problem)
        }
    }

    /// Records lost since the start.
    var lost: Int { self.lostWithoutStore + ((try? self.store.get())?.lost ?? 0) }
    /// Events written since the start.
    var written: Int { (try? self.store.get())?.written ?? 0 }
    /// Events that wait.
    var queued: Int { (try? self.store.get())?.queued ?? 0 }
    /// The last record in the file.
    var head: AuditChain.Head? { (try? self.store.get())?.head }

    /// What did not hold in the end of the chain when it was opened.
    var faultAtStart: AuditFault? { (try? self.store.get())?.found.fault }

    /// What an operator should read, in plain sentences.
    var warnings: [String] {
        var warnings: [String] = []
        if case .failing(let problem) = self.condition {
            warnings.append("the audit chain cannot be written: \(problem.message)")
        }
        if let fault = self.faultAtStart {
            warnings.append("the audit chain did not hold at the start: \(fault)")
        }
        if self.lost > 0 {
            warnings.append("\(self.lost) audit records were lost, since they could not be written")
        }
        return warnings
    }

    private func tellHead() {
        guard let head else { return }
        self.log.notice("the audit chain's head", metadata: ["head": "\(head.checkpoint)"])
    }

    /// Logs it when it changes.
    private func tellCondition() {
        if case .failing(let problem) = self.condition {
            if !self.isFailing { self.log.error("audit_unavailable: \(problem.description)") }
            self.isFailing = true
        } else {
            if self.isFailing { self.log.notice("the audit chain can be written again") }
            self.isFailing = false
        }
    }
}
