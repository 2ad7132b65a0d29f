import EventLoop
import Vocabulary

/// Proxies that say first on each connection for whom they speak.
extension HTTPServer {
    /// What a new connection must begin with.
    public enum Beginning: Hashable, Sendable {
        /// A request, or a TLS handshake where TLS is spoken.
        case request
        /// A PROXY header.
        case proxyHeader
        /// Nothing that it could begin with is taken.
        case nothing
    }

    /// Who is at the other end, as far as that is known.
    struct Caller {
        var peer: Peer
        /// A proxy speaks for somebody, at `peer` if it could say so.
        var isForwarded = false
    }

    /// A connection has been accepted.
    func opened(_ stream: StreamConnection, _ serve: @escaping @LoopActor (StreamConnection, Caller) -> Void) {
        switch self.beginning(stream.peer) {
        case .request: serve(stream, Caller(peer: stream.peer))
        case .nothing:
            self.refuse(stream.peer, "it comes from no address of a proxy")
            stream.reset()
        case .proxyHeader:
            guard self.connectionCount < self.options.connectionsMax else {
                self.counters.connectionsAccepted += 1
                self.counters.connectionsTurnedAway += 1
                return stream.reset()
            }
            self.greet(stream, serve)
        }
    }

    private func greet(_ stream: StreamConnection, _ serve: @escaping @LoopActor (StreamConnection, Caller) -> Void) {
        let greeting = ProxyGreeting(stream, timers: self.timers) { [weak self] greeting, ending in
            guard let self, self.greetings.removeValue(forKey: ObjectIdentifier(greeting)) != nil else { return }
            switch ending {
            case .greeted(let client, let rest):
                serve(stream, Caller(client, proxy: stream.peer))
                if !rest.isEmpty, !stream.isClosing { stream.handler?.received(rest) }
            case .refused(let message): self.refuse(stream.peer, message)
            case .lost: break
            }
        }
        self.greetings[ObjectIdentifier(greeting)] = greeting
    }

    private func refuse(_ peer: Peer, _ message: String) {
        self.counters.proxyHeadersRefused += 1
        self.onProxyRefused(peer, message)
    }

    /// Cuts the connections that have not said for whom they are, of those that were opened until `latest`.
    func cutGreetings(since latest: Instant) {
        for (key, greeting) in Array(self.greetings) where greeting.since <= latest {
            self.greetings[key] = nil
            greeting.cut()
        }
    }
}

extension HTTPServer.Caller {
    init(_ client: ProxyHeader.Client, proxy: Peer) {
        switch client {
        case .address(let address): self.init(peer: .tcp(address), isForwarded: true)
        case .unknown: self.init(peer: proxy, isForwarded: true)
        case .proxyItself: self.init(peer: proxy)
        }
    }
}
