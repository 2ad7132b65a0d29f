import ArgumentParser
import Gateway

struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The audit chain. Reads the file itself, whether or not a node runs, and changes nothing.",
        subcommands: [Verify.self, Show.self, Export.self])

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every record, and the usage rows they count; exits 1 if one does not hold.")

        @OptionGroup var source: AuditOptions

        @Option(
            name: .long, help: "The usage file; usage.sqlite beside the audit file if there is one.",
            completion: .file())
        var usage: String?

        @Option(name: .long, help: "A record that the chain must contain, SEQ:HASH. May be repeated.")
        var checkpoint: [String] = []

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func validate() throws {
            do { _ = try auditCheckpoints(self.checkpoint) } catch { throw ValidationError(error.message) }
        }

        func run() throws {
            try leave(
                with: verifyAudit(
                    self.source.source, usage: self.usage, checkpoints: try auditCheckpoints(self.checkpoint),
                    asJSON: self.json))
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the last records.")

        @OptionGroup var source: AuditOptions

        @Option(name: .long, help: "Not before this time, as in 2026-11-24T12:00:00Z or 2026-11-24.")
        var since: String?

        @Option(name: .long, help: "Before this time.")
        var until: String?

        @Option(name: .long, help: "Records of this kind.")
        var kind: String?

        @Option(name: .long, help: "Records about the request with this id (x-gatehouse-request-id).")
        var request: String?

        @Option(name: .long, help: "How many at most.")
        var last = 30

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        private var selection: AuditSelection {
            get throws(AuditOptionFault) {
                try AuditSelection(
                    since: self.since, until: self.until, kind: self.kind, request: self.request, last: self.last)
            }
        }

        func validate() throws {
            guard self.last > 0 else { throw ValidationError("--last is not a number above 0") }
            do throws(AuditOptionFault) { _ = try self.selection } catch { throw ValidationError(error.message) }
        }

        func run() throws {
            try leave(with: showAudit(self.source.source, try self.selection, asJSON: self.json))
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every record as a line of JSON, for keeping or verifying elsewhere.")

        @OptionGroup var source: AuditOptions

        func run() throws {
            try leave(with: exportAudit(self.source.source))
        }
    }
}

/// Which audit file is meant.
struct AuditOptions: ParsableArguments {
    @Option(name: .long, help: "The audit file.", completion: .file())
    var file: String?

    @Option(
        name: .long, help: "The configuration of the node; its state folder holds the file.",
        completion: .file(extensions: ["yaml"]))
    var config: String?

    /// The file, or how it is found.
    var source: AuditSource { AuditSource(file: self.file, configurationPath: self.config) }
}
