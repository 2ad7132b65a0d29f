import Vocabulary

/// Embeddings: unit length, the same for the same text and model; texts that share words lie nearer together.
enum Embeddings {
    /// One input as `/api/embed` and `/v1/embeddings` take them.
    static func inputs(_ value: JSONValue?) throws(Failure) -> [JSONText]? {
        switch value {
        case nil: return nil
        case .string(let text): return text.isEmpty ? [] : [text]
        case .array(let items):
            var texts: [JSONText] = []
            for item in items {
                guard let text = item.text else { throw Failure(400, "invalid input type") }
                texts.append(text)
            }
            return texts
        case .some: throw Failure(400, "invalid input type")
        }
    }

    /// Two more than the words cost, for the marks at both ends.
    static func tokens(in text: JSONText) -> Int { 2 + (text.raw.count + 1) / 2 }

    static func vector(of text: [UInt8], model: String, length: Int) -> [Double] {
        var sum = [Double](repeating: 0, count: length)
        let words = text.split { $0 == 0x20 || $0 == 0x0A }
        for word in words.isEmpty ? [text[...]] : words {
            var generator = SeededGenerator(seed: Hash.of(word, seed: Hash.of(Array(model.utf8))))
            for index in sum.indices { sum[index] += Double(Int64(bitPattern: generator.next())) / 9.3e18 }
        }
        let norm = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sum.map { $0 / max(norm, .leastNormalMagnitude) }
    }

    static func write(_ vector: [Double], isDouble: Bool = false, into out: inout [UInt8]) {
        out.put("[")
        for (index, number) in vector.enumerated() {
            if index > 0 { out.put(",") }
            out.put(text: isDouble ? "\(Double(Float(number)))" : "\(Float(number))")
        }
        out.put("]")
    }

    /// Little-endian 32-bit floats.
    static func base64(_ vector: [Double]) -> [UInt8] {
        Base64.encode(
            vector.flatMap { number in
                let bits = Float(number).bitPattern
                return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt32($0))) }
            })
    }
}
