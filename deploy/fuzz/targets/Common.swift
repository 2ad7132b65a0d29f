import Glibc

/// What all fuzz targets share: the entrance that libFuzzer calls, and ways of cutting an input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    check(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// The input in one piece, in two (where depends on its bytes, so that a finding replays), and byte by byte.
func cuts(of bytes: [UInt8]) -> [[[UInt8]]] {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let middle = Int(hash % UInt64(bytes.count + 1))
    return [[bytes], [Array(bytes[..<middle]), Array(bytes[middle...])], bytes.map { [$0] }]
}

/// Every way of cutting the input must give the same result.
func expectSame<Result: Equatable>(_ bytes: [UInt8], _ read: ([[UInt8]]) -> Result) -> Result {
    let ways = cuts(of: bytes)
    let whole = read(ways[0])
    for way in ways.dropFirst() {
        let split = read(way)
        precondition(split == whole, "cut into \(way.map(\.count)): \(split), whole: \(whole)")
    }
    return whole
}

/// The one part of a target that is to be run, if not all.
let part: String? = getenv("FUZZ_PART").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }

/// Bytes for a message.
func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
