import Configuration
import EventLoop
import Foundation
import Logging
import Outbound
import Vocabulary

/// `gatehouse serve`: runs the daemon until it is stopped. Exits 2 if the configuration has mistakes.
public func serve(configurationPath: String) -> Int32 {
    let scrubbed = scrubEnvironment()
    let loader = ConfigurationLoader(path: configurationPath, nodeDefault: hostName)
    let configuration: GatehouseConfiguration
    do throws(Problems) { configuration = try loader.load() } catch { return complain(about: error) }
    let lines = LineWriter(descriptor: STDERR_FILENO)
    defer { lines.close() }
    let log = Logger(
        label: "gatehouse",
        factory: { _ in
            JSONLogHandler(writer: lines, level: configuration.logging.lowestLevel)
        })
    if !scrubbed.isEmpty {
        log.notice("removed from the environment: \(scrubbed.joined(separator: ", "))")
    }
    return runOnLoop {
        do {
            let (environment, process, timers) = (ProcessInfo.processInfo.environment, getpid(), LoopTimers())
            let daemon = try Daemon(
                configuration, loader: loader, timers: timers, log: log, lines: lines,
                inherited: try InheritedSockets(environment: environment, process: process),
                supervisor: Supervisor(environment: environment, process: process, timers: timers))
            try daemon.listen()
            announce(configuration, log)
            try await daemon.run()
            return ExitStatus.done
        } catch let failure as StartFailure {
            complain(failure.message)
            return ExitStatus.failed
        } catch {
            complain("cannot start: \(error)")
            return ExitStatus.failed
        }
    }
}

/// `gatehouse check`: prints every mistake of a configuration.
public func check(configurationPath: String) -> Int32 {
    do throws(Problems) {
        let loader = ConfigurationLoader(path: configurationPath, nodeDefault: hostName)
        let configuration = try loader.load()
        let models = configuration.manifest.models.count
        say("\(configurationPath): no mistakes; \(configuration.backends.count) backends, \(models) models")
        return ExitStatus.done
    } catch {
        return complain(about: error)
    }
}

func complain(about problems: Problems) -> Int32 {
    FileHandle.standardError.write(Data("\(problems)\n".utf8))
    let count = problems.all.count
    complain(count == 1 ? "1 mistake in the configuration" : "\(count) mistakes in the configuration")
    return ExitStatus.misconfigured
}

/// What an operator should see first in the log.
private func announce(_ configuration: GatehouseConfiguration, _ log: Logger) {
    let data = configuration.listeners.data.map(\.description).joined(separator: ", ")
    let operations = configuration.listeners.operations.map(\.description).joined(separator: ", ")
    log.notice("gatehouse \(Version.text) serves the model APIs on \(data), health and metrics on \(operations)")
    if configuration.keys.isEmpty {
        log.warning("no keys are configured: only programs on this machine are served, any key they send is ignored")
    }
}
