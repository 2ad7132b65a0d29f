/// The closed list of changes that are made to a request on its way to a server inside that has OpenAI's API (vLLM,
/// llama.cpp, LM Studio, TGI). Whatever is not listed here passes byte for byte, members of such a server's own included.
/// Each has its reason; one that takes something from the caller is named in `x-gatehouse-dropped`.
enum CompatibleSplice: CaseIterable {
    /// `model` becomes the name as the server itself spells it: it knows no other.
    case servedModel
    /// Tools that the server would run itself are left out: it could send words of the prompt outside.
    case hostedTools
    /// Members that have the server connect to a host of the caller's choice are left out (`connecting`).
    case connections
    /// `stream_options.include_usage` is set on streams: without it usage is told nowhere.
    case usage
    /// The answer's bound is no higher than the manifest's, under each of the names that callers have for it. Where there
    /// is none, `max_tokens` is added if `RewritePlan.addsBound` says so: vLLM and TGI refuse a bound that is larger than
    /// what the prompt leaves of the context, and without one they end there anyhow.
    case outputBound

    /// Members of servers that name a host: vLLM fetches what it has computed of a prompt from the `remote_host` in
    /// `kv_transfer_params` (vLLM, "Disaggregated Prefilling").
    static let connecting = ["kv_transfer_params"]

    /// The names of the bound; `n_predict` is llama.cpp's own (llama.cpp server, `POST /completion`).
    static let bounds = ["max_tokens", "max_completion_tokens", "n_predict"]
}

extension RequestBody {
    /// The body for a server inside with OpenAI's API. Such a server fetches the images that a message names by their
    /// address, from anywhere: those are refused, as they are for outside.
    func rewrittenForCompatible(_ plan: RewritePlan) throws(BodyRefusal) -> (bytes: [UInt8], dropped: [String]) {
        if self.webSearch == .forced { throw .forcedWebSearch }
        var rewrite = ExternalRewrite(self, plan)
        if let obstacle = rewrite.obstacleInside { throw obstacle }
        for splice in CompatibleSplice.allCases { rewrite.make(splice) }
        return rewrite.finish()
    }
}
