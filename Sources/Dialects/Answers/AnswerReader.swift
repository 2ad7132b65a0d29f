import Vocabulary

/// Reads one attempt's answer as it comes, in bounded memory: says what it shows, and hands on what the client is to
/// get. It serves one answer with a 2xx status; error answers are read whole with `ProviderErrors.message`.
public struct AnswerReader: Sendable {
    /// How the answer is to be shown.
    public struct Options: Sendable {
        /// Keep usage from the client of an OpenAI stream, who did not ask for it (`ollama.md` 4).
        public var hidesUsage: Bool
        /// The model's name as it was sent (`RewritePlan.sentModel`).
        public var sentModel: String
        /// The name to show in its place.
        public var shownModel: String

        /// All off: everything is shown as it comes.
        public init(hidesUsage: Bool = false, sentModel: String = "", shownModel: String = "") {
            self.hidesUsage = hidesUsage
            self.sentModel = sentModel
            self.shownModel = shownModel
        }
    }

    /// One of the three is there, from beginning to end.
    private var stream: StreamReader?
    private var whole: WholeReader?
    private var translated: TranslatedReader?

    /// A reader for an answer of `endpoint`; `streamed` as the request asked.
    public init(endpoint: Endpoint, streamed: Bool, options: Options = Options()) {
        if streamed, endpoint.generates {
            self.stream = StreamReader(endpoint: endpoint, options: options)
        } else {
            self.whole = WholeReader(endpoint: endpoint, options: options)
        }
    }

    /// A reader for the answer to `body`, which was sent as `outgoing` by `plan`. `context` is made only where the answer
    /// is translated.
    public init(
        for body: RequestBody, _ outgoing: Outgoing, plan: RewritePlan, _ context: @autoclosure () -> AnswerContext
    ) {
        guard let translation = outgoing.translation else {
            self.init(
                endpoint: body.endpoint, streamed: body.streams,
                options: Options(
                    hidesUsage: !body.wantsUsage, sentModel: plan.sentModel, shownModel: plan.servedModel))
            return
        }
        self.init(translation.reader(for: body.endpoint, streamed: body.streams, context()))
    }

    private init(_ translated: TranslatedReader) {
        self.translated = translated
    }

    /// Takes a chunk of the body and appends to `out` what the client gets of it. Returns what is new. A chunk of whole
    /// records without edits becomes `out` itself, uncopied, if that is empty.
    ///
    /// A whole answer comes out at `finish`, unless it is larger than `Bounds.answerHeld`. After an error, a remote
    /// model or a fault nothing comes out any more.
    public mutating func consume(_ bytes: [UInt8], into out: inout [UInt8]) -> AnswerSigns {
        self.stream?.consume(bytes, into: &out) ?? self.whole?.consume(bytes, into: &out) ?? self.translated?.consume(
            bytes, into: &out) ?? []
    }

    /// Takes the clean end of the body. What had to be held appends to `out`, and `isComplete` is final.
    public mutating func finish(into out: inout [UInt8]) -> AnswerSigns {
        self.stream?.finish(into: &out) ?? self.whole?.finish(into: &out) ?? self.translated?.finish(into: &out) ?? []
    }

    private var facts: AnswerFacts {
        self.stream?.facts ?? self.whole?.facts ?? self.translated?.facts ?? AnswerFacts()
    }

    /// All that has been shown so far.
    public var signs: AnswerSigns { self.facts.signs }

    /// Was the end of a whole answer seen, and nothing that spoils it? A clean end of the connection proves nothing
    /// (`ollama.md` 1.5, 1.6).
    public var isComplete: Bool {
        self.signs.contains(.terminal) && self.signs.isDisjoint(with: [.error, .malformed, .remoteModel])
    }

    /// What the answer told of its cost.
    public var usage: AnswerUsage {
        self.whole?.facts.usage ?? self.stream?.facts.usage ?? self.translated?.facts.usage ?? AnswerUsage()
    }

    /// The model that the answer names, as the client sees it.
    public var servedModel: String? { self.facts.servedModel }

    /// The backend's own words of an error inside the answer: for the log, not for the client.
    public var errorMessage: String? {
        self.whole?.facts.errorMessage ?? self.stream?.facts.errorMessage ?? self.translated?.facts.errorMessage
    }

    /// The number that the next event of a Responses stream has to bear: an error that ends it needs one.
    public var nextNumber: Int { self.stream?.nextNumber ?? self.translated?.nextNumber ?? 0 }

    /// Bytes held for now.
    public var bytesHeld: Int {
        self.stream?.bytesHeld ?? self.whole?.bytesHeld ?? self.translated?.bytesHeld ?? 0
    }
}
