import Configuration
import Dialects
import Health
import Routing
import Vocabulary

/// What `gatehouse.yaml` says, before the other files and the gate have been asked.
struct GatehouseFile: Sendable {
    var node: String
    var listeners: GatehouseConfiguration.Listeners
    var tls: TLSPlace?
    var stateFolder: String
    var manifestPath: String
    var keysPath: String
    var pepperPath: String
    var policyPath: String
    /// Whether the file names its policy: then it must be there.
    var namesPolicy: Bool
    var sites: Sites
    var requiresCloudOff: Bool
    var requiresKernelLayer: Bool
    var health: GatehouseConfiguration.HealthSettings
    var limits: GatehouseConfiguration.Limits
    var logging: GatehouseConfiguration.LoggingSettings
    var usageRetentionDays: Int
    var losses: LossRule
    var drain: GatehouseConfiguration.DrainSettings

    /// The schema of this file.
    static let schema = 1

    /// Reads the file. Paths in it that are not absolute count from its own folder.
    static func read(path: String, nodeDefault: String) throws(Problems) -> GatehouseFile {
        let (file, problems) = try self.examine(path: path, nodeDefault: nodeDefault)
        guard problems.isEmpty else { throw Problems(problems) }
        return file
    }

    private var hasPolicy: Bool { self.namesPolicy || ConfigurationFile.exists(self.policyPath) }

    /// The policy that this file means; `nil` if there is none.
    func policyFile() throws(Problems) -> PolicyFile? {
        guard self.hasPolicy else { return nil }
        return try PolicyFile.read(path: self.policyPath, backends: self.sites.external)
    }

    /// What could be read, and the mistakes: the other files are looked at too before anything is told.
    static func examine(
        path: String, nodeDefault: String
    ) throws(Problems) -> (value: GatehouseFile, problems: [Problem]) {
        let tree = try ConfigurationTree.read(path: path)
        let folder = Paths.folder(of: path)
        return try tree.examine(schema: Self.schema) { root in
            Self(reading: &root, folder: folder, nodeDefault: nodeDefault)
        }
    }

    private init(reading root: inout Section, folder: String, nodeDefault: String) {
        self.node = root.text("node", default: nodeDefault)
        self.listeners = root.section("listeners", GatehouseConfiguration.Listeners.init(reading:))
        self.tls = root.section("tls", default: nil) { TLSPlace(reading: &$0, in: folder) }
        TLSPlace.check(self.listeners, has: self.tls != nil, &root)
        self.stateFolder = Paths.fromRoot(Paths.absolute(root.text("state"), in: folder))
        Self.checkSocket(in: self.stateFolder, &root)
        self.manifestPath = Paths.absolute(root.text("manifest", default: "models.manifest"), in: folder)
        (self.keysPath, self.pepperPath) = root.section("keys") { keys in
            (
                Paths.absolute(keys.text("file", default: "keys.yaml"), in: folder),
                Paths.absolute(keys.text("pepper", default: "pepper"), in: folder)
            )
        }
        self.namesPolicy = root.has("policy")
        self.policyPath = Paths.absolute(root.text("policy", default: "policy.yaml"), in: folder)
        self.sites = Sites(reading: &root, in: folder)
        self.requiresCloudOff = root.bool("require_cloud_off", default: false)
        self.requiresKernelLayer = root.bool("require_kernel_layer", default: false)
        self.health = root.section("health", Self.health)
        self.limits = root.section("limits", Self.limits)
        self.logging = root.section("logging", Self.logging)
        self.usageRetentionDays = root.section("usage") { usage in
            usage.int("retention_days", default: 180, in: 1...3660)
        }
        self.losses = root.section("translation") { translation in
            translation.choice("unsupported", of: LossRule.self, default: .dropHints)
        }
        self.drain = root.section("drain", Self.drain)
    }

    /// The longest path that `sockaddr_un` holds on Linux, its NUL not counted.
    private static let socketPathMax = 107

    private static func checkSocket(in folder: String, _ root: inout Section) {
        let length = folder.utf8.count + 1 + Defaults.adminSocket.utf8.count
        if length > Self.socketPathMax {
            root.problem(
                with: "state",
                "the admin socket in this folder would have a path of \(length) bytes, the system takes \(Self.socketPathMax)"
            )
        }
    }

    /// `health`: `rise`, `fall`, `interval` of probes; `independent_backends`.
    private static func health(_ section: inout Section) -> GatehouseConfiguration.HealthSettings {
        let interval = section.duration("interval", default: .seconds(5), in: .milliseconds(100) ... .seconds(300))
        let standard = BackendHealth.Options()
        let probing = BackendHealth.Options(
            interval: interval, intervalChanging: min(standard.intervalChanging, interval),
            intervalDown: min(standard.intervalDown, interval * 2),
            riseMax: section.int("rise", default: standard.riseMax, in: 1...20),
            fallMax: section.int("fall", default: standard.fallMax, in: 1...20))
        return GatehouseConfiguration.HealthSettings(
            probing: probing, backendsAreIndependent: section.bool("independent_backends", default: true))
    }

    /// `limits`: bounds that an operator may set; the defaults stand in `Bounds`.
    private static func limits(_ section: inout Section) -> GatehouseConfiguration.Limits {
        let standard = GatehouseConfiguration.Limits()
        let machine = Self.machine(&section)
        return GatehouseConfiguration.Limits(
            queuePerModel: section.int("queue_per_model", default: standard.queuePerModel, in: 0...100_000),
            firstByte: section.duration(
                "first_byte", default: standard.firstByte, in: .milliseconds(100) ... .seconds(3_600)),
            betweenBytes: section.duration(
                "between_bytes", default: standard.betweenBytes, in: .milliseconds(100) ... .seconds(3_600)),
            wholeAttempt: section.duration(
                "whole_attempt", default: standard.wholeAttempt, in: .seconds(1) ... .seconds(86_400)),
            clientReadIdle: section.duration(
                "client_read_idle", default: standard.clientReadIdle, in: .milliseconds(100) ... .seconds(600)),
            machine: machine)
    }

    /// `queue_target`, and `first_token`: `warm`, `per_thousand_tokens`, `cold`, `external`.
    private static func machine(_ section: inout Section) -> RequestMachine.Limits {
        var limits = RequestMachine.Limits()
        let range = Duration.milliseconds(100) ... .seconds(3_600)
        limits.queueTarget = section.duration("queue_target", default: limits.queueTarget, in: range)
        limits.firstToken = section.section("first_token") { first in
            var limits = FirstTokenLimits()
            limits.warm = first.duration("warm", default: limits.warm, in: range)
            limits.perThousandTokens = first.duration(
                "per_thousand_tokens", default: limits.perThousandTokens, in: .zero ... .seconds(600))
            limits.cold = first.duration("cold", default: limits.cold, in: range)
            limits.coldMax = max(limits.coldMax, limits.cold)
            limits.external = first.duration("external", default: limits.external, in: range)
            return limits
        }
        return limits
    }

    /// `logging`: `requests` (a line each), `level` of the daemon's own lines.
    private static func logging(_ section: inout Section) -> GatehouseConfiguration.LoggingSettings {
        GatehouseConfiguration.LoggingSettings(
            requests: section.bool("requests", default: true),
            level: section.choice("level", of: LogLevel.self, default: .info).rawValue)
    }

    /// `drain`: `delay` until nothing new is accepted, `timeout` until streams are cut.
    private static func drain(_ section: inout Section) -> GatehouseConfiguration.DrainSettings {
        let standard = GatehouseConfiguration.DrainSettings()
        return GatehouseConfiguration.DrainSettings(
            delay: section.duration("delay", default: standard.delay, in: .zero ... .seconds(600)),
            timeout: section.duration("timeout", default: standard.timeout, in: .zero ... .seconds(600)))
    }
}

private enum LogLevel: String, CaseIterable {
    case debug, info, warning, error
}
