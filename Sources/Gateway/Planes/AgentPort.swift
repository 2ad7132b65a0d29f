import EventLoop
import Health
import Vocabulary

/// Tells HAProxy's agent check how the node is: who connects is sent one line, and the connection ends. What is sent here
/// is read and means nothing.
@LoopActor
final class AgentPort {
    /// A peer that has its line and stays is waited for so long.
    private static let goodbyeMax = Duration.seconds(2)

    private let timers: any Timers
    private let line: @LoopActor () -> AgentLine
    private let onTrouble: @LoopActor (SocketError) -> Void
    private var listeners: [TCPListener] = []
    private var talks: [ObjectIdentifier: AgentTalk] = [:]

    init(
        timers: any Timers, onTrouble: @escaping @LoopActor (SocketError) -> Void,
        line: @escaping @LoopActor () -> AgentLine
    ) {
        self.timers = timers
        self.onTrouble = onTrouble
        self.line = line
    }

    /// Listens at an address and returns it, with the port that the kernel chose for 0.
    @discardableResult
    func listen(on address: SocketAddress) throws(SocketError) -> SocketAddress {
        let listener = try TCPListener(
            address: address, isUrgent: true, onTrouble: self.onTrouble,
            onConnection: { [weak self] in self?.accepted($0) })
        self.listeners.append(listener)
        return listener.address
    }

    private func accepted(_ stream: StreamConnection) {
        guard self.talks.count < Bounds.agentConnections else { return stream.close() }
        let talk = AgentTalk(stream) { [weak self] in self?.talks[ObjectIdentifier($0)] = nil }
        self.talks[ObjectIdentifier(talk)] = talk
        stream.handler = talk
        stream.write(Array(self.line().text.utf8))
        // Closed at once, with bytes of the peer unread, it would be a reset, which may overtake the line.
        stream.shutdownWrite()
        stream.startReading()
        self.timers.schedule(after: Self.goodbyeMax) { [weak talk] in talk?.close() }
    }

    /// Stops listening, and cuts who is connected.
    func close() {
        for listener in self.listeners { listener.close() }
        self.listeners = []
        for talk in Array(self.talks.values) { talk.close() }
    }
}

/// One connection to the agent port.
@LoopActor
private final class AgentTalk: StreamHandler {
    private let stream: StreamConnection
    private let onClosed: @LoopActor (AgentTalk) -> Void

    init(_ stream: StreamConnection, onClosed: @escaping @LoopActor (AgentTalk) -> Void) {
        self.stream = stream
        self.onClosed = onClosed
    }

    func close() { self.stream.close() }

    func received(_ bytes: UnsafeRawBufferPointer) {}
    func endOfStream() { self.stream.close() }
    func drained() {}
    func closed(_ error: SocketError?) { self.onClosed(self) }
}

extension Node {
    /// What the agent port says at this moment.
    var agentLine: AgentLine {
        let figures = self.fleet.dispatcher.figures
        let waiting = figures.queues.count * self.configuration.limits.queuePerModel
        return AgentLine(
            self.readiness.answer, weight: self.currentWeight(),
            places: figures.places.reduce(waiting) { $0 + $1.slots },
            balancers: self.configuration.listeners.balancers)
    }
}
