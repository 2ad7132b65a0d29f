import ArgumentParser
import Gateway
import SimulatedOllama

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at your Ollama servers and write the configuration files.",
        discussion: """
            Asks each server for its version, cloud switch and models, tells the risks it sees, and writes \
            gatehouse.yaml, models.manifest, keys.yaml with a first key, and a pepper. Existing files are kept.
            """)

    @Option(name: .long, help: "The servers: host:port, URLs or unix:/path, separated by commas.")
    var ollama: String

    @Option(name: .long, help: "Another network these servers may stand in, as a CIDR; loopback and private are known.")
    var zone: [String] = []

    @Option(name: .long, help: "Where to write the files.", completion: .directory)
    var folder = "."

    func run() throws {
        let servers = self.ollama.split(separator: ",").map { String($0) }
        try leave(with: initialise(servers: servers, zones: self.zone, folder: self.folder))
    }
}

struct Dev: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run without files, for a first look: the Ollama on this machine, else a simulated one.")

    @Option(name: .long, help: "The port of the model APIs on 127.0.0.1.")
    var port: UInt16 = Defaults.dataPort

    @Option(name: .long, help: "The port of the health endpoints and metrics on 127.0.0.1.")
    var operationsPort: UInt16 = Defaults.operationsPort

    @Option(name: .long, help: "Where an Ollama is looked for.")
    var ollama = "127.0.0.1:11434"

    @Flag(name: .long, help: "Print one JSON line per request.")
    var log = false

    func run() throws {
        let options = DevelopmentOptions(
            port: self.port, operationsPort: self.operationsPort, ollama: self.ollama, logsRequests: self.log)
        try leave(with: develop(options))
    }
}

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon.",
        discussion: """
            SIGHUP reads the configuration again, whole or not at all. SIGTERM drains: unready first, then no new \
            connections, then an end when the last stream is done or the deadline has passed; a second one ends at once.
            """)

    @OptionGroup var file: ConfigOption

    func run() throws {
        try leave(with: serve(configurationPath: self.file.config))
    }
}

struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a simulated Ollama server, for trying, tests and drills.")

    @Option(name: .long, help: "Where to listen.")
    var listen = "127.0.0.1:11434"

    @Option(
        name: .long,
        help: """
            A fault: \(Fault.grammar.joined(separator: ", ")); with `@inference` behind it, it befalls only requests that \
            make a model work. May be repeated.
            """)
    var fault: [String] = []

    @Option(name: .long, help: "Tokens per second of one stream; 0 is as fast as it goes.")
    var tokensPerSecond = 50.0

    @Option(name: .long, help: "Requests at once per model (OLLAMA_NUM_PARALLEL).")
    var slots = 4

    @Option(name: .long, help: "Requests that may wait for a load (OLLAMA_MAX_QUEUE).")
    var queue = 512

    @Option(name: .long, help: "Seconds to load a model.")
    var loadSeconds = 0.0

    @Option(name: .long, help: "The Ollama version it claims to be.")
    var ollamaVersion = "0.33.0"

    @Option(name: .long, help: "Its cloud: off, on.")
    var cloud = "off"

    @Option(name: .long, help: "Models it has, separated by commas, in place of the built-in ones.")
    var models: String?

    func run() throws {
        try leave(
            with: simulate(
                SimulationOptions(
                    listen: self.listen, faults: self.fault, tokensPerSecond: self.tokensPerSecond, slots: self.slots,
                    queue: self.queue, loadSeconds: self.loadSeconds, version: self.ollamaVersion, cloud: self.cloud,
                    models: self.models?.split(separator: ",").map { String($0) })))
    }
}
