import EventLoop
import Health
import Residency
import Routing
import Vocabulary

/// The page at `/metrics`. Names follow Prometheus' rules, and OpenTelemetry's GenAI conventions where these have one.
@LoopActor
struct MetricsReport {
    let node: Node

    init(_ node: Node) {
        self.node = node
    }

    var text: [UInt8] {
        var text = MetricsText()
        self.process(&text)
        self.files(&text)
        self.audit(&text)
        self.requests(&text)
        self.decisions(&text)
        self.models(&text)
        self.estimates(&text)
        self.backends(&text)
        self.outbound(&text)
        return text.bytes
    }

    private func process(_ text: inout MetricsText) {
        text.family("gatehouse_build_info", .gauge, "Which program this is.")
        text.sample("gatehouse_build_info", [("version", Version.text)], 1)
        text.family("gatehouse_ready", .gauge, "1 while /readyz answers 200.")
        text.sample("gatehouse_ready", self.node.readiness.answer == .ready ? 1 : 0)
        text.family("gatehouse_ready_changes_total", .counter, "Changes of readiness since the start.")
        text.sample("gatehouse_ready_changes_total", Double(self.node.readinessChanges))
        text.family("gatehouse_uptime_seconds", .gauge, "Seconds since the start.")
        text.sample("gatehouse_uptime_seconds", self.node.uptime.inSeconds)
        text.family("gatehouse_reloads_total", .counter, "Configurations taken on since the start.")
        text.sample("gatehouse_reloads_total", Double(self.node.reloads))
        text.family(
            "gatehouse_reload_refused", .gauge,
            "1 while the files on disk are not in force: the last reload was refused.")
        text.sample("gatehouse_reload_refused", self.node.reloadRefusedAt == nil ? 0 : 1)
        text.family("gatehouse_connections", .gauge, "Open client connections.")
        text.sample("gatehouse_connections", Double(self.node.connectionCount))
        text.family(
            "gatehouse_kernel_layer_holding", .gauge,
            "1 where a filter of the kernel keeps this process from addresses that are not allowed.")
        text.sample("gatehouse_kernel_layer_holding", self.node.kernelLayer.isHolding ? 1 : 0)
        self.proxies(&text)
        self.handshakes(&text)
        text.family("gatehouse_loop_slow_turns_total", .counter, "Callbacks that held the event loop over 50 ms.")
        text.sample("gatehouse_loop_slow_turns_total", Double(UVLoop.main.figures.slow))
        text.family("gatehouse_loop_longest_turn_seconds", .gauge, "The longest callback since the last scrape.")
        text.sample("gatehouse_loop_longest_turn_seconds", UVLoop.main.takeLongestTurn().inSeconds)
        text.family("gatehouse_log_lines_dropped_total", .counter, "Log lines lost because they could not be written.")
        text.sample("gatehouse_log_lines_dropped_total", Double(self.node.lines.dropped))
        text.family(
            "gatehouse_usage_rows_dropped_total", .counter, "Usage rows lost because they could not be written.")
        text.sample("gatehouse_usage_rows_dropped_total", Double(self.node.usage?.dropped ?? 0))
        text.family("gatehouse_usage_rows_queued", .gauge, "Usage rows that wait to be written.")
        text.sample("gatehouse_usage_rows_queued", Double(self.node.usage?.queued ?? 0))
    }

    private func proxies(_ text: inout MetricsText) {
        guard self.node.configuration.listeners.usesProxyProtocol else { return }
        let name = "gatehouse_proxy_headers_refused_total"
        text.family(name, .counter, "Connections cut since they did not begin with a listed proxy's PROXY header.")
        text.sample(name, Double(self.node.proxyHeadersRefused))
    }

    private func handshakes(_ text: inout MetricsText) {
        guard let tls = self.node.configuration.tls else { return }
        let name = "gatehouse_tls_handshakes_total"
        text.family(name, .counter, "TLS handshakes of clients, by how they ended.")
        for (outcome, count) in self.node.handshakes.counts {
            text.sample(name, [("outcome", outcome.rawValue)], Double(count))
        }
        text.family(
            "gatehouse_tls_certificate_expiry_timestamp_seconds", .gauge,
            "When the certificate that is shown to clients ends.")
        text.sample("gatehouse_tls_certificate_expiry_timestamp_seconds", Double(tls.expiry.seconds))
    }

    private func audit(_ text: inout MetricsText) {
        let auditor = self.node.auditor
        var isWriting = true
        if case .failing = auditor.condition { isWriting = false }
        text.family("gatehouse_audit_writing", .gauge, "1 while the audit chain can be written.")
        text.sample("gatehouse_audit_writing", isWriting ? 1 : 0)
        text.family(
            "gatehouse_audit_intact", .gauge, "1 if the end of the audit chain held when the node opened it.")
        text.sample("gatehouse_audit_intact", auditor.faultAtStart == nil ? 1 : 0)
        text.family("gatehouse_audit_last_record", .gauge, "The number of the last record in the audit chain.")
        text.sample("gatehouse_audit_last_record", Double(auditor.head?.sequence ?? 0))
        text.family(
            "gatehouse_audit_records_lost_total", .counter, "Audit records lost because they could not be written.")
        text.sample("gatehouse_audit_records_lost_total", Double(auditor.lost))
        text.family("gatehouse_audit_records_queued", .gauge, "Audit records that wait to be written.")
        text.sample("gatehouse_audit_records_queued", Double(auditor.queued))
        text.family(
            "gatehouse_audit_wait_seconds", .histogram,
            "From the intent to send something outside to its record on the disk.")
        text.histogram("gatehouse_audit_wait_seconds", [], auditor.intentWaits)
        self.departures(auditor.departures, &text)
    }

    private func departures(_ counts: DepartureCounts, _ text: inout MetricsText) {
        text.family("gatehouse_audit_intents_total", .counter, "Intents to send something outside that were durable.")
        text.sample("gatehouse_audit_intents_total", Double(counts.intents))
        text.family(
            "gatehouse_audit_intents_refused_total", .counter,
            "Intents that were not durable in time, so that nothing left.")
        text.sample("gatehouse_audit_intents_refused_total", Double(counts.refused))
        text.family("gatehouse_audit_outcomes_total", .counter, "What became of intents, by result.")
        for result in AuditOutcome.Result.allCases {
            text.sample(
                "gatehouse_audit_outcomes_total", [("result", result.rawValue)], Double(counts.outcomes[result] ?? 0))
        }
    }

    private func requests(_ text: inout MetricsText) {
        text.family("gatehouse_requests_in_flight", .gauge, "Inference requests being served or waiting.")
        text.sample("gatehouse_requests_in_flight", Double(self.node.ledger.openCount))
        text.family("gatehouse_requests_total", .counter, "Requests of the data plane that have ended.")
        let rows = self.node.metrics.requests.map { labels, count in
            (
                [
                    ("endpoint", labels.endpoint?.rawValue ?? "none"), ("reason", labels.reason.rawValue),
                    ("status", String(labels.status)),
                ], count
            )
        }
        for (labels, count) in rows.sorted(by: { $0.0.map(\.1).lexicographicallyPrecedes($1.0.map(\.1)) }) {
            text.sample("gatehouse_requests_total", labels, Double(count))
        }
        text.family("gatehouse_http_rejections_total", .counter, "Requests that were no valid HTTP, or over a bound.")
        for (reason, count) in self.node.rejections.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            text.sample("gatehouse_http_rejections_total", [("reason", reason.rawValue)], Double(count))
        }
    }

    private func decisions(_ text: inout MetricsText) {
        text.family(
            "gatehouse_policy_decisions_total", .counter,
            "What the policy said of sending a request to a backend outside.")
        let rows = self.node.metrics.decisions.map { labels, count in
            (
                [
                    ("backend", labels.backend.rawValue), ("decision", labels.isAllowed ? "allow" : "deny"),
                    ("reason", labels.reason.rawValue), ("trigger", labels.trigger.rawValue),
                ], count
            )
        }
        for (labels, count) in rows.sorted(by: { $0.0.map(\.1).lexicographicallyPrecedes($1.0.map(\.1)) }) {
            text.sample("gatehouse_policy_decisions_total", labels, Double(count))
        }
    }

    private func models(_ text: inout MetricsText) {
        let rows = self.node.metrics.models.sorted {
            ($0.key.model, $0.key.backend) < ($1.key.model, $1.key.backend)
        }.map { labels, figures in
            ([("gen_ai_response_model", labels.model.rawValue), ("backend", labels.backend.rawValue)], figures)
        }
        func family(_ name: String, _ help: String, _ histogram: KeyPath<Metrics.Figures, BucketHistogram>) {
            text.family(name, .histogram, help)
            for (labels, figures) in rows { text.histogram(name, labels, figures[keyPath: histogram]) }
        }
        family("gen_ai_server_request_duration_seconds", "From arrival to the end.", \.duration)
        family("gen_ai_server_time_to_first_token_seconds", "From arrival to the first content.", \.firstToken)
        family("gen_ai_server_time_per_output_token_seconds", "Between tokens after the first.", \.perToken)
        family("gatehouse_queue_wait_seconds", "Waiting for a slot.", \.queued)
        text.family("gen_ai_client_token_usage", .histogram, "Tokens per request, as the backend counts them.")
        for (labels, figures) in rows {
            text.histogram(
                "gen_ai_client_token_usage", labels + [("gen_ai_token_type", "input")], figures.promptTokens)
            text.histogram(
                "gen_ai_client_token_usage", labels + [("gen_ai_token_type", "output")], figures.outputTokens)
        }
    }

    private func estimates(_ text: inout MetricsText) {
        let rows = self.node.estimates.figures.sorted { $0.key < $1.key }
        func family(
            _ name: String, _ kind: MetricsText.Kind, _ help: String, _ value: (TokenEstimates.Figure) -> Double
        ) {
            text.family(name, kind, help)
            for (model, figure) in rows { text.sample(name, [("model", model.rawValue)], value(figure)) }
        }
        family(
            "gatehouse_token_estimate_ratio", .gauge,
            "Tokens that a byte of prompt is guessed to be, as learnt from what backends counted."
        ) { $0.ratio }
        family(
            "gatehouse_token_estimate_error", .gauge,
            "The mean distance of the guess from the count, relative to the count; later requests count for more."
        ) { $0.error }
        family(
            "gatehouse_token_estimate_samples_total", .counter, "Requests that the guess was learnt from."
        ) { Double($0.samples) }
    }

    private func backends(_ text: inout MetricsText) {
        let figures = self.node.fleet.dispatcher.figures
        text.family("gatehouse_backend_state", .gauge, "1 for the state that the backend is in.")
        for backend in self.node.fleet.backends {
            let current = backend.isDrained ? "drained" : backend.health.usability.label
            for state in ["unknown", "usable", "unusable", "quarantined", "drained"] {
                text.sample(
                    "gatehouse_backend_state", [("backend", backend.id.rawValue), ("state", state)],
                    current == state ? 1 : 0)
            }
        }
        self.breakers(figures, &text)
        func places(_ name: String, _ help: String, _ value: (DispatchFigures.Place) -> Int) {
            text.family(name, .gauge, help)
            for place in figures.places {
                text.sample(
                    name, [("backend", place.backend.rawValue), ("model", place.model.rawValue)],
                    Double(value(place)))
            }
        }
        places("gatehouse_slots", "Requests at once that a backend takes for a model.") { $0.slots }
        places("gatehouse_slots_open", "How many of these may be taken now: fewer after the server was busy or away.") {
            $0.slotsOpen
        }
        places("gatehouse_slots_in_use", "Requests under way at a backend for a model.") { $0.inFlight }
        text.family("gatehouse_queue_length", .gauge, "Requests that wait for a slot of a model.")
        for queue in figures.queues {
            text.sample(
                "gatehouse_queue_length", [("model", queue.model.rawValue)], Double(queue.interactive + queue.batch))
        }
        text.family("gatehouse_attempts_failed_total", .counter, "Attempts that came to nothing.")
        for (backend, reasons) in self.node.metrics.attemptsFailed.sorted(by: { $0.key < $1.key }) {
            for (reason, count) in reasons.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                text.sample(
                    "gatehouse_attempts_failed_total", [("backend", backend.rawValue), ("reason", reason.rawValue)],
                    Double(count))
            }
        }
    }

    private func breakers(_ figures: DispatchFigures, _ text: inout MetricsText) {
        text.family(
            "gatehouse_breaker_state", .gauge,
            "0 closed, 1 half_open, 2 open, 3 throttled; without a model that of the whole backend.")
        for breaker in figures.breakers {
            let model = breaker.model.map { [("model", $0.rawValue)] } ?? []
            text.sample(
                "gatehouse_breaker_state", [("backend", breaker.backend.rawValue)] + model,
                Double(breaker.state.number))
        }
        text.family(
            "gatehouse_slots_lost", .gauge, "1 while a loaded model answers nobody: unload it on that server.")
        for place in figures.places {
            text.sample(
                "gatehouse_slots_lost", [("backend", place.backend.rawValue), ("model", place.model.rawValue)],
                place.hasLostSlots ? 1 : 0)
        }
        text.family("gatehouse_breaker_changes_total", .counter, "Changes of breakers, by the state they led to.")
        for backend in self.node.fleet.backends {
            for state in Breaker.Label.allCases {
                text.sample(
                    "gatehouse_breaker_changes_total", [("backend", backend.id.rawValue), ("state", state.rawValue)],
                    Double(self.node.fleet.breakerChanges[backend.id]?[state] ?? 0))
            }
        }
    }

    private func outbound(_ text: inout MetricsText) {
        let figures = self.node.outbound.figures
        text.family("gatehouse_outbound_transfers", .gauge, "Transfers under way.")
        text.sample("gatehouse_outbound_transfers", Double(figures.transfersOpen))
        text.family("gatehouse_outbound_connections", .gauge, "Connections to backends, kept ones included.")
        text.sample("gatehouse_outbound_connections", Double(figures.connectionsOpen))
        text.family("gatehouse_outbound_connections_opened_total", .counter, "Connections opened to backends.")
        text.sample("gatehouse_outbound_connections_opened_total", Double(figures.connectionsOpened))
        text.family(
            "gatehouse_outbound_connections_refused_total", .counter,
            "Connections stopped at the last check of their address; anything but zero is a fault of this program.")
        text.sample("gatehouse_outbound_connections_refused_total", Double(figures.connectionsRefused))
    }
}
