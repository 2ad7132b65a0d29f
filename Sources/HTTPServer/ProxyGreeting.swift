import EventLoop
import Vocabulary

/// A connection that has to say first for whom it is: reads its PROXY header, and nothing more.
@LoopActor
final class ProxyGreeting: StreamHandler {
    /// A header that takes longer ends the connection.
    static let timeMax = Bounds.proxyHeader

    /// How it ends, once.
    enum Ending {
        /// Bytes after the header have come with it; they are valid during this call only.
        case greeted(ProxyHeader.Client, rest: UnsafeRawBufferPointer)
        /// The connection has been cut.
        case refused(String)
        /// The proxy has left.
        case lost
    }

    /// When it was opened.
    let since: Instant
    private let stream: StreamConnection
    private let onEnd: @LoopActor (ProxyGreeting, Ending) -> Void
    private var gathered: [UInt8] = []
    private var deadline: TimerToken?

    init(
        _ stream: StreamConnection, timers: any Timers, onEnd: @escaping @LoopActor (ProxyGreeting, Ending) -> Void
    ) {
        self.stream = stream
        self.since = timers.now
        self.onEnd = onEnd
        self.deadline = timers.schedule(after: Self.timeMax) { [weak self] in
            self?.refuse("no PROXY header came within \(Self.timeMax)")
        }
        stream.handler = self
        stream.startReading()
    }

    func received(_ bytes: UnsafeRawBufferPointer) {
        let before = self.gathered.count
        self.gathered.append(contentsOf: bytes.prefix(ProxyHeader.binaryMax - before))
        switch ProxyHeader.read(self.gathered) {
        case .incomplete: break
        case .header(let header):
            self.deadline?.cancel()
            self.stream.handler = nil
            let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(header.count - before))
            self.onEnd(self, .greeted(header.client, rest: rest))
        case .refused(let message): self.refuse(message)
        }
    }

    func endOfStream() {
        if !self.gathered.isEmpty { return self.refuse("it ended before its PROXY header") }
        self.cut()  // Somebody has looked whether this port is open.
        self.onEnd(self, .lost)
    }

    func drained() {}

    func closed(_ error: SocketError?) {
        self.deadline?.cancel()
        self.onEnd(self, .lost)
    }

    /// Cuts the connection without a word.
    func cut() {
        self.deadline?.cancel()
        self.stream.handler = nil
        self.stream.reset()
    }

    private func refuse(_ message: String) {
        self.cut()
        self.onEnd(self, .refused(message))
    }
}
