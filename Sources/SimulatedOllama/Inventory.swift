import Vocabulary

/// Answers that tell which models there are.
struct Inventory {
    let options: SimulatedOllama.Options
    /// Models were put on disk before this, a minute apart, the first one last.
    let startedAt: WallTime
    /// Set by the fault `remote-host`: every model then looks like an alias.
    var remote: SimulatedModel.Remote?

    /// The model on disk that `key` names (`ModelReference.key`).
    func model(_ key: String) -> SimulatedModel? {
        self.options.models.first { $0.name.lowercased() == key }
    }

    private func modifiedAt(_ index: Int) -> WallTime {
        self.startedAt + .seconds(-60 * (index + 1))
    }

    private func remote(of model: SimulatedModel) -> SimulatedModel.Remote? {
        self.options.version.knowsAliases ? self.remote ?? model.remote : nil
    }

    // MARK: /api/tags

    /// Newest first.
    func tags() -> [UInt8] {
        var out: [UInt8] = []
        out.put("{\"models\":[")
        for (index, model) in self.options.models.enumerated() {
            if index > 0 { out.put(",") }
            self.writeEntry(model, modifiedAt: self.modifiedAt(index), into: &out)
        }
        out.put("]}")
        return out
    }

    private func writeEntry(_ model: SimulatedModel, modifiedAt: WallTime, into out: inout [UInt8]) {
        self.writeNames(model, into: &out)
        self.writeRemote(of: model, into: &out)
        out.put(",\"modified_at\":\"")
        Timestamp(modifiedAt).write(into: &out)
        out.put("\",\"size\":")
        out.put(model.remote == nil ? model.size.count : 272)
        out.put(",\"digest\":")
        out.put(quotedText: model.digest)
        out.put(",")
        self.writeDetails(model, withLengths: true, into: &out)
        let shown = self.tagCapabilities(of: model)
        if !shown.isEmpty { Self.writeCapabilities(shown, into: &out) }
        out.put("}")
    }

    /// For chat-template models the list lacks what only the template tells; `/api/show` has it (`ollama.md` 3).
    private func tagCapabilities(of model: SimulatedModel) -> [SimulatedModel.Capability] {
        guard model.template == .chat, model.remote == nil else { return model.capabilities }
        return model.capabilities.filter { $0 != .tools && $0 != .thinking }
    }

    private func writeNames(_ model: SimulatedModel, into out: inout [UInt8]) {
        out.put("{\"name\":")
        out.put(quotedText: model.name)
        out.put(",\"model\":")
        out.put(quotedText: model.name)
    }

    private func writeRemote(of model: SimulatedModel, into out: inout [UInt8]) {
        guard let remote = self.remote(of: model) else { return }
        out.put(",\"remote_model\":")
        out.put(quotedText: remote.model)
        out.put(",\"remote_host\":")
        out.put(quotedText: remote.host)
    }

    private func writeDetails(_ model: SimulatedModel, withLengths: Bool, into out: inout [UInt8]) {
        let isAlias = model.remote != nil
        out.put("\"details\":{\"parent_model\":\"\",\"format\":")
        out.put(isAlias ? "\"\"" : "\"gguf\"")
        out.put(",\"family\":")
        out.put(quotedText: model.family)
        out.put(",\"families\":[")
        out.put(quotedText: model.family)
        out.put("],\"parameter_size\":")
        out.put(quotedText: isAlias ? "" : model.parameterSize)
        out.put(",\"quantization_level\":")
        out.put(quotedText: isAlias ? "" : model.quantization)
        if withLengths {
            out.put(",\"context_length\":")
            out.put(model.contextMax.count)
            if !isAlias {
                out.put(",\"embedding_length\":")
                out.put(model.embeddingLength)
            }
        }
        out.put("}")
    }

    private static func writeCapabilities(_ capabilities: [SimulatedModel.Capability], into out: inout [UInt8]) {
        out.put(",\"capabilities\":[")
        for (index, capability) in capabilities.enumerated() {
            if index > 0 { out.put(",") }
            out.put(quotedText: capability.rawValue)
        }
        out.put("]")
    }

    // MARK: /api/ps

    /// The longest to live first.
    func ps(_ runners: [Scheduler.Runner], now: Instant, wallNow: WallTime) -> [UInt8] {
        let order = runners.enumerated().sorted { left, right in
            let leftExpiry = left.element.expiresAt?.nanoseconds ?? .max
            let rightExpiry = right.element.expiresAt?.nanoseconds ?? .max
            return leftExpiry == rightExpiry ? left.offset < right.offset : leftExpiry > rightExpiry
        }
        var out: [UInt8] = []
        out.put("{\"models\":[")
        var isFirst = true
        for (_, runner) in order {
            guard let model = self.model(runner.file) else { continue }
            if !isFirst { out.put(",") }
            isFirst = false
            self.writeRunner(runner, model, now: now, wallNow: wallNow, into: &out)
        }
        out.put("]}")
        return out
    }

    private func writeRunner(
        _ runner: Scheduler.Runner, _ model: SimulatedModel, now: Instant, wallNow: WallTime, into out: inout [UInt8]
    ) {
        // The cache of a context costs about a quarter of a kibibyte per token and layer-wide number.
        let memory = model.size.count + runner.options.contextLength * runner.slots * model.embeddingLength / 8
        self.writeNames(model, into: &out)
        out.put(",\"size\":")
        out.put(memory)
        out.put(",\"digest\":")
        out.put(quotedText: model.digest)
        out.put(",")
        self.writeDetails(model, withLengths: false, into: &out)
        out.put(",\"expires_at\":\"")
        if let expiresAt = runner.expiresAt {
            Timestamp(wallNow + (expiresAt - now), expiresAt).write(into: &out)
        } else {
            Timestamp.forever(after: wallNow).write(into: &out)
        }
        out.put("\",\"size_vram\":")
        out.put(Int(Double(memory) * min(1, max(0, model.gpuShare))))
        out.put(",\"context_length\":")
        out.put(runner.options.contextLength)
        out.put("}")
    }

    // MARK: /v1/models

    func v1Models() -> [UInt8] {
        var out: [UInt8] = []
        out.put("{\"object\":\"list\",\"data\":")
        if self.options.models.isEmpty {
            out.put("null}\n")
            return out
        }
        out.put("[")
        for (index, model) in self.options.models.enumerated() {
            if index > 0 { out.put(",") }
            Self.writeV1(model.name, self.modifiedAt(index), into: &out)
        }
        out.put("]}\n")
        return out
    }

    /// `name` is told as it was asked for.
    func v1Model(_ key: String, asked name: String) -> [UInt8]? {
        guard let index = self.options.models.firstIndex(where: { $0.name.lowercased() == key }) else { return nil }
        var out: [UInt8] = []
        Self.writeV1(name, self.modifiedAt(index), into: &out)
        out.put("\n")
        return out
    }

    private static func writeV1(_ name: String, _ created: WallTime, into out: inout [UInt8]) {
        out.put("{\"id\":")
        out.put(quotedText: name)
        out.put(",\"object\":\"model\",\"created\":")
        out.put(Int(created.seconds))
        out.put(",\"owned_by\":\"library\"}")
    }
}
