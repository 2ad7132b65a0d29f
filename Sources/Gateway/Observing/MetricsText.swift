/// Writes the Prometheus text format, version 0.0.4: each family once with its help and type, then its samples.
struct MetricsText {
    /// The value of the `Content-Type` header.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var bytes: [UInt8] = []

    enum Kind: String {
        case counter, gauge, histogram
    }

    /// Begins a family; its samples follow.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        self.bytes += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n".utf8
    }

    /// One sample without labels.
    mutating func sample(_ name: String, _ value: Double) {
        self.sample(name, [], value)
    }

    /// One sample with labels. A label's value may hold anything; it is escaped here.
    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        self.bytes += name.utf8
        self.appendLabels(labels)
        let text = value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
        self.bytes += " \(text)\n".utf8
    }

    /// All samples of one histogram.
    mutating func histogram(_ name: String, _ labels: [(String, String)], _ histogram: BucketHistogram) {
        var cumulative = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            cumulative += count
            self.sample(name + "_bucket", labels + [("le", String(bound))], Double(cumulative))
        }
        self.sample(name + "_bucket", labels + [("le", "+Inf")], Double(histogram.count))
        self.sample(name + "_sum", labels, histogram.sum)
        self.sample(name + "_count", labels, Double(histogram.count))
    }

    private mutating func appendLabels(_ labels: [(String, String)]) {
        if labels.isEmpty { return }
        self.bytes.append(UInt8(ascii: "{"))
        for (index, (name, value)) in labels.enumerated() {
            if index > 0 { self.bytes.append(UInt8(ascii: ",")) }
            self.bytes += "\(name)=\"".utf8
            for byte in value.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): self.bytes += "\\\\".utf8
                case UInt8(ascii: "\""): self.bytes += "\\\"".utf8
                case UInt8(ascii: "\n"): self.bytes += "\\n".utf8
                default: self.bytes.append(byte)
                }
            }
            self.bytes.append(UInt8(ascii: "\""))
        }
        self.bytes.append(UInt8(ascii: "}"))
    }
}

/// Counts values in fixed buckets, as a Prometheus histogram needs them.
struct BucketHistogram {
    /// Upper bounds, ascending; above the last is `+Inf`.
    let bounds: [Double]
    private(set) var counts: [Int]
    private(set) var count = 0
    private(set) var sum = 0.0

    /// The bounds of OpenTelemetry's `gen_ai.server.request.duration` (GenAI semantic conventions), in seconds.
    static let seconds = [
        0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 327.68,
    ]
    /// The bounds of `gen_ai.server.time_to_first_token`, in seconds.
    static let firstTokenSeconds = [
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 120,
    ]
    /// For a wait for the disk, in seconds; the last is `Bounds.auditWait`.
    static let auditSeconds = [
        0.000_5, 0.001, 0.001_5, 0.002, 0.003, 0.004, 0.005, 0.007_5, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
    ]
    /// The bounds of `gen_ai.client.token.usage`, in tokens.
    static let tokens: [Double] = [
        1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
    ]

    init(bounds: [Double]) {
        self.bounds = bounds
        self.counts = Array(repeating: 0, count: bounds.count)
    }

    mutating func record(_ value: Double) {
        self.count += 1
        self.sum += value
        if let index = self.bounds.firstIndex(where: { value <= $0 }) { self.counts[index] += 1 }
    }
}
