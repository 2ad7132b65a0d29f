import EventLoop
import HTTPServer
import Vocabulary

extension SimulatedOllama {
    /// Who answers a request.
    struct Target {
        let model: SimulatedModel
        /// Not at home: nothing is scheduled, and the departure has been recorded.
        let isRemote: Bool
    }

    func infer(_ answering: Answering) async throws {
        let (job, echo) = try self.read(answering)
        do {
            try await self.infer(job, echo, answering)
        } catch let failure as Failure {
            // Only now is it known whether a stream was wanted, which shows in the head of an error too.
            self.send(failure, answering, isStreamed: job.isStreamed)
        }
    }

    private func infer(_ job: Job, _ echo: ResponsesEcho, _ answering: Answering) async throws {
        var job = job
        let target = try self.target(of: job, answering)
        try Self.check(&job, against: target.model)
        if job.isLoadOrUnload, answering.call.grammar == .native, !target.isRemote {
            return try await self.loadOrUnload(job, target.model, answering)
        }
        let search = try self.search(job, answering)
        let context = self.contextLength(of: target.model, job.options)
        let promptTokens = try Self.promptTokens(of: job, target.model, context: context)
        if job.rendersOnly { return self.render(job, target, answering) }
        let slot: Slot? = target.isRemote ? nil : try await self.slot(for: target.model, job, context, answering)
        defer { if let slot { self.release(slot) } }
        if job.hasImages, !target.model.can(.vision) { throw Failure.imagesRefused }
        let frame = self.frame(job, target, answering, echo: echo, search: search)
        var generation = Generation(
            job, model: target.model, context: context, promptTokens: promptTokens,
            answerTokens: self.options.answerTokens, seed: self.options.seed, identifiers: &self.identifiers)
        if search != nil, answering.call == .v1Messages { generation = .silence }
        let course = Course(
            job: job, template: target.model.template, isRemote: target.isRemote, generation: generation,
            promptTokens: promptTokens, load: slot?.load ?? .zero)
        do {
            try await self.run(course, Self.encoder(answering.call, job, frame), answering)
        } catch let gone as Gone {
            if slot != nil, answering.faults.losesSlots {
                self.scheduler.loseSlots(of: target.model.name.lowercased())
            }
            throw gone
        }
    }

    /// The body, in the terms of the native API. A `:cloud` name in a plainly spelled `model` is seen before anything
    /// is translated, and refused in the native shape.
    private func read(_ answering: Answering) throws(Failure) -> (Job, ResponsesEcho) {
        let object = try answering.object(Self.goType(of: answering.call))
        if answering.call.grammar != .native, !self.options.isCloudOn, let name = object.exact("model")?.string,
            let reference = try? ModelReference(name, version: self.options.version), reference.source == .cloud
        {
            throw Failure(403, Failure.cloudDisabled, .untranslated)
        }
        switch answering.call {
        case .generate: return (try NativeReading.generate(object), ResponsesEcho())
        case .v1Chat: return (try OpenAIReading.chat(object), ResponsesEcho())
        case .v1Completions: return (try OpenAIReading.completion(object), ResponsesEcho())
        case .v1Responses: return try ResponsesReading.read(object)
        case .v1Messages: return (try AnthropicReading.read(object), ResponsesEcho())
        default: return (try NativeReading.chat(object), ResponsesEcho())
        }
    }

    private static func goType(of call: Call) -> String {
        switch call {
        case .generate: "api.GenerateRequest"
        case .v1Chat: "openai.ChatCompletionRequest"
        case .v1Completions: "openai.CompletionRequest"
        case .v1Responses: "openai.ResponsesRequest"
        case .v1Messages: "anthropic.MessagesRequest"
        default: "api.ChatRequest"
        }
    }

    private func target(of job: Job, _ answering: Answering) throws(Failure) -> Target {
        if job.model.isEmpty {
            throw job.operation == .chat ? Failure(400, "model is required") : Failure.notFound("")
        }
        let reference = try self.reference(job.model)
        if reference.source == .cloud {
            guard self.options.isCloudOn else { throw Failure(403, Failure.cloudDisabled) }
            self.departs(to: Self.cloudHost, reference.base, answering)
            return Target(model: self.remoteModel(reference.base), isRemote: true)
        }
        guard let model = try self.local(reference) else { throw Failure.notFound(reference.asked) }
        guard let remote = model.remote else { return Target(model: model, isRemote: false) }
        guard self.options.isCloudOn || !self.options.version.knowsCloudSwitch else {
            throw Failure(403, Failure.cloudDisabled)
        }
        guard self.options.remotes.contains(Self.hostName(of: remote.host)) else {
            throw Failure(400, "this server cannot run this remote model")
        }
        self.departs(to: remote.host, remote.model, answering)
        return Target(model: model, isRemote: true)
    }

    func departs(to host: String, _ model: String, _ answering: Answering) {
        self.recorder.wouldHaveLeft(
            to: host, path: String(decoding: answering.exchange.head.path, as: UTF8.self), model: model,
            body: answering.body)
    }

    /// `ollama.com` of `https://ollama.com:443/x`.
    private static func hostName(of url: String) -> String {
        let afterScheme = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst(
            url.contains("://") ? 1 : 0)
        return String((afterScheme.first ?? "").prefix { $0 != ":" })
    }

    private static func check(_ job: inout Job, against model: SimulatedModel) throws(Failure) {
        guard model.can(.completion) else {
            throw .lacks(job.model, job.operation == .chat ? "chat" : "generate")
        }
        if !job.tools.isEmpty || job.hasWebSearch, !model.can(.tools) {
            throw .lacksByFullName(model.name, "tools")
        }
        if job.suffix != nil, !model.can(.insert) { throw .lacksByFullName(model.name, "insert") }
        if job.think == .on, !model.can(.thinking) {
            guard job.dropsThinking else { throw .lacks(job.model, "thinking") }
            job.think = .off
        }
    }

    // MARK: Context

    /// Never above the model's own, never below 256 (`ollama.md` 6).
    func contextLength(of model: SimulatedModel, _ options: GenerationOptions) -> Int {
        max(256, min(options.numContext ?? self.options.contextLength.count, model.contextMax.count))
    }

    /// What is left of a prompt that is too long, or why it is refused (`ollama.md` 6).
    private static func promptTokens(of job: Job, _ model: SimulatedModel, context: Int) throws(Failure) -> Int {
        let all = job.promptTokens
        if all < context { return all }
        if !job.truncates { throw .contextExceeded(promptTokens: all, context: context) }
        if !job.shifts, model.template == .go {
            throw Failure(
                400,
                "the prompt is longer than the context length currently available to the model; shorten the prompt,"
                    + " adjust the context length in settings, or use a model with a longer context length", .running)
        }
        if job.operation == .chat {
            let system = job.messages.filter { $0.role == "system" }.reduce(3) { $0 + Job.tokens(in: $1) }
            var kept = system
            for message in job.messages.reversed() where message.role != "system" {
                guard kept + Job.tokens(in: message) < context else { break }
                kept += Job.tokens(in: message)
            }
            if kept > system { return kept }
        }
        if model.template == .chat { throw .contextExceeded(promptTokens: all, context: context) }
        return context / 2 + 3
    }

    // MARK: Loading, searching, rendering

    private func loadOrUnload(_ job: Job, _ model: SimulatedModel, _ answering: Answering) async throws {
        let frame = self.frame(job, Target(model: model, isRemote: false), answering, echo: .init(), search: nil)
        let encoder = NativeEncoder(job.operation, frame)
        if job.keepAlive == .zero {
            self.scheduler.unload(model.name.lowercased(), at: self.timers.now)
            self.schedulerHasMoved()
            return answering.send(encoder.bare("unload"))
        }
        let slot = try await self.slot(
            for: model, job, self.contextLength(of: model, job.options), answering)
        self.release(slot)
        answering.send(encoder.bare("load"))
    }

    private func search(_ job: Job, _ answering: Answering) throws(Failure) -> HostedSearch? {
        guard job.hasWebSearch else { return nil }
        let isResponses = answering.call == .v1Responses
        guard isResponses ? self.options.version.knowsResponsesSearch : self.options.version.knowsCloudSwitch else {
            return nil
        }
        let search = HostedSearch(query: Array(job.lastUserText.prefix(200)))
        if self.options.isCloudOn {
            var body = Array("{\"query\":".utf8)
            body.put(quoted: search.query)
            body.put("}")
            self.recorder.wouldHaveLeft(to: Self.cloudHost, path: "/api/web_search", model: job.model, body: body)
        } else if isResponses {
            throw Failure(403, Failure.webSearchDisabled)
        }
        return search
    }

    private func render(_ job: Job, _ target: Target, _ answering: Answering) {
        var prompt: [UInt8] = []
        for message in job.messages {
            prompt += Array("<|im_start|>\(message.role)\n".utf8)
            prompt += message.text?.bytes ?? []
            prompt.put("<|im_end|>\n")
        }
        prompt.put("<|im_start|>assistant\n")
        let frame = self.frame(job, target, answering, echo: .init(), search: nil)
        answering.send(NativeEncoder(job.operation, frame).rendered(prompt))
    }

    // MARK: Encoding

    private func frame(
        _ job: Job, _ target: Target, _ answering: Answering, echo: ResponsesEcho, search: HostedSearch?
    ) -> AnswerFrame {
        let remote = self.inventory.remote ?? target.model.remote
        _ = self.identifiers.next()
        return AnswerFrame(
            model: job.model, remote: remote, createdAt: Timestamp(self.timers.wallNow, self.timers.now),
            wantsUsage: job.wantsUsage,
            promptGuess: job.messages.reduce(0) { $0 + ($1.text?.raw.count ?? 0) + $1.role.utf8.count } / 4,
            showsContext: !job.isRaw, promptHash: job.promptHash, version: self.options.version, echo: echo,
            search: search, identifiers: self.identifiers)
    }

    private static func encoder(_ call: Call, _ job: Job, _ frame: AnswerFrame) -> any RecordEncoder {
        switch call {
        case .v1Chat: OpenAIChatEncoder(frame)
        case .v1Completions: CompletionsEncoder(frame)
        case .v1Responses: ResponsesEncoder(frame)
        case .v1Messages: AnthropicEncoder(frame)
        default: NativeEncoder(job.operation, frame)
        }
    }
}
