import Configuration
import Residency
import Vocabulary

/// Reads the tree of a policy, and remembers where its parts stand.
struct PolicyReader {
    /// What the file says, before it is known to fit together.
    struct Draft {
        var revision: String
        var external: [BackendID: ExternalTerms]
        var sensitivityDefault: Sensitivity
        var clock: PolicyClock
        var tags: [SensitivityTag]
        var rules: [PolicyRule]
        var shadow: [PolicyRule]
        var tests: [PolicyTest]
    }

    let folder: String
    let backends: [PolicyFile.Backend]
    /// The parts by what they are.
    private(set) var places: [PolicySubject: Section] = [:]
    /// Those that have mistakes already: what else is told of them would be noise.
    private(set) var faulty: Set<PolicySubject> = []
    /// All names under `external`, the faulty ones too.
    private(set) var externalNames: [BackendID] = []

    init(folder: String, backends: [PolicyFile.Backend]) {
        self.folder = folder
        self.backends = backends
    }

    /// Where to tell a problem with the policy as a whole.
    func position(of problem: PolicyProblem) -> Position {
        let place = self.places[problem.subject] ?? self.places[.policy]
        guard let place else { preconditionFailure("a policy that was read has a beginning") }
        return problem.key.map { place.position(of: $0) } ?? place.position
    }

    /// Reads one part with `body`, and remembers its place under `subject`, which is asked for after it.
    mutating func part<T>(
        _ value: Value, _ subject: PolicySubject, _ body: (inout PolicyReader, inout Section) -> T?
    ) -> T? {
        let before = value.problemCount
        let result = value.section { section -> T? in
            let result = body(&self, &section)
            self.places[subject] = section
            return result
        }
        if result != nil, value.problemCount > before { self.faulty.insert(subject) }
        return result
    }

    /// A name under `external`, whatever stands behind it.
    mutating func remember(_ name: BackendID) { self.externalNames.append(name) }

    /// A part of which nothing could be read.
    mutating func markFaulty(_ subject: PolicySubject) { self.faulty.insert(subject) }

    mutating func draft(_ root: inout Section) -> Draft {
        self.places[.policy] = root
        let revision = root.read("revision") { $0.parsed(Self.revisionPhrase, Self.revision) } ?? ""
        root.read("mode", default: ()) { Self.mode($0) }
        let (sensitivity, clock) = root.section("defaults", Self.defaults)
        var external: [BackendID: ExternalTerms] = [:]
        for (id, terms) in root.entries("external", { self.external($0, $1) }) { external[id] = terms }
        let tags = root.section("sensitivity") { self.tags(&$0) }
        let rules = self.rules("rules", &root) { .rule($0) }
        let shadow = self.rules("shadow", &root) { .shadow($0) }
        let tests = self.tests(&root)
        root.refuse("exceptions", Self.later("exceptions", "a rule holds for all that it names, change the rule"))
        return Draft(
            revision: revision, external: external, sensitivityDefault: sensitivity, clock: clock, tags: tags,
            rules: rules, shadow: shadow, tests: tests)
    }

    /// What is told of a key that a later version will have.
    static func later(_ key: String, _ why: String) -> String { "`\(key)` is not there in this version: \(why)" }

    private static let revisionPhrase = "1 to 64 printable characters without blanks, as in `2026-11-24.1`"

    private static func revision(_ text: String) -> String? {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
    }

    private static func mode(_ value: Value) {
        guard let text = value.text() else { return }
        if text == "report" {
            value.problem("mode `report` comes later, a policy is always in force; try rules out under `shadow`")
        } else if text != "enforce" {
            value.problem("found `\(text)`, expected `enforce`")
        }
    }

    /// `defaults`: `sensitivity` where no tag speaks, `utc_offset` of days and hours.
    private static func defaults(_ section: inout Section) -> (Sensitivity, PolicyClock) {
        for key in ["on_scan_error", "on_scan_timeout", "scan_budget_ms"] {
            section.refuse(key, Self.later(key, "what is in a request is not looked at yet"))
        }
        section.refuse(
            "on_audit_error",
            Self.later("on_audit_error", "nothing ever leaves while the audit chain cannot be written"))
        return (
            section.choice("sensitivity", of: Sensitivity.self, default: .restricted),
            section.read("utc_offset", default: .utc) { value in
                value.parsed("a distance from UTC between -12:00 and +14:00, as in `+08:00`", PolicyClock.init)
            }
        )
    }

    /// `sensitivity.by_tag`: entries with `key`, `project`, `feature`, and what requests of these are.
    private mutating func tags(_ section: inout Section) -> [SensitivityTag] {
        section.refuse("raise", Self.later("raise", "what is in a request is not looked at yet"))
        var count = 0
        return section.list("by_tag", default: []) { value in
            let tag = self.part(value, .tag(count)) { _, tag in
                SensitivityTag(
                    key: Self.pattern("key", &tag), project: Self.pattern("project", &tag),
                    feature: Self.pattern("feature", &tag),
                    sensitivity: tag.read("is") { $0.choice(of: Sensitivity.self) } ?? .restricted)
            }
            if tag != nil { count += 1 }
            return tag
        }
    }

    private static func pattern(_ key: String, _ section: inout Section) -> NamePattern? {
        section.readIfPresent(key) { value in value.text().map { NamePattern($0) } }
    }
}

extension PolicyReader {
    /// Where the parts of a good policy stand, by what advice calls them.
    func places(of draft: Draft) -> [PolicyAdvice.Subject: Position] {
        var found: [PolicyAdvice.Subject: Position] = [:]
        for (subject, section) in self.places {
            switch subject {
            case .policy: found[.policy] = section.position
            case .external(let backend): found[.external(backend)] = section.position
            case .tag(let place): found[.tag(place)] = section.position
            case .rule(let place): found[.rule(draft.rules[place].id)] = section.position
            case .shadow(let place): found[.rule(draft.shadow[place].id)] = section.position
            }
        }
        return found
    }

    /// One of the names under `external`; what is none of them is told.
    func externalName(_ value: Value) -> BackendID? {
        guard let text = value.text() else { return nil }
        let id = BackendID(text)
        guard !self.externalNames.contains(id) else { return id }
        let known = self.externalNames.map { "`\($0)`" }.joined(separator: ", ")
        value.problem("`\(id)` has no terms under `external`, which has \(known.isEmpty ? "none" : known)")
        return nil
    }
}
