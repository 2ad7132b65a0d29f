import Foundation

/// What the services that ask a server have in common.
struct HTTPService<API: Dialect>: Sendable {
    let dialect: API
    private let url: URL
    private let key: Secret?
    private let options: ConnectionOptions
    private let client: HTTPClient

    init(_ dialect: API, url: URL, key: String?, options: ConnectionOptions) {
        self.dialect = dialect
        self.url = url
        self.key = key.map(Secret.init)
        self.options = options
        self.client = HTTPClient(options)
    }

    func chat(_ request: ChatRequest) async throws(LLMError) -> ChatReply {
        let wire = try self.dialect.chat(request, streams: false)
        let (head, body) = try await self.whole(wire, request.tags, request.timeout)
        var reading = API.Reading()
        do { try reading.whole(body) } catch { throw LLMError(reading: error).asked(head.origin) }
        return reading.draft.finish(from: head.origin.dropping(wire.dropped))
    }

    func chatStream(_ request: ChatRequest) -> AsyncThrowingStream<ChatChunk, any Error> {
        PulledStream.stream(from: ChatCourse(self, request)) { course throws(LLMError) in try await course.next() }
    }

    func embed(_ request: EmbeddingRequest) async throws(LLMError) -> EmbeddingReply {
        let wire = try self.dialect.embedding(request)
        let (head, body) = try await self.whole(wire, request.tags, request.timeout)
        var reply: EmbeddingReply
        do { reply = try self.dialect.embeddings(in: body) } catch { throw LLMError(reading: error).asked(head.origin) }
        guard reply.vectors.count == request.inputs.count else {
            throw LLMError(
                .malformedAnswer, "\(request.inputs.count) vectors were asked for, \(reply.vectors.count) came"
            ).asked(head.origin)
        }
        reply.origin = head.origin.dropping(wire.dropped)
        return reply
    }

    private func whole(
        _ wire: WireRequest, _ tags: RequestTags, _ timeout: Duration?
    ) async throws(LLMError) -> (AnswerHead, Data) {
        let answer = try await self.send(wire, tags, timeout, streams: false)
        do throws(LLMError) {
            return (answer.head, try await answer.body())
        } catch {
            throw error.asked(answer.head.origin)
        }
    }

    /// Sends it, and throws what the server says unless it is an answer.
    func send(
        _ wire: WireRequest, _ tags: RequestTags, _ timeout: Duration?, streams: Bool
    ) async throws(LLMError) -> HTTPAnswer {
        let answer = try await self.client.send(
            HTTPRequest(
                url: try self.place(wire.path), headers: try self.headers(tags, timeout),
                body: Data(try wire.body.text().utf8), streams: streams, timeout: timeout))
        if (200...299).contains(answer.head.status) { return answer }
        // An error without its words is still one.
        let body = try? await answer.body(most: 65_536)
        if Task.isCancelled { throw LLMError(.cancelled, "the task was cancelled") }
        throw LLMError(answer: answer.head, body: body ?? Data(), now: Date())
    }

    var lineBytesMax: Int { self.options.lineBytesMax }

    private func place(_ path: String) throws(LLMError) -> URL {
        guard var parts = URLComponents(url: self.url, resolvingAgainstBaseURL: true),
            ["http", "https"].contains(parts.scheme), parts.host?.isEmpty == false, parts.user == nil
        else {
            throw LLMError(.invalidRequest, "the service's address is no http:// or https:// URL without a user")
        }
        while parts.percentEncodedPath.hasSuffix("/") { parts.percentEncodedPath.removeLast() }
        parts.percentEncodedPath += path
        guard let place = parts.url else { throw LLMError(.invalidRequest, "the service's address is no URL") }
        return place
    }

    private func headers(_ tags: RequestTags, _ timeout: Duration?) throws(LLMError) -> [String: String] {
        var headers = ["content-type": "application/json", "user-agent": "LLMService"]
        headers.merge(self.dialect.headers(key: self.key?.text)) { $1 }
        headers.merge(tags.headers) { $1 }
        if let timeout { headers["x-request-timeout"] = Self.seconds(timeout) }
        headers.merge(self.options.headers.map { ($0.lowercased(), $1) }) { $1 }
        for name in headers.keys where !Self.isHeaderName(name) {
            throw LLMError(.invalidRequest, "`\(name)` is no header's name, or one that the connection sets itself")
        }
        for (name, value) in headers where !Self.isHeaderText(value) {
            throw LLMError(
                .invalidRequest, "the value of \(name) is not 1 to \(Self.headerMax) printable characters of ASCII")
        }
        return headers
    }

    /// The longest value of a header.
    private static var headerMax: Int { 4096 }

    /// What frames a request is not for callers to say.
    private static func isHeaderName(_ name: String) -> Bool {
        let reserved = ["host", "connection", "content-length", "transfer-encoding", "expect", "accept-encoding"]
        return !name.isEmpty && !reserved.contains(name)
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "-_".utf8.contains($0)
            }
    }

    /// A line break in a value would begin a header of its own.
    private static func isHeaderText(_ text: String) -> Bool {
        (1...Self.headerMax).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// Seconds with thousandths, within what Gatehouse takes (0.001 to 86400).
    private static func seconds(_ duration: Duration) -> String {
        let wanted = duration / .milliseconds(1)
        let thousandths = Int(min(max(wanted, 1), 86_400_000))
        return "\(thousandths / 1000)." + String(String(1000 + thousandths % 1000).dropFirst())
    }
}

extension LLMError {
    /// The same, with the name of the request that it is about.
    func asked(_ origin: ReplyOrigin) -> LLMError {
        var error = self
        error.requestID = self.requestID ?? origin.requestID
        return error
    }
}

extension ReplyOrigin {
    /// The same, with what we left out before.
    func dropping(_ names: [String]) -> ReplyOrigin {
        var origin = self
        origin.dropped = names + self.dropped
        return origin
    }
}
