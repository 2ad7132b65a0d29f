import HTTPServer

/// A header of the PROXY protocol reads alike whatever follows it, and nothing shorter is taken for it.
func check(_ bytes: [UInt8]) {
    let whole = ProxyHeader.read(bytes)
    for count in bytes.indices.prefix(300) {
        switch (ProxyHeader.read(Array(bytes[..<count])), whole) {
        case (.incomplete, _), (.refused, .refused): break
        case (.header(let early), .header(let header)): precondition(early == header && early.count <= count)
        case (.header, _), (.refused, _): preconditionFailure("read in another way once more had come")
        }
    }
    guard case .header(let header) = whole else { return }
    precondition(header.count >= 15 && header.count <= bytes.count)
    precondition(ProxyHeader.read(Array(bytes[..<header.count])) == whole)
    precondition(ProxyHeader.read(Array(bytes[..<(header.count - 1)])) == .incomplete)
}
