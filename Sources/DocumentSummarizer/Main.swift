import Foundation
import LLMService

/// `DocumentSummarizer FILE ADDRESS MODEL [openai|anthropic|ollama]`: sums up a text file. The key is in the variable
/// `GATEHOUSE_KEY`, if there is one. The summary goes to the standard output as JSON, and what happened beside it.
@main struct Main {
    static func main() async {
        do {
            let (text, summarizer) = try Self.read(Array(CommandLine.arguments.dropFirst()))
            let summary = try await summarizer.summary(of: text)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(summary), as: UTF8.self))
        } catch {
            Self.note("DocumentSummarizer: \(error)")
            exit(1)
        }
    }

    private static func read(_ arguments: [String]) throws -> (String, Summarizer) {
        guard (3...4).contains(arguments.count), let url = URL(string: arguments[1]),
            let service = Self.service(arguments.count == 4 ? arguments[3] : "openai", at: url)
        else {
            Self.note("usage: DocumentSummarizer FILE ADDRESS MODEL [openai|anthropic|ollama]")
            exit(2)
        }
        // The wrappers stack: what is observed is each attempt.
        let observed = ObservedService(service) { Self.note(Self.line(for: $0)) }
        let text = try String(contentsOf: URL(filePath: arguments[0]), encoding: .utf8)
        return (text, Summarizer(service: RetryingService(observed), model: arguments[2]))
    }

    private static func service(_ dialect: String, at url: URL) -> (any LLMService)? {
        let key = ProcessInfo.processInfo.environment["GATEHOUSE_KEY"]
        return switch dialect {
        case "openai": OpenAICompatibleService(url: url, key: key)
        case "anthropic": AnthropicService(url: url, key: key)
        case "ollama": OllamaService(url: url, key: key)
        default: nil
        }
    }

    private static func line(for event: ServiceEvent) -> String {
        let call = "\(event.operation.rawValue) \(event.call)"
        let time = event.elapsed.formatted(.units(allowed: [.milliseconds], width: .narrow))
        switch event.step {
        case .began: return "\(call): began"
        case .firstChunk: return "\(call): first piece after \(time)"
        case .answered(let reply): return "\(call): answered by \(reply.origin.route ?? "a server") in \(time)"
        case .embedded: return "\(call): vectors in \(time)"
        case .failed(let error): return "\(call): failed in \(time): \(error)"
        case .abandoned: return "\(call): left after \(time)"
        }
    }

    private static func note(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
