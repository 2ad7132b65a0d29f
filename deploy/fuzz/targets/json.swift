import Dialects

/// A text is valid or not; the members of a valid object are valid texts themselves.
func check(_ bytes: [UInt8]) {
    let isValid = (try? JSONScanner.validate(bytes)) != nil
    guard let members = try? JSONScanner.members(of: bytes) else { return }
    precondition(isValid, "the members of an invalid text were listed")
    for member in members {
        precondition((try? JSONScanner.validate(Array(bytes[member.value]))) != nil, "a member is not valid")
    }
}
