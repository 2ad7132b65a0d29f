import EventLoop
import Vocabulary

/// Keeps what a connection tells, and checks that nothing comes after `closed`.
@LoopActor
final class Recorder: StreamHandler {
    private(set) var bytes: [UInt8] = []
    private(set) var ends = 0
    private(set) var drains = 0
    private(set) var closes = 0
    private(set) var error: SocketError?
    private var waiters: [(condition: @LoopActor (Recorder) -> Bool, waiter: Waiter<Void>)] = []

    /// Called for bytes instead of keeping them.
    var onBytes: (@LoopActor (UnsafeRawBufferPointer) -> Void)?
    var onDrained: (@LoopActor () -> Void)?

    func received(_ bytes: UnsafeRawBufferPointer) {
        precondition(self.closes == 0, "bytes after the end")
        if let onBytes = self.onBytes { onBytes(bytes) } else { self.bytes.append(contentsOf: bytes) }
        self.look()
    }

    func endOfStream() {
        precondition(self.closes == 0, "an end after the end")
        self.ends += 1
        self.look()
    }

    func drained() {
        precondition(self.closes == 0, "drained after the end")
        self.drains += 1
        self.onDrained?()
        self.look()
    }

    func closed(_ error: SocketError?) {
        self.closes += 1
        self.error = error
        self.look()
    }

    /// Waits until `condition` holds.
    func until(_ condition: @escaping @LoopActor (Recorder) -> Bool) async {
        if condition(self) { return }
        let waiter = Waiter<Void>()
        self.waiters.append((condition, waiter))
        await waiter.wait()
    }

    private func look() {
        self.waiters.removeAll { entry in
            guard entry.condition(self) else { return false }
            entry.waiter.resume(())
            return true
        }
    }
}

/// A listener on the loopback address and one client of it.
@LoopActor
final class Pair {
    let listener: TCPListener
    let client: TestClient
    let connection: StreamConnection
    let recorder = Recorder()

    init(v6: Bool = false, isUrgent: Bool = false) async throws {
        let arrived = Waiter<StreamConnection>()
        let loopback = SocketAddress(v6 ? IPAddress("::1")! : IPAddress("127.0.0.1")!, port: 0)
        let listener = try TCPListener(address: loopback, isUrgent: isUrgent) { arrived.resume($0) }
        self.listener = listener
        let address = listener.address
        self.client = try await runOnWorker { try TestClient(address) }
        self.connection = await arrived.wait()
        self.connection.handler = self.recorder
        self.connection.startReading()
    }

    func end() async {
        self.client.close()
        self.listener.close()
        self.connection.close()
        await self.recorder.until { $0.closes == 1 }
    }
}
