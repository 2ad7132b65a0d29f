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
}
