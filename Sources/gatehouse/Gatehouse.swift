import ArgumentParser
import Gateway

/// The command line. Each command is a file beside this one; what it does stands in `Gateway`.
@main
struct Gatehouse: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatehouse",
        abstract: "Stands between an organisation's applications and its language models.",
        discussion: """
            Try it:       gatehouse dev
            Set it up:    gatehouse init --ollama gpu1:11434,gpu2:11434
            Run it:       gatehouse serve --config gatehouse.yaml

            Exit codes: 0 done, 1 it did not work or is not healthy, 2 the configuration has mistakes, \
            64 the command line has mistakes.
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(name: "Starting:", subcommands: [Init.self, Dev.self, Serve.self, Simulate.self]),
            CommandGroup(name: "Looking before:", subcommands: [Check.self, Doctor.self, Policy.self, Explain.self]),
            CommandGroup(
                name: "Looking at a running node:",
                subcommands: [
                    Status.self, HealthCommand.self, Requests.self, Backends.self, Models.self, Usage.self,
                ]),
            CommandGroup(name: "Proving it:", subcommands: [Audit.self]),
            CommandGroup(name: "Changing it:", subcommands: [Keys.self, Reload.self]),
            CommandGroup(name: "Other:", subcommands: [VersionCommand.self]),
        ])
}

/// Ends the process with the code of a command; zero is ArgumentParser's own way out.
func leave(with code: Int32) throws {
    if code != 0 { throw ExitCode(code) }
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() {
        print("gatehouse \(Version.text)")
    }
}
