import Configuration
import Residency
import Vocabulary

/// `zones` and `backends` of `gatehouse.yaml`, with what is needed to tell what the gate says of them.
struct Sites: Sendable {
    private(set) var zones: [Zone] = []
    private(set) var backends: [GatehouseConfiguration.BackendSettings] = []
    /// Where the keys of backends are kept.
    private(set) var keys: [BackendID: CredentialPlace] = [:]
    /// The names of all backends, the faulty ones too: what other files may refer to.
    private(set) var backendNames: [BackendID] = []
    /// Where zones and backends stand.
    private(set) var positions: [GateProblem.Subject: Position] = [:]
    /// Those that have mistakes already: what the gate says of half a zone or backend would be noise.
    private(set) var faulty: Set<GateProblem.Subject> = []

    /// The backends outside, as the policy must know them.
    var external: [PolicyFile.Backend] {
        self.backends.compactMap { settings in
            settings.site.external.map { (id: settings.site.id, jurisdiction: $0.jurisdiction) }
        }
    }

    /// As a manifest may name them: a faulty one whose kind is not known may be either.
    var manifestBackends: ManifestFile.Backends {
        let outside = Set(self.external.map(\.id))
        let read = Set(self.backends.map(\.site.id))
        return ManifestFile.Backends(
            local: self.backendNames.filter { !outside.contains($0) },
            outside: self.backendNames.filter { outside.contains($0) || !read.contains($0) })
    }

    /// Reads both. Relative paths count from `folder`.
    init(reading root: inout Section, in folder: String) {
        let atStart = root.problemCount
        self.zones = root.entries("zones") { self.zone($0, $1) }
        let hasNoZones = self.zones.isEmpty && root.problemCount > atStart
        let afterZones = root.problemCount
        let breaker = root.section("breaker") { BreakerKeys(reading: &$0) }
        self.backends = root.entries("backends") {
            self.backend($0, $1, breaker, in: folder, zonesAreUnknown: hasNoZones)
        }
        if self.backendNames.isEmpty, root.problemCount == afterZones {
            root.problem(
                with: "backends", "no backend is configured, expected at least one; `gatehouse init` writes this file")
        }
    }

    private mutating func zone(_ name: Name, _ value: Value) -> Zone {
        let before = value.problemCount
        let networks = value.list { $0.network() }
        let zone = Zone(name: ZoneName(name.text), networks: networks)
        self.positions[.zone(zone.name)] = name.position
        if value.problemCount > before { self.faulty.insert(.zone(zone.name)) }
        return zone
    }

    private mutating func backend(
        _ name: Name, _ value: Value, _ breaker: BreakerKeys, in folder: String, zonesAreUnknown: Bool
    ) -> GatehouseConfiguration.BackendSettings? {
        let id = BackendID(name.text)
        self.backendNames.append(id)
        self.positions[.backend(id)] = name.position
        Self.check(name)
        let settings = value.section { (section) -> GatehouseConfiguration.BackendSettings? in
            let api = section.choice("kind", of: ProviderAPI.self, default: .ollama)
            let zone = ZoneName(section.text("zone"))
            let found: (settings: GatehouseConfiguration.BackendSettings, key: CredentialPlace?)?
            switch api {
            case .ollama:
                found = Self.settings(&section, id, zone, breaker).map { ($0, nil) }
            case .openAI where zone != .external && !zone.rawValue.isEmpty:
                found = Self.compatibleSettings(&section, id, zone, breaker, in: folder)
            case .openAI, .anthropic, .gemini:
                found = Self.externalSettings(&section, id, api, zone, breaker, in: folder)
            }
            self.keys[id] = found?.key
            return found?.settings
        }
        // Nothing true can be said of a backend whose place or zone is only half known. Other mistakes are not the
        // gate's concern, and do not keep its words from being told.
        let zone = settings?.site.zone
        let zoneIsFaulty = zone.map { $0.rawValue.isEmpty || self.faulty.contains(.zone($0)) } ?? true
        if zoneIsFaulty || zonesAreUnknown { self.faulty.insert(.backend(id)) }
        return settings
    }

    private static func check(_ name: Name) {
        let isPlain = name.text.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "-_.".utf8.contains(byte)
        }
        if !isPlain || !(1...64).contains(name.text.utf8.count) {
            name.problem(
                "a backend's name has 1 to 64 letters, digits, `-`, `_` and `.`: it stands in headers and metrics")
        }
    }

    /// `url` of a backend inside.
    static func address(_ section: inout Section, of api: ProviderAPI) -> BackendAddress? {
        section.read("url") { value in
            value.parsed("where the server is", message: { (refusal: Refusal) in refusal.message }) {
                (text: String) throws(Refusal) in try BackendAddress(parsing: text, of: api)
            }
        }
    }

    /// A backend of kind `ollama`: `url`, `zone`, `slots` (its OLLAMA_NUM_PARALLEL), `breaker`,
    /// `heal_lost_slots`.
    private static func settings(
        _ section: inout Section, _ id: BackendID, _ zone: ZoneName, _ breaker: BreakerKeys
    ) -> GatehouseConfiguration.BackendSettings? {
        let address = Self.address(&section, of: .ollama)
        let slots = section.readIfPresent("slots") { $0.int(in: 1...4096) }
        let own = section.section("breaker") { BreakerKeys(reading: &$0, within: breaker) }
        let healsLostSlots = section.bool("heal_lost_slots", default: false)
        Self.refuseExternalKeys(&section)
        guard let address else { return nil }
        return GatehouseConfiguration.BackendSettings(
            site: BackendSite(id: id, endpoint: address.endpoint, tls: address.tls, zone: zone), slots: slots,
            breaker: own.options(in: zone), healsLostSlots: healsLostSlots)
    }
}
