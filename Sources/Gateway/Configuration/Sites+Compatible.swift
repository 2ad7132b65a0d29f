import Configuration
import Dialects
import Health
import Residency
import Vocabulary

extension Sites {
    /// What a server with OpenAI's API is assumed to take at once where nobody says: they work on many requests together,
    /// and have those wait that are too many.
    static let compatibleSlots = 16

    /// A backend of kind `openai` inside: `url`, `zone`, `slots`, `breaker`, `key`, `top_k` (nearly all inside know it).
    static func compatibleSettings(
        _ section: inout Section, _ id: BackendID, _ zone: ZoneName, _ breaker: BreakerKeys, in folder: String
    ) -> (settings: GatehouseConfiguration.BackendSettings, key: CredentialPlace?)? {
        let address = Self.address(&section, of: .openAI)
        let key = Self.key(&section, in: folder)
        let slots = section.int("slots", default: Self.compatibleSlots, in: 1...4096)
        let traits = ProviderTraits(takesTopK: section.bool("top_k", default: true))
        let own = section.section("breaker") { BreakerKeys(reading: &$0, within: breaker) }
        for outside in Self.externalKeys where !["key", "top_k"].contains(outside) {
            section.refuse(outside, "only a backend outside has a `\(outside)`, and its zone is `external`")
        }
        section.refuse("heal_lost_slots", "only a backend of kind `ollama` can unload a model")
        guard let address else { return nil }
        let site = BackendSite(id: id, endpoint: address.endpoint, tls: address.tls, zone: zone, api: .openAI)
        var settings = GatehouseConfiguration.BackendSettings(site: site, slots: slots, breaker: own.options(in: zone))
        settings.traits = traits
        return (settings, key)
    }
}
