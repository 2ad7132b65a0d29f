import Testing
import Vocabulary

@testable import Routing

@Suite struct NamesTests {
    @Test(arguments: [
        ("gpt-4o", "gpt-4o", true), ("gpt-4o", "gpt-4o-mini", false), ("gpt-4*", "gpt-4o-mini", true),
        ("gpt-4*", "gpt-4", true), ("gpt-4*", "gpt-3", false), ("*-mini", "gpt-4o-mini", true),
        ("*", "", true), ("*", "anything", true), ("a*b*c", "abc", true), ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "acb", false), ("a*a", "a", false), ("a*a", "aa", true), ("**", "x", true),
        ("claude-*-latest", "claude-sonnet-4-latest", true), ("claude-*-latest", "claude-latest", false),
        ("GPT*", "gpt-4", false),
    ])
    func `a pattern matches what its stars leave open`(pattern: String, name: String, expected: Bool) {
        #expect(NamePattern(pattern).matches(name) == expected)
    }

    @Test func `every short pattern agrees with a matcher that tries everything`() {
        func naive(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
            guard let first = pattern.first else { return name.isEmpty }
            if first == "*" {
                return naive(pattern.dropFirst(), name) || !name.isEmpty && naive(pattern, name.dropFirst())
            }
            return name.first == first && naive(pattern.dropFirst(), name.dropFirst())
        }
        func words(_ letters: [Character], upTo length: Int) -> [[Character]] {
            length == 0 ? [[]] : [[]] + words(letters, upTo: length - 1).flatMap { tail in letters.map { [$0] + tail } }
        }
        let patterns = Set(words(["a", "b", "*"], upTo: 4))
        let names = Set(words(["a", "b"], upTo: 5))
        for pattern in patterns {
            let compiled = NamePattern(String(pattern))
            let wrong = names.filter { compiled.matches(String($0)) != naive(pattern[...], $0[...]) }
            #expect(wrong.isEmpty, "\(String(pattern))")
        }
    }

    @Test func `the distance counts single changes`() {
        let distance = { (left: String, right: String) in editDistance(Array(left.utf8), Array(right.utf8)) }
        #expect(distance("", "abc") == 3)
        #expect(distance("abc", "abc") == 0)
        #expect(distance("kitten", "sitting") == 3)
        #expect(distance("llama3.2", "lama3.2") == 1)
    }

    @Test func `the nearest names come first, without regard to tags and case`() {
        let names = ["qwen3:8b", "llama3.1:latest", "llama3.2:latest", "nomic-embed-text:latest"]
        #expect(nearestNames(to: "Llama3.2", among: names).first == "llama3.2:latest")
        #expect(nearestNames(to: "lama3.2", among: names) == ["llama3.2:latest", "llama3.1:latest"])
        #expect(nearestNames(to: "qwen3:8", among: names) == ["qwen3:8b"])
        #expect(nearestNames(to: "mistral", among: names) == [])
    }
}
