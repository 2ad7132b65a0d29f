extension BadPolicy {
    /// `tests`.
    static let tests = [
        BadPolicy(
            "a test of nothing",
            adding: """
                tests:
                  - {}

                """,
            [
                "policy.yaml:6:5: key `expect` is missing",
                "policy.yaml:6:5: key `input` is missing",
                "policy.yaml:6:5: key `name` is missing",
            ]),
        BadPolicy(
            "a test that asks nothing",
            adding: """
                tests:
                  - {name: t, input: {}, expect: {}}

                """,
            [
                "policy.yaml:6:22: key `to` is missing",
                "policy.yaml:6:22: key `trigger` is missing",
                "policy.yaml:6:34: key `decision` is missing",
            ]),
        BadPolicy(
            "a test with a text",
            adding: """
                tests:
                  - {name: t, input: {to: euai, trigger: local_down, text: hello}, expect: {decision: deny}}

                """,
            [
                "policy.yaml:6:54: `text` is not there in this version: what is in a request is not looked at yet"
            ]),
        BadPolicy(
            "a test of another backend",
            adding: """
                tests:
                  - {name: t, input: {to: demo, trigger: quality_gate}, expect: {decision: deny}}

                """,
            [
                "policy.yaml:6:27: `demo` has no terms under `external`, which has `euai`",
                "policy.yaml:6:42: `quality_gate` is not there in this version: no answer is judged by its quality "
                    + "yet",
            ]),
        BadPolicy(
            "a test with values of no kind",
            adding: """
                tests:
                  - {name: t, input: {to: euai, trigger: local_down, sensitivity: open, bytes: -1, time: yesterday, declines: never}, expect: {decision: deny}}

                """,
            [
                "policy.yaml:6:67: found `open`, expected one of `public`, `internal`, `confidential`, `restricted`",
                "policy.yaml:6:80: found `-1`, expected a whole number from 0 to 2147483647",
                "policy.yaml:6:90: found `yesterday`, expected a time, as in `2026-11-24T12:00:00+08:00`",
                "policy.yaml:6:111: found `never`, expected `true` or `false`",
            ]),
        BadPolicy(
            "two tests of one name",
            adding: """
                tests:
                  - {name: t, input: {to: euai, trigger: local_down}, expect: {decision: deny}}
                  - {name: t, input: {to: euai, trigger: local_down}, expect: {decision: deny}}

                """,
            [
                "policy.yaml:7:12: another test is called `t`, names are unique"
            ]),
        BadPolicy(
            "a decision of nobody",
            adding: """
                tests:
                  - {name: t, input: {to: euai, trigger: local_down}, expect: {decision: permit}}

                """,
            [
                "policy.yaml:6:74: found `permit`, expected one of `allow`, `deny`"
            ]),
        BadPolicy(
            "reasons that no policy gives",
            adding: """
                tests:
                  - {name: t, input: {to: euai, trigger: local_down}, expect: {decision: deny, reason: queue_full}}

                """,
            [
                "policy.yaml:6:88: found `queue_full`, expected one of `allow_rule`, `no_matching_allow`, "
                    + "`deny_rule`, `sensitivity_too_high`, `project_forbidden`, `feature_forbidden`, "
                    + "`trigger_forbidden`, `time_forbidden`, `backend_forbidden`, `limit_bytes`, `limit_rate`, "
                    + "`external_declined`"
            ]),
        BadPolicy(
            "a reason for the other decision",
            adding: """
                tests:
                  - {name: t, input: {to: euai, trigger: local_down}, expect: {decision: deny, reason: allow_rule}}
                  - {name: u, input: {to: euai, trigger: local_down}, expect: {decision: allow, reason: deny_rule}}

                """,
            [
                "policy.yaml:6:88: `allow_rule` is never the reason to deny, expected another",
                "policy.yaml:7:89: `deny_rule` is never the reason to allow, expected another",
            ]),
        BadPolicy(
            "a misspelt key of a test",
            adding: """
                tests:
                  - {name: t, input: {backend: euai, to: euai, trigger: local_down, projct: p}, expects: {decision: deny}}

                """,
            [
                "policy.yaml:6:5: key `expect` is missing",
                "policy.yaml:6:23: unknown key `backend`, accepted here: `key`, `project`, `feature`, `to`, "
                    + "`trigger`, `sensitivity`, `model`, `bytes`, `time`, `declines`",
                "policy.yaml:6:69: unknown key `projct`, did you mean `project`?",
                "policy.yaml:6:81: unknown key `expects`, did you mean `expect`?",
            ]),
    ]
}
