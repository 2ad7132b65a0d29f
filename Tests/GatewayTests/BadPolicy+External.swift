extension BadPolicy {
    /// What must hold of a backend.
    static let external = [
        BadPolicy(
            "a backend that is not configured",
            """
            schema: 1
            revision: r1
            external:
              usai: {jurisdiction: EU, prefixes: [192.0.32.0/20], tls: {ca: system}, models: [m-large]}

            """,
            [
                "policy.yaml:4:3: backend `usai` is not configured in gatehouse.yaml, whose backends outside are "
                    + "`euai`, `demo`"
            ]),
        BadPolicy(
            "another jurisdiction",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: US, prefixes: [192.0.32.0/20], tls: {ca: system}, models: [m-large]}

            """,
            [
                "policy.yaml:4:24: found `US`, while gatehouse.yaml says that `euai` stands in `EU`; find out "
                    + "which is true, and say the same in both"
            ]),
        BadPolicy(
            "terms of nothing",
            """
            schema: 1
            revision: r1
            external:
              euai: {}

            """,
            [
                "policy.yaml:4:9: key `jurisdiction` is missing",
                "policy.yaml:4:9: key `models` is missing",
                "policy.yaml:4:9: key `prefixes` is missing",
                "policy.yaml:4:9: key `tls` is missing",
            ]),
        BadPolicy(
            "terms that are a list",
            """
            schema: 1
            revision: r1
            external:
              euai: [EU]

            """,
            [
                "policy.yaml:4:9: found a list, expected keys and values"
            ]),
        BadPolicy(
            "a list of terms",
            """
            schema: 1
            revision: r1
            external: [euai]

            """,
            [
                "policy.yaml:3:11: found a list, expected names and what they stand for"
            ]),
        BadPolicy(
            "no networks",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [], tls: {ca: system}, models: [m]}

            """,
            [
                "policy.yaml:4:38: found an empty list, expected at least one item"
            ]),
        BadPolicy(
            "networks that are none",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [api.example.com, 10.0.0.0/33, 127.1], tls: {ca: system}, models: [m]}

            """,
            [
                "policy.yaml:4:39: `api.example.com` is not a network, expected an address in its usual form and a "
                    + "prefix, as in `10.20.0.0/16`",
                "policy.yaml:4:56: `10.0.0.0/33` has no valid prefix, expected a number from 0 to 32 after the `/`",
                "policy.yaml:4:69: `127.1` is not a network, expected an address in its usual form and a prefix, "
                    + "as in `10.20.0.0/16`",
            ]),
        BadPolicy(
            "a network with bits behind its prefix",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [10.1.2.3/8], tls: {ca: system}, models: [m]}

            """,
            [
                "policy.yaml:4:39: `10.1.2.3/8` has bits set after its prefix, the network is `10.0.0.0/8`"
            ]),
        BadPolicy(
            "networks where no backend can stand",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [169.254.169.254, "fe80::/10", 224.0.0.0/4, 168.63.129.16/32, 240.0.0.0/4, 203.0.113.0/24, "64:ff9b::/96", "4000::/3", 0.0.0.0/8], tls: {ca: system}, models: [m]}

            """,
            [
                "policy.yaml:4:39: `169.254.169.254/32` lies in `169.254.0.0/16` (link local, RFC 3927; metadata "
                    + "at 169.254.169.254), where no backend can stand",
                "policy.yaml:4:56: `fe80::/10` lies in `fe80::/10` (link local, RFC 4291 section 2.5.6), where no "
                    + "backend can stand",
                "policy.yaml:4:69: `224.0.0.0/4` lies in `224.0.0.0/4` (multicast, RFC 5771), where no backend can "
                    + "stand",
                "policy.yaml:4:82: `168.63.129.16/32` lies in `168.63.129.16/32` (Azure host agent), where no "
                    + "backend can stand",
                "policy.yaml:4:100: `240.0.0.0/4` lies in `240.0.0.0/4` (future use, RFC 1112 section 4), where no "
                    + "backend can stand",
                "policy.yaml:4:113: `203.0.113.0/24` lies in `203.0.113.0/24` (TEST-NET-3, RFC 5737), where no "
                    + "backend can stand",
                "policy.yaml:4:129: `64:ff9b::/96` lies in `64:ff9b::/96` (NAT64, RFC 6052 section 2.1), where no "
                    + "backend can stand",
                "policy.yaml:4:145: `4000::/3` lies outside `2000::/3`, in space that IANA has not given out",
                "policy.yaml:4:157: `0.0.0.0/8` lies in `0.0.0.0/8` (this network, RFC 791 section 3.2), where no "
                    + "backend can stand",
            ]),
        BadPolicy(
            "no word on TLS",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [8.8.8.0/24], models: [m]}

            """,
            [
                "policy.yaml:4:9: key `tls` is missing"
            ]),
        BadPolicy(
            "pins without authorities",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [8.8.8.0/24], tls: {pins: []}, models: [m]}

            """,
            [
                "policy.yaml:4:57: key `ca` is missing"
            ]),
        BadPolicy(
            "a file of certificates that is not there",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [8.8.8.0/24], tls: {ca: lost.pem}, models: [m]}

            """,
            [
                "policy.yaml:4:62: there is no file `lost.pem`, expected `system` or a file of certificates in PEM"
            ]),
        BadPolicy(
            "a folder of certificates",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [8.8.8.0/24], tls: {ca: .}, models: [m]}

            """,
            [
                "policy.yaml:4:62: `.`: file cannot be read: is a directory"
            ]),
        BadPolicy(
            "a file without certificates",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [8.8.8.0/24], tls: {ca: notes.pem}, models: [m]}

            """,
            [
                "policy.yaml:4:62: `notes.pem` holds no certificate, expected PEM with `-----BEGIN "
                    + "CERTIFICATE-----`"
            ]),
        BadPolicy(
            "a certificate that cannot be read",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [8.8.8.0/24], tls: {ca: broken.pem}, models: [m]}

            """,
            [
                "policy.yaml:4:62: `broken.pem` holds a certificate that cannot be read, number 1"
            ]),
        BadPolicy(
            "a certificate without an end",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [8.8.8.0/24], tls: {ca: cut.pem}, models: [m]}

            """,
            [
                "policy.yaml:4:62: `cut.pem` holds a certificate that cannot be read, number 2"
            ]),
        BadPolicy(
            "a key in place of a certificate",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [8.8.8.0/24], tls: {ca: key.pem}, models: [m]}

            """,
            [
                "policy.yaml:4:62: `key.pem` holds a private key, expected certificates alone"
            ]),
        BadPolicy(
            "a certificate in binary",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [8.8.8.0/24], tls: {ca: binary.der}, models: [m]}

            """,
            [
                "policy.yaml:4:62: `binary.der` is no text, expected PEM"
            ]),
        BadPolicy(
            "pins that are none",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [8.8.8.0/24], tls: {ca: system, pins: [abc, "sha1//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]}, models: [m]}

            """,
            [
                "policy.yaml:4:77: found `abc`, expected the SHA-256 of a public key in base64, 44 characters",
                "policy.yaml:4:82: found `sha1//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=`, expected the "
                    + "SHA-256 of a public key in base64, 44 characters",
            ]),
        BadPolicy(
            "no models",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [8.8.8.0/24], tls: {ca: system}, models: []}

            """,
            [
                "policy.yaml:4:79: found an empty list, expected at least one item"
            ]),
        BadPolicy(
            "promises of a provider",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [8.8.8.0/24], tls: {ca: system}, models: [m], retention: none, contract: SCC-2026-07}

            """,
            [
                "policy.yaml:4:84: `retention` is not there in this version: what the provider has promised is not "
                    + "written down here yet",
                "policy.yaml:4:101: `contract` is not there in this version: what the provider has promised is not "
                    + "written down here yet",
            ]),
        BadPolicy(
            "a check that is switched off",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [8.8.8.0/24], tls: {ca: system, verify: false}, models: [m]}

            """,
            [
                "policy.yaml:4:70: unknown key `verify`, accepted here: `ca`, `pins`"
            ]),
    ]
}
