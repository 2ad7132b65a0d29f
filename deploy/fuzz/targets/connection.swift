import Vocabulary

@testable import HTTPServer

/// A whole connection, with a handler that reads every body: the same requests with the same bodies however the bytes
/// are cut, and nothing after a refusal.
func check(_ bytes: [UInt8]) {
    _ = expectSame(bytes) { pieces in
        let now = Instant(nanoseconds: 1_000_000_000)
        var machine = ConnectionMachine(limits: ConnectionLimits(), now: now)
        var log: [String] = []
        for piece in pieces {
            play(machine.received(piece.span, queued: 0, at: now), &machine, &log, now)
        }
        return log
    }
}

private func play(
    _ first: ConnectionMachine.Action, _ machine: inout ConnectionMachine, _ log: inout [String], _ now: Instant
) {
    var action = first
    while true {
        switch action {
        case .none: return
        case .start(let head):
            precondition(!log.contains("end"), "a request was read after the last answer")
            log.append(
                "start \(String(decoding: head.method, as: UTF8.self)) \(String(decoding: head.target, as: UTF8.self))")
            guard machine.bodyWanted(max: 1 << 20, at: now) == .ready else { return }
            action = .bodyReady
        case .bodyReady:
            switch machine.takeBody() {
            case .success(let body): log.append("body \(body)")
            case .failure(let failure): log.append("no body: \(failure)")
            }
            action = machine.answerEnded(persists: machine.canPersist, queued: 0, at: now)
        case .refuse(let failure):
            log.append("refused: \(failure)")
            action = machine.answerEnded(persists: false, queued: 0, at: now)
        case .shutdownWrite, .close:
            log.append("end")
            return
        case .clientGone: preconditionFailure("nobody left")
        }
    }
}
