import CLibcurl

/// The installed libcurl cannot do what the door relies on; the program must not start with it.
public struct OutboundProblem: Error, Sendable, CustomStringConvertible {
    /// What was asked of libcurl, and its answer.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// `code` of libcurl, met while `doing` something.
    init(_ code: CURLcode, doing: String) {
        self.description = "\(doing): \(curlMessage(code)) (libcurl \(code.rawValue))"
    }
}

/// libcurl's own words for `code`.
func curlMessage(_ code: CURLcode) -> String {
    guard let text = unsafe curl_easy_strerror(code) else { return "unknown error" }
    return unsafe String(cString: text)
}
