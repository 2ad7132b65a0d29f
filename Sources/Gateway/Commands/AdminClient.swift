import EventLoop
import Foundation
import Outbound
import Residency
import Vocabulary

/// One question to a running node, and what is done with its answer; the result is the exit code.
public typealias AdminQuestion = @LoopActor @Sendable (AdminClient) async throws -> Int32

/// Finds the node that is meant and puts a question to it: by `socket`, else by the configuration, else that of a
/// running `gatehouse dev`.
public func askNode(
    socket: String?, configurationPath: String?, _ question: @escaping AdminQuestion
) -> Int32 {
    _ = scrubEnvironment()
    let path: String
    do {
        path = try AdminClient.socketPath(socket: socket, configurationPath: configurationPath)
    } catch {
        return ExitStatus.told(error)
    }
    return runOnLoop {
        do {
            return try await question(try AdminClient(socket: path))
        } catch {
            return ExitStatus.told(error)
        }
    }
}

/// Speaks to the admin plane of a node on this machine, through the one door like everything else.
@LoopActor
public final class AdminClient {
    private let socket: String
    private let timers = LoopTimers()
    private let outbound: Outbound
    private let gate: Gate

    /// A client for the node that listens at this Unix socket.
    init(socket: String) throws {
        self.socket = socket
        self.outbound = try Outbound(timers: self.timers)
        self.gate = try Gate.administration(socket: socket)
    }

    /// The time, for refreshing displays.
    var clock: LoopTimers { self.timers }

    nonisolated static func socketPath(socket: String?, configurationPath: String?) throws -> String {
        if let socket { return socket }
        return try StateFolder.find(configurationPath: configurationPath, orBy: "--socket") + "/" + Defaults.adminSocket
    }

    /// Asks, and reads the answer as `Report`.
    func get<Report: Decodable>(_ path: String, as type: Report.Type = Report.self) async throws -> Report {
        try await self.send(OutboundRequest(method: .get, path: path, headers: [.acceptJSON]), as: type)
    }

    /// Commands, and reads what was done.
    func post(_ path: String) async throws -> ChangeReport {
        try await self.send(OutboundRequest(method: .post, path: path, headers: [.acceptJSON]), as: ChangeReport.self)
    }

    private func send<Report: Decodable>(_ request: OutboundRequest, as type: Report.Type) async throws -> Report {
        let now = self.timers.now
        guard let backend = self.gate.backends.first,
            let destination = try self.gate.judgeWithoutResolving(backend, at: now)
        else { throw AdminFailure(message: "\(self.socket) is no Unix socket") }
        let grant = try self.gate.grant(
            request, to: backend, at: destination, purpose: .administration, now: now)
        switch await self.outbound.fetch(grant, answerMax: .mebibytes(64), timeout: .seconds(20)) {
        case .failure(let failure):
            throw AdminFailure(message: self.sentence(of: failure))
        case .success(let answer):
            let body = Data(answer.body)
            guard answer.status == 200 else {
                throw (try? JSONDecoder().decode(AdminFailure.self, from: body))
                    ?? AdminFailure(message: "the node answered with status \(answer.status)")
            }
            return try JSONDecoder().decode(type, from: body)
        }
    }

    /// For a socket that takes no connection libcurl's own words name a host and a port, which nobody has asked for.
    private func sentence(of failure: TransferFailure) -> String {
        guard failure.reason == .upstreamConnectFailed else {
            return "no node answers at \(self.socket): \(failure.detail)"
        }
        let finding =
            FileManager.default.fileExists(atPath: self.socket)
            ? "nobody listens at this socket, or this user may not use it" : "there is no such socket"
        return "no node runs at \(self.socket): \(finding); start one with `gatehouse serve`, "
            + "or name another with --socket or --config"
    }
}
