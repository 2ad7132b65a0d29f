import EventLoop
import Glibc
import Residency
import Testing
import Vocabulary

@testable import Outbound

/// What a backend does after it has read the request, and what that is called.
struct BadAnswer: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: String
    var resets = false
    let reason: Reason
    let phase: TransferFailure.Phase
    var testDescription: String { self.name }

    static let chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    static let all: [BadAnswer] = [
        BadAnswer(name: "closed before the head", bytes: "", reason: .upstreamTruncated, phase: .waiting),
        BadAnswer(name: "reset before the head", bytes: "", resets: true, reason: .upstreamTruncated, phase: .waiting),
        BadAnswer(
            name: "closed inside the head", bytes: "HTTP/1.1 200 OK\r\nContent-", reason: .upstreamTruncated,
            phase: .waiting),
        BadAnswer(
            name: "closed before the length", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
            reason: .upstreamTruncated, phase: .answering),
        BadAnswer(
            name: "reset before the length", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", resets: true,
            reason: .upstreamTruncated, phase: .answering),
        BadAnswer(
            name: "closed between chunks", bytes: chunkedHead + "3\r\none\r\n", reason: .upstreamTruncated,
            phase: .answering),
        BadAnswer(
            name: "closed inside a chunk", bytes: chunkedHead + "9\r\none", reason: .upstreamTruncated,
            phase: .answering),
        BadAnswer(
            name: "a chunk without a size", bytes: chunkedHead + "zz\r\none\r\n", reason: .upstreamMalformed,
            phase: .answering),
        BadAnswer(
            name: "a chunk without its end", bytes: chunkedHead + "3\r\nonetwo\r\n", reason: .upstreamMalformed,
            phase: .answering),
        BadAnswer(name: "HTTP/0.9", bytes: "hello there\r\n", reason: .upstreamMalformed, phase: .waiting),
        BadAnswer(
            name: "garbage", bytes: "\u{1}\u{2}\u{3}\u{4}\u{5}\r\n\r\n", reason: .upstreamMalformed, phase: .waiting),
        BadAnswer(name: "HTTP/3.7", bytes: "HTTP/3.7 200 OK\r\n\r\n", reason: .upstreamMalformed, phase: .waiting),
        BadAnswer(name: "status 99", bytes: "HTTP/1.1 099 No\r\n\r\n", reason: .upstreamMalformed, phase: .waiting),
        BadAnswer(
            name: "switching protocols", bytes: "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n",
            reason: .upstreamMalformed, phase: .waiting),
        BadAnswer(
            name: "a header without a colon", bytes: "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
            reason: .upstreamMalformed, phase: .waiting),
        BadAnswer(
            name: "two lengths", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
            reason: .upstreamMalformed, phase: .waiting),
        BadAnswer(
            name: "length and chunks",
            bytes: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            reason: .upstreamMalformed, phase: .waiting),
        BadAnswer(
            name: "gzip", bytes: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
            reason: .upstreamMalformed, phase: .waiting),
        BadAnswer(
            name: "a head of 70 KB",
            bytes: "HTTP/1.1 200 OK\r\n"
                + String(repeating: "X: " + String(repeating: "y", count: 97) + "\r\n", count: 700)
                + "\r\n",
            reason: .upstreamMalformed, phase: .waiting),
        BadAnswer(
            name: "a header line of 200 KB", bytes: "HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 200_000),
            reason: .upstreamMalformed, phase: .waiting),
        BadAnswer(
            name: "interim heads without end",
            bytes: String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 3_000), reason: .upstreamMalformed,
            phase: .waiting),
    ]
}

extension OnTheLoop {
    @Test(arguments: BadAnswer.all)
    func `a bad answer fails by its name`(_ answer: BadAnswer) async throws {
        let server = ScriptedServer { connection in
            connection.readRequest()
            connection.send(answer.bytes)
            if answer.resets {
                usleep(20_000)  // A reset throws away what the peer has not read yet.
                connection.reset()
            }
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let recorder = Recorder()
            _ = door.send(try Granter(port: server.port).grant(), to: recorder)
            let failure = try await recorder.waitForFailure()
            #expect(failure.reason == answer.reason, "\(failure)")
            #expect(failure.phase == answer.phase, "\(failure)")
            #expect(!failure.sentNothing)
            #expect(server.connections == 1, "a request on a new connection is never sent again")
            #expect(recorder.eventsAfterEnd == 0)
        }
    }

    @Test func `refused connections and missing sockets are told apart from answers`() async throws {
        try await withDoor { door, _ in
            let recorder = Recorder()
            _ = door.send(try Granter(unix: "/tmp/gatehouse-no-such.sock").grant(), to: recorder)
            let failure = try await recorder.waitForFailure()
            #expect(failure.reason == .upstreamConnectFailed)
            #expect(failure.sentNothing)
        }
    }

    @Test func `errors of the backend are answers`() async throws {
        let server = ScriptedServer { connection in
            while connection.readRequest() != nil {
                connection.answer("{\"error\":\"busy\"}", status: "503 Busy", headers: "Retry-After: 7\r\n")
            }
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let recorder = Recorder()
            _ = door.send(try Granter(port: server.port).grant(), to: recorder)
            #expect(await recorder.waitForEnd() == .completed)
            #expect(recorder.head?.status == 503)
            #expect(recorder.head?.retryAfterSeconds == 7)
            #expect(recorder.text == "{\"error\":\"busy\"}")
        }
    }
}
