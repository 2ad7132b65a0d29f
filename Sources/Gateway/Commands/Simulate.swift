import EventLoop
import Foundation
import SimulatedOllama
import Vocabulary

/// How `gatehouse simulate` is asked to behave.
public struct SimulationOptions: Sendable {
    var listen: String
    var faults: [String]
    var tokensPerSecond: Double
    var slots: Int
    var queue: Int
    var loadSeconds: Double
    var version: String
    var cloud: String
    var models: [String]?

    /// As the command line has them; they are read when the simulation starts.
    public init(
        listen: String, faults: [String], tokensPerSecond: Double, slots: Int, queue: Int, loadSeconds: Double,
        version: String, cloud: String, models: [String]?
    ) {
        self.listen = listen
        self.faults = faults
        self.tokensPerSecond = tokensPerSecond
        self.slots = slots
        self.queue = queue
        self.loadSeconds = loadSeconds
        self.version = version
        self.cloud = cloud
        self.models = models
    }
}

/// `gatehouse simulate`: runs a simulated Ollama until it is stopped.
public func simulate(_ options: SimulationOptions) -> Int32 {
    runOnLoop {
        do {
            let address = try options.address()
            let server = SimulatedOllama(options: try options.read(), timers: LoopTimers())
            let bound = try server.listen(on: address)
            say("a simulated Ollama \(options.version) listens on http://\(bound)")
            let ended = Waiter<Void>()
            let signals = [
                try SignalSource(signal: SIGTERM) { ended.resume(()) },
                try SignalSource(signal: SIGINT) { ended.resume(()) },
            ]
            await ended.wait()
            for signal in signals { signal.close() }
            server.stop()
            return ExitStatus.done
        } catch let failure as StartFailure {
            complain(failure.message)
            return ExitStatus.failed
        } catch {
            complain("\(error)")
            return ExitStatus.failed
        }
    }
}

extension SimulationOptions {
    fileprivate func address() throws(StartFailure) -> SocketAddress {
        guard let colon = self.listen.lastIndex(of: ":"),
            let port = UInt16(self.listen[self.listen.index(after: colon)...]),
            let address = IPAddress(self.listen[..<colon].trimmingPrefix("[").prefix { $0 != "]" })
        else {
            throw StartFailure("--listen \(self.listen): expected an address and a port, as in 127.0.0.1:11434")
        }
        return SocketAddress(address, port: port)
    }

    fileprivate func read() throws(StartFailure) -> SimulatedOllama.Options {
        var options = SimulatedOllama.Options()
        options.tokensPerSecond = max(0, self.tokensPerSecond)
        options.slots = max(1, self.slots)
        options.queueMax = max(0, self.queue)
        options.loadTime = .nanoseconds(Int64(max(0, self.loadSeconds) * 1e9))
        options.version = .init(self.version)
        switch self.cloud {
        case "off": options.isCloudOn = false
        case "on": options.isCloudOn = true
        default: throw StartFailure("--cloud \(self.cloud): expected on or off")
        }
        if let models { options.models = models.map { SimulatedModel($0) } }
        do {
            options.faults = try self.faults.map { try Fault(parsing: $0) }
        } catch {
            throw StartFailure("--fault: \(error)")
        }
        return options
    }
}
