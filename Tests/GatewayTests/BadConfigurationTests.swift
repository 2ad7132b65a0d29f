import Testing

@testable import Gateway

/// What an operator reads when a configuration has mistakes: every one of them, with its place and a way out.
@Suite struct BadConfigurationTests {
    static let all =
        BadConfiguration.files + BadConfiguration.keys + BadConfiguration.listeners + BadConfiguration.zones
        + BadConfiguration.backends + BadConfiguration.external + BadConfiguration.manifest + BadConfiguration.keyFile

    @Test(arguments: all)
    func `every mistake is told at its place`(bad: BadConfiguration) throws {
        #expect(try bad.mistakes == bad.expected)
    }

    @Test(arguments: all)
    func `no configuration of these is told to be good`(bad: BadConfiguration) {
        #expect(!bad.expected.isEmpty)
    }

    @Test func `there are enough of them, each its own`() {
        #expect(Set(Self.all.map(\.name)).count == Self.all.count)
        #expect(Self.all.count >= 40)
    }
}
