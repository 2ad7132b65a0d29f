import CLibuv
import Glibc
import Vocabulary

/// Asks the system's resolver (`getaddrinfo`) on the worker pool for all addresses of `name`, IPv4 and IPv6, in its
/// order and each once. At most half of the pool waits for names (libuv's slow work), the rest stays free.
///
/// A name with a dot in it is a whole name: DNS is asked for it as it is, never with a search domain of this host behind
/// it. A name without one is a short name of this host or network, which the search domains complete.
///
/// An address as a name is answered without asking. The resolver would also read `0x7f000001` as one: what counts is
/// what comes out, and that is for `Residency` to judge.
@LoopActor
public func resolveName(_ name: String) async -> Result<[IPAddress], SocketError> {
    if let address = IPAddress(name) { return .success([address]) }
    let what = "resolving the name \(name)"
    // RFC 1035 section 2.3.4: 255 octets, which is 253 characters. A NUL would end the name early, and a zone id
    // would be lost in the answer.
    guard (1...253).contains(name.utf8.count), !name.utf8.contains(0), !name.utf8.contains(UInt8(ascii: "%")) else {
        return .failure(SocketError(code: .nameUnknown, message: "\(what): a name has 1 to 253 bytes, no NUL and no %"))
    }
    guard name.contains(".") else { return await askSystem(name, what) }
    // The closing dot says that a name is whole, but the system does not find one with a dot in /etc/hosts.
    let listed = await runOnWorker { HostsFile.addresses(of: name) }
    return listed.isEmpty ? await askSystem(name + ".", what) : .success(listed)
}

@LoopActor
private func askSystem(_ name: String, _ what: String) async -> Result<[IPAddress], SocketError> {
    let waiter = Waiter<Result<[IPAddress], SocketError>>()
    let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
    // Retained until `onResolved`.
    let question = Question(what: what, waiter: waiter)
    unsafe request.pointee.data = Unmanaged.passRetained(question).toOpaque()
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    let status = unsafe uv_getaddrinfo(UVLoop.main.raw, request, onResolved, name, nil, &hints)
    if status != 0 {
        unsafe Unmanaged.passUnretained(question).release()
        unsafe request.deallocate()
        return .failure(SocketError(status, doing: what))
    }
    return await waiter.wait()
}

@LoopActor
private final class Question {
    private let what: String
    private let waiter: Waiter<Result<[IPAddress], SocketError>>

    init(what: String, waiter: Waiter<Result<[IPAddress], SocketError>>) {
        self.what = what
        self.waiter = waiter
    }

    func answered(_ status: Int32, _ addresses: [IPAddress]) {
        if status == 0, addresses.isEmpty {
            self.waiter.resume(.failure(SocketError(UV_EAI_NODATA.rawValue, doing: self.what)))
        } else {
            self.waiter.resume(status == 0 ? .success(addresses) : .failure(SocketError(status, doing: self.what)))
        }
    }
}

private func onResolved(
    _ request: UnsafeMutablePointer<uv_getaddrinfo_t>?, _ status: Int32, _ list: UnsafeMutablePointer<addrinfo>?
) {
    guard let request = unsafe request, let data = unsafe request.pointee.data else { return }
    unsafe request.deallocate()
    let addresses = unsafe addresses(in: list)
    unsafe uv_freeaddrinfo(list)
    let question = unsafe Unmanaged<Question>.fromOpaque(data)
    unsafe LoopActor.fromC(.resolve, (question.takeRetainedValue(), status, addresses)) { $0.answered($1, $2) }
}

private func addresses(in list: UnsafeMutablePointer<addrinfo>?) -> [IPAddress] {
    var found: [IPAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
        if let address = unsafe IPAddress(entry.pointee), !found.contains(address) { found.append(address) }
        unsafe next = entry.pointee.ai_next
    }
    return found
}

extension IPAddress {
    fileprivate init?(_ entry: addrinfo) {
        guard let address = unsafe entry.ai_addr else { return nil }
        switch unsafe entry.ai_family {
        case AF_INET:
            self = unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { v4 in
                unsafe withUnsafeBytes(of: v4.pointee.sin_addr) { unsafe IPAddress(octets: Array($0)) }
            }
        case AF_INET6:
            self = unsafe address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { v6 in
                unsafe withUnsafeBytes(of: v6.pointee.sin6_addr) { unsafe IPAddress(octets: Array($0)) }
            }
        default:
            return nil
        }
    }
}
