/// The closed list of changes that are made to a request on its way to an Ollama backend. Whatever is not listed here
/// passes byte for byte. Each has its reason; one that takes something from the caller is named in
/// `x-gatehouse-dropped`.
enum Splice: CaseIterable {
    /// `model` becomes the name that the chosen backend knows it by, with `:local` where its cloud is not known to be
    /// off (`ollama.md` 9). A body that says `name` for it (`/api/show`) says `model` afterwards.
    case servedModel
    /// `stream_options.include_usage` is set on OpenAI streams: without it Ollama tells usage nowhere (`ollama.md` 4).
    case usage
    /// The answer's bound is no higher than the manifest's: 0, a negative number or none is no bound (`ollama.md` 1.9).
    /// `max_completion_tokens` becomes `max_tokens`, since Ollama drops the newer name; of both the lower holds.
    case outputBound
    /// Load-time options and `shift` are left out: another value reloads the model for everybody (`ollama.md` 1.10).
    case loadOptions
    /// `keep_alive` follows the manifest: any client can pin or unload a model with it (`ollama.md` 7).
    case keepAlive
    /// Hosted web-search tools are left out: the server would send words of the prompt outside (`ollama.md` 1.2).
    case webSearch
    /// Seals on thinking that another provider has made are emptied: Ollama takes what stands there for the thinking
    /// itself (`ResponsesSeal`).
    case foreignSeals
    /// `_debug_render_only` is left out: its answer has no end that tells a whole one from a cut one.
    case rendering
}

extension RequestBody {
    /// Load-time options (`ollama.md` 3), with those of older servers: a change of one of them reloads the model.
    static let loadOptions: Set<String> = [
        "num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread", "draft_num_predict", "numa",
        "low_vram", "f16_kv", "logits_all", "vocab_only", "use_mlock",
    ]

    /// The body for a backend, and the names of what was taken from it, for `x-gatehouse-dropped`. Refuses a request
    /// that forces hosted web search, and outside one that cannot go there (`obstacleOutside`).
    func rewritten(for plan: RewritePlan) throws(BodyRefusal) -> (bytes: [UInt8], dropped: [String]) {
        if plan.isOutside { return try self.rewrittenOutside(for: plan) }
        if plan.api == .openAI { return try self.rewrittenForCompatible(plan) }
        guard self.webSearch != .forced else { throw .forcedWebSearch }
        var rewrite = BodyRewrite(self, plan)
        for splice in Splice.allCases { rewrite.make(splice) }
        return rewrite.finish()
    }
}
