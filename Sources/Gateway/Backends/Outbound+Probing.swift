import Dialects
import Health
import Outbound
import Residency
import Vocabulary

/// An answer to a probe, and its bytes.
struct ProbeFinding: Sendable {
    var answer: ProbeAnswer
    var body: [UInt8]
}

/// Why a probe has no answer.
struct ProbeFailure: Error {
    var reason: Reason
    var detail: String
}

extension Outbound {
    /// Puts one question to a backend through the one door, and reads the answer. `namesLocally` says whether a model
    /// is named with `:local`, so that the server answers itself.
    func ask(
        _ probe: Probe, of backend: BackendID, at addresses: Result<CheckedAddresses, Refusal>, through gate: Gate,
        purpose: Purpose, timeout: Duration, namesLocally: Bool, now: Instant
    ) async -> Result<ProbeFinding, ProbeFailure> {
        let grant: Grant
        do throws(Refusal) {
            grant = try gate.grant(
                Self.question(probe, namesLocally: namesLocally), to: backend, at: addresses.get(), purpose: purpose,
                now: now)
        } catch {
            return .failure(ProbeFailure(reason: error.reason, detail: error.message))
        }
        switch await self.fetch(grant, answerMax: Bounds.probeAnswer, timeout: timeout) {
        case .failure(let failure):
            return .failure(ProbeFailure(reason: failure.reason, detail: failure.detail))
        case .success(let answer):
            return Self.read(probe, status: answer.status, body: answer.body)
        }
    }

    private static func question(_ probe: Probe, namesLocally: Bool) -> OutboundRequest {
        switch probe {
        case .version: return .get(.version)
        case .status: return .get(.status)
        case .tags: return .get(.tags)
        case .ps: return .get(.ps)
        case .models: return .get(.openAIModels)
        case .show(let model):
            let name = namesLocally ? model.rawValue + ":local" : model.rawValue
            var body = JSONWriter()
            body.object {
                $0.key("model"); $0.string(name)
            }
            return .post(.show, body: body.bytes, model: name)
        }
    }

    private static func read(_ probe: Probe, status: Int, body: [UInt8]) -> Result<ProbeFinding, ProbeFailure> {
        // Older servers do not know the path: that is an answer too (`ollama.md` 2).
        if probe == .status, status == 404 { return .success(ProbeFinding(answer: .status(.unknown), body: body)) }
        guard status == 200 else {
            return .failure(ProbeFailure(reason: .upstreamError, detail: "status \(status)"))
        }
        do throws(AnswerProblem) {
            return .success(ProbeFinding(answer: try ProbeAnswer(to: probe, body), body: body))
        } catch {
            return .failure(ProbeFailure(reason: .upstreamMalformed, detail: error.message))
        }
    }
}

extension ProbeAnswer {
    /// What the bytes of an answer with status 200 say.
    fileprivate init(to probe: Probe, _ body: [UInt8]) throws(AnswerProblem) {
        switch probe {
        case .version:
            self = .version(OllamaVersion(try OllamaAnswers.version(body)))
        case .status:
            self = .status(try OllamaAnswers.cloud(body).isDisabled ? .off : .on)
        case .tags:
            self = .tags(try OllamaAnswers.tags(body).map(InventoryModel.init))
        case .ps:
            self = .ps(try OllamaAnswers.ps(body).map(LoadedModel.init))
        case .show(let name):
            let shown = try OllamaAnswers.show(body)
            self = .show(
                name,
                ShownModel(
                    capabilities: Set(shown.capabilities), contextMax: shown.contextMax.map { Tokens($0) },
                    remoteHost: shown.remoteHost, remoteModel: shown.remoteModel))
        case .models:
            self = .models(try CompatibleAnswers.models(body).map(ServedModel.init))
        }
    }
}

extension InventoryModel {
    fileprivate init(_ model: Dialects.InstalledModel) {
        self.init(
            name: ModelName(canonical: model.name), digest: model.digest, size: Bytes(model.size),
            modifiedAt: model.modifiedAt,
            details: Health.ModelDetails(
                family: model.family, parameterSize: model.parameterSize, quantization: model.quantization),
            capabilities: Set(model.capabilities), contextMax: model.contextMax.map { Tokens($0) },
            remoteHost: model.remoteHost, remoteModel: model.remoteModel)
    }
}

extension ServedModel {
    fileprivate init(_ model: CompatibleModel) {
        self.init(
            spelling: model.id, context: model.context.map { Tokens($0) },
            contextMax: model.contextMax.map { Tokens($0) })
    }
}

extension LoadedModel {
    fileprivate init(_ model: RunningModel) {
        self.init(
            name: ModelName(canonical: model.name), digest: model.digest, size: Bytes(model.size),
            sizeVRAM: Bytes(model.sizeVRAM), context: model.contextLength.map { Tokens($0) },
            expiresAt: model.expiresAt)
    }
}
