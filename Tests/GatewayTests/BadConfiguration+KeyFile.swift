extension BadConfiguration {
    /// `keys.yaml` and the pepper.
    static let keyFile = [
        BadConfiguration(
            "a key without anything",
            keys: """
                schema: 1
                keys:
                  - id: abcd2345

                """,
            pepper: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            [
                "keys.yaml:3:5: key `created` is missing",
                "keys.yaml:3:5: key `environment` is missing",
                "keys.yaml:3:5: key `name` is missing",
                "keys.yaml:3:5: key `project` is missing",
                "keys.yaml:3:5: key `secrets` is missing",
            ]),
        BadConfiguration(
            "certificates that are no names, or belong to two keys",
            keys: """
                schema: 1
                keys:
                  - id: abcd2345
                    name: app
                    environment: live
                    project: default
                    certificate: ip:10.0.0.1
                    created: 2026-01-01
                  - id: bcde3456
                    name: batch
                    environment: live
                    project: default
                    certificate: "uri:spiffe://intranet/batch"
                    created: 2026-01-01
                  - id: cdef4567
                    name: nightly
                    environment: live
                    project: default
                    certificate: "uri:spiffe://intranet/batch"
                    created: 2026-01-01

                """,
            pepper: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            [
                "keys.yaml:7:18: certificate: 'ip:10.0.0.1' is not dns:, uri: or email: and a name, as in "
                    + "uri:spiffe://intranet/batch",
                "keys.yaml:19:18: certificate: 'uri:spiffe://intranet/batch' is also the certificate of key 2 in this file",
            ]),
        BadConfiguration(
            "values that are none",
            keys: """
                schema: 1
                keys:
                  - id: ABCD
                    name: app
                    environment: Live!
                    project: a b
                    principal_header: X-API-Key
                    created: yesterday
                    secrets:
                      - hash: zz
                        created: 2026-01-01

                """,
            pepper: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            [
                "keys.yaml:3:9: id: 'ABCD' is not 8 lower-case letters and digits",
                "keys.yaml:5:18: environment: 'Live!' is not 1 to 16 lower-case letters and digits",
                "keys.yaml:6:14: project: 'a b' is not 1 to 64 letters, digits, '-', '_', '.' or '/'",
                "keys.yaml:7:23: principal_header: 'X-API-Key' is not X- and letters, digits and dashes, or has another "
                    + "meaning here",
                "keys.yaml:8:14: created: 'yesterday' is not a time such as 2026-11-24T06:55:17Z, nor a date",
                "keys.yaml:10:7: secrets[0].hash: expected 64 hexadecimal digits in lower case",
            ]),
        BadConfiguration(
            "two keys of one id",
            keys: """
                schema: 1
                keys:
                  - id: abcd2345
                    name: app
                    environment: live
                    project: default
                    created: 2026-01-01
                    secrets:
                      - hash: abababababababababababababababababababababababababababababababab
                        created: 2026-01-01
                  - id: abcd2345
                    name: app
                    environment: live
                    project: default
                    created: 2026-01-01
                    secrets:
                      - hash: abababababababababababababababababababababababababababababababab
                        created: 2026-01-01

                """,
            pepper: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            [
                "keys.yaml:11:9: id: 'abcd2345' is also the id of key 1 in this file"
            ]),
        BadConfiguration(
            "three secrets",
            keys: """
                schema: 1
                keys:
                  - id: abcd2345
                    name: app
                    environment: live
                    project: default
                    created: 2026-01-01
                    secrets:
                      - hash: abababababababababababababababababababababababababababababababab
                        created: 2026-01-01
                      - {hash: cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd, created: 2026-01-01}
                      - {hash: cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd, created: 2026-01-01}

                """,
            pepper: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            [
                "keys.yaml:9:7: secrets: expected 1 or 2, found 3"
            ]),
        BadConfiguration(
            "a secret in plain text",
            keys: """
                schema: 1
                keys:
                  - id: abcd2345
                    name: app
                    environment: live
                    project: default
                    created: 2026-01-01
                    secrets:
                      - hash: gh_live_abcd2345_secret
                        created: 2026-01-01

                """,
            pepper: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            [
                "keys.yaml:9:7: secrets[0].hash: expected 64 hexadecimal digits in lower case"
            ]),
        BadConfiguration(
            "mistakes of several keys at once",
            keys: """
                schema: 1
                keys:
                  - id: abcd2345
                    nmae: app
                    environment: live
                    project: default
                    created: 2026-01-01
                    secrets:
                      - hash: abababababababababababababababababababababababababababababababab
                        created: 2026-01-01
                  - id: ABCD
                    name: app
                    environment: live
                    project: default
                    created: 2026-01-01
                    secrets:
                      - hash: abababababababababababababababababababababababababababababababab
                        created: 2026-01-01

                """,
            pepper: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            [
                "keys.yaml:3:5: key `name` is missing",
                "keys.yaml:4:5: unknown key `nmae`, did you mean `name`?",
                "keys.yaml:11:9: id: 'ABCD' is not 8 lower-case letters and digits",
            ]),
        BadConfiguration(
            "misspelt rights",
            keys: """
                schema: 1
                keys:
                  - id: abcd2345
                    name: app
                    environment: live
                    project: default
                    modles: [a]
                    created: 2026-01-01
                    expires: never
                    secrets:
                      - hash: abababababababababababababababababababababababababababababababab
                        created: 2026-01-01

                """,
            pepper: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            [
                "keys.yaml:7:5: unknown key `modles`, did you mean `models`?"
            ]),
    ]
}
