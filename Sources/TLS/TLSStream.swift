import EventLoop
import Vocabulary

/// How a handshake ended well.
public struct TLSHandshake: Hashable, Sendable {
    /// `TLSv1.3`
    public let version: String
    /// The client came back with a session of an earlier connection.
    public let isResumed: Bool
}

/// A connection with TLS around it: what its user writes goes out encrypted, what comes is decrypted before it is told.
@LoopActor
public final class TLSStream: ByteStream, StreamHandler {
    /// A handshake that takes longer ends the connection.
    public static let handshakeMax = Bounds.tlsHandshake
    /// Bytes that a client may send before its handshake is over: twice its certificates.
    static let handshakeBytesMax = 2 * TLSContext.clientChainMax
    /// Bytes sent for what a client asks of TLS itself after the handshake, as new keys: nobody needs so many.
    static let repliesMax = 16 << 10
    /// What is written in several parts is encrypted as one record up to the size of one (RFC 8446 section 5.1).
    private static let recordMax = 16 << 10

    private enum Phase {
        /// What was written is kept until there are keys for it; `ends` if no more will come.
        case handshake(early: [UInt8], ends: Bool)
        case open
        /// `shutdownWrite` has been called.
        case ended
    }

    private let stream: StreamConnection
    private let engine: TLSEngine
    private let timers: any Timers
    private let onHandshake: @LoopActor (Result<TLSHandshake, TLSProblem>) -> Void
    private var phase = Phase.handshake(early: [], ends: false)
    private var deadline: TimerToken?
    private var handshakeBytes = 0
    private var replyBytes = 0
    private var wantsReading = false
    /// Bytes have come that were not told, since reading was paused.
    private var hasUntold = false
    private var peerHasEnded = false
    private var failure: SocketError?

    /// Whom to tell.
    public var handler: (any StreamHandler)?
    /// TLS is around it.
    public var isSecure: Bool { true }
    /// What the client's certificate calls it.
    public private(set) var peerNames: [PeerName] = []

    /// Begins the handshake; `onHandshake` is told once how it ended.
    public init(
        _ stream: StreamConnection, _ context: TLSContext, timers: any Timers,
        onHandshake: @escaping @LoopActor (Result<TLSHandshake, TLSProblem>) -> Void
    ) throws(TLSProblem) {
        self.stream = stream
        self.engine = try TLSEngine(context)
        self.timers = timers
        self.onHandshake = onHandshake
        self.deadline = timers.schedule(after: Self.handshakeMax) { [weak self] in
            self?.fail(TLSProblem("the TLS handshake took longer than \(Self.handshakeMax)"))
        }
        stream.handler = self
        stream.startReading()
    }

    private var isOpen: Bool { if case .handshake = self.phase { false } else { true } }

    // MARK: As the connection's user sees it

    /// Who is at the other end.
    public var peer: Peer { self.stream.peer }
    /// The address that the client connected to.
    public var local: SocketAddress? { self.stream.local }
    /// Whether the connection has ended.
    public var isClosing: Bool { self.stream.isClosing }
    /// Encrypted bytes that the kernel has not taken yet, and plain ones that wait for the handshake.
    public var bytesQueued: Int {
        if case .handshake(let early, _) = self.phase {
            self.stream.bytesQueued + early.count
        } else {
            self.stream.bytesQueued
        }
    }
    /// Encrypted bytes that the kernel has taken.
    public var bytesTaken: Int { self.stream.bytesTaken }

    /// Has plain bytes delivered from now on.
    public func startReading() {
        self.wantsReading = true
        guard self.isOpen, !self.isClosing else { return }
        self.stream.startReading()
        // Not from within this call: its user may be in the middle of something.
        if self.hasUntold { self.timers.schedule(after: .zero) { [weak self] in self?.tell() } }
    }

    /// Delivers no more until `startReading()`.
    public func pauseReading() {
        self.wantsReading = false
        if self.isOpen { self.stream.pauseReading() }
    }

    /// Encrypts and sends.
    public func write(_ bytes: [UInt8]) {
        switch self.phase {
        case .handshake(let early, let ends):
            if !ends { self.phase = .handshake(early: early + bytes, ends: false) }
        case .open:
            unsafe bytes.withUnsafeBytes { unsafe self.send($0) }
        case .ended: break
        }
    }

    private func send(_ bytes: UnsafeRawBufferPointer) {
        unsafe Self.forEachPiece(of: bytes) { piece in
            unsafe self.engine.write(piece)
            self.flush()
        }
    }

    /// OpenSSL's buffers never shrink again: piece by piece they stay small, whatever goes through them.
    private static func forEachPiece(of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        for start in stride(from: 0, to: bytes.count, by: Self.recordMax) {
            unsafe body(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + Self.recordMax, bytes.count)]))
        }
    }

    /// Encrypts both as one record if they are small, and sends by one system call.
    public func write(_ first: [UInt8], _ second: [UInt8]) {
        self.write(joining: first, second, [])
    }

    /// The same for three arrays.
    public func write(_ first: [UInt8], _ second: [UInt8], _ third: [UInt8]) {
        self.write(joining: first, second, third)
    }

    private func write(joining first: [UInt8], _ second: [UInt8], _ third: [UInt8]) {
        if first.count + second.count + third.count <= Self.recordMax { return self.write(first + second + third) }
        self.write(first)
        self.write(second)
        self.write(third)
    }

    /// Tells the peer that no more will come.
    public func shutdownWrite() {
        switch self.phase {
        case .handshake(let early, _): self.phase = .handshake(early: early, ends: true)
        case .open:
            self.phase = .ended
            self.engine.end()
            self.flush()
            self.stream.shutdownWrite()
        case .ended: break
        }
    }

    /// Ends the connection, with a goodbye if there are keys for one.
    public func close() {
        if case .open = self.phase, !self.isClosing {
            self.engine.end()
            self.flush()
        }
        self.stream.close()
    }

    /// Ends the connection without a goodbye.
    public func reset() {
        self.stream.reset()
    }

    // MARK: Events of the stream

    /// Encrypted bytes.
    public func received(_ bytes: UnsafeRawBufferPointer) {
        unsafe Self.forEachPiece(of: bytes) { piece in
            guard !self.isClosing else { return }
            unsafe self.engine.take(piece)
            if !self.isOpen {
                self.handshakeBytes += piece.count
                self.handshake()
            }
            if self.isOpen { self.tell() }
        }
    }

    /// The peer has ended the TCP connection. Where a request ends is told by the request itself, so a goodbye that is
    /// missing cuts nothing off unseen.
    public func endOfStream() {
        guard self.isOpen else {
            return self.fail(TLSProblem("the client left during the TLS handshake"))
        }
        self.peerHasEnded = true
        if !self.hasUntold { self.handler?.endOfStream() }
    }

    /// Queued bytes have gone out.
    public func drained() {
        if self.isOpen { self.handler?.drained() }
    }

    /// The connection is gone.
    public func closed(_ error: SocketError?) {
        self.deadline?.cancel()
        if !self.isOpen, self.failure == nil { self.handshakeEnded(.failure(TLSProblem("the connection was lost"))) }
        let handler = self.handler
        self.handler = nil
        handler?.closed(self.failure ?? error)
    }

    // MARK: Handshake

    private func handshake() {
        if self.handshakeBytes > Self.handshakeBytesMax {
            return self.fail(TLSProblem("the TLS handshake is longer than \(Self.handshakeBytesMax) bytes"))
        }
        let progress = self.engine.handshake()
        self.flush()
        switch progress {
        case .done: self.opened()
        case .wantsMore: break
        case .failed(let problem): self.fail(problem)
        case .ended, .read: self.fail(TLSProblem("the client ended the TLS handshake"))
        }
    }

    private func opened() {
        guard case .handshake(let early, let ends) = self.phase else { return }
        self.deadline?.cancel()
        self.phase = .open
        self.peerNames = self.engine.peerNames
        self.handshakeEnded(.success(TLSHandshake(version: self.engine.version, isResumed: self.engine.isResumed)))
        self.write(early)
        if ends { self.shutdownWrite() }
        if !self.wantsReading { self.stream.pauseReading() }
    }

    private func handshakeEnded(_ result: Result<TLSHandshake, TLSProblem>) {
        self.onHandshake(result)
    }

    /// What the peer is to be told of it has been written already.
    private func fail(_ problem: TLSProblem) {
        guard self.failure == nil, !self.isClosing else { return }
        self.failure = SocketError(code: .tlsFailed, message: problem.message)
        if !self.isOpen { self.handshakeEnded(.failure(problem)) }
        self.stream.close()
    }

    // MARK: Plain bytes

    /// Tells what has come, as long as its user wants more.
    private func tell() {
        self.hasUntold = false
        let buffer = unsafe plainBuffer
        while !self.isClosing {
            guard self.wantsReading else {
                self.hasUntold = true
                return
            }
            let progress = unsafe self.engine.read(into: buffer)
            self.flushReplies()
            switch progress {
            case .read(let count): unsafe self.handler?.received(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            case .wantsMore: return self.tellEnd()
            case .ended:
                self.peerHasEnded = true
                return self.tellEnd()
            case .failed(let problem): return self.fail(problem)
            case .done: return
            }
        }
    }

    private func tellEnd() {
        if self.peerHasEnded { self.handler?.endOfStream() }
    }

    private func flush() {
        unsafe self.engine.takeOutput { unsafe self.stream.write($0) }
    }

    /// What TLS itself answers while reading.
    private func flushReplies() {
        unsafe self.engine.takeOutput { bytes in
            self.replyBytes += bytes.count
            unsafe self.stream.write(bytes)
        }
        if self.replyBytes > Self.repliesMax {
            self.fail(TLSProblem("the client asks for new TLS keys again and again"))
        }
    }
}

/// One buffer for all connections: the most that one record holds. What `received` is given is gone when it returns.
@LoopActor private let plainBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
