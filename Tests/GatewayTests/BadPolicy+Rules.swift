extension BadPolicy {
    /// `rules` and `shadow`.
    static let rules = [
        BadPolicy(
            "rules that are no list",
            adding: """
                rules: {r: allow}

                """,
            [
                "policy.yaml:5:8: found keys and values, expected a list, one `- ` line for each item"
            ]),
        BadPolicy(
            "a rule of nothing",
            adding: """
                rules:
                  - {}

                """,
            [
                "policy.yaml:6:5: key `effect` is missing",
                "policy.yaml:6:5: key `id` is missing",
            ]),
        BadPolicy(
            "an effect of another program",
            adding: """
                rules:
                  - {id: r, effect: permit, to: [euai], when: {sensitivity_max: internal}}

                """,
            [
                "policy.yaml:6:21: found `permit`, expected one of `allow`, `deny`"
            ]),
        BadPolicy(
            "an allow rule for nobody",
            adding: """
                rules:
                  - {id: r, effect: allow}

                """,
            [
                "policy.yaml:6:5: key `to` is missing",
                "policy.yaml:6:5: key `when` is missing",
            ]),
        BadPolicy(
            "an allow rule for whatever happens",
            adding: """
                rules:
                  - {id: r, effect: allow, to: [euai], when: {sensitivity_max: internal}}

                """,
            [
                "policy.yaml:6:46: key `triggers` is missing"
            ]),
        BadPolicy(
            "an allow rule for anything",
            adding: """
                rules:
                  - {id: r, effect: allow, to: [euai], when: {triggers: [local_down]}}

                """,
            [
                "policy.yaml:6:46: key `sensitivity_max` is missing"
            ]),
        BadPolicy(
            "an allow rule for no trigger",
            adding: """
                rules:
                  - {id: r, effect: allow, to: [], when: {sensitivity_max: internal, triggers: []}}

                """,
            [
                "policy.yaml:6:32: found an empty list, expected at least one item",
                "policy.yaml:6:80: found an empty list, expected at least one item",
            ]),
        BadPolicy(
            "triggers of nobody",
            adding: """
                rules:
                  - {id: r, effect: allow, to: [euai], when: {sensitivity_max: internal, triggers: [local_dwon, always, quality_gate]}}

                """,
            [
                "policy.yaml:6:85: found `local_dwon`, did you mean `local_down`? expected one of `local_down`, "
                    + "`local_saturated`, `local_timeout`, `context_overflow`, `capability_missing`, `caller_requested`",
                "policy.yaml:6:97: found `always`, expected one of `local_down`, `local_saturated`, "
                    + "`local_timeout`, `context_overflow`, `capability_missing`, `caller_requested`",
                "policy.yaml:6:105: `quality_gate` is not there in this version: no answer is judged by its "
                    + "quality yet",
            ]),
        BadPolicy(
            "keys of a deny rule in an allow rule",
            adding: """
                rules:
                  - {id: r, effect: allow, to: [euai], hard: true, when: {sensitivity_max: internal, sensitivity_min: public, triggers: [local_down]}}

                """,
            [
                "policy.yaml:6:40: `hard` is for deny rules: it says that nothing may ever make an exception",
                "policy.yaml:6:86: `sensitivity_min` is for deny rules, an allow rule has `sensitivity_max`",
            ]),
        BadPolicy(
            "keys of an allow rule in a deny rule",
            adding: """
                rules:
                  - {id: r, effect: deny, when: {sensitivity_max: internal}, limits: {bytes: 1}}

                """,
            [
                "policy.yaml:6:34: `sensitivity_max` is for allow rules, a deny rule has `sensitivity_min`",
                "policy.yaml:6:62: `limits` are for allow rules, a deny rule lets nothing go",
            ]),
        BadPolicy(
            "a backend without terms",
            adding: """
                rules:
                  - {id: r, effect: allow, to: [euai, demo], when: {sensitivity_max: internal, triggers: [local_down]}}
                  - {id: d, effect: deny, to: [euia]}

                """,
            [
                "policy.yaml:6:39: `demo` has no terms under `external`, which has `euai`",
                "policy.yaml:7:32: `euia` has no terms under `external`, which has `euai`",
            ]),
        BadPolicy(
            "two rules of one name",
            adding: """
                rules:
                  - {id: r, effect: allow, to: [euai], when: {sensitivity_max: internal, triggers: [local_down]}}
                  - {id: r, effect: deny}
                shadow:
                  - {id: r, effect: deny}

                """,
            [
                "policy.yaml:7:10: another rule is called `r`, ids are unique",
                "policy.yaml:9:10: another rule is called `r`, ids are unique",
            ]),
        BadPolicy(
            "a name that no header takes",
            adding: """
                rules:
                  - {id: my rule, effect: deny}
                  - {id: "", effect: deny}

                """,
            [
                "policy.yaml:6:10: a rule's id has 1 to 64 letters, digits, `-`, `_` and `.`: it stands in headers "
                    + "and records",
                "policy.yaml:7:10: found an empty text, expected a text",
            ]),
        BadPolicy(
            "lists of nothing",
            adding: """
                rules:
                  - {id: d, effect: deny, to: [], when: {projects: [], keys: [], features: [], triggers: []}}

                """,
            [
                "policy.yaml:6:31: found an empty list, expected at least one item",
                "policy.yaml:6:52: found an empty list, expected at least one item",
                "policy.yaml:6:62: found an empty list, expected at least one item",
                "policy.yaml:6:76: found an empty list, expected at least one item",
                "policy.yaml:6:90: found an empty list, expected at least one item",
            ]),
        BadPolicy(
            "lists that are none",
            adding: """
                rules:
                  - {id: d, effect: deny, to: euai, when: {projects: legal}}

                """,
            [
                "policy.yaml:6:31: found `euai`, expected a list, one `- ` line for each item",
                "policy.yaml:6:54: found `legal`, expected a list, one `- ` line for each item",
            ]),
        BadPolicy(
            "hard in another word",
            adding: """
                rules:
                  - {id: d, effect: deny, hard: yes}

                """,
            [
                "policy.yaml:6:33: found `yes`, expected `true` or `false`"
            ]),
        BadPolicy(
            "hours that are none",
            adding: """
                rules:
                  - {id: d, effect: deny, when: {time: {from: 8am, to: 25:00}}}
                  - {id: e, effect: deny, when: {time: {from: "8:00", to: 12:60}}}

                """,
            [
                "policy.yaml:6:47: found `8am`, expected a time of day from `00:00` to `24:00`",
                "policy.yaml:6:56: found `25:00`, expected a time of day from `00:00` to `24:00`",
                "policy.yaml:7:47: found `8:00`, expected a time of day from `00:00` to `24:00`",
                "policy.yaml:7:59: found `12:60`, expected a time of day from `00:00` to `24:00`",
            ]),
        BadPolicy(
            "a time of nothing",
            adding: """
                rules:
                  - {id: d, effect: deny, when: {time: {}}}

                """,
            [
                "policy.yaml:6:40: neither hours nor days are named, expected `from`, `to` or `days`"
            ]),
        BadPolicy(
            "a time without an end, and one of a moment",
            adding: """
                rules:
                  - {id: d, effect: deny, when: {time: {from: 24:00}}}
                  - {id: e, effect: deny, when: {time: {from: 08:00, to: 08:00}}}

                """,
            [
                "policy.yaml:6:47: a day ends at 24:00, expected a time before that",
                "policy.yaml:7:58: nothing lies between `from` and `to`, which are the same",
            ]),
        BadPolicy(
            "days of nobody",
            adding: """
                rules:
                  - {id: d, effect: deny, when: {time: {days: [monday, mon-fri]}}}
                  - {id: e, effect: deny, when: {time: {days: []}}}

                """,
            [
                "policy.yaml:6:48: found `monday`, did you mean `mon`? expected one of `mon`, `tue`, `wed`, `thu`, "
                    + "`fri`, `sat`, `sun`",
                "policy.yaml:6:56: found `mon-fri`, did you mean `mon`? expected one of `mon`, `tue`, `wed`, "
                    + "`thu`, `fri`, `sat`, `sun`",
                "policy.yaml:7:47: found an empty list, expected at least one item",
            ]),
        BadPolicy(
            "limits that are none",
            adding: """
                rules:
                  - {id: r, effect: allow, to: [euai], when: {sensitivity_max: internal, triggers: [local_down]}, limits: {bytes: 64KiB, requests_per_day: 0, bytes_per_day: -1}}

                """,
            [
                "policy.yaml:6:115: found `64KiB`, expected a whole number from 1 to 1000000000000",
                "policy.yaml:6:140: found `0`, expected a whole number from 1 to 1000000000000",
                "policy.yaml:6:158: found `-1`, expected a whole number from 1 to 1000000000000",
            ]),
        BadPolicy(
            "limits of later",
            adding: """
                rules:
                  - {id: r, effect: allow, to: [euai], when: {sensitivity_max: internal, triggers: [local_down]}, limits: {subjects_per_year: 90000, cost_per_day: 20.00}}

                """,
            [
                "policy.yaml:6:108: `subjects_per_year` is not there in this version: nobody counts whom a request "
                    + "is about yet",
                "policy.yaml:6:134: `cost_per_day` is not there in this version: prices are not known yet",
            ]),
        BadPolicy(
            "what rules will do",
            adding: """
                rules:
                  - {id: r, effect: allow, to: [euai], when: {sensitivity_max: internal, triggers: [local_down], entities_any: [EMAIL]}, transform: [{redact: [EMAIL]}], payload_log: none, obligations: [notify_user_header]}

                """,
            [
                "policy.yaml:6:98: `entities_any` is not there in this version: what is in a request is not looked "
                    + "at yet",
                "policy.yaml:6:122: `transform` is not there in this version: nothing is redacted yet, a body "
                    + "leaves as it is or not at all",
                "policy.yaml:6:154: `payload_log` is not there in this version: no prompt and no answer is ever "
                    + "kept",
                "policy.yaml:6:173: `obligations` is not there in this version: the answer's headers always say "
                    + "where it comes from",
            ]),
        BadPolicy(
            "a shadow rule with mistakes",
            adding: """
                shadow:
                  - {id: s, effect: allow, to: [euai], when: {sensitivity_max: secret, triggers: [local_down]}, limit: {bytes: 1}}

                """,
            [
                "policy.yaml:6:64: found `secret`, expected one of `public`, `internal`, `confidential`, "
                    + "`restricted`",
                "policy.yaml:6:97: unknown key `limit`, did you mean `limits`?",
            ]),
    ]
}
