import Vocabulary

/// How sensitive a request is, and who says so.
public struct Classification: Hashable, Sendable {
    /// The sensitivity.
    public var sensitivity: Sensitivity
    /// Where it comes from, in this order: `default`, `key`, `project`, `feature`, `caller`, `conversation`.
    public var sources: [String]

    /// A classification of these values.
    public init(sensitivity: Sensitivity, sources: [String]) {
        self.sensitivity = sensitivity
        self.sources = sources
    }
}

/// An entry of `sensitivity.by_tag`: how sensitive requests of a key, project or feature are. All that it names must
/// match.
public struct SensitivityTag: Hashable, Sendable {
    /// A key's id or name.
    public var key: NamePattern?
    /// A project.
    public var project: NamePattern?
    /// A feature.
    public var feature: NamePattern?
    /// How sensitive they are.
    public var sensitivity: Sensitivity

    /// A tag of these values.
    public init(
        key: NamePattern? = nil, project: NamePattern? = nil, feature: NamePattern? = nil, sensitivity: Sensitivity
    ) {
        self.key = key
        self.project = project
        self.feature = feature
        self.sensitivity = sensitivity
    }

    var namesNothing: Bool { self.key == nil && self.project == nil && self.feature == nil }

    /// What is not known of a caller matches nothing: the default holds for it.
    func matches(_ caller: PolicyCaller) -> Bool {
        if let key = self.key {
            let byID = caller.key.map { key.matches($0.rawValue) } ?? false
            guard byID || caller.keyName.map({ key.matches($0) }) ?? false else { return false }
        }
        if let project = self.project {
            guard let name = caller.project, project.matches(name.rawValue) else { return false }
        }
        if let feature = self.feature {
            guard let name = caller.feature, feature.matches(name.rawValue) else { return false }
        }
        return true
    }
}

extension Policy {
    /// Classifies a request: the highest of the tags that match, or the default if none does. What the caller says
    /// (`raised`) and what its conversation was before may only raise it.
    public func classify(
        _ caller: PolicyCaller, raisedTo raised: Sensitivity? = nil, conversation: Sensitivity? = nil
    ) -> Classification {
        var result = self.byTags(caller)
        if let raised, raised > result.sensitivity {
            result = Classification(sensitivity: raised, sources: ["caller"])
        }
        if let conversation, conversation > result.sensitivity {
            result = Classification(sensitivity: conversation, sources: ["conversation"])
        }
        return result
    }

    private func byTags(_ caller: PolicyCaller) -> Classification {
        var found: Sensitivity?
        var (isByKey, isByProject, isByFeature) = (false, false, false)
        for tag in self.tags where tag.matches(caller) {
            if let best = found, tag.sensitivity < best { continue }
            if tag.sensitivity != found { (isByKey, isByProject, isByFeature) = (false, false, false) }
            found = tag.sensitivity
            isByKey = isByKey || tag.key != nil
            isByProject = isByProject || tag.project != nil
            isByFeature = isByFeature || tag.feature != nil
        }
        guard let found else { return self.untagged }
        let sources = [("key", isByKey), ("project", isByProject), ("feature", isByFeature)]
        return Classification(sensitivity: found, sources: sources.filter(\.1).map(\.0))
    }
}
