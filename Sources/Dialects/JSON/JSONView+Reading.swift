/// Reading of members that a request must have in a certain form: it ends at the first that has not.
extension JSONView {
    /// Calls `body` with each member's key (escapes resolved) and value, up to the first that it refuses; with nothing
    /// if this is no object.
    func eachMember(
        _ body: (_ key: ArraySlice<UInt8>, _ value: JSONView) throws(BodyRefusal) -> Void
    ) throws(BodyRefusal) {
        var refusal: BodyRefusal?
        self.forEachMember { key, value in
            guard refusal == nil else { return }
            do throws(BodyRefusal) { try body(key, value) } catch { refusal = error }
        }
        if let refusal { throw refusal }
    }

    /// Calls `body` with each element, up to the first that it refuses; with nothing if this is no array.
    func eachElement(_ body: (_ value: JSONView) throws(BodyRefusal) -> Void) throws(BodyRefusal) {
        var refusal: BodyRefusal?
        self.forEachElement { value in
            guard refusal == nil else { return }
            do throws(BodyRefusal) { try body(value) } catch { refusal = error }
        }
        if let refusal { throw refusal }
    }

    /// Three members at once, each as by subscript, in one pass.
    func members(
        _ first: StaticString, _ second: StaticString, _ third: StaticString
    ) -> (JSONView?, JSONView?, JSONView?) {
        var found: (JSONView?, JSONView?, JSONView?)
        self.forEachMember { key, value in
            switch key {
            case first: found.0 = value.isNull ? nil : value
            case second: found.1 = value.isNull ? nil : value
            case third: found.2 = value.isNull ? nil : value
            default: break
            }
        }
        return found
    }

    /// Is it `null`, which means the same as to be absent?
    var isNull: Bool { self.kind == .null }
}

/// Lets a `switch` over a key name its cases as texts.
@inline(__always)
func ~= (name: StaticString, key: ArraySlice<UInt8>) -> Bool {
    key.equals(name)
}
