import EventLoop
import Foundation
import Outbound
import Synchronization

/// Runs `body` on the event loop, which the calling thread serves until `body` has ended; the exit code is its result.
func runOnLoop(_ body: @escaping @LoopActor @Sendable () async -> Int32) -> Int32 {
    let code = Mutex<Int32>(0)
    _ = startTask {
        let result = await body()
        code.withLock { $0 = result }
        UVLoop.main.stop()
    }
    UVLoop.main.run()
    return code.withLock { $0 }
}

/// Exit codes, as `gatehouse --help` documents them.
enum ExitStatus {
    static let done: Int32 = 0
    static let failed: Int32 = 1
    static let misconfigured: Int32 = 2

    /// Tells what went wrong in a sentence, and how the command ends by it.
    static func told(_ error: any Error) -> Int32 {
        guard let failure = error as? AdminFailure else {
            complain("\(error)")
            return self.failed
        }
        complain(failure.message)
        return failure.isConfiguration ? self.misconfigured : self.failed
    }
}

/// A sentence for a person, on standard error.
func complain(_ message: String) {
    FileHandle.standardError.write(Data("gatehouse: \(message)\n".utf8))
}

/// Lines for a person or a program, on standard output.
func say(_ text: String) {
    FileHandle.standardOutput.write(Data("\(text)\n".utf8))
}

/// A value as JSON, on standard output.
func sayJSON(_ value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    if let text = try? encoder.encode(value) { say(String(decoding: text, as: UTF8.self)) }
}

/// This machine's name, for logs and `status`.
var hostName: String { ProcessInfo.processInfo.hostName }
