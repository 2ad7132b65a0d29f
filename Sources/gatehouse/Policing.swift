import ArgumentParser
import Gateway

struct Policy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The policy: what may leave. Reads the files alone and asks no node.",
        subcommands: [Lint.self, Test.self])

    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every mistake of the configuration, then what is probably not meant in the policy.")

        @OptionGroup var file: ConfigOption

        @Flag(name: .long, help: "Exit 1 if there is any advice.")
        var strict = false

        func run() throws {
            try leave(with: lintPolicy(configurationPath: self.file.config, isStrict: self.strict))
        }
    }

    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the tests that the policy brings; exits 1 if one fails.")

        @OptionGroup var file: ConfigOption

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() throws {
            try leave(with: testPolicy(configurationPath: self.file.config, asJSON: self.json))
        }
    }
}
