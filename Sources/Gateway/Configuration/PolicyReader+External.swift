import Configuration
import Residency
import Vocabulary

extension PolicyReader {
    /// One of `external`: `jurisdiction`, `prefixes`, `tls`, `models`.
    mutating func external(_ name: Name, _ value: Value) -> (BackendID, ExternalTerms)? {
        let id = BackendID(name.text)
        self.remember(id)
        let configured = self.backends.first { $0.id == id }
        if configured == nil {
            let known = self.backends.map { "`\($0.id)`" }.joined(separator: ", ")
            name.problem(
                known.isEmpty
                    ? "backend `\(id)` is not configured in gatehouse.yaml, which has no backend outside"
                    : "backend `\(id)` is not configured in gatehouse.yaml, whose backends outside are \(known)")
        }
        let terms = self.part(value, .external(id)) { reader, section in
            reader.terms(&section, id, jurisdiction: configured?.jurisdiction)
        }
        if let terms { return (id, terms) }
        self.markFaulty(.external(id))
        // Holds the place, so that rules which name it are not mistaken too.
        return (id, ExternalTerms(jurisdiction: "", prefixes: [], trust: .system, models: []))
    }

    private func terms(_ section: inout Section, _ id: BackendID, jurisdiction configured: String?) -> ExternalTerms {
        for key in ["retention", "contract"] {
            section.refuse(key, Self.later(key, "what the provider has promised is not written down here yet"))
        }
        let jurisdiction = section.text("jurisdiction")
        if let configured, !jurisdiction.isEmpty, configured != jurisdiction {
            section.problem(
                with: "jurisdiction",
                "found `\(jurisdiction)`, while gatehouse.yaml says that `\(id)` stands in `\(configured)`; "
                    + "find out which is true, and say the same in both")
        }
        let prefixes = section.list("prefixes") { Self.prefix($0) }
        let trust = section.read("tls") { $0.section { self.trust(&$0) } } ?? .system
        let models = section.list("models") { $0.text() }
        return ExternalTerms(jurisdiction: jurisdiction, prefixes: prefixes, trust: trust, models: models)
    }

    private static func prefix(_ value: Value) -> CIDR? {
        let network = value.parsed("a network", message: { (refusal: Refusal) in refusal.message }) {
            (text: String) throws(Refusal) in try CIDR(parsing: text)
        }
        if let network, let problem = ExternalTerms.problem(withPrefix: network) { value.problem(problem) }
        return network
    }

    /// `tls`: `ca`, who vouches for the certificate; `pins` of public keys.
    private func trust(_ section: inout Section) -> Trust {
        let roots = section.read("ca") { self.roots($0) } ?? .system
        let pins = section.list("pins", default: []) { value in
            value.parsed("the SHA-256 of a public key in base64, 44 characters", Trust.pin)
        }
        return Trust(roots: roots, pins: pins)
    }

    /// `system`, or a file of certificates.
    private func roots(_ value: Value) -> Trust.Roots? {
        guard let text = value.text() else { return nil }
        if text == "system" { return .system }
        let path = Paths.absolute(text, in: self.folder)
        guard ConfigurationFile.exists(path) else {
            value.problem("there is no file `\(path)`, expected `system` or a file of certificates in PEM")
            return nil
        }
        do throws(FileFault) {
            let bytes = try ConfigurationFile.bytes(path, max: Bounds.configurationFile)
            guard let problem = PEMBundle.problem(with: bytes) else { return .bundle(bytes) }
            value.problem("`\(path)` \(problem)")
        } catch {
            value.problem("`\(path)`: \(error.message)")
        }
        return nil
    }
}
