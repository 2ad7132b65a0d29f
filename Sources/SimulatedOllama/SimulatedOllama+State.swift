extension SimulatedOllama {
    /// The body of `GET /__simulated/state`.
    func stateBody() -> [UInt8] {
        var object = ObjectWriter()
        object.add("version", text: self.options.version.description)
        object.add("cloud", json: self.options.isCloudOn ? "\"on\"" : "\"off\"")
        object.add("faults") { out, _ in Self.write(self.faults.map(\.description), into: &out) }
        object.add("counters", self.counterObject())
        object.add("loaded") { out, _ in Self.write(self.scheduler.runners.map(\.file), into: &out) }
        object.add("queued", number: self.scheduler.queued)
        object.add("wouldHaveLeft", self.departures.map(Self.object))
        object.add("forbiddenCalls") { out, _ in Self.write(self.forbiddenCalls, into: &out) }
        object.add("requests", self.requests.map(Self.object))
        var out: [UInt8] = []
        object.write(sorted: false, into: &out)
        return out
    }

    /// The body of `GET /__simulated/faults`, which `POST` takes back.
    func faultsBody() -> [UInt8] {
        var out = Array("{\"faults\":".utf8)
        Self.write(self.faults.map(\.description), into: &out)
        out.put("}")
        return out
    }

    /// Reads the body of `POST /__simulated/faults`.
    static func faults(in body: [UInt8]) throws(Failure) -> [Fault] {
        let value: JSONValue
        do { value = try JSONReader.read(body) } catch { throw Failure(400, error.text) }
        guard let items = value.object?.field("faults")?.items else {
            throw Failure(400, "expected {\"faults\":[\"NAME\" or \"NAME=VALUE\", ...]}")
        }
        var faults: [Fault] = []
        for item in items {
            do { faults.append(try Fault(parsing: item.string ?? "")) } catch { throw Failure(400, error.description) }
        }
        return faults
    }

    private func counterObject() -> ObjectWriter {
        let counters = self.counters
        var object = ObjectWriter()
        object.add("requests", number: counters.requests)
        object.add("bodies", number: counters.bodies)
        object.add("inferences", number: counters.inferences)
        object.add("forbiddenCalls", number: counters.forbiddenCalls)
        object.add("tokens", number: counters.tokens)
        object.add("answering", number: counters.answering)
        object.add("clientsGone", number: counters.clientsGone)
        object.add("loads", number: counters.loads)
        object.add("reloads", number: counters.reloads)
        object.add("evictions", number: counters.evictions)
        object.add("expiries", number: counters.expiries)
        object.add("refusals", number: counters.refusals)
        object.add("connections", number: self.connectionCount)
        return object
    }

    private static func object(_ departure: Departure) -> ObjectWriter {
        var object = ObjectWriter()
        object.add("host", text: departure.host)
        object.add("path", text: departure.path)
        object.add("model", text: departure.model)
        object.add("body", text: String(decoding: departure.body, as: UTF8.self))
        return object
    }

    private static func object(_ request: SeenRequest) -> ObjectWriter {
        var object = ObjectWriter()
        object.add("method", text: request.method)
        object.add("target", text: request.target)
        object.add("headers") { out, _ in
            out.put("[")
            for (index, header) in request.headers.enumerated() {
                if index > 0 { out.put(",") }
                Self.write([header.name, header.value], into: &out)
            }
            out.put("]")
        }
        object.add("body", text: String(decoding: request.body, as: UTF8.self))
        return object
    }

    private static func write(_ texts: [String], into out: inout [UInt8]) {
        out.put("[")
        for (index, text) in texts.enumerated() {
            if index > 0 { out.put(",") }
            out.put(quotedText: text)
        }
        out.put("]")
    }
}
