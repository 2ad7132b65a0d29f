import Vocabulary

/// Why a server's answer to a probe is of no use.
public struct AnswerProblem: Error, Equatable, Sendable {
    /// For a person: what was found.
    public let message: String
}

/// Reads what an Ollama server says of itself (`ollama.md` 2 and 3): for probes, `init` and `doctor`.
public enum OllamaAnswers {
    /// `GET /api/version`: the version's text, as in `0.33.0-rc2`.
    public static func version(_ bytes: [UInt8]) throws(AnswerProblem) -> String {
        guard let text = try self.object(bytes)["version"]?.string, !text.isEmpty else {
            throw AnswerProblem(message: "the answer names no version")
        }
        return text
    }

    /// `GET /api/status`: is the cloud off? A server before 0.16.2 has no such path, and its 404 is not read here.
    public static func cloud(_ bytes: [UInt8]) throws(AnswerProblem) -> CloudStatus {
        guard let cloud = try self.object(bytes)["cloud"], let isDisabled = cloud["disabled"]?.bool else {
            throw AnswerProblem(message: "the answer does not say whether the cloud is off")
        }
        return CloudStatus(isDisabled: isDisabled, source: cloud["source"]?.string ?? "")
    }

    /// `GET /api/tags`: the models on disk, in the server's order (newest first).
    public static func tags(_ bytes: [UInt8]) throws(AnswerProblem) -> [InstalledModel] {
        try self.models(bytes).compactMap { view in
            view["name"]?.string.map { InstalledModel(name: $0, view) }
        }
    }

    /// `GET /api/ps`: the models in memory. Remote ones never appear.
    public static func ps(_ bytes: [UInt8]) throws(AnswerProblem) -> [RunningModel] {
        try self.models(bytes).compactMap { view in
            view["name"]?.string.map { RunningModel(name: $0, view) }
        }
    }

    /// `POST /api/show`.
    public static func show(_ bytes: [UInt8]) throws(AnswerProblem) -> ModelDetails {
        ModelDetails(try self.object(bytes))
    }

    static func object(_ bytes: [UInt8]) throws(AnswerProblem) -> JSONView {
        guard bytes.count <= Bounds.probeAnswer.count else {
            throw AnswerProblem(message: "the answer is longer than \(Bounds.probeAnswer.count) bytes")
        }
        do throws(JSONProblem) {
            let view = try JSONView(bytes)
            guard view.kind == .object else { throw JSONProblem(.empty, at: 0) }
            return view
        } catch {
            throw AnswerProblem(message: "the answer is not a JSON object: \(error)")
        }
    }

    private static func models(_ bytes: [UInt8]) throws(AnswerProblem) -> [JSONView] {
        let answer = try self.object(bytes)
        guard let models = answer["models"] else { return [] }
        guard models.kind == .array else { throw AnswerProblem(message: "\"models\" is not an array") }
        return models.elements
    }
}
