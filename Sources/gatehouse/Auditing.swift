import ArgumentParser
import Gateway

struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The audit chain. Reads the file itself, whether or not a node runs, and changes nothing.",
        subcommands: [Verify.self, Show.self, Export.self])

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every record, its intent or outcome, and the usage rows; exits 1 if one does not hold.")

        @OptionGroup var source: AuditOptions
        @OptionGroup var part: AuditPartOptions

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
                    self.source.source, try self.part.part, usage: self.usage,
                    checkpoints: try auditCheckpoints(self.checkpoint),
                    asJSON: self.json))
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the last records.")

        @OptionGroup var source: AuditOptions

        @Argument(
            help: "The id of a request (x-gatehouse-request-id): what was decided of it, what left, what came of it.")
        var id: String?

        @Option(name: .long, help: "Not before this time, as in 2026-11-24T12:00:00Z or 2026-11-24.")
        var since: String?

        @Option(name: .long, help: "Before this time.")
        var until: String?

        @Option(name: .long, help: "Records of this kind.")
        var kind: String?

        @Option(name: .long, help: "The same as ID.")
        var request: String?

        @Option(name: .long, help: "How many at most.")
        var last = 30

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        private var selection: AuditSelection {
            get throws(AuditOptionFault) {
                try AuditSelection(
                    since: self.since, until: self.until, kind: self.kind, request: self.id ?? self.request,
                    last: self.last)
            }
        }

        func validate() throws {
            guard self.id == nil || self.request == nil else {
                throw ValidationError("a request is named twice, as ID and by --request")
            }
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
        @OptionGroup var part: AuditPartOptions

        func run() throws {
            try leave(with: exportAudit(self.source.source, try self.part.part))
        }
    }
}

/// Which part of it is meant.
struct AuditPartOptions: ParsableArguments {
    @Option(name: .long, help: "The first record: its number, or a time that it is not before.")
    var from: String?

    @Option(name: .long, help: "The last record: its number, or a time that it is before.")
    var to: String?

    var part: AuditPart {
        get throws(AuditOptionFault) { try AuditPart(from: self.from, to: self.to) }
    }

    func validate() throws {
        do throws(AuditOptionFault) { _ = try self.part } catch { throw ValidationError(error.message) }
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
