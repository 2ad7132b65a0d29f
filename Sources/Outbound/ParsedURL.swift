import CLibcurl

/// Owns a URL in libcurl's parsed form. A transfer that gets its URL as text has libcurl parse it and write it out
/// again, which costs some 13,000 instructions; of one in this form libcurl takes a copy.
@safe
final class ParsedURL {
    let raw: OpaquePointer

    /// Parses `text`, whose path stays as it is. A user in it is refused, as the profile does.
    init(_ text: String) throws(OutboundProblem) {
        guard let raw = unsafe curl_url() else { throw OutboundProblem("libcurl makes no URL") }
        unsafe self.raw = raw
        let code = unsafe curl_url_set(raw, CURLUPART_URL, text, UInt32(CURLU_PATH_AS_IS | CURLU_DISALLOW_USER))
        guard code == CURLUE_OK else { throw OutboundProblem("libcurl does not take a URL: error \(code.rawValue)") }
    }

    deinit {
        unsafe curl_url_cleanup(self.raw)
    }
}
