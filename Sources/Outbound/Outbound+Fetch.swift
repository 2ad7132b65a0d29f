import EventLoop
import Residency
import Vocabulary

/// A whole answer, for those who need it whole: probes, inventories, `init` and `doctor`.
public struct Answer: Sendable, Equatable {
    /// Status and headers.
    public let head: AnswerHead
    /// The body, complete.
    public let body: [UInt8]

    /// The status.
    public var status: Int { self.head.status }
}

extension Outbound {
    /// Sends the request of `grant` and waits for the whole answer, for `timeout` at most. A body longer than
    /// `answerMax` is `upstream_malformed`; it is cut off, not read.
    public func fetch(
        _ grant: consuming Grant, answerMax: Bytes = Bounds.probeAnswer, timeout: Duration
    ) async -> Result<Answer, TransferFailure> {
        let collector = AnswerCollector(max: answerMax)
        let limits = TransferLimits(
            connect: min(timeout, Bounds.connect), firstByte: timeout, betweenBytes: timeout, whole: timeout)
        collector.transfer = self.send(grant, limits: limits) { collector.take($0) }
        return await collector.result.wait()
    }
}

@LoopActor
private final class AnswerCollector {
    let result = Waiter<Result<Answer, TransferFailure>>()
    var transfer: Transfer?
    private let max: Bytes
    private var head: AnswerHead?
    private var body: [UInt8] = []

    init(max: Bytes) {
        self.max = max
    }

    func take(_ event: TransferEvent) {
        switch event {
        case .head(let head):
            self.head = head
            if let length = head.contentLength, length > self.max.count { self.refuse() }
        case .body(let bytes):
            self.body += bytes
            if self.body.count > self.max.count { self.refuse() }
        case .end(.completed):
            guard let head else { preconditionFailure("an answer is complete without its head") }
            self.end(.success(Answer(head: head, body: self.body)))
        case .end(.failed(let failure)):
            self.end(.failure(failure))
        }
    }

    private func refuse() {
        self.transfer?.cancel()
        let detail = "the answer is longer than \(self.max.count) bytes"
        self.end(.failure(TransferFailure(reason: .upstreamMalformed, detail: detail, phase: .answering)))
    }

    private func end(_ result: Result<Answer, TransferFailure>) {
        self.transfer = nil
        self.result.resume(result)
    }
}
