/// What an error answer of a server outside says of itself, for the log and for what is done next. Its message is left
/// alone: it may repeat words of the prompt (`residency.md` H).
public enum ProviderErrors {
    /// The code of an error, else its type: `insufficient_quota`, `model_not_found`. `nil` if there is none that is a
    /// plain word. Shapes: OpenAI's `{"error":{"code","type"}}`, the same in a list (Gemini), and the object without its
    /// `error` (Mistral). A number is a status that the answer's head says too.
    public static func code(_ bytes: [UInt8]) -> String? {
        guard let answer = try? JSONView(bytes) else { return nil }
        let whole = answer.kind == .array ? answer.first ?? answer : answer
        let error = whole["error"] ?? whole
        for word in [error["code"], error["type"], error["status"]] {
            if let text = word?.string, text.isPlain(most: 64) { return text }
        }
        return nil
    }

    /// What it says to the caller, whose request was refused as it is; `nil` if it says nothing. Of the same shapes.
    public static func message(_ bytes: [UInt8]) -> String? {
        guard let answer = try? JSONView(bytes) else { return nil }
        let whole = answer.kind == .array ? answer.first ?? answer : answer
        let error = whole["error"] ?? whole
        return error.string ?? error["message"]?.string
    }

    /// Does it say that the key sent with the request is none? Gemini says so with a 400 (Gemini API, "Troubleshooting";
    /// `google.rpc.ErrorInfo`), which from others is the request's own fault.
    public static func refusesKey(_ bytes: [UInt8]) -> Bool {
        Self.details(bytes).contains { $0["reason"]?.string == "API_KEY_INVALID" }
    }

    /// How long to wait, where the body tells and not the head: Gemini's `google.rpc.RetryInfo`, whose `retryDelay` is
    /// seconds with an `s` behind them (`"37s"`, `"0.4s"`). Whole seconds, rounded up; `nil` if it tells none.
    public static func retryDelaySeconds(_ bytes: [UInt8]) -> Int? {
        let told = Self.details(bytes).lazy.compactMap { $0["retryDelay"]?.string }.first
        guard let told, told.hasSuffix("s"), let seconds = Double(told.dropLast()),
            (0...retryDelaySecondsMax).contains(seconds)
        else { return nil }
        return Int(seconds.rounded(.up))
    }

    /// A day: a longer one is no delay, but a number that went wrong.
    private static let retryDelaySecondsMax = 86_400.0

    private static func details(_ bytes: [UInt8]) -> [JSONView] {
        guard let answer = try? JSONView(bytes) else { return [] }
        let whole = answer.kind == .array ? answer.first ?? answer : answer
        return whole["error"]?["details"]?.elements ?? []
    }
}
