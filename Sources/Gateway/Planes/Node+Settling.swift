import Accounting
import EventLoop
import Routing
import Vocabulary

extension Node {
    /// Books a request that needed no backend: it was answered here, or refused before one was looked for.
    func settle(_ client: Client, _ reason: Reason, key: Key?, bytesOut: Int = 0) {
        // A record is of one of the endpoints; a path that is not served has none.
        guard let endpoint = client.endpoint else { return self.metrics.count(nil, reason, reason.status) }
        let record = RequestRecord(
            id: client.id, endpoint: endpoint, arrivedAt: client.exchange.receivedAt, startedAt: self.timers.wallNow)
        record.key = key
        self.settle(record, reason, bytesOut: bytesOut)
    }

    /// The same for one of which more is known.
    func settle(_ record: RequestRecord, _ reason: Reason, bytesOut: Int) {
        record.bytesOut = bytesOut
        record.ending = RequestMachine.Ending(withoutAttempt: reason, begun: record.arrivedAt, ended: self.now)
        self.settle(record)
    }
}
