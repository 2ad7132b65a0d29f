import ArgumentParser
import Gateway

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read the configuration and print every mistake; exits 2 if there is one.")

    @OptionGroup var file: ConfigOption

    func run() throws {
        try leave(with: check(configurationPath: self.file.config))
    }
}

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at Ollama servers and tell what is risky or odd; changes nothing.")

    @Argument(help: "The servers: host:port, URLs or unix:/path.")
    var servers: [String]

    @Option(name: .long, help: "Another network these servers may stand in, as a CIDR; loopback and private are known.")
    var zone: [String] = []

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() throws {
        try leave(with: examine(servers: self.servers, zones: self.zone, asJSON: self.json))
    }
}

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show backends, models in memory, queues and requests; on a terminal it stays and refreshes.")

    @OptionGroup var node: AdminOptions

    @Flag(name: .long, help: "Print once, also on a terminal.")
    var once = false

    func run() throws {
        try self.node.ask(statusQuestion(asJSON: self.node.json, once: self.once))
    }
}

struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Tell whether the node is ready; exits 0 if it is, else 1.")

    @OptionGroup var node: AdminOptions

    @Option(name: .long, help: "Ask for one model instead.")
    var model: String?

    @Flag(name: .long, help: "Exit as keepalived's misc_dynamic wants it: 1 not ready, else 2 and the weight.")
    var keepalived = false

    func run() throws {
        try self.node.ask(
            healthQuestion(model: self.model, asJSON: self.node.json, forKeepalived: self.keepalived))
    }
}

struct Usage: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Sum up requests and tokens by day and model.")

    @OptionGroup var node: AdminOptions

    @Option(name: .long, help: "How many days back, today included.")
    var days = 7

    func run() throws {
        try self.node.ask(usageQuestion(days: self.days, asJSON: self.node.json))
    }
}

struct Models: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The names that callers may use.", subcommands: [List.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List models, tiers and aliases, and who serves them.")

        @OptionGroup var node: AdminOptions

        func run() throws {
            try self.node.ask(modelsQuestion(asJSON: self.node.json))
        }
    }
}

struct Requests: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Requests under way and the last ones that ended.", subcommands: [List.self, Show.self, Cancel.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List them, the newest first.")

        @OptionGroup var node: AdminOptions

        @Option(name: .long, help: "How many at most.")
        var last = 30

        func run() throws {
            try self.node.ask(requestsQuestion(last: self.last, asJSON: self.node.json))
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show where the time of one request went.")

        @OptionGroup var node: AdminOptions

        @Argument(help: "The request's id (x-gatehouse-request-id).")
        var id: String

        func run() throws {
            try self.node.ask(requestQuestion(id: self.id, asJSON: self.node.json))
        }
    }

    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a request that waits or runs.")

        @OptionGroup var node: NodeOptions

        @Argument(help: "The request's id.")
        var id: String

        func run() throws {
            try self.node.ask(cancelQuestion(id: self.id))
        }
    }
}

extension BreakerHold: ExpressibleByArgument {}

struct Backends: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The backends.",
        subcommands: [List.self, Drain.self, Undrain.self, Breaker.self, Release.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List them with their state.")

        @OptionGroup var node: AdminOptions

        func run() throws {
            try self.node.ask(backendsQuestion(asJSON: self.node.json))
        }
    }

    struct Drain: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send a backend nothing new.")

        @OptionGroup var node: NodeOptions

        @Argument(help: "The backend's name.")
        var backend: String

        func run() throws {
            try self.node.ask(backendQuestion(.drain, name: self.backend))
        }
    }

    struct Undrain: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Use a drained backend again.")

        @OptionGroup var node: NodeOptions

        @Argument(help: "The backend's name.")
        var backend: String

        func run() throws {
            try self.node.ask(backendQuestion(.undrain, name: self.backend))
        }
    }

    struct Breaker: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hold a breaker open or closed for a time, or let it decide for itself again.")

        @OptionGroup var node: NodeOptions

        @Argument(help: "The backend's name.")
        var backend: String

        @Argument(help: "open, closed or auto.")
        var state: BreakerHold

        @Option(name: .long, help: "The breaker of this model there; that of the whole backend if none is given.")
        var model: String?

        @Option(name: .long, help: "For how long, 1 to 86400.")
        var seconds = 600

        func run() throws {
            try self.node.ask(
                breakerQuestion(self.state, name: self.backend, model: self.model, seconds: self.seconds))
        }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a backend back that was quarantined for answering from outside.")

        @OptionGroup var node: NodeOptions

        @Argument(help: "The backend's name.")
        var backend: String

        func run() throws {
            try self.node.ask(backendQuestion(.release, name: self.backend))
        }
    }
}
