import Configuration
import Residency
import Vocabulary

/// `policy.yaml`, read: what may leave, where to, and what must hold there.
struct PolicyFile: Sendable {
    /// A backend outside as gatehouse.yaml has it.
    typealias Backend = (id: BackendID, jurisdiction: String)

    /// The schema of this file.
    static let schema = 1

    /// The policy.
    let policy: Policy
    /// The tests that the file brings.
    let tests: [PolicyTest]
    /// Where each part of the policy stands; the whole stands at the file's beginning.
    let places: [PolicyAdvice.Subject: Position]

    /// Reads the file at `path`, which may speak of these `backends` alone. Files that it names count from its folder.
    static func read(path: String, backends: [Backend]) throws(Problems) -> PolicyFile {
        guard ConfigurationFile.exists(path) else {
            throw Problems([
                Problem(
                    file: path,
                    "file is missing; name another one with `policy` in gatehouse.yaml, or leave `policy` out: "
                        + "without a policy nothing leaves")
            ])
        }
        let bytes: [UInt8]
        do throws(FileFault) { bytes = try ConfigurationFile.bytes(path, max: Bounds.configurationFile) } catch {
            throw Problems([Problem(file: path, error.message)])
        }
        return try self.read(bytes: bytes, file: path, backends: backends)
    }

    private static func read(bytes: [UInt8], file: String, backends: [Backend]) throws(Problems) -> PolicyFile {
        var reader = PolicyReader(folder: Paths.folder(of: file), backends: backends)
        let tree = try ConfigurationTree.read(bytes, file: file)
        let (draft, own) = try tree.examine(schema: self.schema) { root in reader.draft(&root) }
        var problems = own
        do throws(PolicyProblems) {
            let policy = try Policy(
                source: Verdict.Source(hash: AuditHash(of: bytes), revision: draft.revision),
                external: draft.external, sensitivityDefault: draft.sensitivityDefault, clock: draft.clock,
                tags: draft.tags, rules: draft.rules, shadow: draft.shadow)
            if problems.isEmpty {
                return PolicyFile(policy: policy, tests: draft.tests, places: reader.places(of: draft))
            }
        } catch {
            for problem in error.problems where !reader.faulty.contains(problem.subject) {
                problems.append(Problem(reader.position(of: problem), problem.message))
            }
        }
        throw Problems(problems)
    }
}
