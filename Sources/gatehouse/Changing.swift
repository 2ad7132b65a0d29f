import ArgumentParser
import Gateway

struct Reload: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the node read its configuration again, whole or not at all.")

    @OptionGroup var node: NodeOptions

    func run() throws {
        try self.node.ask(reloadQuestion())
    }
}

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The keys of applications. Each change is written to keys.yaml and a running node reloads it.",
        subcommands: [Add.self, List.self, Rotate.self, Revoke.self], defaultSubcommand: List.self)

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it, once; only its hash is kept.")

        @OptionGroup var file: ConfigOption

        @Argument(help: "What the key is for.")
        var name: String

        @Option(name: .long, help: "The project that pays.")
        var project: String?

        @Option(name: .long, help: "Models it may use, `*` for any text; none given means all.")
        var model: [String] = []

        @Option(name: .long, help: "The header in which the application names the person behind a request.")
        var principalHeader: String?

        @Option(
            name: .long,
            help:
                "The name in a client's certificate that stands for it, as uri:spiffe://intranet/batch; no secret is made."
        )
        var certificate: String?

        @Option(name: .long, help: "Days until it expires, 1 to 36500; none given means never.")
        var days: Int?

        func validate() throws {
            guard days.map({ (1...36_500).contains($0) }) ?? true else {
                throw ValidationError("--days is not from 1 to 36500")
            }
        }

        func run() throws {
            try leave(
                with: changeKeys(
                    configurationPath: self.file.config,
                    .add(
                        name: self.name, project: self.project, models: self.model,
                        principalHeader: self.principalHeader, certificate: self.certificate, days: self.days)))
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys without their secrets.")

        @OptionGroup var file: ConfigOption

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() throws {
            try leave(with: listKeys(configurationPath: self.file.config, asJSON: self.json))
        }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a key a second secret; the first one works on for the overlap.")

        @OptionGroup var file: ConfigOption

        @Argument(help: "The key's id.")
        var id: String

        @Option(name: .long, help: "Days the old secret still works, 0 to 36500.")
        var overlapDays = 7

        func validate() throws {
            guard (0...36_500).contains(self.overlapDays) else {
                throw ValidationError("--overlap-days is not from 0 to 36500")
            }
        }

        func run() throws {
            try leave(
                with: changeKeys(
                    configurationPath: self.file.config, .rotate(id: self.id, overlapDays: self.overlapDays)))
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key useless at once.")

        @OptionGroup var file: ConfigOption

        @Argument(help: "The key's id.")
        var id: String

        func run() throws {
            try leave(with: changeKeys(configurationPath: self.file.config, .revoke(id: self.id)))
        }
    }
}
