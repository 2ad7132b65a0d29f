import Dialects
import Residency
import Routing
import Vocabulary

/// The backends as a node would know them, were every model where it may be: nobody has been asked.
struct AssumedFleet {
    let manifest: Manifest
    /// Those of the intranet, in the order configured.
    let local: [GatehouseConfiguration.BackendSettings]
    let external: [GatehouseConfiguration.BackendSettings]
    private let losses: LossRule
    /// A model that the manifest does not name and that is taken to be installed everywhere inside.
    var discovered: ModelName?

    init(_ configuration: GatehouseConfiguration) {
        self.manifest = configuration.manifest
        self.local = configuration.backends.filter { !$0.isExternal }
        self.external = configuration.backends.filter(\.isExternal)
        self.losses = configuration.losses
    }

    /// What routing would know of the backends inside.
    func localViews(_ availability: BackendView.Availability = .usable) -> [BackendView] {
        let installed = self.manifest.order.map { name in
            InstalledModel(
                name: name, digest: self.manifest.models[name]?.digest,
                capabilities: self.manifest.models[name]?.capabilities, context: self.manifest.models[name]?.context)
        }
        let models = installed + (self.discovered.map { [InstalledModel(name: $0)] } ?? [])
        let slots = self.manifest.models.compactMapValues(\.slots)
        return self.local.map { backend in
            BackendView(
                id: backend.site.id, availability: availability,
                models: self.manifest.offer(models, of: backend.site.id),
                slots: backend.slots.map { SlotPolicy(perModel: $0, byModel: slots) } ?? .assumed(except: slots),
                breaker: backend.breaker)
        }
    }

    /// What routing would know of those outside.
    var externalViews: [BackendView] { self.external.map { $0.viewOutside(self.manifest, .usable) } }

    /// How one of those is spoken to.
    func manner(of backend: BackendID) -> OutsideManner {
        OutsideManner(self.external.first { $0.site.id == backend }, losses: self.losses)
    }

    /// What names are resolved against, as the dispatcher has it.
    var catalogue: Catalogue { Catalogue(self.localViews()) }
}
