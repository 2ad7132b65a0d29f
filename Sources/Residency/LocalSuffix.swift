import Vocabulary

/// The suffix `:local`, by which a newer Ollama is told to answer a request itself or not at all (`ollama.md` 9).
public enum LocalSuffix {
    static let text = ":local"

    /// Whether names sent to a backend get the suffix: its version knows it, and its cloud is not known to be off. An
    /// unknown version gets none, since an older server would look for a model of that name.
    public static func isWanted(version: ServerVersion?, cloudIsKnownOff: Bool) -> Bool {
        guard let version, !cloudIsKnownOff else { return false }
        return version >= .localSuffix
    }

    /// `name` without the suffix that a client put there. It asks for what is the rule here anyway, so it is taken
    /// off before the name is looked up; `wasThere` tells whether the client's answer should echo it.
    public static func removed(from name: String) -> (name: String, wasThere: Bool) {
        guard name.utf8.count > Self.text.utf8.count,
            name.utf8.suffix(Self.text.utf8.count).map({ $0 | 0x20 }).elementsEqual(Self.text.utf8.map { $0 | 0x20 })
        else { return (name, false) }
        return (String(name.dropLast(Self.text.count)), true)
    }

    /// `name`, an installed model's canonical name, as the backend should read it. A model whose own tag is `local`
    /// cannot be named to a server that knows the suffix: it would look for another model, or refuse two suffixes.
    public static func served(_ name: String, version: ServerVersion?, cloudIsKnownOff: Bool) throws(Refusal) -> String
    {
        try ModelGuard.check(served: name)
        guard let version, version >= .localSuffix else { return name }
        guard !Self.removed(from: name).wasThere else {
            throw Refusal(
                .modelUnavailable,
                "model `\(name)` has the tag `local`, which Ollama \(version) reads as a suffix; "
                    + "give it another tag with `ollama cp`")
        }
        return Self.isWanted(version: version, cloudIsKnownOff: cloudIsKnownOff) ? name + Self.text : name
    }
}
