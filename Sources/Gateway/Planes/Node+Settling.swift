import Accounting
import EventLoop
import Routing
import Vocabulary

extension Node {
    /// Books a request that needed no backend: it was answered here, or refused before one was looked for.
    /// Called after the answer, whose bytes it counts; `status` is that of the reason unless another was sent.
    func settle(_ client: Client, _ reason: Reason, key: Key?, status: Int? = nil) {
        let record = RequestRecord(
            id: client.id, endpoint: client.endpoint, arrivedAt: client.exchange.receivedAt,
            startedAt: self.timers.wallNow)
        record.key = key
        self.settle(record, client, reason, status: status)
    }

    /// The same for one of which more is known.
    func settle(_ record: RequestRecord, _ client: Client, _ reason: Reason, status: Int? = nil) {
        record.bytesOut = client.exchange.bodyBytesSent
        record.ending = RequestMachine.Ending(
            withoutAttempt: reason, status: status ?? reason.status, begun: record.arrivedAt, ended: self.now)
        self.settle(record)
    }

    /// What the backend has counted is compared with the guess, which gets better by it.
    func learnTokens(of record: RequestRecord, _ ending: RequestMachine.Ending, _ resolution: Resolution) {
        guard ending.reason == .allowLocal || ending.reason == .allowRule, let model = ending.model,
            let bytes = record.promptBytes, let tokens = record.usage.promptTokens
        else { return }
        self.estimates.learn(model, promptBytes: bytes, promptTokens: tokens, context: resolution.context(of: model))
    }
}
