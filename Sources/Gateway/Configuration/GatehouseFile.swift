import Configuration
import Health
import Residency
import Routing
import Vocabulary

/// What `gatehouse.yaml` says, before the other files and the gate have been asked.
struct GatehouseFile: Sendable {
    var node: String
    var listeners: GatehouseConfiguration.Listeners
    var stateFolder: String
    var manifestPath: String
    var keysPath: String
    var pepperPath: String
    var zones: [Zone]
    var backends: [GatehouseConfiguration.BackendSettings]
    var requiresCloudOff: Bool
    var health: GatehouseConfiguration.HealthSettings
    var limits: GatehouseConfiguration.Limits
    var logging: GatehouseConfiguration.LoggingSettings
    var usageRetentionDays: Int
    var drain: GatehouseConfiguration.DrainSettings

    /// Where zones and backends stand, for what the gate says of them.
    var positions: [GateProblem.Subject: Position]

    /// The schema of this file.
    static let schema = 1

    /// Reads the file. Paths in it that are not absolute count from its own folder.
    static func read(path: String, nodeDefault: String) throws(Problems) -> GatehouseFile {
        let (file, problems) = try self.examine(path: path, nodeDefault: nodeDefault)
        guard problems.isEmpty else { throw Problems(problems) }
        return file
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
        var positions: [GateProblem.Subject: Position] = [:]
        self.node = root.text("node", default: nodeDefault)
        self.listeners = root.section("listeners", Self.listeners)
        self.stateFolder = Paths.absolute(root.text("state"), in: folder)
        self.manifestPath = Paths.absolute(root.text("manifest", default: "models.manifest"), in: folder)
        (self.keysPath, self.pepperPath) = root.section("keys") { keys in
            (
                Paths.absolute(keys.text("file", default: "keys.yaml"), in: folder),
                Paths.absolute(keys.text("pepper", default: "pepper"), in: folder)
            )
        }
        self.zones = root.entries("zones") { name, value in
            positions[.zone(ZoneName(name.text))] = name.position
            let networks = value.list { item in
                item.parsed("a network", message: { (refusal: Refusal) in refusal.message }) {
                    (text: String) throws(Refusal) in try CIDR(parsing: text)
                }
            }
            return Zone(name: ZoneName(name.text), networks: networks)
        }
        self.backends = root.entries("backends") { name, value in
            positions[.backend(BackendID(name.text))] = name.position
            Self.checkName(name)
            return value.section { Self.backend(&$0, name: name.text) }
        }
        self.requiresCloudOff = root.bool("require_cloud_off", default: false)
        self.health = root.section("health", Self.health)
        self.limits = root.section("limits", Self.limits)
        self.logging = root.section("logging", Self.logging)
        self.usageRetentionDays = root.section("usage") { usage in
            usage.int("retention_days", default: 180, in: 1...3660)
        }
        self.drain = root.section("drain", Self.drain)
        self.positions = positions
        if self.backends.isEmpty {
            root.problem(
                with: "backends", "no backend is configured, expected at least one; `gatehouse init` writes this file")
        }
    }

    /// `listeners`: `data` and `operations`, lists of addresses; `origins`, pages that may call from a browser.
    private static func listeners(_ section: inout Section) -> GatehouseConfiguration.Listeners {
        func addresses(_ key: String, _ standard: UInt16, _ section: inout Section) -> [SocketAddress] {
            let loopback = SocketAddress(IPAddress(octets: [127, 0, 0, 1]), port: standard)
            return section.list(key, default: [loopback]) { value in
                switch value.listenAddress() {
                case .tcp(let address): return address
                case .unix:
                    value.problem("a Unix socket is not served here, expected an address and a port")
                    return nil
                case nil: return nil
                }
            }
        }
        return GatehouseConfiguration.Listeners(
            data: addresses("data", Defaults.dataPort, &section),
            operations: addresses("operations", Defaults.operationsPort, &section),
            origins: section.list("origins", default: []) { value in
                value.parsed("an origin as a browser sends it, as in `https://app.example.org`") { text in
                    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
                    let isOrigin = parts.count == 3 && ["http:", "https:"].contains(parts[0]) && !parts[2].isEmpty
                    return isOrigin && text == text.lowercased() ? text : nil
                }
            })
    }

    /// One of `backends`: `kind` (`ollama`), `url`, `zone`, `slots` (its OLLAMA_NUM_PARALLEL).
    private static func backend(
        _ section: inout Section, name: String
    ) -> GatehouseConfiguration.BackendSettings? {
        _ = section.choice("kind", of: BackendKind.self, default: .ollama)
        let address = section.read("url") { value in
            value.parsed("where the server is", message: { (refusal: Refusal) in refusal.message }) {
                (text: String) throws(Refusal) in try BackendAddress(parsing: text)
            }
        }
        let zone = ZoneName(section.text("zone"))
        let slots = section.readIfPresent("slots") { $0.int(in: 1...4096) }
        guard let address else { return nil }
        return GatehouseConfiguration.BackendSettings(
            site: BackendSite(id: BackendID(name), endpoint: address.endpoint, tls: address.tls, zone: zone),
            slots: slots)
    }

    private static func checkName(_ name: Name) {
        let isPlain = name.text.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "-_.".utf8.contains(byte)
        }
        if !isPlain || !(1...64).contains(name.text.utf8.count) {
            name.problem(
                "a backend's name has 1 to 64 letters, digits, `-`, `_` and `.`: it stands in headers and metrics")
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
        return GatehouseConfiguration.Limits(
            queuePerModel: section.int("queue_per_model", default: standard.queuePerModel, in: 0...100_000),
            firstByte: section.duration(
                "first_byte", default: standard.firstByte, in: .milliseconds(100) ... .seconds(3_600)),
            betweenBytes: section.duration(
                "between_bytes", default: standard.betweenBytes, in: .milliseconds(100) ... .seconds(3_600)),
            wholeAttempt: section.duration(
                "whole_attempt", default: standard.wholeAttempt, in: .seconds(1) ... .seconds(86_400)),
            clientReadIdle: section.duration(
                "client_read_idle", default: standard.clientReadIdle, in: .milliseconds(100) ... .seconds(600)))
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

/// What a backend speaks. Others come with the policy that lets a request go there.
private enum BackendKind: String, CaseIterable {
    case ollama
}

private enum LogLevel: String, CaseIterable {
    case debug, info, warning, error
}
