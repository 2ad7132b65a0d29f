import CShim
import Vocabulary

/// Listening sockets that whoever started this process has opened for it (sd_listen_fds(3)): they go on listening while
/// one process ends and the next begins, so that no connection is refused meanwhile.
@LoopActor
public struct InheritedSockets {
    /// One of them.
    public struct Socket: Sendable {
        /// Where it listens.
        public let address: SocketAddress
        let descriptor: Int32
    }

    /// The first of them (sd_listen_fds(3), SD_LISTEN_FDS_START).
    private static let first: Int32 = 3
    /// More than anybody listens on; a larger number is not believed.
    private static let countMax = 64

    /// Those that nobody has taken yet.
    public private(set) var left: [Socket] = []

    /// Those that `environment` tells of: `LISTEN_FDS` of them, if `LISTEN_PID` is this process. Throws if one is no
    /// listening TCP socket.
    public init(environment: [String: String], process: Int32) throws(SocketError) {
        guard environment["LISTEN_PID"] == String(process), let count = environment["LISTEN_FDS"].flatMap({ Int($0) }),
            (1...Self.countMax).contains(count)
        else { return }
        for descriptor in Self.first..<Self.first + Int32(count) {
            let status = gatehouse_adopt_listener(descriptor)
            var bound = gatehouse_address()
            guard status == 0, unsafe gatehouse_local_address(descriptor, &bound) == 0,
                let address = bound.socketAddress
            else {
                throw SocketError(
                    code: .other,
                    message: "descriptor \(descriptor) was handed over (LISTEN_FDS) and is no listening TCP socket")
            }
            self.left.append(Socket(address: address, descriptor: descriptor))
        }
    }

    /// None.
    public init() {}

    /// The socket that listens at `address`, once.
    public mutating func take(_ address: SocketAddress) -> Socket? {
        guard let index = self.left.firstIndex(where: { $0.address == address }) else { return nil }
        return self.left.remove(at: index)
    }
}
