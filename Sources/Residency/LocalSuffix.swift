import Vocabulary

/// The suffix `:local`, by which a newer Ollama is told to answer a request itself or not at all (`ollama.md` 9).
///
/// It is a second lock, never the only one: names and inventories are judged in any case. Which versions know it is
/// Health's to say; an older server would take it for a tag and find no such model.
public enum LocalSuffix {
    private static let text = ":local"

    /// `name` without the suffix that a client put there. It asks for what is the rule here anyway, so it is taken
    /// off before the name is looked up; `wasThere` tells whether the answer's `model` keeps it. A model whose own tag
    /// is `local`, on a server too old for the suffix, is looked up by its whole name first.
    public static func removed(from name: String) -> (name: String, wasThere: Bool) {
        // Nearly every name ends in another letter.
        guard name.utf8.last.map({ $0 | 0x20 }) == UInt8(ascii: "l") else { return (name, false) }
        let tail = name.utf8.suffix(Self.text.utf8.count)
        guard name.utf8.count > Self.text.utf8.count,
            zip(tail, Self.text.utf8).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 && $1 != UInt8(ascii: ":") })
        else { return (name, false) }
        return (String(name.dropLast(Self.text.count)), true)
    }

    /// `name`, an installed model's canonical name, as the backend is to read it: with the suffix where the server
    /// knows it and is not known to have its cloud off.
    ///
    /// A model whose own tag is `local` cannot be named to a server that knows the suffix: it would look for another
    /// model, or refuse two suffixes (`ollama.md` 9). Such a one is `model_unavailable`.
    public static func served(
        _ name: String, isKnownToServer: Bool, cloudIsKnownOff: Bool
    ) throws(Refusal) -> String {
        try ModelGuard.check(served: name)
        guard isKnownToServer else { return name }
        guard !Self.removed(from: name).wasThere else {
            throw Refusal(
                .modelUnavailable,
                "model `\(name)` has the tag `local`, which its server reads as a suffix of another name; "
                    + "give it a tag of its own with `ollama cp`")
        }
        return cloudIsKnownOff ? name : name + Self.text
    }
}
