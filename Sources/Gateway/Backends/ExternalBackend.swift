import EventLoop
import Residency
import Routing
import Vocabulary

/// What the shell keeps of one backend outside: its settings and where it is. There is no health machine, since nothing
/// is sent there that nobody asked for: its breakers learn from requests alone.
@LoopActor
final class ExternalBackend: Addressed {
    let id: BackendID
    let settings: GatehouseConfiguration.BackendSettings
    let external: ExternalSite
    var addresses: Result<CheckedAddresses, Refusal>
    var resolution: TimerToken?

    var site: BackendSite { self.settings.site }

    /// `nil` for a backend of the intranet.
    init?(_ settings: GatehouseConfiguration.BackendSettings) {
        guard let external = settings.site.external else { return nil }
        self.id = settings.site.id
        self.settings = settings
        self.external = external
        self.addresses = .failure(Refusal(.dnsNoAnswer, "the name has not been resolved yet"))
    }

    /// Why nothing can be sent there now, or `nil`.
    var obstacle: Refusal? {
        if case .failure(let refusal) = self.addresses { refusal } else { nil }
    }

    /// What routing needs to know of it now.
    func view(manifest: Manifest) -> BackendView {
        self.settings.viewOutside(manifest, self.obstacle.map { .unusable($0.description) } ?? .usable)
    }
}

extension GatehouseConfiguration.BackendSettings {
    /// Requests outside at once for each model, unless the operator says otherwise.
    static let slotsOutsideDefault = 16

    /// What routing needs to know of a backend outside: it has the models that the manifest says.
    func viewOutside(_ manifest: Manifest, _ availability: BackendView.Availability) -> BackendView {
        let names = Set(manifest.external.values.filter { $0.backend == self.site.id }.map(\.model))
        return BackendView(
            id: self.site.id, availability: availability, models: names.sorted().map { InstalledModel(name: $0) },
            slots: SlotPolicy(perModel: self.slots ?? Self.slotsOutsideDefault), breaker: self.breaker,
            isExternal: true)
    }
}
