import Configuration
import Dialects
import Health
import Residency
import Vocabulary

extension Sites {
    /// The keys that only a backend outside has.
    static let externalKeys = [
        "jurisdiction", "key", "key_header", "api_version", "max_completion_tokens", "top_k", "proxy", "proxy_zone",
    ]

    /// What is assumed where nobody says how many requests a backend outside takes at once. Providers limit by the
    /// minute, and tell by 429 when it is too much.
    static let externalSlots = 16

    /// Tells of keys that a backend inside has not.
    static func refuseExternalKeys(_ section: inout Section) {
        for key in Self.externalKeys where section.has(key) {
            _ = section.value(key)
            section.problem(with: key, "only a backend of another kind than `ollama` has a `\(key)`")
        }
    }

    /// A backend outside: `url` (`https://host[:port][/base/path]`), `zone` (`external`), `jurisdiction`, `key` (`file` or
    /// `credential`), `key_header`, `api_version` (Azure's form), `max_completion_tokens`, `top_k`, `proxy`, `proxy_zone`, `slots`, `breaker`.
    static func externalSettings(
        _ section: inout Section, _ id: BackendID, _ api: ProviderAPI, _ zone: ZoneName, _ breaker: BreakerKeys,
        in folder: String
    ) -> (settings: GatehouseConfiguration.BackendSettings, key: CredentialPlace?)? {
        let address = section.read("url") { value in
            value.parsed("where the server is", message: { (refusal: Refusal) in refusal.message }) {
                (text: String) throws(Refusal) in try ExternalAddress(parsing: text)
            }
        }
        let jurisdiction = section.read("jurisdiction") { $0.text() }
        let key = Self.key(&section, in: folder)
        let keyHeader = section.readIfPresent("key_header") { $0.choice(of: CredentialHeader.self) }
        let azureVersion = api == .openAI ? section.readIfPresent("api_version") { $0.text() } : nil
        let traits = api == .openAI ? Self.traits(&section, isAzure: azureVersion != nil, address) : ProviderTraits()
        let proxy = Self.proxy(&section)
        let slots = section.int("slots", default: Self.externalSlots, in: 1...4096)
        let own = section.section("breaker") { BreakerKeys(reading: &$0, within: breaker) }
        guard let address, let jurisdiction else { return nil }
        let external = ExternalSite(
            jurisdiction: jurisdiction, api: api, basePath: address.basePath, azureVersion: azureVersion,
            credentialHeader: keyHeader, proxy: proxy)
        let site = BackendSite(id: id, endpoint: address.endpoint, tls: true, zone: zone, external: external)
        var settings = GatehouseConfiguration.BackendSettings(
            site: site, slots: slots, breaker: own.options(in: .external))
        settings.traits = traits
        return (settings, key)
    }

    /// `max_completion_tokens` and `top_k`: what servers with OpenAI's API do not agree on. OpenAI's and Azure's own are
    /// known by their names.
    static func traits(_ section: inout Section, isAzure: Bool, _ address: ExternalAddress?) -> ProviderTraits {
        var host = ""
        if case .tcp(let name, _)? = address?.endpoint { host = name }
        let isNewer = isAzure || host == "api.openai.com" || host.hasSuffix(".openai.azure.com")
        return ProviderTraits(
            takesNewerBound: section.bool("max_completion_tokens", default: isNewer),
            takesTopK: section.bool("top_k", default: false))
    }

    /// `key`, which both have that are no Ollama servers.
    static func key(_ section: inout Section, in folder: String) -> CredentialPlace? {
        section.readIfPresent("key") { value in
            guard value.isMapping else {
                // Nothing is shown of what stands there: it may be the key.
                value.problem("a key is not written here, expected its place: `{file: PATH}` or `{credential: NAME}`")
                return CredentialPlace?.none
            }
            return value.section { CredentialPlace(reading: &$0, in: folder) }
        }
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
