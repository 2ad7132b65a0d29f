import Vocabulary

extension Inventory {
    /// All risks that this inventory shows, the worst first, then in the order of models.
    public func risks(of backend: BackendID, expecting expectation: BackendExpectation = BackendExpectation()) -> [Risk]
    {
        var risks = self.cloudRisks(backend)
        risks += self.models.compactMap { Self.remoteRisk($0, backend) }
        if expectation.reachedFromOutside {
            risks.append(
                Risk(
                    .reachableDirectly, backend,
                    "it answers anyone who can reach it, without a key and past every rule; let only Gatehouse through"
                ))
        }
        for loaded in self.loaded {
            risks += self.loadedRisks(loaded, backend, manifest: expectation.contexts[loaded.name])
        }
        if expectation.slotsAssumed {
            risks.append(
                Risk(
                    .slotsAssumed, backend,
                    "one request at a time is assumed; set slots to its OLLAMA_NUM_PARALLEL, which it tells no one"))
        }
        if self.version != nil, self.models.isEmpty {
            risks.append(Risk(.noModels, backend, "it has no models; pull one there"))
        }
        let byRank = risks.enumerated().sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }
        return byRank.map(\.element)
    }

    /// Cloud on, not told, or no switch to turn off. A server from before remote models has nothing to say.
    private func cloudRisks(_ backend: BackendID) -> [Risk] {
        switch self.cloud {
        case .off, .absent:
            return []
        case .on:
            let message = "Ollama's cloud is on; any name ending in :cloud would leave the building"
            return [Risk(.cloudOn, backend, "\(message); set OLLAMA_NO_CLOUD=1 there")]
        case .unknown:
            guard let version else {
                return [Risk(.cloudUnknown, backend, "it does not say whether Ollama's cloud is on")]
            }
            if !version.hasRemoteModels { return [] }
            if version.hasCloudSwitch || version.isDevelopment {
                let message = "it does not say whether Ollama's cloud is on"
                return [Risk(.cloudUnknown, backend, "\(message); set OLLAMA_NO_CLOUD=1 there")]
            }
            let message = "Ollama \(version) knows remote models and has no switch to turn them off"
            return [Risk(.versionWithoutSwitch, backend, "\(message); update it to 0.16.2 or later")]
        }
    }

    private static func remoteRisk(_ model: InventoryModel, _ backend: BackendID) -> Risk? {
        guard model.isRemote else { return nil }
        let place = model.remoteHost ?? "another host"
        let name = model.remoteModel.map { " as \($0)" } ?? ""
        return Risk(
            .remoteModel, backend, model: model.name,
            "\(model.name) is answered by \(place)\(name), not by this server; Gatehouse does not serve it")
    }

    private func loadedRisks(_ loaded: LoadedModel, _ backend: BackendID, manifest: Tokens?) -> [Risk] {
        var risks: [Risk] = []
        if loaded.sizeVRAM < loaded.size {
            risks.append(Risk(.partlyOnCPU, backend, model: loaded.name, Self.cpuMessage(loaded)))
        }
        guard let context = loaded.context else { return risks }
        if let manifest, manifest != context {
            let message = "\(loaded.name) is loaded with a context of \(context.count) tokens"
            let setting = self.cloud == .absent ? "its length" : "OLLAMA_CONTEXT_LENGTH"
            risks.append(
                Risk(
                    .contextDiffers, backend, model: loaded.name,
                    "\(message), the manifest says \(manifest.count); set \(setting) there or the manifest"))
        } else if manifest == nil, let longest = self.model(loaded.name)?.contextMax, context < longest {
            let message = "\(loaded.name) is loaded with a context of \(context.count) tokens"
            risks.append(
                Risk(
                    .contextSmall, backend, model: loaded.name,
                    "\(message), it was made for \(longest.count); longer prompts lose their beginning silently"))
        }
        return risks
    }

    private static func cpuMessage(_ loaded: LoadedModel) -> String {
        if loaded.sizeVRAM.count <= 0 { return "\(loaded.name) runs on the CPU; expect it to be slow" }
        let share = (loaded.size.count - loaded.sizeVRAM.count) * 100 / max(1, loaded.size.count)
        return "\(loaded.name) runs to \(max(1, share)) % on the CPU; its memory does not fit the accelerator"
    }
}
