import Foundation
import Synchronization
import Vocabulary

/// Writes log lines on a thread of its own, so that a slow disk or a full pipe never holds the loop. At most
/// `Bounds.logLines` wait; more are dropped and counted.
public final class LineWriter: Sendable {
    private struct State {
        var lines: [[UInt8]] = []
        var dropped = 0
        var isClosed = false
    }

    private let descriptor: Int32
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let idle = DispatchSemaphore(value: 0)

    /// Writes to an open descriptor, which stays the caller's: 1, 2 or a file.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
        Thread { [self] in self.run() }.start()
    }

    /// Lines dropped since the start because `Bounds.logLines` were waiting.
    public var dropped: Int { self.state.withLock { $0.dropped } }

    /// Queues one line; the line feed is added here. Never blocks.
    public func write(_ line: [UInt8]) {
        let mustWake = self.state.withLock { state -> Bool in
            guard state.lines.count < Bounds.logLines, !state.isClosed else {
                state.dropped += 1
                return false
            }
            state.lines.append(line)
            return state.lines.count == 1
        }
        if mustWake { self.wake.signal() }
    }

    /// Writes what waits and ends the thread; called once, as the last thing before the process ends. Waits at most
    /// `secondsMax` for a descriptor that takes nothing.
    public func close(secondsMax: Double = 2) {
        self.state.withLock { $0.isClosed = true }
        self.wake.signal()
        _ = self.idle.wait(timeout: .now() + secondsMax)
    }

    /// After the first line of a burst it waits this long for the rest: one wake and one `write` for all of them.
    private static let burstMicroseconds: UInt32 = 10_000

    private func run() {
        while true {
            self.wake.wait()
            usleep(Self.burstMicroseconds)
            let (lines, isClosed) = self.state.withLock { state in
                defer { state.lines.removeAll(keepingCapacity: true) }
                return (state.lines, state.isClosed)
            }
            self.writeAll(lines)
            if isClosed {
                self.idle.signal()
                return
            }
        }
    }

    /// One `write` for a burst of lines; a descriptor that fails loses them and counts them.
    private func writeAll(_ lines: [[UInt8]]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines.reduce(0) { $0 + $1.count + 1 })
        for line in lines {
            bytes += line
            bytes.append(UInt8(ascii: "\n"))
        }
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes {
                Foundation.write(self.descriptor, $0.baseAddress, $0.count)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                self.state.withLock { $0.dropped += lines.count }
                return
            }
            start += written
        }
    }
}
