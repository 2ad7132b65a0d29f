import EventLoop
import Foundation
import Testing
import Vocabulary

@testable import Gateway

/// Log lines must never hold the loop, and what is lost must be counted.
@Suite(.timeLimit(.minutes(1))) struct LineWriterTests {
    /// Both ends of a pipe.
    struct Pipe {
        let reading: Int32
        let writing: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
            (self.reading, self.writing) = (ends[0], ends[1])
        }

        /// All that comes until the other end is closed, read on a thread of its own.
        func readAll() -> Task<[UInt8], Never> {
            let descriptor = self.reading
            return Task.detached {
                var all: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while true {
                    let count = read(descriptor, &buffer, buffer.count)
                    guard count > 0 else { break }
                    all += buffer[..<count]
                }
                close(descriptor)
                return all
            }
        }
    }

    static func line(_ number: Int) -> [UInt8] {
        Array("{\"line\":\(number),\"fill\":\"\(String(repeating: "x", count: 60))\"}".utf8)
    }

    @Test func `lines come out whole and in order`() async throws {
        let pipe = try Pipe()
        let writer = LineWriter(descriptor: pipe.writing)
        let all = pipe.readAll()
        for number in 0..<500 { writer.write(Self.line(number)) }
        writer.close()
        close(pipe.writing)
        let expected = (0..<500).map { String(decoding: Self.line($0), as: UTF8.self) + "\n" }.joined()
        #expect(await String(decoding: all.value, as: UTF8.self) == expected)
        #expect(writer.dropped == 0)
    }

    @Test func `a pipe that takes nothing holds nobody, and what is beyond the bound is dropped and counted`()
        async throws
    {
        let pipe = try Pipe()
        let writer = LineWriter(descriptor: pipe.writing)
        // The writer's thread holds one burst in its hands, of at most the bound; as many wait; these are ten more.
        let count = 2 * Bounds.logLines + 10
        for number in 0..<count { writer.write(Self.line(number)) }
        let dropped = writer.dropped
        #expect(dropped >= 10)
        #expect(dropped <= count - Bounds.logLines)
        let all = pipe.readAll()
        writer.close(secondsMax: 60)  // All 20 MB or so are read first, however busy the machine is.
        close(pipe.writing)
        let lines = await String(decoding: all.value, as: UTF8.self).split(separator: "\n")
        #expect(lines.count + writer.dropped == count)
        #expect(writer.dropped == dropped)
        let numbers = lines.compactMap { Int($0.dropFirst("{\"line\":".count).prefix { $0 != "," }) }
        #expect(numbers.count == lines.count)
        #expect(numbers == numbers.sorted())
        #expect(numbers.first == 0)
    }

    @Test func `a descriptor that fails loses its lines and counts them`() async throws {
        UVLoop.main.runOnOwnThread()  // It makes a broken pipe an error instead of a signal.
        let pipe = try Pipe()
        close(pipe.reading)
        let writer = LineWriter(descriptor: pipe.writing)
        for number in 0..<5 { writer.write(Self.line(number)) }
        writer.close()
        close(pipe.writing)
        #expect(writer.dropped == 5)
    }

    @Test func `after the end nothing is written any more, and that is counted`() async throws {
        let pipe = try Pipe()
        let writer = LineWriter(descriptor: pipe.writing)
        let all = pipe.readAll()
        writer.write(Self.line(1))
        writer.close()
        writer.write(Self.line(2))
        close(pipe.writing)
        #expect(await all.value == Self.line(1) + [UInt8(ascii: "\n")])
        #expect(writer.dropped == 1)
    }
}
