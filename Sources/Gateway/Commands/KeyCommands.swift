import Accounting
import Configuration
import EventLoop
import Foundation
import Outbound
import Vocabulary

/// What `gatehouse keys` does to the keys.
public enum KeyChange: Sendable {
    /// Makes a key; `models` are patterns, `principalHeader` names the person behind it, `certificate` is known instead of
    /// a secret, `days` until it ends.
    case add(
        name: String, project: String?, models: [String], principalHeader: String?, certificate: String?, days: Int?)
    /// Gives a key a second secret.
    case rotate(id: String, overlapDays: Int)
    /// Makes a key useless.
    case revoke(id: String)
}

/// `gatehouse keys add`, `rotate`, `revoke`: changes keys.yaml, and makes a running node take it on.
public func changeKeys(configurationPath: String, _ change: KeyChange) -> Int32 {
    do {
        let file = try GatehouseFile.read(path: configurationPath, nodeDefault: hostName)
        let keys = KeysFile(path: file.keysPath, pepperPath: file.pepperPath)
        try keys.change(change, at: wallClock())
        let socket = file.stateFolder + "/" + Defaults.adminSocket
        guard FileManager.default.fileExists(atPath: socket) else { return ExitStatus.done }
        return askNode(socket: socket, configurationPath: nil) { client in
            _ = try await client.post("/reload")
            return ExitStatus.done
        }
    } catch let problems as Problems {
        return complain(about: problems)
    } catch let problem as KeySetProblem {
        complain(problem.message)
        return ExitStatus.failed
    } catch {
        complain("\(error)")
        return ExitStatus.failed
    }
}

/// `gatehouse keys list`.
public func listKeys(configurationPath: String, asJSON: Bool) -> Int32 {
    do throws(Problems) {
        let file = try GatehouseFile.read(path: configurationPath, nodeDefault: hostName)
        let keys = try KeysFile(path: file.keysPath, pepperPath: file.pepperPath).readIfPresent() ?? KeySet()
        let reports = keys.keys.map { KeyReport($0, at: wallClock()) }
        if asJSON {
            sayJSON(reports)
        } else if reports.isEmpty {
            say("no keys; `gatehouse keys add NAME` makes one")
        } else {
            var table = Table(["ID", "NAME", "PROJECT", "STATE", "SECRETS", "CERTIFICATE", "MODELS"])
            for key in reports {
                table.add([
                    key.id, key.name, key.project, key.state, "\(key.secrets)", key.certificate ?? "none",
                    key.models.isEmpty ? "all" : key.models.joined(separator: ", "),
                ])
            }
            say(table.text)
        }
        return ExitStatus.done
    } catch {
        return complain(about: error)
    }
}

/// A key without its secrets.
private struct KeyReport: Encodable {
    let id: String
    let name: String
    let project: String
    let state: String
    let secrets: Int
    let models: [String]
    let principalHeader: String?
    let certificate: String?

    init(_ key: Key, at now: WallTime) {
        self.id = key.id.rawValue
        self.name = key.name
        self.project = key.project.rawValue
        self.secrets = key.secrets.count { $0.isLive(at: now) }
        self.models = key.models.map(\.text)
        self.principalHeader = key.principalHeader
        self.certificate = key.certificate?.description
        if key.isRevoked {
            self.state = "revoked"
        } else if let end = key.notAfter {
            self.state = end <= now ? "expired" : "until \(end.utc.day)"
        } else {
            self.state = "live"
        }
    }
}

extension KeysFile {
    /// Carries out one change and tells the new key text, once. Of two commands at a time one waits for the other, so
    /// that neither writes over what the other did.
    func change(_ change: KeyChange, at now: WallTime) throws {
        try ConfigurationFile.whileLocked(self.path) { try self.changeAlone(change, at: now) }
    }

    private func changeAlone(_ change: KeyChange, at now: WallTime) throws {
        var keys = try self.readIfPresent() ?? KeySet()
        var generator = SystemRandomNumberGenerator()
        switch change {
        case .add(let name, let project, let models, let principalHeader, let certificate, let days):
            let draft = KeyDraft(
                name: name, project: project.map { ProjectName($0) } ?? "default",
                models: models.map { NamePattern($0) }, principalHeader: principalHeader,
                certificate: try certificate.map(Self.peerName), notAfter: days.map { now + .seconds($0 * 86_400) })
            // A new pepper would make all keys that are there useless.
            let pepper = keys.keys.isEmpty ? try self.pepperOrNew() : try self.pepper()
            let added = try Self.add(draft, to: &keys, pepper: pepper, at: now)
            try self.write(keys)
            say(added)
        case .rotate(let id, let overlapDays):
            let hadSecret = keys.key(KeyID(id)).map { !$0.secrets.isEmpty } ?? false
            let text = try keys.rotate(
                KeyID(id), overlap: .seconds(overlapDays * 86_400), pepper: self.pepper(), at: now, using: &generator)
            try self.write(keys)
            let now =
                hadSecret
                ? "has a second secret; \(Self.overlapInWords(overlapDays))" : "has a secret beside its certificate"
            say("key \(id) \(now). Shown only now:\n    \(text.revealed)")
        case .revoke(let id):
            try keys.revoke(KeyID(id))
            try self.write(keys)
            say("key \(id) is revoked")
        }
    }

    /// Adds a key; what to tell of it.
    private static func add(
        _ draft: KeyDraft, to keys: inout KeySet, pepper: Pepper, at now: WallTime
    ) throws(KeySetProblem) -> String {
        var generator = SystemRandomNumberGenerator()
        if let certificate = draft.certificate {
            let id = try keys.addWithoutSecret(draft, at: now, using: &generator)
            return "key \(id), known by the certificate of \(certificate), without a secret"
        }
        let text = try keys.add(draft, pepper: pepper, at: now, using: &generator)
        return "key \(text.id), shown only now:\n    \(text.revealed)"
    }

    private static func peerName(_ text: String) throws(KeySetProblem) -> PeerName {
        guard let name = PeerName(parsing: text) else { throw .certificate(text) }
        return name
    }

    /// How long the secret before the new one works.
    static func overlapInWords(_ days: Int) -> String {
        switch days {
        case ...0: "the first one works no more"
        case 1: "the first one works for one day more"
        default: "the first one works for \(days) days more"
        }
    }

    /// A pepper and a first key, for `init`; the key's text.
    func begin() throws -> String {
        var keys = KeySet()
        var generator = SystemRandomNumberGenerator()
        let text = try keys.add(
            KeyDraft(name: "first"), pepper: self.pepperOrNew(), at: wallClock(), using: &generator)
        try self.write(keys)
        return text.revealed
    }

    /// The pepper, made if there is none yet.
    private func pepperOrNew() throws -> Pepper {
        if !FileManager.default.fileExists(atPath: self.pepperPath) {
            var generator = SystemRandomNumberGenerator()
            let text = (0..<4).map { _ in String(generator.next(), radix: 16) }.joined()
            let padded = text + String(repeating: "0", count: max(0, 64 - text.count))
            try ConfigurationFile.write(padded, to: self.pepperPath, mode: Self.pepperMode)
        }
        return try self.pepper()
    }
}

/// The time, for commands that run beside no loop.
func wallClock() -> WallTime {
    WallTime(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
}
