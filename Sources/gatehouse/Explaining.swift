import ArgumentParser
import Gateway

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what would become of a request, and why; reads the files alone, asks and sends nothing.",
        discussion: """
            Exit codes: 0 it would be answered, 1 it would be refused, 2 a file or the key has a mistake.
            """)

    @OptionGroup var file: ConfigOption

    @Option(name: .long, help: "The body, as JSON in a file; `-` is standard input.", completion: .file())
    var request: String

    @Option(name: .long, help: "The path it is sent to.")
    var path = "/v1/chat/completions"

    @Option(name: .long, help: "The id or the name of the key that is shown.")
    var key: String?

    @Option(name: .long, help: "x-gatehouse-project: who pays.")
    var project: String?

    @Option(name: .long, help: "x-gatehouse-feature: which function it is for.")
    var feature: String?

    @Option(name: .long, help: "x-gatehouse-sensitivity: public, internal, confidential, restricted.")
    var sensitivity: String?

    @Flag(name: .long, help: "x-gatehouse-external: never.")
    var neverExternal = false

    @Option(name: .long, help: "When it comes, as in 2026-11-24T12:00:00Z; now if nothing is said.")
    var time: String?

    @Option(
        name: .long,
        help: "What is so of the backends inside: local_down, local_saturated, local_timeout; else each is told.")
    var assume: String?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    private var options: ExplainOptions {
        get throws(ExplainOptionFault) {
            try ExplainOptions(
                request: self.request, path: self.path, key: self.key, project: self.project, feature: self.feature,
                sensitivity: self.sensitivity, neverExternal: self.neverExternal, time: self.time, assume: self.assume)
        }
    }

    func validate() throws {
        do throws(ExplainOptionFault) { _ = try self.options } catch { throw ValidationError(error.message) }
    }

    func run() throws {
        try leave(with: explain(try self.options, configurationPath: self.file.config, asJSON: self.json))
    }
}
