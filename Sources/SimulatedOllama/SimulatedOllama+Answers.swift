import EventLoop
import HTTPServer
import Vocabulary

extension SimulatedOllama {
    /// Answers what Ollama would have a handler for.
    func answer(
        _ call: Call, _ exchange: HTTPExchange, _ body: [UInt8], _ faults: RequestFaults, _ cors: [HTTPHeader]
    ) async {
        let answering = Answering(call: call, exchange: exchange, body: body, faults: faults, headers: cors)
        do {
            switch call {
            case .root: answering.send(200, .textUTF8, Array("Ollama is running".utf8))
            case .version: answering.send(self.versionBody())
            case .status: answering.send(self.statusBody())
            case .tags: answering.send(self.inventory.tags())
            case .ps:
                self.scheduler.advance(to: self.timers.now)
                self.schedulerHasMoved()
                answering.send(
                    self.inventory.ps(self.scheduler.runners, now: self.timers.now, wallNow: self.timers.wallNow))
            case .show: answering.send(try self.show(answering))
            case .v1Models: answering.send(200, .json, self.inventory.v1Models())
            case .v1Model(let name): answering.send(200, .json, try self.v1Model(name, answering))
            case .chat, .generate, .v1Chat, .v1Completions, .v1Responses, .v1Messages:
                self.recorder.counters.inferences += 1
                try await self.infer(answering)
            case .embed, .embeddings, .v1Embeddings:
                self.recorder.counters.inferences += 1
                try await self.embed(answering)
            case .forbidden(let name): try self.forbid(name, answering)
            case .state, .faults, .setFaults, .clearFaults:
                preconditionFailure("\(call) does not come here")
            }
        } catch let failure as Failure {
            self.send(failure, answering)
        } catch is Gone {
            self.recorder.counters.clientsGone += 1
        } catch {
            preconditionFailure("\(error) is neither a failure nor a client gone")
        }
    }

    /// The client has left; there is nobody to answer.
    struct Gone: Error {}

    func send(_ failure: Failure, _ answering: Answering, isStreamed: Bool = false) {
        let grammar = answering.call.grammar
        let id = grammar == .anthropic ? "req_" + Identifiers.hex(24, from: &self.identifiers) : ""
        let isEventStream = isStreamed && (answering.call == .v1Messages || answering.call == .v1Responses)
        answering.send(
            failure.status, failure.contentType(grammar, isStreamed: isStreamed),
            failure.body(grammar, requestID: id),
            headers: isEventStream && failure.stage != .untranslated ? .eventStream : [],
            chunked: isStreamed && grammar == .native && failure.stage == .running)
    }

    private func versionBody() -> [UInt8] {
        Array("{\"version\":\"\(self.options.version)\"}".utf8)
    }

    private func statusBody() -> [UInt8] {
        let isOn = self.options.isCloudOn
        return Array("{\"cloud\":{\"disabled\":\(!isOn),\"source\":\"\(isOn ? "none" : "env")\"}}".utf8)
    }

    // MARK: Details of one model

    private func show(_ answering: Answering) throws -> [UInt8] {
        let object = try answering.object("api.ShowRequest")
        let name = try NativeReading.string(object, "model", "ShowRequest") ?? object.field("name")?.string ?? ""
        if name.isEmpty { throw Failure(400, "model is required") }
        let reference = try self.reference(name)
        if reference.source == .cloud {
            guard self.options.isCloudOn else { throw Failure(403, Failure.cloudDetailsDisabled) }
            self.recorder.wouldHaveLeft(
                to: Self.cloudHost, path: "/api/show", model: reference.base, body: answering.body)
            return self.inventory.show(self.remoteModel(reference.base))
        }
        guard let model = try self.local(reference) else { throw Failure.notFound(reference.canonical) }
        if model.remote != nil, !self.options.isCloudOn, self.options.version.knowsCloudSwitch {
            throw Failure(403, Failure.cloudDetailsDisabled)
        }
        return self.inventory.show(model)
    }

    private func v1Model(_ name: String, _ answering: Answering) throws -> [UInt8] {
        let reference = try self.reference(name)
        if reference.source == .cloud {
            guard self.options.isCloudOn else { throw Failure(403, Failure.cloudDetailsDisabled, .untranslated) }
            self.recorder.wouldHaveLeft(
                to: Self.cloudHost, path: "/v1/models/\(reference.base)", model: reference.base, body: [])
            return Array(
                "{\"id\":\"\(reference.base)\",\"object\":\"model\",\"created\":0,\"owned_by\":\"ollama\"}\n".utf8)
        }
        guard let model = try self.local(reference),
            let body = self.inventory.v1Model(model.name.lowercased(), asked: reference.asked)
        else { throw Failure.notFound(reference.canonical) }
        return body
    }

    // MARK: Names

    func reference(_ name: String) throws(Failure) -> ModelReference {
        if let known = self.references[name] { return known }
        do {
            let reference = try ModelReference(name, version: self.options.version)
            // Callers ask for few names, many times.
            if self.references.count < Self.referencesMax { self.references[name] = reference }
            return reference
        } catch {
            switch error {
            case .conflictingSources: throw Failure(400, "use either :local or :cloud, not both: \"\(name)\"")
            case .invalidName: throw Failure(400, "invalid model name")
            }
        }
    }

    /// The model on disk; `nil` if there is none, or only an alias where `:local` was asked for.
    func local(_ reference: ModelReference) throws(Failure) -> SimulatedModel? {
        let key: String
        if let known = self.keys[reference.base] {
            key = known
        } else {
            do { key = try reference.key() } catch { throw Failure(400, "invalid model name") }
            if self.keys.count < Self.referencesMax { self.keys[reference.base] = key }
        }
        guard let model = self.inventory.model(key), reference.source != .local || model.remote == nil else {
            return nil
        }
        return model
    }

    /// What ollama.com would have under this name.
    func remoteModel(_ name: String) -> SimulatedModel {
        SimulatedModel(
            name, family: "gptoss", parameterSize: "116.8B", contextMax: Tokens(131_072),
            capabilities: [.completion, .tools, .thinking], remote: .init(host: Self.cloudHost, model: name))
    }

    // MARK: What no gateway should let through

    /// Records the call, and answers as a server without a way out does.
    private func forbid(_ name: String, _ answering: Answering) throws {
        self.recorder.calledForbidden(name)
        let registry = "https://registry.ollama.ai"
        switch name {
        case "pull", "push":
            self.recorder.wouldHaveLeft(to: registry, path: "/v2/", model: "", body: answering.body)
            let text = "\(name) model manifest: Get \"\(registry)/v2/\": dial tcp: connect: connection refused"
            answering.send(500, .json, Failure(500, text).body(.native, requestID: ""))
        case "create": answering.send(200, .json, Array("{\"status\":\"success\"}".utf8))
        case "copy", "delete": answering.send(200, .gin, [])
        case "me", "signout", "keys":
            self.recorder.wouldHaveLeft(to: Self.cloudHost, path: "/api/\(name)", model: "", body: [])
            throw Failure(503, "account unavailable")
        case "web_search", "web_fetch":
            let text = name == "web_search" ? Failure.webSearchDisabled : Failure.webFetchDisabled
            guard self.options.isCloudOn else { throw Failure(403, text) }
            self.recorder.wouldHaveLeft(to: Self.cloudHost, path: "/api/\(name)", model: "", body: answering.body)
            answering.send(200, .json, Array("{\"results\":[]}".utf8))
        case "blobs": throw Failure(400, "invalid digest format")
        case "transcriptions":
            self.recorder.wouldHaveLeft(
                to: Self.cloudHost, path: "/v1/audio/transcriptions", model: "", body: answering.body)
            throw Failure(
                400, "failed to parse multipart form: request Content-Type isn't multipart/form-data", .reading)
        default: answering.send(200, .gin, Array("{\"recommendations\":[]}".utf8))
        }
    }
}

/// One request that is being answered.
@LoopActor
struct Answering {
    let call: Call
    let exchange: HTTPExchange
    let body: [UInt8]
    let faults: RequestFaults
    /// Headers that the answer carries whatever it is.
    let headers: [HTTPHeader]

    /// Sends the whole answer, cut short if a fault wants it so.
    func send(
        _ status: Int = 200, _ type: ContentType = .gin, _ body: [UInt8], headers: [HTTPHeader] = [],
        chunked: Bool = false
    ) {
        guard let bytes = self.faults.resetAfter, bytes < body.count else {
            return self.exchange.reply(status, type, body, headers: headers + self.headers, chunked: chunked)
        }
        self.exchange.beginStream(
            status: status, headers: headers + self.headers + [type.header], contentLength: body.count,
            first: Array(body[..<bytes]))
        self.exchange.abort()
    }

    func send(_ body: [UInt8]) { self.send(200, .gin, body) }

    /// The body as the JSON object that a handler expects; Go's words if it is none.
    func object(_ goType: String) throws(Failure) -> JSONObject {
        let isNative = self.call.grammar == .native
        if self.body.isEmpty { throw Failure(400, isNative ? "missing request body" : "EOF", .reading) }
        let value: JSONValue
        do { value = try JSONReader.read(try self.unpacked()) } catch let problem as JSONReader.Problem {
            throw Failure(400, problem.text, .reading)
        } catch let failure as Failure {
            throw failure
        } catch {
            preconditionFailure("\(error) is neither of two errors")
        }
        switch value {
        case .object(let object): return object
        case .null: return JSONObject()
        case .bool, .number, .string, .array:
            throw Failure(400, "json: cannot unmarshal \(value.kind) into Go value of type \(goType)", .reading)
        }
    }

    /// `/v1` takes zstd (`ollama.md` 8); the native API reads the packed bytes and fails on the first of them.
    private func unpacked() throws(Failure) -> [UInt8] {
        guard self.call.grammar != .native, let encoding = self.exchange.head.header("content-encoding"),
            encoding.elementsEqual("zstd".utf8)
        else { return self.body }
        guard let unpacked = Zstandard.unpack(self.body) else {
            throw Failure(400, "the stand-in unpacks stored and run-length zstd blocks only", .reading)
        }
        return unpacked
    }
}
