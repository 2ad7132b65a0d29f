import CLibcurl
import CShim
import EventLoop

/// Owns one easy handle of libcurl, and is the only place that makes one. Every option passes through `set`, which
/// looks at the return code.
///
/// libcurl's callbacks get a pointer to this object. It is unretained: the pool holds the object for as long as the
/// handle is in the pool's multi handle, and libcurl calls back at no other time.
@LoopActor @safe
final class EasyHandle {
    nonisolated(unsafe) let raw: UnsafeMutableRawPointer
    nonisolated(unsafe) private let errorBuffer: UnsafeMutablePointer<CChar>

    /// What the handle works for; `nil` while it rests in the pool.
    var transfer: Transfer?
    /// The place in the pool's list of running handles.
    var index = -1
    /// Kept alive for libcurl, which keeps only pointers to them.
    private var url: ParsedURL?
    private var lists: (headers: StringList?, connectTo: StringList?)
    private var body: [UInt8] = []

    init() throws(OutboundProblem) {
        guard let raw = unsafe curl_easy_init() else { throw OutboundProblem("libcurl makes no handle") }
        unsafe self.raw = raw
        unsafe self.errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe self.errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        unsafe curl_easy_cleanup(self.raw)
        unsafe self.errorBuffer.deallocate()
    }

    /// The pointer that callbacks get.
    var opaque: UnsafeMutableRawPointer {
        unsafe Unmanaged.passUnretained(self).toOpaque()
    }

    /// The object behind a pointer made by `opaque`.
    nonisolated static func from(_ opaque: UnsafeMutableRawPointer) -> EasyHandle {
        unsafe Unmanaged<EasyHandle>.fromOpaque(opaque).takeUnretainedValue()
    }

    /// libcurl's words on the latest failure, else its name for `code`.
    func message(for code: CURLcode) -> String {
        let text = unsafe String(cString: self.errorBuffer)
        return text.isEmpty ? curlMessage(code) : text
    }

    // MARK: Options

    func set(_ option: CURLoption, _ value: Int) throws(OutboundProblem) {
        try self.check(unsafe gatehouse_curl_set_long(self.raw, option, value), option)
    }

    func set(_ option: CURLoption, _ value: String) throws(OutboundProblem) {
        try self.check(unsafe gatehouse_curl_set_string(self.raw, option, value), option)
    }

    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) throws(OutboundProblem) {
        try self.check(unsafe gatehouse_curl_set_pointer(self.raw, option, value), option)
    }

    /// `bytes`, which libcurl copies.
    func setBlob(_ option: CURLoption, _ bytes: [UInt8]) throws(OutboundProblem) {
        let code = unsafe bytes.withUnsafeBytes { bytes in
            unsafe gatehouse_curl_set_copied_blob(self.raw, option, bytes.baseAddress, bytes.count)
        }
        try self.check(code, option)
    }

    /// `callback` for the lines of the head or for the body.
    func set(
        _ option: CURLoption,
        _ callback: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int
    ) throws(OutboundProblem) {
        try self.check(unsafe gatehouse_curl_set_data_callback(self.raw, option, callback), option)
    }

    func setHooks() throws(OutboundProblem) {
        try self.check(
            unsafe gatehouse_curl_set_open_socket(self.raw, onOpenSocket), CURLOPT_OPENSOCKETFUNCTION)
        try self.check(
            unsafe gatehouse_curl_set_close_socket(self.raw, onCloseSocket), CURLOPT_CLOSESOCKETFUNCTION)
        try self.check(unsafe gatehouse_curl_set_pre_request(self.raw, onPreRequest), CURLOPT_PREREQFUNCTION)
        try unsafe self.set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(self.errorBuffer))
    }

    func setHeaders(_ list: StringList) throws(OutboundProblem) {
        try self.check(unsafe gatehouse_curl_set_list(self.raw, CURLOPT_HTTPHEADER, list.raw), CURLOPT_HTTPHEADER)
        self.lists.headers = list
    }

    /// Where a handle is used again, libcurl's own text of the URL stays the first one's; nothing of it is sent, since
    /// each attempt begins with a copy of the parsed form (`parseurlandfillconn` in lib/url.c).
    func setURL(_ url: ParsedURL) throws(OutboundProblem) {
        unsafe self.errorBuffer.pointee = 0
        try unsafe self.set(CURLOPT_CURLU, UnsafeMutableRawPointer(url.raw))
        self.url = url
    }

    func setConnectTo(_ list: StringList?) throws(OutboundProblem) {
        try self.check(unsafe gatehouse_curl_set_list(self.raw, CURLOPT_CONNECT_TO, list?.raw), CURLOPT_CONNECT_TO)
        self.lists.connectTo = list
    }

    /// A POST of `body`, whose bytes are not copied. An array's elements are one heap object, which neither moves nor
    /// ends while the array is kept unchanged; `body` is replaced only when no transfer runs.
    func setPost(_ body: [UInt8]) throws(OutboundProblem) {
        self.body = body
        try self.set(CURLOPT_POST, 1)
        try self.check(
            unsafe gatehouse_curl_set_offset(self.raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)),
            CURLOPT_POSTFIELDSIZE_LARGE)
        let start = unsafe self.body.withUnsafeBytes { bytes in
            unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        }
        // Without a pointer libcurl would ask a callback for the body, which an empty one does not need.
        if let start = unsafe start {
            try unsafe self.set(CURLOPT_POSTFIELDS, start)
        } else {
            try self.set(CURLOPT_COPYPOSTFIELDS, "")
        }
    }

    func setGet() throws(OutboundProblem) {
        self.body = []
        try self.set(CURLOPT_HTTPGET, 1)
    }

    /// Lets go of what the last transfer was given; false if libcurl does not, and the handle must not be used again.
    /// Method, body, URL, headers and CURLOPT_CONNECT_TO are all that differs between the transfers of one pool, and
    /// each is set anew for the next.
    func rest() -> Bool {
        self.transfer = nil
        let hasLetGo = unsafe gatehouse_curl_set_pointer(self.raw, CURLOPT_POSTFIELDS, nil) == CURLE_OK
        self.body = []
        return hasLetGo
    }

    /// The owner of the handle `raw`, which libcurl names in its messages and socket callbacks.
    static func owner(of raw: UnsafeMutableRawPointer) -> EasyHandle {
        var context: UnsafeMutableRawPointer?
        unsafe _ = gatehouse_curl_get_pointer(raw, CURLINFO_PRIVATE, &context)
        guard let context = unsafe context else { preconditionFailure("a handle of libcurl without its owner") }
        return unsafe self.from(context)
    }

    private func check(_ code: CURLcode, _ option: CURLoption) throws(OutboundProblem) {
        if code != CURLE_OK { throw OutboundProblem(code, doing: "setting option \(option.rawValue) of libcurl") }
    }
}
