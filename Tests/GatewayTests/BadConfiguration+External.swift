extension BadConfiguration {
    /// One backend outside with these lines, which begin at line 4.
    private static func outside(_ name: String, _ backend: String, _ expected: [String]) -> BadConfiguration {
        BadConfiguration(
            name,
            gatehouse: """
                schema: 1
                state: run
                zones: {dmz: [10.0.0.0/24]}
                backends:
                  cloud: \(backend)

                """,
            expected)
    }

    /// Backends of kind `openai`.
    static let external = [
        Self.outside(
            "a kind that is misspelt", "{kind: opnai, url: https://api.example.com, zone: external}",
            [
                "gatehouse.yaml:5:3: its zone is `external`, where no backend of kind `ollama` stands",
                "gatehouse.yaml:5:17: found `opnai`, did you mean `openai`? expected one of `ollama`, `openai`, "
                    + "`anthropic`, `gemini`",
            ]),
        Self.outside(
            "a backend outside without anything", "{kind: openai}",
            [
                "gatehouse.yaml:5:10: key `jurisdiction` is missing", "gatehouse.yaml:5:10: key `url` is missing",
                "gatehouse.yaml:5:10: key `zone` is missing",
            ]),
        Self.outside(
            "a provider in an intranet zone",
            "{kind: anthropic, url: https://api.example.com, zone: dmz, jurisdiction: EU}",
            ["gatehouse.yaml:5:3: a backend of kind `anthropic` stands outside, its zone is `external`, not `dmz`"]),
        Self.outside(
            "a provider in a zone that is not there",
            "{kind: gemini, url: https://api.example.com, zone: attic, jurisdiction: EU}",
            ["gatehouse.yaml:5:3: a backend of kind `gemini` stands outside, its zone is `external`, not `attic`"]),
        Self.outside(
            "a compatible server in a zone that is not there", "{kind: openai, url: http://gpu3:8000, zone: attic}",
            ["gatehouse.yaml:5:3: its zone `attic` is not configured, the zones are `dmz`, `loopback`"]),
        Self.outside(
            "keys of outside on a compatible server inside",
            "{kind: openai, url: http://10.0.0.5:8000, zone: dmz, jurisdiction: EU, api_version: x, heal_lost_slots: true}",
            [
                "gatehouse.yaml:5:63: only a backend outside has a `jurisdiction`, and its zone is `external`",
                "gatehouse.yaml:5:81: only a backend outside has a `api_version`, and its zone is `external`",
                "gatehouse.yaml:5:97: only a backend of kind `ollama` can unload a model",
            ]),
        Self.outside(
            "a compatible server with a path", "{kind: openai, url: http://10.0.0.5:8000/v1, zone: dmz}",
            ["gatehouse.yaml:5:30: `http://10.0.0.5:8000/v1` has a path or a query, expected a host and a port only"]),
        Self.outside(
            "a backend outside without TLS",
            "{kind: openai, url: http://api.example.com, zone: external, jurisdiction: EU}",
            [
                "gatehouse.yaml:5:30: `http://api.example.com` is not reached over TLS, expected `https://` and a host"
            ]),
        Self.outside(
            "a backend outside by its name alone",
            "{kind: openai, url: api.example.com, zone: external, jurisdiction: EU}",
            ["gatehouse.yaml:5:30: `api.example.com` is not reached over TLS, expected `https://` and a host"]),
        Self.outside(
            "a backend outside by a socket",
            #"{kind: openai, url: "unix:/run/x.sock", zone: external, jurisdiction: EU}"#,
            ["gatehouse.yaml:5:30: `unix:/run/x.sock` is not reached over TLS, expected `https://` and a host"]),
        Self.outside(
            "a key in the address",
            #"{kind: openai, url: "https://api.example.com/v1?key=canary", zone: external, jurisdiction: EU}"#,
            [
                "gatehouse.yaml:5:30: the address has a query or a fragment, expected a host, perhaps a port and a path"
            ]),
        Self.outside(
            "a password in the address",
            #"{kind: openai, url: "https://me:canary@api.example.com", zone: external, jurisdiction: EU}"#,
            ["gatehouse.yaml:5:30: the host has a user before its `@`, write the name or address alone"]),
        Self.outside(
            "a base path that leads elsewhere",
            "{kind: openai, url: https://api.example.com/v1/../admin, zone: external, jurisdiction: EU}",
            [
                "gatehouse.yaml:5:3: its base path is not plain, expected segments of letters, digits, `-`, `_`, `.` "
                    + "and `~`, as in `/v1` or `/api/v1`"
            ]),
        Self.outside(
            "an odd address outside", "{kind: openai, url: https://134744072, zone: external, jurisdiction: EU}",
            ["gatehouse.yaml:5:30: host `134744072` is an unusual spelling of an address, write `8.8.8.8`"]),
        Self.outside(
            "a jurisdiction that cannot be recorded",
            #"{kind: openai, url: https://api.example.com, zone: external, jurisdiction: "Ünion"}"#,
            [
                "gatehouse.yaml:5:3: its jurisdiction has no name that can be recorded, expected 1 to 64 ASCII "
                    + "characters, as in `EU`"
            ]),
        Self.outside(
            "keys of outside on a backend inside",
            "{url: http://10.0.0.5, zone: dmz, jurisdiction: EU, key: {file: k}, proxy: http://10.0.0.6:1, proxy_zone: dmz}",
            [
                "gatehouse.yaml:5:58: only a backend of another kind than `ollama` has a `jurisdiction`",
                "gatehouse.yaml:5:67: only a backend of another kind than `ollama` has a `key`",
                "gatehouse.yaml:5:85: only a backend of another kind than `ollama` has a `proxy`",
                "gatehouse.yaml:5:116: only a backend of another kind than `ollama` has a `proxy_zone`",
            ]),
        Self.outside(
            "a key that is written here",
            "{kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU, key: sk-canary}",
            [
                "gatehouse.yaml:5:94: a key is not written here, expected its place: `{file: PATH}` or `{credential: NAME}`"
            ]),
        Self.outside(
            "a key at no place and at two",
            "{kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU, key: {file: k, credential: k}}",
            ["gatehouse.yaml:5:94: expected `file` or `credential`, and one of them"]),
        Self.outside(
            "a credential outside its folder",
            "{kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU, key: {credential: ../k}}",
            [
                "gatehouse.yaml:5:107: this is no credential's name, expected letters, digits, `-`, `_` and `.`"
            ]),
        Self.outside(
            "a key file that is not there",
            "{kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU, key: {file: no.key}}",
            [
                "gatehouse.yaml:5:94: the key cannot be read: no.key: file cannot be opened: no such file or directory"
            ]),
        Self.outside(
            "a proxy by name",
            "{kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU, proxy: http://proxy:3128}",
            [
                "gatehouse.yaml:5:96: `http://proxy:3128` is no address and port, expected them as in "
                    + "`http://10.0.0.5:3128`"
            ]),
        Self.outside(
            "a proxy without its port",
            "{kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU, proxy: http://10.0.0.5}",
            [
                "gatehouse.yaml:5:96: `http://10.0.0.5` is no address and port, expected them as in "
                    + "`http://10.0.0.5:3128`"
            ]),
        Self.outside(
            "a proxy over TLS",
            "{kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU, proxy: https://10.0.0.5:3128}",
            [
                "gatehouse.yaml:5:96: `https://10.0.0.5:3128` is no HTTP proxy, expected one as in "
                    + "`http://10.0.0.5:3128`"
            ]),
        Self.outside(
            "a proxy with a password",
            #"{kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU, proxy: "http://me:canary@10.0.0.5:3128"}"#,
            ["gatehouse.yaml:5:96: the proxy has a user before its `@`, and none is ever told to a proxy"]),
        Self.outside(
            "a proxy in no zone",
            "{kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU, proxy: http://10.0.0.5:3128}",
            ["gatehouse.yaml:5:96: key `proxy_zone` is missing: name the zone that the proxy stands in"]),
        Self.outside(
            "a proxy outside its zone",
            "{kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU, proxy: http://10.0.1.5:3128, proxy_zone: dmz}",
            ["gatehouse.yaml:5:3: its proxy 10.0.1.5:3128 is a private address outside the zone `dmz`"]),
        Self.outside(
            "a proxy's zone without a proxy",
            "{kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU, proxy_zone: dmz}",
            ["gatehouse.yaml:5:101: there is no `proxy` whose zone this could be"]),
        Self.outside(
            "a pin beside the address",
            "{kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU, tls: {pins: []}}",
            [
                "gatehouse.yaml:5:89: unknown key `tls`, accepted here: `kind`, `zone`, `url`, `jurisdiction`, `key`, "
                    + "`key_header`, `api_version`, `max_completion_tokens`, `top_k`, `proxy`, `proxy_zone`, `slots`, "
                    + "`breaker`"
            ]),
    ]
}
