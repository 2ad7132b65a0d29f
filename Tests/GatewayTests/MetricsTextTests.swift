import Testing
import Vocabulary

@testable import Gateway

/// The Prometheus text format, byte for byte.
@Suite struct MetricsTextTests {
    static func text(_ body: (inout MetricsText) -> Void) -> String {
        var text = MetricsText()
        body(&text)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    @Test func `a family has its help and type once, and its samples below`() {
        let text = Self.text {
            $0.family("gatehouse_ready", .gauge, "1 while /readyz answers 200.")
            $0.sample("gatehouse_ready", 1)
            $0.family("gatehouse_requests_total", .counter, "Requests.")
            $0.sample("gatehouse_requests_total", [("reason", "allow_local"), ("status", "200")], 12)
            $0.sample("gatehouse_requests_total", [("reason", "queue_full"), ("status", "429")], 0)
        }
        #expect(
            text == """
                # HELP gatehouse_ready 1 while /readyz answers 200.
                # TYPE gatehouse_ready gauge
                gatehouse_ready 1
                # HELP gatehouse_requests_total Requests.
                # TYPE gatehouse_requests_total counter
                gatehouse_requests_total{reason="allow_local",status="200"} 12
                gatehouse_requests_total{reason="queue_full",status="429"} 0

                """)
    }

    @Test(arguments: [
        ("plain", "plain"), ("llama3.2:3b", "llama3.2:3b"), (#"a"b"#, #"a\"b"#), (#"a\b"#, #"a\\b"#),
        ("a\nb", #"a\nb"#), (#"\n"#, #"\\n"#), ("gpü", "gpü"), ("", ""), ("a}b,c=d{", "a}b,c=d{"),
    ])
    func `a label's value is escaped as the format wants it`(value: String, written: String) {
        #expect(Self.text { $0.sample("m", [("l", value)], 1) } == "m{l=\"\(written)\"} 1\n")
    }

    @Test(arguments: [
        (0.0, "0"), (1.0, "1"), (-3.0, "-3"), (0.5, "0.5"), (1234567.0, "1234567"), (0.1 + 0.2, "0.30000000000000004"),
        (999_999_999_999_999.0, "999999999999999"), (1e15, "1000000000000000.0"), (1e300, "1e+300"), (0.00001, "1e-05"),
    ])
    func `a number is written so that nothing of it is lost`(value: Double, written: String) {
        #expect(Self.text { $0.sample("m", value) } == "m \(written)\n")
    }

    @Test func `a histogram has cumulative buckets, a sum and a count`() {
        var histogram = BucketHistogram(bounds: [0.1, 1, 16])
        for value in [0.05, 0.1, 0.5, 1, 2, 100] { histogram.record(value) }
        let text = Self.text { $0.histogram("h", [("model", "a"), ("backend", "b")], histogram) }
        #expect(
            text == """
                h_bucket{model="a",backend="b",le="0.1"} 2
                h_bucket{model="a",backend="b",le="1.0"} 4
                h_bucket{model="a",backend="b",le="16.0"} 5
                h_bucket{model="a",backend="b",le="+Inf"} 6
                h_sum{model="a",backend="b"} 103.65
                h_count{model="a",backend="b"} 6

                """)
    }

    @Test func `an empty histogram has all its buckets`() {
        let text = Self.text { $0.histogram("h", [], BucketHistogram(bounds: [1])) }
        #expect(text == "h_bucket{le=\"1.0\"} 0\nh_bucket{le=\"+Inf\"} 0\nh_sum 0\nh_count 0\n")
    }

    @Test(arguments: [BucketHistogram.seconds, BucketHistogram.firstTokenSeconds, BucketHistogram.tokens])
    func `a value on a border belongs below it, one just above it beyond`(bounds: [Double]) {
        #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count)
        for (index, bound) in bounds.enumerated() {
            var histogram = BucketHistogram(bounds: bounds)
            histogram.record(bound)
            #expect(histogram.counts.firstIndex(of: 1) == index)
            histogram.record(bound.nextUp)
            #expect(histogram.counts.reduce(0, +) == (index == bounds.count - 1 ? 1 : 2))
            if index < bounds.count - 1 { #expect(histogram.counts[index + 1] == 1) }
            #expect(histogram.count == 2)
        }
    }

    @Test func `nothing and less than nothing are in the first bucket`() {
        var histogram = BucketHistogram(bounds: BucketHistogram.seconds)
        histogram.record(0)
        histogram.record(-1)
        #expect(histogram.counts[0] == 2)
    }

    @Test func `the borders are those of OpenTelemetry's conventions`() {
        #expect(BucketHistogram.seconds.count == 15 && BucketHistogram.seconds.last == 327.68)
        #expect(BucketHistogram.firstTokenSeconds.count == 18 && BucketHistogram.firstTokenSeconds.last == 120)
        #expect(BucketHistogram.tokens == (0..<14).map { power in (0..<power).reduce(1.0) { value, _ in value * 4 } })
    }
}
