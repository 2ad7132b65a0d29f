import CLibcurl

/// Owns a list of strings in libcurl's form. libcurl keeps only the pointer, so whoever sets it keeps this alive.
@safe
final class StringList {
    let raw: UnsafeMutablePointer<curl_slist>?

    /// The list of these lines, in their order.
    init(_ lines: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = unsafe curl_slist_append(list, line) else { preconditionFailure("out of memory") }
            unsafe list = longer
        }
        unsafe self.raw = list
    }

    deinit {
        unsafe curl_slist_free_all(self.raw)
    }
}
