import Testing
import Vocabulary

@testable import Residency

@Suite struct ClassificationTests {
    static let tags = [
        SensitivityTag(project: "marketing", sensitivity: .internal),
        SensitivityTag(project: "press*", sensitivity: .public),
        SensitivityTag(feature: "code-review", sensitivity: .confidential),
        SensitivityTag(key: "payroll", sensitivity: .restricted),
        SensitivityTag(project: "marketing", feature: "leaks", sensitivity: .restricted),
        SensitivityTag(key: "k1", project: "marketing", sensitivity: .internal),
    ]

    @Test(arguments: [
        (PolicyCaller(), Sensitivity.restricted, ["default"]),
        (PolicyCaller(project: "unheard-of"), .restricted, ["default"]),
        (PolicyCaller(project: "marketing"), .internal, ["project"]),
        (PolicyCaller(project: "press-office"), .public, ["project"]),
        (PolicyCaller(project: "Press-office"), .restricted, ["default"]),
        (PolicyCaller(feature: "code-review"), .confidential, ["feature"]),
        (PolicyCaller(project: "marketing", feature: "code-review"), .confidential, ["feature"]),
        (PolicyCaller(project: "marketing", feature: "leaks"), .restricted, ["project", "feature"]),
        (PolicyCaller(project: "press", feature: "leaks"), .public, ["project"]),
        (PolicyCaller(key: "abc", keyName: "payroll", project: "marketing"), .restricted, ["key"]),
        (PolicyCaller(key: "payroll", project: "marketing"), .restricted, ["key"]),
        (PolicyCaller(key: "k1", project: "marketing"), .internal, ["key", "project"]),
        (PolicyCaller(key: "k1", project: "press"), .public, ["project"]),
    ])
    func `the highest tag that matches wholly counts`(
        caller: PolicyCaller, sensitivity: Sensitivity, sources: [String]
    ) throws {
        let policy = try samplePolicy([], tags: Self.tags)
        #expect(policy.classify(caller) == Classification(sensitivity: sensitivity, sources: sources))
        let reversed = try samplePolicy([], tags: Self.tags.reversed())
        #expect(reversed.classify(caller) == policy.classify(caller))
    }

    @Test func `the default is restricted unless the file says otherwise`() throws {
        #expect(try samplePolicy([]).classify(PolicyCaller()).sensitivity == .restricted)
        for sensitivity in Sensitivity.allCases {
            let policy = try samplePolicy([], sensitivityDefault: sensitivity)
            #expect(
                policy.classify(PolicyCaller()) == Classification(sensitivity: sensitivity, sources: ["default"]))
        }
    }

    @Test func `caller and conversation may only raise, in every combination`() throws {
        let all = Sensitivity.allCases.map { Sensitivity?.some($0) } + [nil]
        for base in Sensitivity.allCases {
            let policy = try samplePolicy([], tags: [SensitivityTag(project: "p", sensitivity: base)])
            for raised in all {
                for conversation in all {
                    let found = policy.classify(
                        PolicyCaller(project: "p"), raisedTo: raised, conversation: conversation)
                    let highest = max(base, raised ?? .public, conversation ?? .public)
                    #expect(found.sensitivity == highest)
                    let source =
                        highest == base ? "project" : highest == raised ? "caller" : "conversation"
                    #expect(found.sources == [source])
                }
            }
        }
    }
}
