import Dispatch
import Testing

@testable import Storage

@Suite struct WriteQueueTests {
    /// The next group, as the writer takes it.
    private func group(_ queue: WriteQueue<Int>) -> [Int] {
        if case .write(let rows) = queue.next() { rows } else { [] }
    }

    @Test func `a flush hurries the rows before it, and not all that come after`() {
        // Two rows make a group; alone, one would wait for a minute.
        let queue = WriteQueue<Int>(.init(waitingMax: 10, rows: 2, time: .seconds(60)))
        #expect(queue.append(1))
        let flushed = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            if queue.flush(timeout: .seconds(60)) { flushed.signal() }
        }
        #expect(self.group(queue) == [1])
        // On a busy node there is always a row when a commit ends.
        #expect(queue.append(2))
        queue.committed(1)
        #expect(flushed.wait(timeout: .now() + 60) == .success)
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(50)) { _ = queue.append(3) }
        #expect(self.group(queue) == [2, 3])
    }
}
