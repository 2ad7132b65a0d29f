import Configuration
import Residency
import Vocabulary

/// `gatehouse policy lint`: prints every mistake of the configuration and exits 2, or what is no mistake and probably
/// not meant; that exits 1 only if `isStrict`.
public func lintPolicy(configurationPath: String, isStrict: Bool) -> Int32 {
    withPolicy(of: configurationPath) { gatehouse, policy in
        let lint = PolicyLint(policy, backends: gatehouse.sites.external, path: gatehouse.policyPath)
        say(lint.text)
        return isStrict && !lint.lines.isEmpty ? ExitStatus.failed : ExitStatus.done
    }
}

/// `gatehouse policy test`: runs the tests that the policy brings; exits 1 if one fails.
public func testPolicy(configurationPath: String, asJSON: Bool) -> Int32 {
    withPolicy(of: configurationPath) { gatehouse, policy in
        let report = PolicyTestReport(policy, path: gatehouse.policyPath)
        if asJSON { sayJSON(report) } else { say(report.text) }
        return report.failed == 0 ? ExitStatus.done : ExitStatus.failed
    }
}

/// Reads the whole configuration, since a policy is right or wrong together with the backends that it speaks of.
private func withPolicy(of path: String, _ body: (GatehouseFile, PolicyFile) -> Int32) -> Int32 {
    do throws(Problems) {
        _ = try ConfigurationLoader(path: path, nodeDefault: hostName).load()
        let gatehouse = try GatehouseFile.read(path: path, nodeDefault: hostName)
        guard let policy = try gatehouse.policyFile() else {
            complain("there is no policy at \(gatehouse.policyPath): nothing leaves")
            return ExitStatus.failed
        }
        return body(gatehouse, policy)
    } catch {
        return complain(about: error)
    }
}
