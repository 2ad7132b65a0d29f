import Configuration
import Health
import Residency
import Vocabulary

/// What a backend speaks.
enum BackendKind: String, CaseIterable, Sendable {
    /// A server of Ollama, inside.
    case ollama
    /// A server with OpenAI's API, outside: nothing is sent there without a policy.
    case openai
}

extension Sites {
    /// The keys that only a backend outside has.
    private static let externalKeys = ["jurisdiction", "key", "proxy", "proxy_zone"]

    /// What is assumed where nobody says how many requests a backend outside takes at once. Providers limit by the
    /// minute, and tell by 429 when it is too much.
    static let externalSlots = 16

    /// Tells of keys that a backend inside has not.
    static func refuseExternalKeys(_ section: inout Section) {
        for key in Self.externalKeys where section.has(key) {
            _ = section.value(key)
            section.problem(with: key, "only a backend of kind `openai` has a `\(key)`")
        }
    }

    /// A backend of kind `openai`: `url` (`https://host[:port][/base/path]`), `zone` (`external`), `jurisdiction`, `key`
    /// (`file` or `credential`), `proxy`, `proxy_zone`, `slots`, `breaker`.
    static func externalSettings(
        _ section: inout Section, _ id: BackendID, _ breaker: BreakerKeys, in folder: String
    ) -> (settings: GatehouseConfiguration.BackendSettings, key: CredentialPlace?)? {
        let address = section.read("url") { value in
            value.parsed("where the server is", message: { (refusal: Refusal) in refusal.message }) {
                (text: String) throws(Refusal) in try ExternalAddress(parsing: text)
            }
        }
        let zone = ZoneName(section.text("zone"))
        let jurisdiction = section.read("jurisdiction") { $0.text() }
        let key = section.readIfPresent("key") { value in
            guard value.isMapping else {
                // Nothing is shown of what stands there: it may be the key.
                value.problem("a key is not written here, expected its place: `{file: PATH}` or `{credential: NAME}`")
                return CredentialPlace?.none
            }
            return value.section { CredentialPlace(reading: &$0, in: folder) }
        }
        let proxy = Self.proxy(&section)
        let slots = section.int("slots", default: Self.externalSlots, in: 1...4096)
        let own = section.section("breaker") { BreakerKeys(reading: &$0, within: breaker) }
        guard let address, let jurisdiction else { return nil }
        let external = ExternalSite(jurisdiction: jurisdiction, basePath: address.basePath, proxy: proxy)
        let site = BackendSite(id: id, endpoint: address.endpoint, tls: true, zone: zone, external: external)
        let settings = GatehouseConfiguration.BackendSettings(
            site: site, slots: slots, breaker: own.options(in: .external))
        return (settings, key)
    }

    private static func proxy(_ section: inout Section) -> ForwardProxy? {
        let address = section.readIfPresent("proxy") { value in
            value.parsed("an HTTP proxy", message: { (refusal: Refusal) in refusal.message }) {
                (text: String) throws(Refusal) in try ForwardProxy.address(parsing: text)
            }
        }
        let zone = section.readIfPresent("proxy_zone") { $0.text() }.map { ZoneName($0) }
        guard let address else {
            if zone != nil, !section.has("proxy") {
                section.problem(with: "proxy_zone", "there is no `proxy` whose zone this could be")
            }
            return nil
        }
        if let zone { return ForwardProxy(address: address, zone: zone) }
        guard AddressClass(of: address.address) == .loopback else {
            if !section.has("proxy_zone") {
                section.problem(with: "proxy", "key `proxy_zone` is missing: name the zone that the proxy stands in")
            }
            return nil
        }
        return ForwardProxy(address: address, zone: .loopback)
    }
}
