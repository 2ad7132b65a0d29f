import Testing
import Vocabulary

@testable import Configuration

/// The tree of `text`, which must be readable.
func tree(_ text: String) throws -> ConfigurationTree {
    try ConfigurationTree.read(Array(text.utf8), file: "f.yaml")
}

/// What is wrong with `text` when its keys beside `schema` are read with `body`, one line for each mistake.
func mistakes<T>(_ text: String, _ body: (inout Section) -> T) -> [String] {
    do throws(Problems) {
        _ = try ConfigurationTree.read(Array(text.utf8), file: "f.yaml").decode(schema: 1, body)
        return []
    } catch {
        return error.all.map(\.description)
    }
}

/// What is wrong with the bytes before any key is read.
func mistakes(_ bytes: [UInt8]) -> [String] {
    do throws(Problems) {
        _ = try ConfigurationTree.read(bytes, file: "f.yaml")
        return []
    } catch {
        return error.all.map(\.description)
    }
}

/// What `body` makes of `value:` in a file that is otherwise right; the first mistake as text if there is one.
func outcome<T: Sendable>(_ value: String, _ body: (Value) -> T?) -> Result<T, Mistake> {
    let text = "schema: 1\nvalue: \(value)\n"
    do throws(Problems) {
        let read = try ConfigurationTree.read(Array(text.utf8), file: "f.yaml")
        let made = try read.decode(schema: 1) { root in root.read("value", body) }
        return made.map(Result.success) ?? .failure(Mistake("nothing made and nothing said"))
    } catch {
        return .failure(Mistake(error.all.map(\.message).joined(separator: "; ")))
    }
}

struct Mistake: Error, Equatable, ExpressibleByStringLiteral {
    let text: String
    init(_ text: String) { self.text = text }
    init(stringLiteral text: String) { self.text = text }
}
