import Testing
import Vocabulary

@testable import HTTPServer

/// Plays a connection without a socket: feeds text, keeps the time, and turns actions into words.
struct Play {
    var machine: ConnectionMachine
    var now = Instant(nanoseconds: 1_000_000_000_000)
    var queued = 0

    init(_ change: (inout ConnectionLimits) -> Void = { _ in }) {
        var limits = ConnectionLimits()
        change(&limits)
        self.machine = ConnectionMachine(limits: limits, now: self.now)
    }

    mutating func send(_ text: String) -> String {
        self.send(bytes: Array(text.utf8))
    }

    mutating func send(bytes: [UInt8]) -> String {
        self.words(self.machine.received(bytes.span, queued: self.queued, at: self.now))
    }

    mutating func end() -> String { self.words(self.machine.ended(at: self.now, queued: self.queued)) }
    mutating func lose() -> String { self.words(self.machine.lost()) }
    mutating func flush() -> String {
        self.queued = 0
        return self.words(self.machine.flushed(at: self.now))
    }

    /// Time passes; deadlines on the way are played.
    mutating func wait(_ duration: Duration) -> String {
        self.now = self.now + duration
        return self.words(self.machine.deadlinePassed(at: self.now, queued: self.queued))
    }

    mutating func readBody(max: Int = 1 << 20) -> String {
        switch self.machine.bodyWanted(max: max, at: self.now) {
        case .ready: self.take()
        case .wait(let sendContinue): sendContinue ? "100, wait" : "wait"
        }
    }

    mutating func take() -> String {
        switch self.machine.takeBody() {
        case .success(let body): "body \(String(decoding: body, as: UTF8.self))"
        case .failure(let failure): "no body: \(failure.reason.rawValue)"
        }
    }

    /// The handler answers.
    mutating func answer() -> String {
        let persists = self.machine.canPersist
        let action = self.machine.answerEnded(persists: persists, queued: self.queued, at: self.now)
        return (persists ? "keep, " : "close, ") + self.words(action)
    }

    /// The server answers a refusal.
    mutating func refused() -> String {
        self.words(self.machine.answerEnded(persists: false, queued: self.queued, at: self.now))
    }

    private func words(_ action: ConnectionMachine.Action) -> String {
        switch action {
        case .none: "-"
        case .start(let head): "start \(String(decoding: head.path, as: UTF8.self))"
        case .refuse(let failure): "refuse \(failure.reason.rawValue)"
        case .bodyReady: "body ready"
        case .clientGone: "gone"
        case .shutdownWrite: "shutdown"
        case .close: "close"
        }
    }
}

private func get(_ path: String, _ lines: String = "") -> String { "GET \(path) HTTP/1.1\r\nHost: h\r\n\(lines)\r\n" }
private func post(_ length: Int, _ lines: String = "") -> String {
    "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\n\(lines)\r\n"
}
private let chunked = "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"

struct ConnectionMachineTests {
    @Test func `requests are begun one after the other, in order`() {
        var play = Play()
        #expect(play.send(get("/1") + get("/2") + "GET /3 HT") == "start /1")
        #expect(play.send("TP/1.1\r\nHost: h\r\n\r\n") == "-")
        #expect(play.answer() == "keep, start /2")
        #expect(play.answer() == "keep, start /3")
        #expect(play.answer() == "keep, -")
        #expect(play.machine.idleSince != nil)
        #expect(play.send("\r\n" + get("/4")) == "start /4")
    }

    @Test func `a body is read from what came with the head and what follows`() {
        var play = Play()
        #expect(play.send(post(10) + "01234") == "start /p")
        #expect(play.readBody() == "wait")
        #expect(play.send("567") == "-")
        #expect(play.send("89" + get("/next")) == "body ready")
        #expect(play.take() == "body 0123456789")
        #expect(play.answer() == "keep, start /next")
        #expect(play.readBody() == "body ")
    }

    @Test func `a chunked body ends where its framing ends`() {
        var play = Play()
        #expect(play.send(chunked + "3\r\nabc\r\n0\r\n\r\n" + get("/next")) == "start /p")
        #expect(play.readBody() == "body abc")
        #expect(play.answer() == "keep, start /next")
    }

    @Test func `a broken body fails, and no request is read after it`() {
        var play = Play()
        #expect(play.send(chunked + "3\r\nabcd\r\n0\r\n\r\n" + get("/smuggled")) == "start /p")
        #expect(play.readBody() == "no body: bad_request")
        #expect(play.answer() == "close, shutdown")
        #expect(play.send(get("/smuggled")) == "-")
        #expect(play.end() == "close")
    }

    @Test func `a refused head ends the connection, with nothing read after it`() {
        var play = Play()
        #expect(play.send("GET / HTTP/1.1\r\n\r\n" + get("/smuggled")) == "refuse bad_request")
        #expect(play.refused() == "shutdown")
        #expect(play.send(get("/smuggled")) == "-")
        #expect(play.wait(.seconds(2)) == "close")
    }

    @Test func `a body that is announced too large fails without being read`() {
        var play = Play()
        #expect(play.send(post(11, "Expect: 100-continue\r\n")) == "start /p")
        #expect(play.readBody(max: 10) == "no body: body_too_large")
        #expect(play.answer() == "close, shutdown")
        var other = Play { $0.bodyMax = 10 }
        #expect(other.send(post(11)) == "start /p")
        #expect(other.readBody() == "no body: body_too_large")
        var third = Play()
        #expect(third.send(chunked + "a\r\n0123456789\r\n1\r\n") == "start /p")
        #expect(third.readBody(max: 10) == "no body: body_too_large")
    }

    @Test func `100 Continue is sent when the body is wanted and none has come`() {
        var play = Play()
        #expect(play.send(post(2, "Expect: 100-continue\r\n")) == "start /p")
        #expect(play.readBody() == "100, wait")
        #expect(play.send("ab") == "body ready")
        #expect(play.take() == "body ab")
        #expect(play.answer() == "keep, -")
        #expect(play.send(post(2, "Expect: 100-continue\r\n") + "a") == "start /p")
        #expect(play.readBody() == "wait")
    }

    @Test func `a body that the client still holds back ends the connection`() {
        var play = Play()
        #expect(play.send(post(2, "Expect: 100-continue\r\n")) == "start /p")
        #expect(play.answer() == "close, shutdown")
    }

    @Test func `a small unread body is thrown away, a large one ends the connection`() {
        var play = Play()
        #expect(play.send(post(10) + "0123") == "start /p")
        #expect(play.answer() == "keep, -")
        #expect(play.send("456789" + get("/next")) == "start /next")
        #expect(play.answer() == "keep, -")
        #expect(play.send(post(65_537)) == "start /p")
        #expect(play.answer() == "close, shutdown")

        var chunks = Play { $0.drainMax = 10 }
        #expect(chunks.send(chunked + "3\r\nab") == "start /p")
        #expect(chunks.answer() == "keep, -")
        #expect(chunks.send("c\r\n0\r\n\r\n" + get("/next")) == "start /next")
        #expect(chunks.answer() == "keep, -")
        #expect(chunks.send(chunked + "b\r\n") == "start /p")
        #expect(chunks.answer() == "keep, shutdown")
        #expect(chunks.send(chunked) == "-")
    }

    @Test func `what is thrown away must end in time`() {
        var play = Play()
        #expect(play.send(post(10)) == "start /p")
        #expect(play.answer() == "keep, -")
        #expect(play.wait(.seconds(9)) == "-")
        #expect(play.send("1") == "-")
        #expect(play.wait(.seconds(1)) == "close")
    }

    @Test func `silence outside of a request closes quietly, inside a head it is 408`() {
        var play = Play()
        #expect(play.wait(.seconds(59)) == "-")
        #expect(play.send("\r\n") == "-")
        #expect(play.wait(.seconds(1)) == "close")

        var head = Play()
        #expect(head.send("G") == "-")
        #expect(head.wait(.milliseconds(9_999)) == "-")
        #expect(head.send("E") == "-")
        #expect(head.wait(.seconds(10)) == "refuse request_timeout")
        #expect(head.refused() == "shutdown")
    }

    @Test func `a head that trickles has an end`() {
        var play = Play()
        #expect(play.send("GET /") == "-")
        for _ in 0..<3 {
            #expect(play.wait(.seconds(9)) == "-")
            #expect(play.send("a") == "-")
        }
        #expect(play.wait(.seconds(3)) == "refuse request_timeout")
    }

    @Test func `silence inside a body that is read is 408, and a trickle has an end`() {
        var play = Play()
        #expect(play.send(post(10)) == "start /p")
        #expect(play.wait(.seconds(100)) == "-")
        #expect(play.readBody() == "wait")
        #expect(play.wait(.seconds(29)) == "-")
        #expect(play.send("a") == "-")
        #expect(play.wait(.seconds(30)) == "body ready")
        #expect(play.take() == "no body: request_timeout")
        #expect(play.answer() == "close, shutdown")

        var trickle = Play()
        #expect(trickle.send(post(1000)) == "start /p")
        #expect(trickle.readBody() == "wait")
        for _ in 0..<29 {
            #expect(trickle.wait(.seconds(20)) == "-")
            #expect(trickle.send("a") == "-")
        }
        #expect(trickle.wait(.seconds(20)) == "body ready")
        #expect(trickle.take() == "no body: request_timeout")
    }

    @Test func `reading pauses when the read-ahead is full, and only then`() {
        var play = Play { $0.readAhead = 100 }
        #expect(play.send(get("/1")) == "start /1")
        #expect(play.send(String(repeating: "x", count: 99)) == "-")
        #expect(play.machine.wantsToRead)
        #expect(play.send("x") == "-")
        #expect(!play.machine.wantsToRead)
        #expect(play.answer() == "keep, -")
        #expect(play.machine.wantsToRead)

        var body = Play { $0.readAhead = 100 }
        #expect(body.send(post(1000) + String(repeating: "x", count: 200)) == "start /p")
        #expect(!body.machine.wantsToRead)
        #expect(body.readBody() == "wait")
        #expect(body.machine.wantsToRead)
    }

    @Test func `after the client's end an answer has its grace, then the client is gone`() {
        var play = Play()
        #expect(play.send(get("/1")) == "start /1")
        #expect(play.end() == "-")
        #expect(!play.machine.wantsToRead)
        #expect(play.wait(.milliseconds(249)) == "-")
        #expect(play.wait(.milliseconds(1)) == "gone")
        #expect(play.machine.deadline == nil)

        var quick = Play()
        #expect(quick.send(get("/1") + get("/2") + "GET") == "start /1")
        #expect(quick.end() == "-")
        #expect(quick.wait(.milliseconds(200)) == "-")
        #expect(quick.answer() == "keep, start /2")
        #expect(quick.wait(.milliseconds(200)) == "-")
        #expect(quick.answer() == "keep, close")

        var slowReader = Play()
        #expect(slowReader.send(get("/1")) == "start /1")
        #expect(slowReader.end() == "-")
        slowReader.queued = 1000
        #expect(slowReader.answer() == "close, shutdown")
        #expect(slowReader.wait(.seconds(100)) == "-")
        #expect(slowReader.flush() == "close")
    }

    @Test func `the client's end inside a head, a body, or between requests`() {
        var head = Play()
        #expect(head.send("GET /") == "-")
        #expect(head.end() == "refuse bad_request")
        #expect(head.refused() == "close")

        var body = Play()
        #expect(body.send(post(3) + "a") == "start /p")
        #expect(body.readBody() == "wait")
        #expect(body.end() == "body ready")
        #expect(body.take() == "no body: client_left")
        #expect(body.answer() == "close, close")

        var unread = Play()
        #expect(unread.send(post(3) + "a") == "start /p")
        #expect(unread.end() == "-")
        #expect(unread.readBody() == "no body: client_left")

        var idle = Play()
        #expect(idle.end() == "close")

        var flushing = Play()
        #expect(flushing.send(get("/1")) == "start /1")
        flushing.queued = 10
        #expect(flushing.answer() == "keep, -")
        #expect(flushing.end() == "shutdown")
        #expect(flushing.flush() == "close")
    }

    @Test func `a lost connection is a client gone during a request, and nothing else otherwise`() {
        var play = Play()
        #expect(play.send(post(3)) == "start /p")
        #expect(play.readBody() == "wait")
        #expect(play.lose() == "gone")
        #expect(play.take() == "no body: client_left")
        #expect(play.machine.answerEnded(persists: true, queued: 0, at: play.now) == .none)
        var idle = Play()
        #expect(idle.lose() == "close")
        #expect(idle.send(get("/1")) == "-")
        #expect(!idle.machine.wantsToRead)
    }

    @Test func `the next request waits until the client has taken enough of the answers`() {
        var play = Play { $0.answerBacklog = 100 }
        #expect(play.send(get("/1") + get("/2")) == "start /1")
        play.queued = 101
        #expect(play.answer() == "keep, -")
        #expect(play.send(get("/3")) == "-")
        #expect(play.flush() == "start /2")
        #expect(play.answer() == "keep, start /3")
    }

    @Test func `after the last answer reading goes on within bounds, once all is flushed`() {
        func lingering() -> Play {
            var play = Play { $0.lingerBytesMax = 100 }
            #expect(play.send(get("/1", "Connection: close\r\n")) == "start /1")
            play.queued = 10
            #expect(play.answer() == "close, shutdown")
            #expect(play.wait(.seconds(20)) == "-")
            #expect(play.flush() == "-")
            return play
        }
        var ends = lingering()
        #expect(ends.end() == "close")
        var silent = lingering()
        #expect(silent.wait(.seconds(2)) == "close")
        var chatty = lingering()
        for _ in 0..<9 {
            #expect(chatty.wait(.seconds(1)) == "-")
            #expect(chatty.send("x") == "-")
        }
        #expect(chatty.wait(.seconds(1)) == "close")
        var flood = lingering()
        #expect(flood.send(String(repeating: "x", count: 100)) == "-")
        #expect(flood.send("x") == "close")
    }

    @Test func `a failure from outside ends a body that is waited for`() {
        var play = Play()
        #expect(play.send(post(3)) == "start /p")
        #expect(play.readBody() == "wait")
        #expect(play.machine.failBody(HTTPFailure(.bodiesInFlight, "")) == .bodyReady)
        #expect(play.take() == "no body: bodies_in_flight")
        #expect(play.answer() == "close, shutdown")
    }

    @Test func `a client that is always a few requests ahead is served in bounded memory`() {
        var play = Play()
        #expect(play.send(get("/0") + get("/1") + get("/2")) == "start /0")
        for number in 3..<10_000 {
            #expect(play.send(get("/\(number)")) == "-")
            #expect(play.answer() == "keep, start /\(number - 2)")
            #expect(play.machine.inboxSize < 500)
        }
    }

    /// Three pipelined requests with bodies, cut at every two places: the same three bodies in the same order.
    @Test func `no cut changes what is read`() {
        let stream = Array((post(3) + "abc" + chunked + "2;x\r\nde\r\n0\r\nT: t\r\n\r\n" + get("/end")).utf8)
        func play(_ cuts: [Int]) -> [String] {
            var play = Play()
            var log: [String] = []
            var begin = 0
            for cut in cuts + [stream.count] {
                var word = play.send(String(decoding: stream[begin..<cut], as: UTF8.self))
                begin = cut
                while word != "-" {
                    if word.hasPrefix("start") {
                        log.append(word)
                        word = play.readBody()
                        if word == "wait" { break }
                    } else if word == "body ready" {
                        word = play.take()
                    } else if word.hasPrefix("body ") {
                        log.append(word)
                        word = String(play.answer().dropFirst("keep, ".count))
                    } else {
                        log.append("unexpected \(word)")
                        break
                    }
                }
            }
            return log
        }
        let expected = ["start /p", "body abc", "start /p", "body de", "start /end", "body "]
        #expect(play([]) == expected)
        for first in 1..<stream.count {
            for second in stride(from: first, to: stream.count, by: 7) where play([first, second]) != expected {
                Issue.record("cut at \(first) and \(second): \(play([first, second]))")
            }
        }
        #expect(play(Array(1..<stream.count)) == expected)
    }
}
