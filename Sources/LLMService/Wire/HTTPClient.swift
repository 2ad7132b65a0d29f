import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Sends a request, and tells an exchange what comes of it.
protocol Transport: Sendable {
    func start(_ request: HTTPRequest, telling exchange: Exchange)
}

/// Sends requests and hands out what comes. It keeps nothing (no cache, no cookie, no credential) and follows no
/// redirect: a prompt goes to the address it was given, or nowhere.
struct HTTPClient: Sendable {
    private let options: ConnectionOptions
    #if !canImport(FoundationNetworking)
        private let session: HTTPSession
    #endif

    init(_ options: ConnectionOptions) {
        self.options = options
        #if !canImport(FoundationNetworking)
            self.session = HTTPSession(options)
        #endif
    }

    /// Sends a request and waits until its answer begins.
    func send(_ request: HTTPRequest) async throws(LLMError) -> HTTPAnswer {
        let transport = try self.transport(to: request.url)
        if Task.isCancelled { throw LLMError(.cancelled, "the task was cancelled") }
        let exchange = Exchange(request.limits(self.options))
        transport.start(request, telling: exchange)
        return HTTPAnswer(try await exchange.head(), exchange, over: transport)
    }

    #if canImport(FoundationNetworking)
        /// What proxies there are, and TLS, are Foundation's to know. Each request has a session of its own: a session uses
        /// connections again, and one that turns out to be closed makes libcurl send the request once more, which hangs,
        /// since Foundation cannot rewind a body (swift-corelibs-foundation, `_NativeProtocol.seekInputStream`).
        private func transport(to url: URL) throws(LLMError) -> any Transport {
            guard case .none = self.options.proxies else { return HTTPSession(self.options) }
            #if canImport(Glibc)
                if url.scheme == "http", !self.options.usesSession { return PlainTransport() }
            #endif
            let environment = ProcessInfo.processInfo.environment
            guard let variable = EnvironmentProxies(environment).variable(for: url) else {
                return HTTPSession(self.options)
            }
            throw LLMError(
                .transport,
                "\(variable) is set, and Foundation would send the request through that proxy: unset it, name "
                    + "\(url.host ?? "the host") in no_proxy, or allow it with `ConnectionOptions.proxies`")
        }
    #else
        private func transport(to url: URL) throws(LLMError) -> any Transport { self.session }
    #endif
}

/// Foundation's `URLSession`, as we want it.
///
/// `URLSession.bytes` does not exist on Linux, so a delegate hears of the answer. It is never suspended: on Linux that
/// takes the transfer off its connection, and resuming sends the request once more. What nobody has read yet is kept, up
/// to `ConnectionOptions.answerBytesMax`.
final class HTTPSession: Transport {
    /// A week, in seconds: we watch the time ourselves, since a session's bounds mean other things on Linux than elsewhere.
    private static let noTimeout = 604_800.0

    private let session: URLSession
    private let delegate = SessionDelegate()

    init(_ options: ConnectionOptions) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.urlCredentialStorage = nil
        configuration.httpMaximumConnectionsPerHost = options.connectionsMax
        configuration.timeoutIntervalForRequest = Self.noTimeout
        configuration.timeoutIntervalForResource = Self.noTimeout
        if case .none = options.proxies { configuration.connectionProxyDictionary = [:] }
        self.session = URLSession(configuration: configuration, delegate: self.delegate, delegateQueue: nil)
    }

    deinit {
        // A session keeps its delegate, and itself, until it is told.
        self.session.finishTasksAndInvalidate()
    }

    func start(_ request: HTTPRequest, telling exchange: Exchange) {
        var made = URLRequest(url: request.url, timeoutInterval: Self.noTimeout)
        made.httpMethod = "POST"
        for (name, value) in request.headers { made.setValue(value, forHTTPHeaderField: name) }
        made.httpBody = request.body
        let task = self.session.dataTask(with: made)
        self.delegate.add(exchange, for: task.taskIdentifier)
        // Not from within a task's cancellation: on Linux, `cancel` waits for the session's queue (swift-corelibs-foundation
        // issue 5412, in Swift 6.3).
        exchange.start { DispatchQueue.global().async { task.cancel() } }
        task.resume()
    }
}

/// Hears what the session tells, and passes it on to the exchange that it is about.
private final class SessionDelegate: NSObject, URLSessionDataDelegate, Sendable {
    private let exchanges = Protected<[Int: Exchange]>([:])

    func add(_ exchange: Exchange, for task: Int) {
        self.exchanges.withLock { $0[task] = exchange }
    }

    private subscript(task: URLSessionTask) -> Exchange? {
        self.exchanges.withLock { $0[task.taskIdentifier] }
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        self.tellHead(response, of: dataTask)
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        self[dataTask]?.bytesCame(data)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        // A redirect without a place is told by nothing else on Linux.
        if error == nil, let response = task.response { self.tellHead(response, of: task) }
        let exchange = self.exchanges.withLock { $0.removeValue(forKey: task.taskIdentifier) }
        exchange?.ended(error.map { LLMError(transport: $0, to: task.originalRequest?.url) })
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    /// A server that wants another kind of key than ours gets none. Elsewhere this comes before the answer, which then
    /// says so; on Linux it comes behind it, and no end follows (swift-corelibs-foundation pull request 5457, in Swift
    /// 6.3).
    func urlSession(
        _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        guard let exchange = self[task], exchange.hasBegun else {
            return completionHandler(.performDefaultHandling, nil)
        }
        exchange.ended(nil)
        completionHandler(.cancelAuthenticationChallenge, nil)
    }

    private func tellHead(_ response: URLResponse, of task: URLSessionTask) {
        guard let response = response as? HTTPURLResponse else { return }
        var headers: [String: String] = [:]
        for case (let name as String, let value as String) in response.allHeaderFields { headers[name] = value }
        self[task]?.headCame(AnswerHead(status: response.statusCode, headers: headers))
    }
}

extension LLMError {
    /// What Foundation says went wrong on the way to `url`.
    fileprivate init(transport error: any Error, to url: URL?) {
        let place = [url?.host, url?.port.map(String.init)].compactMap { $0 }.joined(separator: ":")
        switch (error as? URLError)?.code {
        case .cancelled?: self.init(.cancelled, "the request was cancelled")
        case .timedOut?: self.init(.timeout, "\(place) did not answer in time")
        default: self.init(.transport, "\(place): \(error.localizedDescription)")
        }
    }
}
