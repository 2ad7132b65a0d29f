typealias ServerVersion = SimulatedOllama.Version

extension SimulatedOllama {
    /// The version of Ollama that is played: what it knows depends on it (`ollama.md` 9, "Since").
    public struct Version: Hashable, Sendable, CustomStringConvertible {
        /// As `/api/version` says it.
        public let description: String
        private let parts: [Int]

        /// Reads `0.33.0` or `0.33.0-rc2`; a suffix after `-` counts for nothing, a part that is no number as 0.
        public init(_ text: String) {
            self.description = text
            let numbers = text.prefix { $0 != "-" }.split(separator: ".").map { Int($0) ?? 0 }
            self.parts = Array((numbers + [0, 0, 0]).prefix(3))
        }

        private func isAtLeast(_ major: Int, _ minor: Int, _ patch: Int) -> Bool {
            !self.parts.lexicographicallyPrecedes([major, minor, patch])
        }

        /// Aliases with `remote_host` exist.
        var knowsAliases: Bool { self.isAtLeast(0, 12, 0) }
        /// `OLLAMA_NO_CLOUD` and `/api/status` exist, and so does the web search of `/v1/messages`.
        var knowsCloudSwitch: Bool { self.isAtLeast(0, 16, 2) }
        /// Any `:cloud` name is sent away, and `:local` keeps a request at home.
        var knowsSourceSuffixes: Bool { self.isAtLeast(0, 17, 6) }
        /// The web search of `/v1/responses` exists.
        var knowsResponsesSearch: Bool { self.isAtLeast(0, 32, 10) }
        /// The role is told once and the finish has a chunk of its own; before, every chunk told the role.
        var framesStreamsAnew: Bool { self.isAtLeast(0, 32, 6) }
    }
}
