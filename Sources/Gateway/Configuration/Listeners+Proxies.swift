import EventLoop
import HTTPServer
import Residency
import Vocabulary

extension GatehouseConfiguration.Listeners {
    private func isProxy(_ address: IPAddress) -> Bool {
        self.proxies.contains { $0.contains(address) }
    }

    /// What a connection to the model APIs must begin with.
    func beginning(of peer: Peer) -> HTTPServer.Beginning {
        guard self.usesProxyProtocol else { return .request }
        return peer.address.map(self.isProxy) ?? false ? .proxyHeader : .nothing
    }

    /// The address that a request counts for. Where proxies speak the PROXY protocol they have said it before, and a
    /// header would be the client's own.
    func client(of peer: IPAddress?, _ head: RequestHead) -> IPAddress? {
        guard let peer, !self.usesProxyProtocol, self.isProxy(peer) else { return peer }
        return ForwardedFor.client(of: peer, head.headers(named: "x-forwarded-for"), proxies: self.proxies)
    }
}
