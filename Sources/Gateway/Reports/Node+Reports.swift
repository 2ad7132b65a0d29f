import EventLoop
import Health
import Residency
import Routing
import Storage
import Vocabulary

extension Node {
    /// The picture for `gatehouse status`.
    var statusReport: StatusReport {
        let figures = self.fleet.dispatcher.figures
        return StatusReport(
            node: self.configuration.node, version: Version.text, startedAt: self.startedAt.rfc3339,
            uptimeSeconds: self.uptime.inSeconds, state: self.readiness.answer.rawValue, reloads: self.reloads,
            requestsInFlight: self.ledger.openCount, requestsTotal: self.ledger.total,
            connections: self.connectionCount, keysRequired: !self.configuration.keys.isEmpty,
            auditHead: self.auditor.head.map { "\($0.checkpoint)" },
            auditIntents: self.auditor.departures.intents,
            auditOutcomes: self.auditor.departures.outcomes.values.reduce(0, +),
            backends: self.fleet.backends.map { self.report($0, figures) }, policy: self.policyReport,
            external: self.fleet.external.map { self.report($0, figures) },
            queues: figures.queues.filter { $0.interactive + $0.batch > 0 }.map {
                .init(model: $0.model.rawValue, length: $0.interactive + $0.batch)
            },
            warnings: self.warnings)
    }

    private func report(_ backend: Backend, _ figures: DispatchFigures) -> StatusReport.Backend {
        let inventory = backend.health.inventory
        let places = figures.places.filter { $0.backend == backend.id }
        let addresses = (try? backend.addresses.get()).map { checked in
            checked.unixPath.map { ["unix:\($0)"] } ?? checked.addresses.map(\.description)
        }
        return StatusReport.Backend(
            name: backend.id.rawValue, url: backend.settings.site.endpoint.description,
            zone: backend.settings.site.zone.rawValue,
            state: backend.isDrained ? "drained" : backend.health.usability.label,
            detail: Self.detail(of: backend), version: inventory.version?.text, cloud: inventory.cloud.rawValue,
            addresses: addresses ?? [], slots: backend.settings.slots ?? 1,
            slotsAssumed: backend.settings.slots == nil, inFlight: places.reduce(0) { $0 + $1.inFlight },
            breakers: self.breakers(of: backend.id, figures), models: inventory.models.map(\.name.rawValue),
            loaded: inventory.loaded.map { model in
                StatusReport.Loaded(
                    name: model.name.rawValue, size: model.size.count, sizeVRAM: model.sizeVRAM.count,
                    context: model.context?.count, expires: model.expiresAt.isEmpty ? nil : model.expiresAt,
                    inFlight: places.first { $0.model == model.name }?.inFlight ?? 0)
            })
    }

    private var policyReport: StatusReport.PolicySource? {
        let policy = self.departures.policy
        return policy.source.map {
            .init(
                revision: $0.revision, sha256: "\($0.hash)", rules: policy.rules.count, shadow: policy.shadow.count)
        }
    }

    private func report(_ backend: ExternalBackend, _ figures: DispatchFigures) -> StatusReport.External {
        let places = figures.places.filter { $0.backend == backend.id }
        return StatusReport.External(
            name: backend.id.rawValue, url: backend.site.endpoint.description,
            jurisdiction: backend.external.jurisdiction, state: backend.obstacle == nil ? "usable" : "closed",
            detail: backend.obstacle?.description,
            addresses: (try? backend.addresses.get())?.addresses.map(\.description) ?? [],
            models: places.map(\.model.rawValue), inFlight: places.reduce(0) { $0 + $1.inFlight },
            breakers: self.breakers(of: backend.id, figures))
    }

    private func breakers(of backend: BackendID, _ figures: DispatchFigures) -> [StatusReport.Breaker] {
        figures.breakers.filter { $0.backend == backend && $0.state != .closed }.map { breaker in
            StatusReport.Breaker(
                model: breaker.model?.rawValue, state: breaker.state.rawValue, why: breaker.why ?? "",
                seconds: breaker.until.map { max(0, ($0 - self.now).wholeSecondsUp) })
        }
    }

    private static func detail(of backend: Backend) -> String? {
        if case .failure(let refusal) = backend.addresses { return refusal.description }
        switch backend.health.usability {
        case .unknown, .usable: return nil
        case .unusable(let reason, let detail): return "\(reason.rawValue): \(detail)"
        case .quarantined(let detail): return detail
        }
    }

    /// The names that callers may use, for `gatehouse models list`.
    var modelReports: [ModelReport] {
        let manifest = self.fleet.manifest
        let catalogue = self.fleet.dispatcher.catalogue
        let discovered = catalogue.served.map(\.name).filter { manifest.models[$0] == nil }
        func report(_ name: String, _ kind: String) -> ModelReport {
            let models = (try? manifest.resolve(name, in: catalogue).get())?.models ?? []
            let backends = models.first.flatMap { catalogue[$0]?.backends } ?? []
            return ModelReport(
                name: name, kind: kind, models: models.map(\.rawValue), backends: backends.map(\.rawValue))
        }
        return manifest.order.map { report($0.rawValue, "model") }
            + discovered.map { report($0.rawValue, "discovered") }
            + (manifest.auto == nil ? [] : [report(AutoRules.name, "auto")])
            + manifest.tiers.map { report($0.name, "tier") }
            + manifest.aliases.map { alias in
                alias.pattern.contains("*")
                    ? ModelReport(name: alias.pattern, kind: "alias", models: [alias.target], backends: [])
                    : report(alias.pattern, "alias")
            }
    }

    /// What the health document says beside backends: whether usage and the audit chain can be written.
    var ownChecks: [HealthDocument.Check] {
        [
            Self.check("usage", self.usage?.condition ?? .writing), Self.check("audit", self.auditor.condition),
            self.layerCheck,
        ]
    }

    /// Only where it is demanded is a layer that is not there something to see to.
    private var layerCheck: HealthDocument.Check {
        let layer = self.kernelLayer
        let isMissed = self.configuration.requiresKernelLayer && !layer.isHolding
        return HealthDocument.Check(
            key: "layer:kernel", componentID: "kernel",
            observedValue: "IPv4 \(layer.v4.rawValue), IPv6 \(layer.v6.rawValue)", status: isMissed ? .warn : .pass,
            output: isMissed ? "require_kernel_layer is true, and the filter that held at the start is gone" : "")
    }

    private static func check(_ name: String, _ condition: StoreCondition) -> HealthDocument.Check {
        switch condition {
        case .writing, .closed:
            HealthDocument.Check(key: "storage:\(name)", componentID: name, observedValue: "writing", status: .pass)
        case .failing(let problem):
            HealthDocument.Check(
                key: "storage:\(name)", componentID: name, observedValue: "failing", status: .warn,
                output: problem.message)
        }
    }
}
