import EventLoop
import Health
import Outbound
import Residency
import Vocabulary

/// `gatehouse doctor`: looks at servers and tells what is risky or odd. Exits 1 if a prompt could leave the building, or
/// if a server did not answer.
public func examine(servers: [String], zones: [String], asJSON: Bool) -> Int32 {
    _ = scrubEnvironment()
    return runOnLoop {
        do {
            let list = try ServerList(servers: servers, zones: zones)
            let findings = await (try Inspection(list.servers, networks: list.networks)).run()
            let reports = findings.map { DoctorReport($0) }
            if asJSON { sayJSON(reports) } else { say(reports.map(\.text).joined(separator: "\n\n")) }
            return reports.contains { $0.isWorrying } ? ExitStatus.failed : ExitStatus.done
        } catch let failure as StartFailure {
            complain(failure.message)
            return ExitStatus.failed
        } catch {
            complain("\(error)")
            return ExitStatus.failed
        }
    }
}

/// What `doctor` says of one server.
struct DoctorReport: Codable {
    var server: String
    /// Why it did not answer.
    var problem: String?
    var version: String?
    var cloud: String?
    var models: [Model] = []
    var risks: [RiskReport] = []

    struct Model: Codable {
        var name: String
        var size: Int
        var context: Int?
        var capabilities: [String]
        var remoteHost: String?
    }

    struct RiskReport: Codable {
        var code: String
        var severity: String
        var message: String
    }

    init(_ finding: Inspection.Finding) {
        self.server = finding.server.endpoint.description
        self.problem = finding.problem
        guard let inventory = finding.inventory else { return }
        self.version = inventory.version?.text
        self.cloud = inventory.cloud.rawValue
        self.models = inventory.models.map { model in
            Model(
                name: model.name.rawValue, size: model.size.count, context: model.contextMax?.count,
                capabilities: model.capabilities.sorted(), remoteHost: model.remoteHost)
        }
        // A Unix socket, which has no address, is reached by those whom its rights admit, loopback by this host alone.
        let expectation = BackendExpectation(reachedFromOutside: !finding.addresses.allSatisfy(\.isLoopback))
        self.risks = inventory.risks(of: finding.id, expecting: expectation).map {
            RiskReport(code: $0.code.rawValue, severity: $0.severity.rawValue, message: $0.message)
        }
    }

    var isWorrying: Bool {
        self.problem != nil || self.risks.contains { $0.severity == Risk.Severity.danger.rawValue }
    }

    var text: String {
        if let problem { return "\(self.server): no answer as an Ollama server gives it: \(problem)" }
        let head = "\(self.server): Ollama \(self.version ?? "of unknown version"), cloud \(self.cloud ?? "unknown")"
        let models = self.models.map { model in
            let context = model.context.map { ", context \($0)" } ?? ""
            let place = model.remoteHost.map { ", remote_host \($0)" } ?? ""
            return "  \(model.name)\(context) (\(model.capabilities.joined(separator: ", ")))\(place)"
        }
        let risks = self.risks.map { "  \(Self.sign($0.severity)) \($0.message)" }
        return ([head] + models + (risks.isEmpty ? ["  nothing to worry about"] : risks)).joined(separator: "\n")
    }

    private static func sign(_ severity: String) -> String {
        switch severity {
        case Risk.Severity.danger.rawValue: "!!"
        case Risk.Severity.warning.rawValue: "! "
        default: "- "
        }
    }
}
