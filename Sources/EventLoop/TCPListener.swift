import CShim
import Vocabulary

/// Accepts TCP connections at one address, until it is closed.
@LoopActor
public final class TCPListener {
    /// Connections the kernel completes before they are accepted (capped by `net.core.somaxconn`).
    public static let backlogDefault = 1024

    /// Where it listens; the port is the kernel's choice if 0 was asked for.
    public let address: SocketAddress
    private let acceptor: Acceptor
    private let isInherited: Bool

    /// Listens at once. Each connection has TCP_NODELAY set and reads nothing until told to.
    ///
    /// - Parameters:
    ///   - address: An IPv6 address takes IPv6 only, `[::]` included. Port 0 lets the kernel choose.
    ///   - backlog: See `backlogDefault`.
    ///   - reusePort: Lets other processes listen there too; the kernel spreads the connections (SO_REUSEPORT).
    ///   - isUrgent: Puts its connections before all others: see `UrgentLane`.
    ///   - onTrouble: Told when accepting has to rest for 100 ms, as without descriptors.
    ///   - onConnection: Given each connection.
    public convenience init(
        address: SocketAddress, backlog: Int = backlogDefault, reusePort: Bool = false, isUrgent: Bool = false,
        onTrouble: @escaping @LoopActor (SocketError) -> Void = { _ in },
        onConnection: @escaping @LoopActor (StreamConnection) -> Void
    ) throws(SocketError) {
        var wanted = gatehouse_address(address)
        let descriptor = unsafe gatehouse_listen_tcp(&wanted, Int32(clamping: backlog), reusePort)
        guard descriptor >= 0 else { throw SocketError(descriptor, doing: "listening on \(address)") }
        try self.init(descriptor, address, isInherited: false, isUrgent, onTrouble, onConnection)
    }

    /// Accepts from a socket that was handed over, which goes on listening when this one is closed.
    public convenience init(
        inherited socket: InheritedSockets.Socket, isUrgent: Bool = false,
        onTrouble: @escaping @LoopActor (SocketError) -> Void = { _ in },
        onConnection: @escaping @LoopActor (StreamConnection) -> Void
    ) throws(SocketError) {
        try self.init(socket.descriptor, socket.address, isInherited: true, isUrgent, onTrouble, onConnection)
    }

    private init(
        _ descriptor: Int32, _ address: SocketAddress, isInherited: Bool, _ isUrgent: Bool,
        _ onTrouble: @escaping @LoopActor (SocketError) -> Void,
        _ onConnection: @escaping @LoopActor (StreamConnection) -> Void
    ) throws(SocketError) {
        self.isInherited = isInherited
        var bound = gatehouse_address()
        let known = unsafe gatehouse_local_address(descriptor, &bound)
        self.address = known == 0 ? bound.socketAddress ?? address : address
        self.acceptor = try Acceptor(
            descriptor: descriptor, label: "\(self.address)", isUrgent: isUrgent, onTrouble: onTrouble
        ) { descriptor, peer in
            // Only a connection that has died already has no address, or cannot be taken over.
            guard let peer = peer.socketAddress,
                let connection = try? StreamConnection(tcp: descriptor, peer: peer, isUrgent: isUrgent)
            else { return }
            onConnection(connection)
        }
    }

    /// Stops listening and frees the port at once; open connections stay, and such come in that the kernel has completed
    /// already. Those of an inherited socket are left for whoever serves it next. May be called again.
    public func close() {
        if self.isInherited { self.acceptor.close() } else { self.acceptor.closeAfterBacklog() }
    }
}
