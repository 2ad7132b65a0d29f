import ArgumentParser
import Gateway

/// Where the configuration is.
struct ConfigOption: ParsableArguments {
    @Option(name: .long, help: "The configuration file.", completion: .file(extensions: ["yaml"]))
    var config = Defaults.configurationPath
}

/// Which running node is meant.
struct NodeOptions: ParsableArguments {
    @Option(name: .long, help: "The admin socket of the node.", completion: .file())
    var socket: String?

    @Option(
        name: .long, help: "The configuration of the node; its state folder holds the socket.",
        completion: .file(extensions: ["yaml"]))
    var config: String?

    /// Runs one question to the node and leaves with its exit code.
    func ask(_ question: @escaping AdminQuestion) throws {
        try leave(with: askNode(socket: self.socket, configurationPath: self.config, question))
    }
}

/// Which running node is meant, and how its answer is printed.
struct AdminOptions: ParsableArguments {
    @OptionGroup var node: NodeOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    /// Runs one question to the node and leaves with its exit code.
    func ask(_ question: @escaping AdminQuestion) throws {
        try self.node.ask(question)
    }
}
