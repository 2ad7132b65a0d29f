import Vocabulary

/// A connection as its user sees it: bytes that come, bytes that go, an end. What carries them is one of two things, a
/// `StreamConnection`, or one with TLS around it.
@LoopActor
public protocol ByteStream: AnyObject {
    /// Who is at the other end.
    var peer: Peer { get }
    /// Nobody on the way can read or change what is carried.
    var isSecure: Bool { get }
    /// What the peer's certificate calls it, if it has shown one that leads to a trusted authority; else nothing.
    var peerNames: [PeerName] { get }
    /// The address that the client connected to; `nil` for a Unix socket, or after the end.
    var local: SocketAddress? { get }
    /// Whom to tell. Held until `closed` has been called.
    var handler: (any StreamHandler)? { get set }
    /// Whether `close()` has been called, or an error has ended the connection.
    var isClosing: Bool { get }
    /// Bytes that the kernel has not taken yet; none after the end.
    var bytesQueued: Int { get }
    /// Bytes that the kernel has taken so far: it grows while the peer reads, and stands still with it.
    var bytesTaken: Int { get }

    /// Has bytes delivered from now on, until the peer's end.
    func startReading()
    /// Delivers no more until `startReading()`.
    func pauseReading()
    /// Sends bytes, or queues what the kernel does not take at once; the caller bounds the queue by looking at
    /// `bytesQueued`. Bytes written after `shutdownWrite()` or `close()` go nowhere.
    func write(_ bytes: [UInt8])
    /// Sends two arrays by one system call: a head and a body.
    func write(_ first: [UInt8], _ second: [UInt8])
    /// Sends three arrays by one system call: a chunk with its size line and its end.
    func write(_ first: [UInt8], _ second: [UInt8], _ third: [UInt8])
    /// Tells the peer, after all that is queued, that no more will come; reading goes on. May be called again.
    func shutdownWrite()
    /// Ends the connection. May be called again.
    func close()
    /// Ends the connection so that a TCP peer sees a reset, and cannot take a broken answer for a whole one.
    func reset()
}
