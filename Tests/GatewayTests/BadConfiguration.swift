import Testing

/// Files with mistakes, and every line that is told of them.
struct BadConfiguration: CustomTestStringConvertible {
    let name: String
    let gatehouse: String?
    let manifest: String?
    let keys: String?
    let pepper: String?
    let expected: [String]

    init(
        _ name: String, gatehouse: String? = Installation.gatehouse, manifest: String? = Installation.manifest,
        keys: String? = nil, pepper: String? = nil, _ expected: [String]
    ) {
        self.name = name
        self.gatehouse = gatehouse
        self.manifest = manifest
        self.keys = keys
        self.pepper = pepper
        self.expected = expected
    }

    /// A good `gatehouse.yaml` of four lines with these behind it.
    init(_ name: String, adding lines: String, _ expected: [String]) {
        self.init(name, gatehouse: Installation.gatehouse + lines, expected)
    }

    var testDescription: String { self.name }

    var mistakes: [String] {
        get throws {
            try Installation(
                gatehouse: self.gatehouse, manifest: self.manifest, keys: self.keys, pepper: self.pepper
            ).mistakes
        }
    }
}
