extension BadConfiguration {
    /// Keys of `gatehouse.yaml` and their values.
    static let keys = [
        BadConfiguration(
            "only a schema",
            gatehouse: """
                schema: 1

                """,
            [
                "gatehouse.yaml:1:1: key `state` is missing",
                "gatehouse.yaml:1:1: no backend is configured, expected at least one; `gatehouse init` "
                    + "writes this file",
            ]),
        BadConfiguration(
            "misspelt keys",
            adding: """
                drian: {delay: 5s}
                health: {intervall: 5s}

                """,
            [
                "gatehouse.yaml:5:1: unknown key `drian`, did you mean `drain`?",
                "gatehouse.yaml:6:10: unknown key `intervall`, did you mean `interval`?",
            ]),
        BadConfiguration(
            "a key of nobody's",
            adding: """
                storage: {kind: x}

                """,
            [
                "gatehouse.yaml:5:1: unknown key `storage`, accepted here: `schema`, `node`, `listeners`, `tls`, "
                    + "`state`, `manifest`, `keys`, `policy`, `zones`, `breaker`, `backends`, `require_cloud_off`, "
                    + "`require_kernel_layer`, `health`, `limits`, `logging`, `usage`, `translation`, `drain`"
            ]),
        BadConfiguration(
            "a key without a value",
            adding: """
                node:

                """,
            [
                "gatehouse.yaml:5:1: key `node` has no value, write one or leave the key out"
            ]),
        BadConfiguration(
            "a time without a unit",
            adding: """
                drain: {delay: 5, timeout: 2 minutes}

                """,
            [
                "gatehouse.yaml:5:16: found `5`, expected a time with its unit, from 0s to 10m, as in `5s`",
                "gatehouse.yaml:5:28: found `2 minutes`, expected a time with its unit, from 0s to 10m, as "
                    + "in `5s`",
            ]),
        BadConfiguration(
            "times beyond their bounds",
            adding: """
                drain: {delay: 11m}
                health: {interval: 10ms}
                limits: {first_byte: 2h, whole_attempt: 500ms, client_read_idle: 1h, between_bytes: 0s}

                """,
            [
                "gatehouse.yaml:5:16: found `11m`, expected a time with its unit, from 0s to 10m, as in `5s`",
                "gatehouse.yaml:6:20: found `10ms`, expected a time with its unit, from 100ms to 5m, as in `5s`",
                "gatehouse.yaml:7:22: found `2h`, expected a time with its unit, from 100ms to 1h, as in `5s`",
                "gatehouse.yaml:7:41: found `500ms`, expected a time with its unit, from 1s to 1d, as in `5s`",
                "gatehouse.yaml:7:66: found `1h`, expected a time with its unit, from 100ms to 10m, as in `5s`",
                "gatehouse.yaml:7:85: found `0s`, expected a time with its unit, from 100ms to 1h, as in `5s`",
            ]),
        BadConfiguration(
            "numbers beyond their bounds",
            adding: """
                health: {rise: 0, fall: 21}
                limits: {queue_per_model: -1}
                usage: {retention_days: 0}

                """,
            [
                "gatehouse.yaml:5:16: found `0`, expected a whole number from 1 to 20",
                "gatehouse.yaml:5:25: found `21`, expected a whole number from 1 to 20",
                "gatehouse.yaml:6:27: found `-1`, expected a whole number from 0 to 100000",
                "gatehouse.yaml:7:25: found `0`, expected a whole number from 1 to 3660",
            ]),
        BadConfiguration(
            "breakers that never open, or never close",
            gatehouse: """
                schema: 1
                state: state
                breaker: {failures: 0, open_for: 60, trials: 101, slow: 80}
                backends:
                  here: {url: http://127.0.0.1:11434, zone: loopback, breaker: {failures: 1001, open_for: 2h, trails: 2}}
                  there: {url: http://127.0.0.1:11436, zone: loopback, breaker: off}

                """,
            [
                "gatehouse.yaml:3:21: found `0`, expected a whole number from 1 to 1000",
                "gatehouse.yaml:3:34: found `60`, expected a time with its unit, from 1s to 1h, as in `5s`",
                "gatehouse.yaml:3:46: found `101`, expected a whole number from 1 to 100",
                "gatehouse.yaml:3:51: unknown key `slow`, accepted here: `failures`, `open_for`, `trials`",
                "gatehouse.yaml:5:75: found `1001`, expected a whole number from 1 to 1000",
                "gatehouse.yaml:5:91: found `2h`, expected a time with its unit, from 1s to 1h, as in `5s`",
                "gatehouse.yaml:5:95: unknown key `trails`, did you mean `trials`?",
                "gatehouse.yaml:6:65: found `off`, expected keys and values",
            ]),
        BadConfiguration(
            "numbers that are none",
            adding: """
                health: {rise: two, fall: 1.5}
                usage: {retention_days: "30"}

                """,
            [
                "gatehouse.yaml:5:16: found `two`, expected a whole number from 1 to 20",
                "gatehouse.yaml:5:27: found `1.5`, expected a whole number from 1 to 20",
                "gatehouse.yaml:6:25: found `30`, expected a whole number from 1 to 3660",
            ]),
        BadConfiguration(
            "truth in other words",
            adding: """
                require_cloud_off: yes
                logging: {requests: on}
                health: {independent_backends: "true"}

                """,
            [
                "gatehouse.yaml:5:20: found `yes`, expected `true` or `false`",
                "gatehouse.yaml:6:21: found `on`, expected `true` or `false`",
                "gatehouse.yaml:7:32: found `true`, expected `true` or `false`",
            ]),
        BadConfiguration(
            "a level of another program",
            adding: """
                logging: {level: warn}

                """,
            [
                "gatehouse.yaml:5:18: found `warn`, did you mean `warning`? expected one of `debug`, "
                    + "`info`, `warning`, `error`"
            ]),
        BadConfiguration(
            "a list where keys are expected",
            adding: """
                health: [5s]
                drain: 5s

                """,
            [
                "gatehouse.yaml:5:9: found a list, expected keys and values",
                "gatehouse.yaml:6:8: found `5s`, expected keys and values",
            ]),
        BadConfiguration(
            "an empty name",
            adding: """
                node: ""
                manifest: ""

                """,
            [
                "gatehouse.yaml:5:7: found an empty text, expected a text",
                "gatehouse.yaml:6:11: found an empty text, expected a text",
            ]),
        BadConfiguration(
            "a state folder too deep for a socket",
            gatehouse: """
                schema: 1
                state: /xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                backends:
                  here: {url: http://127.0.0.1:11434, zone: loopback}

                """,
            [
                "gatehouse.yaml:2:8: the admin socket in this folder would have a path of 109 bytes, the "
                    + "system takes 107"
            ]),
    ]
}
