import Vocabulary

/// Who asks, as far as it is known and vouched for.
public struct PolicyCaller: Hashable, Sendable {
    /// The key's id; `nil` without keys.
    public var key: KeyID?
    /// The key's name.
    public var keyName: String?
    /// Who pays.
    public var project: ProjectName?
    /// For which function; `nil` if the request names none.
    public var feature: FeatureName?

    /// A caller of these values.
    public init(
        key: KeyID? = nil, keyName: String? = nil, project: ProjectName? = nil, feature: FeatureName? = nil
    ) {
        self.key = key
        self.keyName = keyName
        self.project = project
        self.feature = feature
    }
}

/// May this request be sent to this backend outside?
public struct PolicyQuestion: Hashable, Sendable {
    /// The request.
    public var request: RequestID
    /// The backend.
    public var backend: BackendID
    /// The model's name there.
    public var model: String
    /// Why local would not do.
    public var trigger: Trigger
    /// How sensitive the request is.
    public var classification: Classification
    /// Who asks.
    public var caller: PolicyCaller
    /// The length of the body that would be sent.
    public var bytes: Int
    /// The caller said `x-gatehouse-external: never`.
    public var declinesExternal: Bool

    /// A question of these values.
    public init(
        request: RequestID, backend: BackendID, model: String, trigger: Trigger, classification: Classification,
        caller: PolicyCaller, bytes: Int, declinesExternal: Bool
    ) {
        self.request = request
        self.backend = backend
        self.model = model
        self.trigger = trigger
        self.classification = classification
        self.caller = caller
        self.bytes = bytes
        self.declinesExternal = declinesExternal
    }
}
