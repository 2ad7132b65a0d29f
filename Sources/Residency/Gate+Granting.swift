import Vocabulary

extension Gate {
    /// Permission to send `request` to `backend` at `destination`, once, within `Bounds.grantLife`.
    ///
    /// Refused are: a backend that is not configured, addresses that another gate judged or that are too old
    /// (`grant_invalid`); a path that is not open to `purpose`, or not with this method (`path_forbidden`); a model
    /// that would be answered from outside (`remote_model`); headers that are not sent to backends (`internal_error`,
    /// since none of them comes from a client); a backend outside (`grant_invalid`): that one asks for a verdict, and is
    /// neither probed nor inspected.
    public func grant(
        _ request: consuming OutboundRequest, to backend: BackendID, at destination: CheckedAddresses,
        purpose: Purpose, now: Instant
    ) throws(Refusal) -> Grant {
        let site = try self.check(destination, of: backend, now: now)
        guard site.external == nil else {
            throw Refusal(
                .grantInvalid,
                "backend `\(backend)` stands outside, where nothing is sent without a verdict and a durable intent")
        }
        try self.check(purpose)
        let request = request
        try Self.checkPath(request, purpose, site.api)
        try Self.checkHeaders(request.headers)
        return Grant(
            request: request, destination: destination, credential: site.credential, purpose: purpose,
            expires: now + Bounds.grantLife, generation: self.generation)
    }

    /// The site of `backend`, if `destination` is where it may be reached now.
    func check(_ destination: CheckedAddresses, of backend: BackendID, now: Instant) throws(Refusal) -> Site {
        let site = try self.openSite(backend)
        guard destination.backend == backend else {
            throw Refusal(
                .grantInvalid, "the addresses of backend `\(destination.backend)` were offered for `\(backend)`")
        }
        guard destination.generation == self.generation else {
            throw Refusal(
                .grantInvalid,
                "the addresses of backend `\(backend)` were judged under generation "
                    + "\(destination.generation) of the configuration, this is \(self.generation)")
        }
        guard destination.isFixed || now - destination.resolvedAt <= CheckedAddresses.ageMax else {
            throw Refusal(
                .grantInvalid,
                "the name of backend `\(backend)` was last resolved "
                    + "\((now - destination.resolvedAt).wholeSecondsUp) s ago, more than the "
                    + "\(CheckedAddresses.ageMax.wholeSecondsUp) s for which an answer is trusted")
        }
        return site
    }

    /// A gate over configured zones never looks at strangers, and one that may look at strangers never sends a prompt.
    private func check(_ purpose: Purpose) throws(Refusal) {
        switch (self.kind, purpose) {
        case (.configured, .request), (.configured, .probe), (.configured, .healing), (.inspection, .inspection),
            (.administration, .administration):
            return
        case (.configured, _), (.inspection, _), (.administration, _):
            throw Refusal(.grantInvalid, "this gate is for \(self.kind.phrase), not for \(purpose.phrase)")
        }
    }

    private static func checkPath(
        _ request: borrowing OutboundRequest, _ purpose: Purpose, _ api: ProviderAPI
    ) throws(Refusal) {
        if case .administration = purpose { return try Self.checkAdminPath(request) }
        // Exact spellings only, so that no `%`, `//` or `..` needs to be looked for.
        guard let path = BackendPath(request.path), path.method == request.method, path.isOpen(to: purpose, of: api)
        else {
            throw Refusal(
                .pathForbidden,
                "\(request.method.rawValue) `\(request.path)` is not sent to a backend for this purpose")
        }
        switch request.method {
        case .get:
            guard request.body.isEmpty else {
                throw Refusal(.internalError, "GET `\(request.path)` takes no body")
            }
        case .post:
            guard let model = request.model else {
                throw Refusal(.modelMissing, "POST `\(request.path)` names no model")
            }
            try ModelGuard.check(served: model)
            // Nothing but the one request that it is for.
            guard purpose != .healing || request.body == OutboundRequest.unload(model).body else {
                throw Refusal(.pathForbidden, "healing unloads a model and sends nothing else")
            }
        }
    }

    /// The admin plane's paths are its own to know. They hold what somebody typed on a command line, so their
    /// characters are closed; and should the socket be an Ollama's, nothing of its API can be asked for.
    private static func checkAdminPath(_ request: borrowing OutboundRequest) throws(Refusal) {
        let path = request.path
        guard AdminPath.isPlain(path), !AdminPath.isOfBackend(path) else {
            throw Refusal(.pathForbidden, "`\(path.unicodeScalars.prefix(96))` is no path of the admin plane")
        }
        guard request.body.isEmpty else {
            throw Refusal(.internalError, "`\(path)` takes no body")
        }
    }

    static func checkHeaders(_ headers: [OutboundHeader]) throws(Refusal) {
        for index in headers.indices {
            let header = headers[index]
            if let problem = header.problem { throw Refusal(.internalError, problem) }
            if headers[..<index].contains(where: { $0.name == header.name }) {
                throw Refusal(.internalError, "header `\(header.name.rawValue)` would be sent twice")
            }
        }
    }
}
