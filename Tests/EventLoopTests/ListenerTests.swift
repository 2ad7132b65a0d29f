import CShim
import Foundation
import Glibc
import Testing
import Vocabulary

@testable import EventLoop

private let loopback = SocketAddress(IPAddress("127.0.0.1")!, port: 0)

extension OnTheLoop {
    @Suite struct Listeners {
        @Test func `a taken port is refused with a way out`() async throws {
            try await onLoop {
                let first = try TCPListener(address: loopback) { $0.close() }
                let error = #expect(throws: SocketError.self) {
                    _ = try TCPListener(address: first.address) { $0.close() }
                }
                #expect(error?.code == .addressInUse)
                #expect(
                    error?.message
                        == "listening on \(first.address): address already in use (EADDRINUSE); another process "
                        + "listens there: stop it, or choose another address")
                first.close()
                first.close()
                // Closing has freed the port at once.
                try TCPListener(address: first.address) { $0.close() }.close()
            }
        }

        @Test func `an address of another machine is refused`() async throws {
            try await onLoop {
                let elsewhere = SocketAddress(IPAddress("192.0.2.1")!, port: 0)
                let error = #expect(throws: SocketError.self) { _ = try TCPListener(address: elsewhere) { $0.close() } }
                #expect(error?.code == .addressNotHere)
            }
        }

        @Test func `two listeners share a port when both say so`() async throws {
            try await onLoop {
                let arrived = Waiter<Int>()
                let first = try TCPListener(address: loopback, reusePort: true) {
                    $0.close()
                    arrived.resume(1)
                }
                let second = try TCPListener(address: first.address, reusePort: true) {
                    $0.close()
                    arrived.resume(2)
                }
                let address = first.address
                var seen: Set<Int> = []
                for _ in 0..<200 where seen.count < 2 {
                    try await runOnWorker { try TestClient(address).close() }
                    seen.insert(await arrived.wait())
                }
                #expect(seen == [1, 2])
                first.close()
                second.close()
            }
        }

        @Test func `a burst of connections beyond one callback is accepted whole`() async throws {
            try await onLoop {
                var count = 0
                let done = Waiter<Void>()
                let total = 3 * Acceptor.connectionsPerCallbackMax
                let listener = try TCPListener(address: loopback) {
                    count += 1
                    $0.close()
                    if count == total { done.resume(()) }
                }
                let address = listener.address
                let clients = try await runOnWorker { try (0..<total).map { _ in try TestClient(address) } }
                await done.wait()
                for client in clients { client.close() }
                listener.close()
            }
        }

        @Test func `an IPv4 address mapped into IPv6 is the IPv4 address`() {
            let mapped = SocketAddress(IPAddress("::ffff:10.1.2.3")!, port: 80)
            #expect(gatehouse_address(mapped).socketAddress == SocketAddress(IPAddress("10.1.2.3")!, port: 80))
            let plain = SocketAddress(IPAddress("2001:db8::1")!, port: 80)
            #expect(gatehouse_address(plain).socketAddress == plain)
        }

        /// In a process of its own, because it takes away all descriptors.
        @Test func `without descriptors accepting rests, says so, and goes on later`() async {
            await #expect(processExitsWith: .success) {
                UVLoop.main.runOnOwnThread()
                let address = SocketAddress(IPAddress("127.0.0.1")!, port: 0)
                let outcome = try await onLoop {
                    var troubles: [SocketError] = []
                    let told = Waiter<Void>()
                    let arrived = Waiter<StreamConnection>()
                    let listener = try TCPListener(
                        address: address,
                        onTrouble: {
                            troubles.append($0)
                            if troubles.count == 2 { told.resume(()) }
                        }, onConnection: { arrived.resume($0) })
                    let place = listener.address
                    let client = try await runOnWorker { () throws in
                        // Everything up to the client's own descriptor is taken; the next one does not exist.
                        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                        var limit = rlimit(rlim_cur: rlim_t(client + 1), rlim_max: 4096)
                        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                        return try TestClient(connecting: client, to: place)
                    }
                    let callbacks = UVLoop.main.figures.callbacks
                    await told.wait()
                    let spent = UVLoop.main.figures.callbacks - callbacks
                    var limit = rlimit(rlim_cur: 4096, rlim_max: 4096)
                    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                    let connection = await arrived.wait()
                    connection.close()
                    listener.close()
                    client.close()
                    return (troubles.map(\.code), spent)
                }
                precondition(outcome.0 == [.outOfResources, .outOfResources], "\(outcome)")
                precondition(outcome.1 < 20, "the loop was busy with it: \(outcome)")
                exit(0)
            }
        }
    }

    @Suite struct UnixSockets {
        @Test func `only the owner may connect, and the peer is known`() async throws {
            try await onLoop {
                let path = temporaryPath()
                let arrived = Waiter<StreamConnection>()
                let listener = try PipeListener(path: path) { arrived.resume($0) }
                #expect(mode(of: path) == 0o600)
                let client = try await runOnWorker { try TestClient(path: path) }
                let connection = await arrived.wait()
                #expect(connection.peer == .unix(user: getuid(), group: getgid(), process: getpid()))
                #expect(connection.local == nil)
                let recorder = Recorder()
                connection.handler = recorder
                connection.startReading()
                try await runOnWorker { try client.send([1, 2, 3]) }
                await recorder.until { $0.bytes == [1, 2, 3] }
                connection.write([4, 5], [6])
                #expect(try await runOnWorker { try client.receive() } == [4, 5, 6])
                client.close()
                await recorder.until { $0.ends == 1 }
                connection.reset()
                await recorder.until { $0.closes == 1 }
                listener.close()
                listener.close()
                #expect(mode(of: path) == nil)
            }
        }

        @Test func `a socket left behind is replaced, one in use is not`() async throws {
            try await onLoop {
                let path = temporaryPath()
                // What a killed process leaves: a bound socket that nobody listens on.
                try await runOnWorker { try leaveSocketBehind(at: path) }
                let listener = try PipeListener(path: path) { $0.close() }
                let error = #expect(throws: SocketError.self) { _ = try PipeListener(path: path) { $0.close() } }
                #expect(error?.code == .addressInUse)
                #expect(mode(of: path) == 0o600)
                listener.close()
            }
        }

        @Test func `another file in its place is neither replaced nor removed`() async throws {
            try await onLoop {
                let path = temporaryPath()
                #expect(FileManager.default.createFile(atPath: path, contents: Data("precious".utf8)))
                let error = #expect(throws: SocketError.self) { _ = try PipeListener(path: path) { $0.close() } }
                #expect(error?.code == .pathUnusable)
                #expect(FileManager.default.contents(atPath: path) == Data("precious".utf8))
                unlink(path)

                let listener = try PipeListener(path: path) { $0.close() }
                unlink(path)
                #expect(FileManager.default.createFile(atPath: path, contents: Data("precious".utf8)))
                listener.close()
                #expect(FileManager.default.contents(atPath: path) == Data("precious".utf8))
                unlink(path)
            }
        }

        @Test(arguments: [
            ("/nowhere/at/all.sock", SocketError.Code.pathMissing), ("", .pathUnusable), ("a\0b", .pathUnusable),
            ("/tmp/" + String(repeating: "x", count: 120), .pathUnusable),
        ]) func `an impossible path is refused`(path: String, code: SocketError.Code) async throws {
            try await onLoop {
                let error = #expect(throws: SocketError.self) { _ = try PipeListener(path: path) { $0.close() } }
                #expect(error?.code == code)
            }
        }
    }
}

private func temporaryPath() -> String {
    "/tmp/gatehouse-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock"
}

private func mode(of path: String) -> mode_t? {
    var found = stat()
    return stat(path, &found) == 0 ? found.st_mode & 0o777 : nil
}

private func leaveSocketBehind(at path: String) throws {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    if status != 0 { throw TestClient.Failure(errno: errno) }
    close(descriptor)
}
