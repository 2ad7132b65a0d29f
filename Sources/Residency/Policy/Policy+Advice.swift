import Vocabulary

/// Something in a policy that is no mistake, and probably not meant.
public struct PolicyAdvice: Hashable, Sendable {
    /// What it is about.
    public enum Subject: Hashable, Sendable {
        /// The whole.
        case policy
        /// What must hold of a backend.
        case external(BackendID)
        /// An entry of `sensitivity.by_tag`, counted from 0.
        case tag(Int)
        /// A rule, in force or in shadow.
        case rule(RuleID)
    }

    /// What it is about.
    public let subject: Subject
    /// What was found and what would be better; lower case, no full stop.
    public let message: String

    /// The advice `message` about `subject`.
    public init(_ subject: Subject, _ message: String) {
        self.subject = subject
        self.message = message
    }
}

extension Policy {
    /// What an author should look at again. A policy without any may still be wrong: only its tests tell.
    public var advice: [PolicyAdvice] {
        self.adviceOnSensitivity + self.adviceOnBackends + self.rules.flatMap(self.advice(on:))
            + self.shadow.compactMap(self.adviceOnReach(of:))
    }

    // MARK: Sensitivity

    private var adviceOnSensitivity: [PolicyAdvice] {
        var advice: [PolicyAdvice] = []
        if self.sensitivityDefault < .restricted {
            advice.append(
                PolicyAdvice(
                    .policy,
                    "what nobody has classified is `\(self.sensitivityDefault.rawValue)` here, a project that was "
                        + "forgotten too; leave `defaults.sensitivity` out, and classify under `sensitivity`"))
        }
        for (place, tag) in self.tags.enumerated() where tag.feature != nil {
            guard let less = self.sensitivityWithoutFeature(of: tag), less < tag.sensitivity else { continue }
            advice.append(
                PolicyAdvice(
                    .tag(place),
                    "a caller that leaves its feature out is only `\(less.rawValue)`, not "
                        + "`\(tag.sensitivity.rawValue)`: a feature is the caller's own word, raise by key or project"))
        }
        return advice
    }

    /// The lowest sensitivity that callers of `tag` may have if they name no feature.
    private func sensitivityWithoutFeature(of tag: SensitivityTag) -> Sensitivity? {
        let others = self.tags.filter { $0.feature == nil && $0.mayMeet(tag) }
        // One that names no less than `tag` holds for all of its callers; else some have the default.
        let certain = others.filter { $0.holdsForAll(of: tag) }
        let least = others.map(\.sensitivity).min()
        if let floor = certain.map(\.sensitivity).max() { return floor }
        return min(least ?? self.sensitivityDefault, self.sensitivityDefault)
    }

    /// Nothing is ever less sensitive than this.
    private var sensitivityMin: Sensitivity {
        min(self.sensitivityDefault, self.tags.map(\.sensitivity).min() ?? .restricted)
    }

    // MARK: Backends

    private var adviceOnBackends: [PolicyAdvice] {
        self.external.sorted { $0.key < $1.key }.flatMap { backend, terms in
            var advice = terms.prefixes.filter(\.isWide).map { prefix in
                PolicyAdvice(
                    .external(backend),
                    prefix.prefix == 0
                        ? "`\(prefix)` is the whole Internet, list the networks of the provider"
                        : "`\(prefix)` is wider than any provider's network, list those in use")
            }
            if !self.mayAsk(backend) {
                advice.append(
                    PolicyAdvice(.external(backend), "no rule allows `\(backend)` to anybody, so it is never asked"))
            }
            return advice
        }
    }

    // MARK: Rules

    private func advice(on rule: PolicyRule) -> [PolicyAdvice] {
        var advice: [PolicyAdvice] = []
        if let unreachable = self.adviceOnReach(of: rule) { advice.append(unreachable) }
        switch rule.effect {
        case .allow(let allowance):
            if allowance.limits.isEmpty {
                advice.append(
                    PolicyAdvice(
                        .rule(rule.id),
                        "rule `\(rule.id)` has no `limits`, a program that runs wild may send any amount"))
            }
            if allowance.sensitivityMax == .restricted {
                advice.append(
                    PolicyAdvice(
                        .rule(rule.id),
                        "rule `\(rule.id)` lets go what is `restricted`, which is also what nobody has classified"))
            }
        case .deny:
            // Of two that are alike the first one, by id, is the one to keep.
            let wider = self.rules.first { other in
                other.id != rule.id && other.denies(allOf: rule, from: .public) && (other.isHard || !rule.isHard)
                    && !(rule.id < other.id && rule.denies(allOf: other, from: .public) && rule.isHard == other.isHard)
            }
            if let wider {
                advice.append(
                    PolicyAdvice(
                        .rule(rule.id), "rule `\(rule.id)` adds nothing: `\(wider.id)` denies all that it does"))
            }
        }
        return advice
    }

    /// Why `rule` can never match, or never change anything.
    private func adviceOnReach(of rule: PolicyRule) -> PolicyAdvice? {
        guard case .allow(let allowance) = rule.effect else { return nil }
        if allowance.sensitivityMax < self.sensitivityMin {
            return PolicyAdvice(
                .rule(rule.id),
                "rule `\(rule.id)` can never match: it takes `\(allowance.sensitivityMax.rawValue)` at most, and no "
                    + "request is less than `\(self.sensitivityMin.rawValue)`")
        }
        guard let denial = self.rules.first(where: { $0.denies(allOf: rule, from: self.sensitivityMin) }) else {
            return nil
        }
        return PolicyAdvice(
            .rule(rule.id), "rule `\(rule.id)` can never match: `\(denial.id)` denies all that it allows")
    }
}

extension PolicyRule {
    /// Whether this is a deny rule that matches whatever `other` matches, when nothing is less sensitive than `floor`.
    /// True is certain; false may only mean that it cannot be told.
    fileprivate func denies(allOf other: PolicyRule, from floor: Sensitivity) -> Bool {
        guard case .deny(let denial) = self.effect else { return false }
        let lowest: Sensitivity =
            switch other.effect {
            case .allow: floor
            case .deny(let theirs): max(floor, theirs.sensitivityMin ?? .public)
            }
        return denial.sensitivityMin ?? .public <= lowest && Self.holds(self.to, other.to)
            && Self.holds(denial.triggers, other.triggers) && Self.holds(self.projects, other.projects)
            && Self.holds(self.keys, other.keys) && Self.holds(self.features, other.features)
            && (self.time == nil || self.time == other.time)
    }

    private static func holds<Word: Hashable>(_ wide: Set<Word>?, _ narrow: Set<Word>?) -> Bool {
        guard let wide else { return true }
        return narrow.map { $0.isSubset(of: wide) } ?? false
    }

    private static func holds(_ wide: [NamePattern]?, _ narrow: [NamePattern]?) -> Bool {
        guard let wide else { return true }
        return narrow?.allSatisfy { pattern in wide.contains { $0.holds(pattern) } } ?? false
    }
}

extension NamePattern {
    /// Whether this matches whatever `other` matches: each star of `other` must fall to a star of this, since no
    /// pattern has a star among its plain characters.
    fileprivate func holds(_ other: NamePattern) -> Bool { self.matches(other.text) }
}

extension SensitivityTag {
    /// Whether some caller may have both, its feature aside. True unless it is certain that none has.
    fileprivate func mayMeet(_ other: SensitivityTag) -> Bool {
        Self.mayMeet(self.key, other.key) && Self.mayMeet(self.project, other.project)
    }

    /// Whether every caller of `other` has this too, its feature aside.
    fileprivate func holdsForAll(of other: SensitivityTag) -> Bool {
        [(self.key, other.key), (self.project, other.project)].allSatisfy { own, theirs in
            guard let own else { return true }
            return theirs.map { own.holds($0) } ?? false
        }
    }

    private static func mayMeet(_ left: NamePattern?, _ right: NamePattern?) -> Bool {
        guard let left, let right, !left.hasWildcard || !right.hasWildcard else { return true }
        return left.matches(right.text) || right.matches(left.text)
    }
}

extension CIDR {
    /// Wider than what one organisation is given: a /8 of IPv4, a /16 of IPv6. Private space is somebody's own.
    fileprivate var isWide: Bool {
        let isOwn = SpecialRange.all.contains { $0.block.contains(self) }
        return !isOwn && self.prefix < (self.network.isV4 ? 8 : 16)
    }
}
