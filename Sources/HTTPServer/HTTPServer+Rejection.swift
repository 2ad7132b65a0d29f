import Vocabulary

/// Answers that the server gives itself.
extension HTTPServer {
    /// Writes one, with `Connection: close`; the caller ends the answer.
    func write(rejection failure: HTTPFailure, to connection: ServerConnection) {
        self.note(rejection: failure, on: connection)
        let body = self.rejectionBody(failure.reason, failure.message)
        self.withScratch { out in
            ResponseHead.append(
                status: Self.status(of: failure.reason), headers: self.headers(of: failure.reason),
                common: self.commonHeaders(), fixed: self.fixedHeaderLines(), framing: .length(body.count),
                connection: .closes, to: &out)
            out.append(contentsOf: body)
            connection.write(out)
        }
    }

    func note(rejection failure: HTTPFailure, on connection: ServerConnection) {
        self.counters.rejections[failure.reason, default: 0] += 1
        self.onRejection(Rejection(failure: failure, peer: connection.caller.peer, listener: connection.listener))
    }

    /// The headers that go with the reason: when to come again (RFC 9110 section 10.2.3), and what would be allowed
    /// (section 15.5.6).
    func headers(of reason: Reason) -> [HTTPHeader] {
        var headers = [HTTPHeader("Content-Type", "application/json")]
        if Self.status(of: reason) == 503 { headers.append(HTTPHeader("Retry-After", "1")) }
        if reason == .methodNotAllowed { headers.append(HTTPHeader("Allow", "GET, HEAD, POST, DELETE, OPTIONS")) }
        return headers + self.rejectionHeaders(reason)
    }

    /// 499 is a word for logs; what is sent to a client that may still read is 400.
    static func status(of reason: Reason) -> Int {
        reason.status == 499 ? 400 : reason.status
    }
}
