import Vocabulary

extension Value {
    /// A length of time within `range`: a whole number and its unit, `ms`, `s`, `m`, `h` or `d`.
    public func duration(in range: ClosedRange<Duration>) -> Duration? {
        let expected =
            "a time with its unit, from \(Units.text(range.lowerBound)) to \(Units.text(range.upperBound)), as in `5s`"
        return self.quantity(expected, units: Units.time) { count, unit in
            let (milliseconds, isTooLarge) = count.multipliedReportingOverflow(by: unit)
            let duration = Duration.milliseconds(milliseconds)
            return isTooLarge || !range.contains(duration) ? nil : duration
        }
    }

    /// A number of bytes within `range`: a whole number and its unit, `B`, `KiB`, `MiB` or `GiB`.
    public func size(in range: ClosedRange<Bytes>) -> Bytes? {
        let upTo = range.upperBound.count == .max ? "up" : "to \(Units.text(range.upperBound))"
        let expected = "a size with its unit, from \(Units.text(range.lowerBound)) \(upTo), as in `32MiB`"
        return self.quantity(expected, units: Units.size) { count, unit in
            let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: unit)
            return isTooLarge || !range.contains(Bytes(bytes)) ? nil : Bytes(bytes)
        }
    }

    /// A TCP port.
    public func port() -> UInt16? {
        self.int(in: 1...65_535).map(UInt16.init)
    }

    /// Where to listen.
    public func listenAddress() -> ListenAddress? { self.listenAddress(after: "").address }

    /// The same; `scheme` may stand before the address, and whether it does is told.
    public func listenAddress(after scheme: String) -> (address: ListenAddress?, hasScheme: Bool) {
        var hasScheme = false
        let address = self.parsed(
            "an address and a port, or a Unix socket", message: { (error: ListenAddress.Fault) in error.message }
        ) {
            (text: String) throws(ListenAddress.Fault) in
            hasScheme = !scheme.isEmpty && text.hasPrefix(scheme)
            return try ListenAddress(parsing: hasScheme ? String(text.dropFirst(scheme.count)) : text)
        }
        return (address, hasScheme)
    }

    private func quantity<T>(_ expected: String, units: [Units.Unit], _ make: (Int, Int) -> T?) -> T? {
        self.parsed(expected) { text in
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            guard let count = Int(digits) else { return nil }
            let suffix = text.dropFirst(digits.count).drop { $0 == " " }
            guard let unit = units.first(where: { $0.name == suffix }) else { return nil }
            return make(count, unit.factor)
        }
    }
}

/// The units of values in configuration files.
enum Units {
    /// A unit's name and how much of the smallest one it is.
    typealias Unit = (name: String, factor: Int)

    /// In milliseconds.
    static let time: [Unit] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
    /// In bytes. No `MB`: it means 1,000,000 to one reader and 1,048,576 to the next.
    static let size: [Unit] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]

    /// `duration` in the largest unit that says it exactly.
    static func text(_ duration: Duration) -> String { Self.text(Int(duration.milliseconds), Self.time, zero: "0s") }

    /// `bytes` in the largest unit that says it exactly.
    static func text(_ bytes: Bytes) -> String { Self.text(bytes.count, Self.size, zero: "0B") }

    private static func text(_ count: Int, _ units: [Unit], zero: String) -> String {
        if count == 0 { return zero }
        let unit = units.last { count % $0.factor == 0 } ?? units[0]
        return "\(count / unit.factor)\(unit.name)"
    }
}
