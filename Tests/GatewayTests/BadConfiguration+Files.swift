extension BadConfiguration {
    /// Files that are missing, are no YAML, or have mistakes together.
    static let files = [
        BadConfiguration(
            "no gatehouse.yaml",
            gatehouse: nil,
            [
                "gatehouse.yaml: file cannot be opened: no such file or directory; name another one with "
                    + "`--config`, or let `gatehouse init` write it"
            ]),
        BadConfiguration(
            "an empty gatehouse.yaml",
            gatehouse: "",
            [
                "gatehouse.yaml: file is empty, expected at least `schema: 1`"
            ]),
        BadConfiguration(
            "a text instead of keys",
            gatehouse: """
                hello

                """,
            [
                "gatehouse.yaml:1:1: found `hello`, expected keys and values, as in `schema: 1`"
            ]),
        BadConfiguration(
            "a schema of the future",
            gatehouse: """
                schema: 2
                state: /var/lib/gatehouse
                backends:
                  here: {url: http://127.0.0.1:11434, zone: loopback}

                """,
            [
                "gatehouse.yaml:1:9: schema 2 is newer than this program, which reads schema 1"
            ]),
        BadConfiguration(
            "no schema",
            gatehouse: """
                state: /var/lib/gatehouse
                backends:
                  here: {url: http://127.0.0.1:11434, zone: loopback}

                """,
            [
                "gatehouse.yaml:1:1: key `schema` is missing, this file must say `schema: 1`"
            ]),
        BadConfiguration(
            "a tab",
            adding: """
                drain:
                \tdelay: 5s

                """,
            [
                "gatehouse.yaml:6:1: not valid YAML: while scanning for the next token that began in line "
                    + "6, found character that cannot start any token; indent with blanks, not with tabs"
            ]),
        BadConfiguration(
            "a key twice",
            adding: """
                state: other

                """,
            [
                "gatehouse.yaml:2:1: key `state` stands more than once in the same place, first here"
            ]),
        BadConfiguration(
            "an anchor",
            adding: """
                node: &n gate

                """,
            [
                "gatehouse.yaml:5:7: anchors and aliases (`&n`) are not used here, write the value out"
            ]),
        BadConfiguration(
            "no manifest",
            manifest: nil,
            [
                "models.manifest: file is missing; name another one with `manifest` in gatehouse.yaml, or "
                    + "let `gatehouse init` write it"
            ]),
        BadConfiguration(
            "keys without a pepper",
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

                """,
            [
                "pepper: the pepper is missing, without which no key can be checked; copy the file that "
                    + "belongs to keys.yaml"
            ]),
        BadConfiguration(
            "a pepper that is too short",
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

                """,
            pepper: "short",
            [
                "pepper: the pepper has 5 bytes, expected 32 or more; the same file on every node"
            ]),
        BadConfiguration(
            "mistakes in all files",
            gatehouse: """
                schema: 1
                state: /var/lib/gatehouse
                backends:
                  here: {url: http://127.0.0.1:11434, zone: loopback}
                drian: {}
                limits: {queue_per_model: many}

                """,
            manifest: """
                schema: 1
                discovered: maybe
                models: {a: {backends: [gone]}}

                """,
            keys: """
                schema: 1
                keys:
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
                "gatehouse.yaml:5:1: unknown key `drian`, did you mean `drain`?",
                "gatehouse.yaml:6:27: found `many`, expected a whole number from 0 to 100000",
                "keys.yaml:3:9: id: 'ABCD' is not 8 lower-case letters and digits",
                "models.manifest:2:13: found `maybe`, expected one of `serve`, `refuse`",
                "models.manifest:3:25: backend `gone` is not configured in gatehouse.yaml, which has `here`",
            ]),
    ]
}
