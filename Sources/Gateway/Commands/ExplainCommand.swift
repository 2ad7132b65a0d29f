import Accounting
import Configuration
import Foundation
import Residency
import Storage
import Vocabulary

/// Which request `gatehouse explain` is asked about, as the command line has it.
public struct ExplainOptions: Sendable {
    let request: String
    let path: String
    let key: String?
    let wishes: RequestWishes
    let localCase: LocalCase?
    /// `nil` means now.
    let time: WallTime?

    /// Sentences for what is wrong with the options.
    public init(
        request: String, path: String, key: String?, project: String?, feature: String?, sensitivity: String?,
        neverExternal: Bool, time: String?, assume: String?
    ) throws(ExplainOptionFault) {
        self.request = request
        self.path = path
        self.key = key
        if let sensitivity, Sensitivity(rawValue: sensitivity) == nil {
            throw .init("--sensitivity is `\(sensitivity)`", oneOf: Sensitivity.allCases.map(\.rawValue))
        }
        self.wishes = RequestWishes(
            project: project, feature: feature, sensitivity: sensitivity, external: neverExternal ? "never" : nil)
        self.time = time.flatMap { WallTime(rfc3339: $0) }
        if let time, self.time == nil {
            throw .init(message: "--time is `\(time)`, expected a time, as in 2026-11-24T12:00:00Z")
        }
        self.localCase = assume.flatMap { LocalCase(rawValue: $0) }
        if let assume, self.localCase?.trigger == nil {
            throw .init("--assume is `\(assume)`", oneOf: LocalCase.troubles.map(\.rawValue))
        }
    }
}

/// An option's value is none of its kind.
public struct ExplainOptionFault: Error {
    /// Which one, and what was expected.
    public let message: String

    fileprivate init(_ found: String, oneOf words: [String]) {
        self.message = "\(found), expected one of \(words.joined(separator: ", "))"
    }

    fileprivate init(message: String) {
        self.message = message
    }
}

/// `gatehouse explain`: tells what would become of a request, without asking anybody. Exits 0 if it would be answered, 1
/// if it would be refused, 2 if a file or the key has a mistake.
public func explain(_ options: ExplainOptions, configurationPath: String, asJSON: Bool) -> Int32 {
    do {
        let configuration = try ConfigurationLoader(path: configurationPath, nodeDefault: hostName).load()
        let file = try GatehouseFile.read(path: configurationPath, nodeDefault: hostName)
        let question = Explainer.Question(
            bytes: try RequestFile.bytes(options.request), path: options.path,
            key: try options.key.map { try key($0, in: file) }, wishes: options.wishes, localCase: options.localCase,
            wall: options.time ?? wallClock())
        let explanation = Explainer.explain(
            question, under: configuration, departures: departures(in: file.stateFolder, until: question.wall))
        if asJSON { sayJSON(explanation) } else { say(ExplanationText(explanation).text) }
        return explanation.isAnswered ? ExitStatus.done : ExitStatus.failed
    } catch let problems as Problems {
        return complain(about: problems)
    } catch {
        return ExitStatus.told(error)
    }
}

/// The key that is meant; its secret is not needed, since nobody has to be convinced.
private func key(_ text: String, in file: GatehouseFile) throws -> Key {
    let keys = KeysFile(path: file.keysPath, pepperPath: file.pepperPath)
    guard let all = try keys.readIfPresent(), !all.keys.isEmpty else {
        throw AdminFailure(
            message: "--key is `\(text)`, and there are no keys in \(file.keysPath): callers need none",
            isConfiguration: true)
    }
    guard let key = all.key(named: text) else {
        let known = all.keys.filter { !$0.isRevoked }.map { "\($0.name) (\($0.id))" }.joined(separator: ", ")
        throw AdminFailure(
            message: "--key is `\(text)`, which is no id or name in \(file.keysPath); there are \(known)",
            isConfiguration: true)
    }
    return key
}

/// What has left on the day before `moment`, from the audit chain if it is there.
private func departures(in folder: String, until moment: WallTime) -> Explainer.Departures {
    let path = folder + "/" + Defaults.auditDatabase
    do throws(StorageProblem) {
        return .known(
            try AuditReader(path: path).departures(
                since: WallTime(microseconds: moment.microseconds - 86_400_000_000)))
    } catch {
        return .unknown(error.message)
    }
}

/// The body that is asked about.
enum RequestFile {
    /// The bytes at `path`, or of standard input for `-`; one more than a request may have is enough to see that it is
    /// too long.
    static func bytes(_ path: String) throws(AdminFailure) -> [UInt8] {
        guard let file = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path) else {
            throw AdminFailure(message: "--request is `\(path)`, which cannot be opened", isConfiguration: true)
        }
        var bytes: [UInt8] = []
        do {
            while bytes.count <= Bounds.requestBody.count, let part = try file.read(upToCount: 65_536), !part.isEmpty {
                bytes += part
            }
        } catch {
            throw AdminFailure(message: "--request is `\(path)`, which cannot be read", isConfiguration: true)
        }
        return bytes
    }
}
