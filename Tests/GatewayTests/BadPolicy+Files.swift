extension BadPolicy {
    /// Files that are missing, are no policy, or have mistakes together.
    static let files = [
        BadPolicy(
            "no policy.yaml", nil,
            [
                "policy.yaml: file is missing; name another one with `policy` in gatehouse.yaml, or leave `policy` "
                    + "out: without a policy nothing leaves"
            ]),
        BadPolicy(
            "an empty policy", "",
            [
                "policy.yaml: file is empty, expected at least `schema: 1`"
            ]),
        BadPolicy(
            "a text instead of keys",
            """
            deny everything

            """,
            [
                "policy.yaml:1:1: found `deny everything`, expected keys and values, as in `schema: 1`"
            ]),
        BadPolicy(
            "a list instead of keys",
            """
            - schema: 1

            """,
            [
                "policy.yaml:1:1: found a list, expected keys and values, as in `schema: 1`"
            ]),
        BadPolicy(
            "a schema of the future",
            """
            schema: 2
            revision: r1

            """,
            [
                "policy.yaml:1:9: schema 2 is newer than this program, which reads schema 1"
            ]),
        BadPolicy(
            "only a schema",
            """
            schema: 1

            """,
            [
                "policy.yaml:1:1: key `revision` is missing"
            ]),
        BadPolicy(
            "an anchor",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [192.0.32.0/20], tls: {ca: system}, models: [m-large]}
            rules: &rules []
            shadow: *rules

            """,
            [
                "policy.yaml:5:8: anchors and aliases (`&rules`) are not used here, write the value out"
            ]),
        BadPolicy(
            "a key twice",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [192.0.32.0/20], tls: {ca: system}, models: [m-large]}
            rules: []
            rules: []

            """,
            [
                "policy.yaml:5:1: key `rules` stands more than once in the same place, first here"
            ]),
        BadPolicy(
            "an unfinished list",
            """
            schema: 1
            revision: r1
            external:
              euai: {jurisdiction: EU, prefixes: [192.0.32.0/20], tls: {ca: system}, models: [m-large]}
            rules: [

            """,
            [
                "policy.yaml:6:1: not valid YAML: while parsing a flow node that began in line 6, did not find "
                    + "expected node content"
            ]),
        BadPolicy(
            "a revision of two words",
            """
            schema: 1
            revision: second try

            """,
            [
                "policy.yaml:2:11: found `second try`, expected 1 to 64 printable characters without blanks, as in "
                    + "`2026-11-24.1`"
            ]),
        BadPolicy(
            "no revision, and one too long",
            """
            schema: 1
            revision: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx

            """,
            [
                "policy.yaml:2:11: found `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...`, "
                    + "expected 1 to 64 printable characters without blanks, as in `2026-11-24.1`"
            ]),
        BadPolicy(
            "a mode of later",
            adding: """
                mode: report

                """,
            [
                "policy.yaml:5:7: mode `report` comes later, a policy is always in force; try rules out under "
                    + "`shadow`"
            ]),
        BadPolicy(
            "a mode of nobody",
            adding: """
                mode: audit

                """,
            [
                "policy.yaml:5:7: found `audit`, expected `enforce`"
            ]),
        BadPolicy(
            "misspelt keys",
            adding: """
                rule: []
                shadows: []
                default: {}

                """,
            [
                "policy.yaml:5:1: unknown key `rule`, did you mean `rules`?",
                "policy.yaml:6:1: unknown key `shadows`, did you mean `shadow`?",
                "policy.yaml:7:1: unknown key `default`, did you mean `defaults`?",
            ]),
        BadPolicy(
            "a key of nobody's",
            adding: """
                roles: [admin]

                """,
            [
                "policy.yaml:5:1: unknown key `roles`, did you mean `rules`?"
            ]),
        BadPolicy(
            "exceptions",
            adding: """
                exceptions: [{id: EX-17, rule: r}]

                """,
            [
                "policy.yaml:5:1: `exceptions` is not there in this version: a rule holds for all that it names, "
                    + "change the rule"
            ]),
        BadPolicy(
            "keys without values",
            adding: """
                rules:
                defaults:

                """,
            [
                "policy.yaml:5:1: key `rules` has no value, write one or leave the key out",
                "policy.yaml:6:1: key `defaults` has no value, write one or leave the key out",
            ]),
        BadPolicy(
            "many mistakes at once",
            """
            schema: 1
            revision: r1
            mode: off
            defaults: {sensitivity: low}
            external:
              euai: {jurisdiction: US, prefixes: [10.0.0.1/8], tls: {ca: system}, models: []}
            rules:
              - {id: r, effect: allow, to: [euia], when: {triggers: [local_dwon]}}

            """,
            [
                "policy.yaml:3:7: found `off`, expected `enforce`",
                "policy.yaml:4:25: found `low`, expected one of `public`, `internal`, `confidential`, `restricted`",
                "policy.yaml:6:24: found `US`, while gatehouse.yaml says that `euai` stands in `EU`; find out "
                    + "which is true, and say the same in both",
                "policy.yaml:6:39: `10.0.0.1/8` has bits set after its prefix, the network is `10.0.0.0/8`",
                "policy.yaml:6:79: found an empty list, expected at least one item",
                "policy.yaml:8:33: `euia` has no terms under `external`, which has `euai`",
                "policy.yaml:8:46: key `sensitivity_max` is missing",
                "policy.yaml:8:58: found `local_dwon`, did you mean `local_down`? expected one of `local_down`, "
                    + "`local_saturated`, `local_timeout`, `context_overflow`, `capability_missing`, `caller_requested`",
            ]),
    ]
}
