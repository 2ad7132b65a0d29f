/// One step of an answer as Ollama's native API has it. The other dialects are translations of these, as in Ollama.
struct Record {
    var content: [UInt8] = []
    var thinking: [UInt8] = []
    var toolCalls: [ToolCall] = []
    var logprobs: [TokenLogprob] = []
    var createdAt: Timestamp
    /// Set in the last record only. An answer that ends without it ended silently (`ollama.md` 1.6).
    var finish: Finish?

    struct Finish {
        let reason: Reason
        let metrics: Metrics
    }

    enum Reason {
        case stop, length

        var name: StaticString {
            switch self {
            case .stop: "stop"
            case .length: "length"
            }
        }
    }

    /// Times are in nanoseconds.
    struct Metrics {
        var total = 0
        var load = 0
        var promptTokens = 0
        var promptEvaluation = 0
        var outputTokens = 0
        var evaluation = 0
    }
}

/// A call that the model asks for.
struct ToolCall {
    let id: String
    let index: Int
    let name: String
    /// A JSON object.
    let arguments: [UInt8]
}

/// How likely a token was, as the simulated model pretends.
struct TokenLogprob {
    let token: [UInt8]
    /// In thousandths, negative.
    let milli: Int
    let top: Int

    init(token: [UInt8], top: Int) {
        self.token = token
        self.milli = -Int(Hash.of(token) % 4000) - 1
        self.top = top
    }

    /// `{"token","logprob","bytes"}`, with `top_logprobs` if any were asked for: the token itself and made-up rivals.
    static func write(_ list: [TokenLogprob], into out: inout [UInt8]) {
        out.put("[")
        for (index, entry) in list.enumerated() {
            if index > 0 { out.put(",") }
            Self.writeOpen(entry.token, entry.milli, into: &out)
            if entry.top > 0 {
                out.put(",\"top_logprobs\":[")
                for rank in 0..<entry.top {
                    if rank > 0 { out.put(",") }
                    let rival = rank == 0 ? entry.token : entry.token + [UInt8(truncatingIfNeeded: 0x61 + rank)]
                    Self.writeOpen(rival, entry.milli - 500 * rank, into: &out)
                    out.put("}")
                }
                out.put("]")
            }
            out.put("}")
        }
        out.put("]")
    }

    private static func writeOpen(_ token: [UInt8], _ milli: Int, into out: inout [UInt8]) {
        out.put("{\"token\":")
        out.put(quoted: token)
        out.put(",\"logprob\":-")
        out.put(-milli / 1000)
        out.put(".")
        out.put(-milli % 1000, width: 3)
        out.put(",\"bytes\":[")
        for (index, byte) in token.enumerated() {
            if index > 0 { out.put(",") }
            out.put(Int(byte))
        }
        out.put("]")
    }
}
