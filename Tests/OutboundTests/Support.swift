import EventLoop
import Foundation
import Residency
import Testing
import Vocabulary

@testable import Outbound

/// Runs `body` as the daemon runs its handlers, with a door of its own, which is closed afterwards. Then as many
/// handles are open as before, and no transfer and no connection is left.
func withDoor<T: Sendable>(
    _ body: @escaping @LoopActor @Sendable (Outbound, SettableTimers) async throws -> T,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> T {
    UVLoop.main.runOnOwnThread()
    return try await withCheckedThrowingContinuation { continuation in
        startTask {
            let before = UVLoop.main.liveHandles
            let timers = SettableTimers()
            let result: Result<T, any Error>
            do {
                let door = try Outbound(timers: timers)
                do { result = .success(try await body(door, timers)) } catch { result = .failure(error) }
                door.close()
                for _ in 0..<2 { await LoopTimers().sleep(for: .zero) }
                #expect(door.figures.transfersOpen == 0, "transfers left open", sourceLocation: sourceLocation)
                #expect(door.figures.connectionsOpen == 0, "connections left open", sourceLocation: sourceLocation)
            } catch {
                result = .failure(error)
            }
            #expect(UVLoop.main.liveHandles == before, "handles leaked", sourceLocation: sourceLocation)
            continuation.resume(with: result)
        }
    }
}

/// All tests that use the loop stand in this suite, one after another, so that counts of handles mean something.
@Suite(.serialized, .timeLimit(.minutes(2))) struct OnTheLoop {}

/// Makes grants for one backend on this host.
struct Granter {
    let gate: Gate
    let destination: CheckedAddresses

    /// The backend at these loopback addresses, all with `port`.
    init(
        _ backend: BackendID = "one", addresses: [String] = ["127.0.0.1"], port: UInt16, generation: UInt64 = 1,
        tls: Bool = false, now: Instant = SettableTimersStart.now
    ) throws {
        let host = addresses.count == 1 ? addresses[0] : "several.test"
        let site = BackendSite(id: backend, endpoint: .tcp(host: host, port: port), tls: tls, zone: .loopback)
        self.gate = try Gate(zones: [], sites: [site], generation: generation)
        self.destination = try self.gate.judge(addresses.map { IPAddress($0)! }, of: backend, at: now)
    }

    /// The backend at the Unix socket `path`.
    init(unix path: String, backend: BackendID = "one") throws {
        let site = BackendSite(id: backend, endpoint: .unix(path: path), zone: .loopback)
        self.gate = try Gate(zones: [], sites: [site], generation: 1)
        self.destination = try #require(try self.gate.judgeWithoutResolving(backend, at: SettableTimersStart.now))
    }

    func grant(
        _ request: OutboundRequest = .chat(), purpose: Purpose? = nil, now: Instant = SettableTimersStart.now
    ) throws -> Grant {
        let attempt = Purpose.request(RequestID("0190e3a0-0000-7000-8000-000000000000")!, attempt: 1)
        return try self.gate.grant(
            request, to: self.destination.backend, at: self.destination, purpose: purpose ?? attempt, now: now)
    }
}

enum SettableTimersStart {
    /// Where the clock of `SettableTimers` stands at first.
    static let now = Instant(nanoseconds: 1_000_000_000)
}

extension OutboundRequest {
    static func chat(_ body: String = #"{"model":"m"}"#) -> OutboundRequest {
        .post(.openAIChat, body: Array(body.utf8), model: "m")
    }
}

/// Keeps the events of one transfer, and lets a test wait for them.
@LoopActor final class Recorder {
    private(set) var head: AnswerHead?
    private(set) var body: [UInt8] = []
    private(set) var bodyEvents = 0
    private(set) var end: TransferEnd?
    private(set) var eventsAfterEnd = 0
    private let ended = Waiter<Void>()
    private let begun = Waiter<Void>()
    private let received = Waiter<Void>()
    var onEvent: ((TransferEvent) -> Void)?
    var keepsBody = true
    private(set) var bytes = 0

    func take(_ event: TransferEvent) {
        if self.end != nil { self.eventsAfterEnd += 1 }
        switch event {
        case .head(let head):
            #expect(self.head == nil, "two heads")
            self.head = head
            self.begun.resume(())
        case .body(let bytes):
            #expect(self.head != nil && !bytes.isEmpty, "a body without head or bytes")
            self.bytes += bytes.count
            self.bodyEvents += 1
            if self.keepsBody { self.body += bytes }
            self.received.resume(())
        case .end(let end):
            self.end = end
            self.ended.resume(())
        }
        self.onEvent?(event)
    }

    var text: String { String(decoding: self.body, as: UTF8.self) }

    func waitForHead() async {
        if self.head == nil { await self.begun.wait() }
    }

    func waitForBody() async {
        await self.received.wait()
    }

    func waitForEnd() async -> TransferEnd {
        if self.end == nil { await self.ended.wait() }
        return self.end!
    }

    func waitForFailure(sourceLocation: SourceLocation = #_sourceLocation) async throws -> TransferFailure {
        guard case .failed(let failure) = await self.waitForEnd() else {
            Issue.record("the transfer completed", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        return failure
    }
}

extension Outbound {
    /// Sends, and records.
    func send(_ grant: consuming Grant, limits: TransferLimits = .bounds, to recorder: Recorder) -> Transfer {
        self.send(grant, limits: limits) { recorder.take($0) }
    }
}

/// Turns of the loop, until `condition` holds; for what happens in another thread and cannot tell.
@LoopActor func eventually(_ condition: @LoopActor () -> Bool) async -> Bool {
    for _ in 0..<5_000 {
        if condition() { return true }
        await LoopTimers().sleep(for: .milliseconds(1))
    }
    return condition()
}
