import Testing

@testable import Gateway

/// What the command line shows to a person, letter by letter.
@Suite struct PagesTests {
    // MARK: Tables

    @Test func `columns are as wide as their widest cell, and numbers stand at the right`() {
        var table = Table(["NAME", "KIND", "SIZE", "N"], numbersFrom: 2)
        table.add(["a", "model", "7", "1"])
        table.add(["a-long-name", "x", "1000", "22"])
        #expect(
            table.text == """
                NAME         KIND   SIZE   N
                a            model     7   1
                a-long-name  x      1000  22
                """)
    }

    @Test func `a last column of words has no blanks behind it`() {
        var table = Table(["A", "B"])
        table.add(["1", "long text"])
        table.add(["22", ""])
        #expect(table.text == "A   B\n1   long text\n22  ")
    }

    @Test func `a table without rows is its head`() {
        #expect(Table(["A", "LONGER"], numbersFrom: 1).text == "A  LONGER")
    }

    // MARK: Status

    static func backend(_ name: String, _ state: String, loaded: [StatusReport.Loaded] = []) -> StatusReport.Backend {
        StatusReport.Backend(
            name: name, url: "\(name):11434", zone: "gpu-room", state: state, detail: nil, version: "0.17.6",
            cloud: "off", addresses: ["10.20.0.12:11434"], slots: 4, slotsAssumed: false, inFlight: 2,
            breakers: [], models: ["a:latest", "b:latest"], loaded: loaded)
    }

    static func status(_ backends: [StatusReport.Backend], uptime: Double = 59.9) -> StatusReport {
        StatusReport(
            node: "gate-3", version: "0.1.0", startedAt: "2026-11-24T06:55:17.042Z", uptimeSeconds: uptime,
            state: "ready", reloads: 0, requestsInFlight: 2, requestsTotal: 40, connections: 3, keysRequired: true,
            backends: backends, queues: [], warnings: [])
    }

    @Test func `a quiet node is a head and its backends`() {
        #expect(
            StatusPage(Self.status([Self.backend("gpu1", "usable")]), []).text == """
                gate-3  gatehouse 0.1.0  ready  up 59 s  2 in flight, 40 since the start, 3 connections, keys required

                BACKEND  STATE   AT          ZONE      VERSION  CLOUD  MODELS  IN FLIGHT        SLOTS
                gpu1     usable  gpu1:11434  gpu-room  0.17.6   off         2          2  4 per model
                """)
    }

    @Test func `a busy node tells models in memory, queues, requests and warnings`() {
        let loaded = [
            StatusReport.Loaded(
                name: "llama3.3:70b", size: 45 << 30, sizeVRAM: 36 << 30, context: 131_072, expires: nil, inFlight: 2),
            StatusReport.Loaded(
                name: "tiny:latest", size: 50 << 20, sizeVRAM: 50 << 20, context: nil, expires: nil, inFlight: 0),
            StatusReport.Loaded(name: "odd:latest", size: 0, sizeVRAM: 0, context: nil, expires: nil, inFlight: 0),
        ]
        var second = Self.backend("gpu2", "unusable")
        second.detail = "upstream_connect_failed: connection refused"
        second.breakers = [
            .init(model: nil, state: "open", why: "3 requests in a row could not connect", seconds: 8),
            .init(model: "a:latest", state: "half_open", why: "5 requests in a row failed", seconds: nil),
        ]
        second.version = nil
        second.cloud = "unknown"
        second.slots = 1
        second.slotsAssumed = true
        second.inFlight = 0
        second.models = []
        var report = Self.status([Self.backend("gpu1", "usable", loaded: loaded), second], uptime: 7260)
        report.keysRequired = false
        report.queues = [.init(model: "llama3.3:70b", length: 12), .init(model: "b:latest", length: 1)]
        report.warnings = ["gpu2: Ollama's cloud is on", "3 log lines were lost"]
        var running = Self.request
        running.state = "running"
        running.reason = nil
        running.status = nil
        running.phases.firstToken = nil
        #expect(
            StatusPage(report, [running]).text
                == """
                gate-3  gatehouse 0.1.0  ready  up 2 h  2 in flight, 40 since the start, 3 connections, no keys, this machine only

                BACKEND  STATE     AT          ZONE      VERSION  CLOUD    MODELS  IN FLIGHT                SLOTS
                gpu1     usable    gpu1:11434  gpu-room  0.17.6   off           2          2          4 per model
                gpu2     unusable  gpu2:11434  gpu-room  unknown  unknown       0          0  1 assumed per model
                  gpu2: upstream_connect_failed: connection refused
                  gpu2: breaker open for 8 s: 3 requests in a row could not connect
                  gpu2: breaker for a:latest half_open: 5 requests in a row failed

                IN MEMORY     BACKEND  CONTEXT      SIZE   ON GPU  IN FLIGHT
                llama3.3:70b  gpu1      131072  45.0 GiB     80 %          2
                tiny:latest   gpu1     unknown    50 MiB    100 %          0
                odd:latest    gpu1     unknown     0 MiB  unknown          0

                waiting for a slot: llama3.3:70b: 12, b:latest: 1

                REQUEST                               STARTED   STATE    ENDPOINT   MODEL        ROUTE       STATUS    FIRST  TOTAL  TOKENS
                0190e3a0-0000-7000-8000-00000000000a  06:55:17  running  /api/chat  llama3.2:3b  local:gpu1          unknown  2.0 s      21

                ! gpu2: Ollama's cloud is on
                ! 3 log lines were lost
                """)
    }

    @Test(arguments: [
        (0.0, "0 s"), (119.9, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (172_800, "48 h"),
    ])
    func `the uptime is told in the unit that fits`(seconds: Double, text: String) {
        #expect(StatusPage(Self.status([], uptime: seconds), []).text.contains("  up \(text)  "))
    }

    // MARK: Requests

    static let request = RequestReport(
        id: "0190e3a0-0000-7000-8000-00000000000a", startedAt: "2026-11-24T06:55:17.042Z", state: "ended",
        endpoint: "/api/chat", key: "app", project: "web", feature: nil, model: "llama3.2:3b", backend: "gpu1",
        route: "local:gpu1", reason: "allow_local", status: 200, streamed: true,
        attempts: [
            .init(backend: "gpu2", model: "llama3.2:3b", outcome: "upstream_connect_failed"),
            .init(backend: "gpu1", model: "llama3.2:3b", outcome: "completed"),
        ], dropped: ["keep_alive", "options.num_ctx"], tokens: .init(prompt: 11, output: 21),
        phases: .init(queue: 0.25, load: nil, prompt: 120, firstToken: 750.04, tokens: 999.94, total: 1999))

    @Test func `one request, and where its time went`() {
        #expect(
            RequestPages.one(Self.request) == """
                request        0190e3a0-0000-7000-8000-00000000000a
                started        2026-11-24T06:55:17.042Z
                state          allow_local
                endpoint       /api/chat, streamed
                model          llama3.2:3b
                route          local:gpu1
                status         200
                key            app
                project        web
                attempt 1      gpu2, llama3.2:3b: upstream_connect_failed
                attempt 2      gpu1, llama3.2:3b: completed
                left out       keep_alive, options.num_ctx
                queue          0.3 ms
                load           unknown
                prompt         120.0 ms
                first token    750.0 ms
                tokens         999.9 ms
                total          2.0 s
                prompt tokens  11
                output tokens  21
                """)
    }

    @Test func `a request that waits shows what is not known as unknown`() {
        var request = Self.request
        request.state = "waiting"
        (request.reason, request.status, request.model, request.key, request.project) = (nil, nil, nil, nil, nil)
        request.attempts = []
        request.dropped = []
        request.route = "none"
        request.streamed = false
        request.tokens = .init(prompt: nil, output: nil)
        request.phases = .init(queue: nil, load: nil, prompt: nil, firstToken: nil, tokens: nil, total: 40)
        #expect(
            RequestPages.one(request) == """
                request        0190e3a0-0000-7000-8000-00000000000a
                started        2026-11-24T06:55:17.042Z
                state          waiting
                endpoint       /api/chat
                model          none
                route          none
                status         none yet
                key            none
                project        none
                queue          unknown
                load           unknown
                prompt         unknown
                first token    unknown
                tokens         unknown
                total          40.0 ms
                prompt tokens  unknown
                output tokens  unknown
                """)
    }

    @Test func `a list of requests is a table`() {
        #expect(
            RequestPages.list([Self.request]) == """
                REQUEST                               STARTED   STATE        ENDPOINT   MODEL        ROUTE       STATUS     FIRST  TOTAL  TOKENS
                0190e3a0-0000-7000-8000-00000000000a  06:55:17  allow_local  /api/chat  llama3.2:3b  local:gpu1     200  750.0 ms  2.0 s      21
                """)
    }
}
