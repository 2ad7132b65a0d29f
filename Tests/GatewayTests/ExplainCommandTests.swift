import Foundation
import Residency
import Storage
import Testing
import Vocabulary

@testable import Gateway

/// The command around the story: its options, files and exit codes.
@Suite struct ExplainCommandTests {
    private static func options(
        _ request: String, key: String? = nil, sensitivity: String? = nil, time: String? = nil, assume: String? = nil
    ) throws(ExplainOptionFault) -> ExplainOptions {
        try ExplainOptions(
            request: request, path: "/v1/chat/completions", key: key, project: nil, feature: nil,
            sensitivity: sensitivity, neverExternal: false, time: time, assume: assume)
    }

    @Test func `an option that is none of its kind is told with those that are`() {
        func fault(_ sensitivity: String?, _ time: String?, _ assume: String?) -> String? {
            do throws(ExplainOptionFault) {
                _ = try Self.options("-", sensitivity: sensitivity, time: time, assume: assume)
                return nil
            } catch { return error.message }
        }
        #expect(
            fault("secret", nil, nil)
                == "--sensitivity is `secret`, expected one of public, internal, confidential, restricted")
        #expect(fault(nil, "noon", nil) == "--time is `noon`, expected a time, as in 2026-11-24T12:00:00Z")
        for wrong in ["local_works", "down"] {
            #expect(
                fault(nil, nil, wrong)
                    == "--assume is `\(wrong)`, expected one of local_down, local_saturated, local_timeout")
        }
        #expect(fault("public", "2026-11-24", "local_timeout") == nil)
    }

    private func installation(keys: String? = ExplainStage.keys) throws -> Installation {
        let installation = try Installation(
            gatehouse: ExplainStage.gatehouse.replacing("/var/lib/gatehouse", with: "state"),
            manifest: ExplainStage.manifest, keys: keys, pepper: String(repeating: "p", count: 32))
        try installation.folder.write(ExplainStage.policy, to: "policy.yaml")
        try installation.folder.write(ExplainStage.chat("llama3.2:3b"), to: "request.json")
        return installation
    }

    @Test func `commands end as they say`() throws {
        let installation = try self.installation()
        let folder = installation.folder
        func run(_ options: ExplainOptions, _ config: String = "gatehouse.yaml", asJSON: Bool = false) -> Int32 {
            explain(options, configurationPath: folder[config], asJSON: asJSON)
        }
        let request = folder["request.json"]
        #expect(run(try Self.options(request, key: "website", assume: "local_down")) == ExitStatus.done)
        #expect(run(try Self.options(request, key: "v6qphqn2"), asJSON: true) == ExitStatus.done)
        #expect(run(try Self.options(request, key: "website", assume: "local_saturated")) == ExitStatus.failed)
        #expect(run(try Self.options(request)) == ExitStatus.failed, "no key")
        #expect(run(try Self.options(request, key: "nobody")) == ExitStatus.misconfigured)
        #expect(run(try Self.options(folder["none.json"], key: "website")) == ExitStatus.misconfigured)
        #expect(run(try Self.options(folder.path, key: "website")) == ExitStatus.misconfigured, "a folder")
        #expect(run(try Self.options(request, key: "website"), "none.yaml") == ExitStatus.misconfigured)
        try folder.write("schema: 1\n", to: "policy.yaml")
        #expect(run(try Self.options(request, key: "website")) == ExitStatus.misconfigured)
    }

    @Test func `a key without keys is a mistake`() throws {
        let folder = try self.installation(keys: nil).folder
        let options = try Self.options(folder["request.json"], key: "website")
        #expect(
            explain(options, configurationPath: folder["gatehouse.yaml"], asJSON: false) == ExitStatus.misconfigured)
    }

    @Test func `what has left stands in the chain of the state folder`() throws {
        let folder = try self.installation().folder
        try folder.write(ExplainStage.policy.replacing("public-when-down", with: "overflow"), to: "policy.yaml")
        try FileManager.default.createDirectory(atPath: folder["state"], withIntermediateDirectories: true)
        let options = try Self.options(folder["request.json"], key: "website", assume: "local_down")
        let path = folder["gatehouse.yaml"]
        #expect(explain(options, configurationPath: path, asJSON: false) == ExitStatus.done)
        let store = try AuditStore(path: folder["state"] + "/" + Defaults.auditDatabase)
        defer { store.close() }
        for attempt in 1...2 {
            store.append(.intent(try AuditIntent.one(attempt)), at: wallClock())
        }
        #expect(store.flush())
        #expect(explain(options, configurationPath: path, asJSON: false) == ExitStatus.failed, "two a day are allowed")
    }
}
