import EventLoop
import Foundation
import Vocabulary

/// `gatehouse status`.
public func statusQuestion(asJSON: Bool, once: Bool) -> AdminQuestion {
    { client in
        let stays = !asJSON && !once && isatty(STDOUT_FILENO) == 1
        repeat {
            let report = try await client.get("/status", as: StatusReport.self)
            if asJSON {
                sayJSON(report)
            } else {
                let running = try await client.get("/requests?last=8", as: [RequestReport].self)
                let page = StatusPage(report, running.filter { $0.state != "ended" }).text
                say(stays ? "\u{1B}[H\u{1B}[2J" + page + "\nevery second; end with control-C" : page)
            }
            if stays { await client.clock.sleep(for: .seconds(1)) }
        } while stays
        return ExitStatus.done
    }
}

/// `gatehouse health`. `forKeepalived`: the exit code says the weight too.
public func healthQuestion(model: String?, asJSON: Bool, forKeepalived: Bool = false) -> AdminQuestion {
    { client in
        let path = model.map { "/health?model=\(PercentForm.encoded($0))" } ?? "/health"
        let report = try await client.get(path, as: HealthReport.self)
        if asJSON {
            sayJSON(report)
        } else {
            say(report.status)
            for check in report.checks where check.status != "pass" {
                say("  \(check.status) \(check.key) \(check.component): \(check.output)")
            }
        }
        if forKeepalived { return report.keepalivedExit }
        return report.isReady ? ExitStatus.done : ExitStatus.failed
    }
}

/// `gatehouse usage`.
public func usageQuestion(days: Int, asJSON: Bool) -> AdminQuestion {
    { client in
        let lines = try await client.get("/usage?days=\(days)", as: [UsageReport].self)
        if asJSON {
            sayJSON(lines)
            return ExitStatus.done
        }
        var table = Table(["DAY", "MODEL", "REQUESTS", "ERRORS", "PROMPT TOKENS", "OUTPUT TOKENS"], numbersFrom: 2)
        for line in lines {
            table.add([
                line.day, line.model, "\(line.requests)", "\(line.errors)", "\(line.promptTokens)",
                "\(line.outputTokens)",
            ])
        }
        say(lines.isEmpty ? "no requests in these days" : table.text)
        return ExitStatus.done
    }
}

/// `gatehouse models list`.
public func modelsQuestion(asJSON: Bool) -> AdminQuestion {
    { client in
        let models = try await client.get("/models", as: [ModelReport].self)
        if asJSON {
            sayJSON(models)
            return ExitStatus.done
        }
        var table = Table(["NAME", "KIND", "STANDS FOR", "SERVED BY"])
        for model in models {
            let isItself = model.models == [model.name]
            table.add([
                model.name, model.kind, isItself ? "" : model.models.joined(separator: ", "),
                model.backends.isEmpty ? "nobody now" : model.backends.joined(separator: ", "),
            ])
        }
        say(table.text)
        return ExitStatus.done
    }
}

/// `gatehouse requests list`.
public func requestsQuestion(last: Int, asJSON: Bool) -> AdminQuestion {
    { client in
        let requests = try await client.get("/requests?last=\(last)", as: [RequestReport].self)
        if asJSON {
            sayJSON(requests)
            return ExitStatus.done
        }
        say(requests.isEmpty ? "no requests yet" : RequestPages.list(requests))
        return ExitStatus.done
    }
}

/// `gatehouse requests show`.
public func requestQuestion(id: String, asJSON: Bool) -> AdminQuestion {
    { client in
        let request = try await client.get("/requests/\(id)", as: RequestReport.self)
        if asJSON { sayJSON(request) } else { say(RequestPages.one(request)) }
        return ExitStatus.done
    }
}

/// `gatehouse requests cancel`.
public func cancelQuestion(id: String) -> AdminQuestion {
    { client in
        say(try await client.post("/requests/\(id)/cancel").message)
        return ExitStatus.done
    }
}

/// `gatehouse backends list`.
public func backendsQuestion(asJSON: Bool) -> AdminQuestion {
    { client in
        let report = try await client.get("/status", as: StatusReport.self)
        if asJSON { sayJSON(report.backends) } else { say(StatusPage.backends(report.backends)) }
        return ExitStatus.done
    }
}

/// What an operator does to a backend.
public enum BackendCommand: String, Sendable {
    /// Send it nothing new.
    case drain
    /// Use it again.
    case undrain
    /// Let it back from quarantine.
    case release
}

/// `gatehouse backends drain`, `undrain`, `release`.
public func backendQuestion(_ command: BackendCommand, name: String) -> AdminQuestion {
    { client in
        say(try await client.post("/backends/\(name)/\(command.rawValue)").message)
        return ExitStatus.done
    }
}

/// What an operator makes of a breaker.
public enum BreakerHold: String, Sendable, CaseIterable {
    /// It lets nobody through.
    case open
    /// It lets everybody through.
    case closed
    /// It decides for itself again.
    case auto
}

/// `gatehouse backends breaker`.
public func breakerQuestion(_ hold: BreakerHold, name: String, model: String?, seconds: Int) -> AdminQuestion {
    { client in
        let whose = model.map { "&model=\(PercentForm.encoded($0))" } ?? ""
        let path = "/backends/\(name)/breaker?state=\(hold.rawValue)&seconds=\(seconds)\(whose)"
        say(try await client.post(path).message)
        return ExitStatus.done
    }
}

/// `gatehouse reload`.
public func reloadQuestion() -> AdminQuestion {
    { client in
        say(try await client.post("/reload").message)
        return ExitStatus.done
    }
}
