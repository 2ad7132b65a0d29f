import Vocabulary

extension SimulatedOllama {
    /// How the simulated server is set up. The names in brackets are Ollama's variables (`ollama.md` 10).
    public struct Options: Sendable {
        /// Which Ollama is played.
        public var version = Version("0.33.0")
        /// Models on disk.
        public var models = SimulatedModel.defaults
        /// False is `OLLAMA_NO_CLOUD=1`: names and aliases that point outside are refused. Nothing is ever sent out,
        /// true or false; what Ollama would have sent is recorded.
        public var isCloudOn = false
        /// Hosts that aliases may point at [`OLLAMA_REMOTES`].
        public var remotes = ["ollama.com"]
        /// Requests that one loaded model answers at once [`OLLAMA_NUM_PARALLEL`]; embedding models have one.
        public var slots = 1
        /// Models in memory at once [`OLLAMA_MAX_LOADED_MODELS`].
        public var loadedMax = 3
        /// Requests waiting for a load; one more is 503 [`OLLAMA_MAX_QUEUE`].
        public var queueMax = 512
        /// How long an idle model stays loaded [`OLLAMA_KEEP_ALIVE`]; negative is for ever.
        public var keepAlive = Duration.seconds(300)
        /// Context of a loaded model unless the request says otherwise [`OLLAMA_CONTEXT_LENGTH`].
        public var contextLength = Tokens(4096)
        /// Tokens per second of one stream; 0 is as fast as possible.
        public var tokensPerSecond = 0.0
        /// From the slot to the first token.
        public var timeToFirstToken = Duration.zero
        /// From disk to memory.
        public var loadTime = Duration.zero
        /// Another seed, other words.
        public var seed: UInt64 = 0
        /// Tokens of an answer that nothing else bounds.
        public var answerTokens = 16...64
        /// What goes wrong from the start.
        public var faults: [Fault] = []
        /// Requests remembered for `GET /__simulated/state` and `SimulatedOllama.requests`, newest kept.
        public var requestsRemembered = 64
        /// Refuses a foreign `Host`, as Ollama does while it listens on loopback (`ollama.md` 8).
        public var checksHost = true

        /// The defaults: a fast, healthy, cloudless server with five models.
        public init() {}
    }
}
