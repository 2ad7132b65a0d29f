import Vocabulary

/// Who is at the other end of a connection.
public enum Peer: Hashable, Sendable, CustomStringConvertible {
    /// An address on the network.
    case tcp(SocketAddress)
    /// A process of this machine, as the kernel saw it when it connected.
    case unix(user: UInt32, group: UInt32, process: Int32)

    /// The address, or user and process, for logs.
    public var description: String {
        switch self {
        case .tcp(let address): "\(address)"
        case .unix(let user, _, let process): "uid \(user) (pid \(process))"
        }
    }
}
