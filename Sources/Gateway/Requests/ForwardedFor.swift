import Residency
import Vocabulary

/// For whom a proxy asks, by `X-Forwarded-For`. Each proxy appends who asked it, so that what stands at the right of the
/// header is a proxy's word, and what stands before that may be anybody's.
enum ForwardedFor {
    /// Proxies behind each other that are followed; whoever stands behind the last of them counts as the client.
    static let hopsMax = 16

    /// The first address, from `peer` backwards, that is none of `proxies`. What cannot be read ends the way: the proxy
    /// that appended it is then taken for the client.
    static func client(of peer: IPAddress, _ lines: [ArraySlice<UInt8>], proxies: [CIDR]) -> IPAddress {
        var client = peer
        var hops = 0
        for line in lines.reversed() {
            for entry in line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).reversed() {
                guard hops < Self.hopsMax, proxies.contains(where: { $0.contains(client) }),
                    let next = Self.address(entry)
                else { return client }
                client = next
                hops += 1
            }
        }
        return client
    }

    /// An address, perhaps with a port, as some proxies append it.
    private static func address(_ entry: ArraySlice<UInt8>) -> IPAddress? {
        let text = String(decoding: entry, as: UTF8.self).trimming(" \t")
        if let address = IPAddress(text) { return address.unmapped }
        let isBracketed = text.hasPrefix("[")
        guard let end = text.firstIndex(of: isBracketed ? "]" : ":") else { return nil }
        let port = text[end...].dropFirst(isBracketed ? 1 : 0)
        guard port.isEmpty || port.first == ":" && UInt16(port.dropFirst()) != nil else { return nil }
        return IPAddress(text[..<end].dropFirst(isBracketed ? 1 : 0))?.unmapped
    }
}

extension String {
    fileprivate func trimming(_ blanks: String) -> Substring {
        var rest = self[...]
        while let first = rest.first, blanks.contains(first) { rest.removeFirst() }
        while let last = rest.last, blanks.contains(last) { rest.removeLast() }
        return rest
    }
}
