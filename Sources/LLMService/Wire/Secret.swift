/// A text that is not to be seen: printed, dumped and mirrored it says that it is one.
struct Secret: Sendable, CustomStringConvertible, CustomReflectable {
    let text: String

    init(_ text: String) { self.text = text }

    var description: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
