import Configuration
import Testing

@testable import Gateway

/// What an author reads when a policy has mistakes: every one of them, with its place and a way out. None of them is
/// ever taken for a policy, so nothing leaves by it.
@Suite struct BadPolicyTests {
    static let all =
        BadPolicy.files + BadPolicy.defaults + BadPolicy.external + BadPolicy.rules + BadPolicy.tests

    @Test(arguments: all)
    func `every mistake is told at its place`(bad: BadPolicy) throws {
        #expect(try bad.mistakes == bad.expected)
    }

    @Test(arguments: all)
    func `no policy of these is told to be good`(bad: BadPolicy) {
        #expect(!bad.expected.isEmpty)
    }

    @Test func `there are enough of them, each its own`() {
        #expect(Set(Self.all.map(\.name)).count == Self.all.count)
        #expect(Set(Self.all.map(\.text)).count == Self.all.count)
        #expect(Self.all.count >= 60)
    }

    @Test func `what they are made of is good`() throws {
        #expect(try BadPolicy("good", adding: "", []).mistakes == [])
    }

    @Test func `where no backend stands outside, terms are for nobody`() throws {
        let folder = try PolicyFolder(BadPolicy.base)
        do throws(Problems) {
            _ = try PolicyFile.read(path: folder.folder["policy.yaml"], backends: [])
            Issue.record("it was read")
        } catch {
            #expect(
                error.all.map(\.message) == [
                    "backend `euai` is not configured in gatehouse.yaml, which has no backend outside"
                ])
        }
    }
}
