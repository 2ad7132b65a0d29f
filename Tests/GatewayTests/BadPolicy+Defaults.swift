extension BadPolicy {
    /// `defaults` and `sensitivity`.
    static let defaults = [
        BadPolicy(
            "a sensitivity of another scheme",
            adding: """
                defaults: {sensitivity: secret}

                """,
            [
                "policy.yaml:5:25: found `secret`, expected one of `public`, `internal`, `confidential`, "
                    + "`restricted`"
            ]),
        BadPolicy(
            "a misspelt sensitivity",
            adding: """
                defaults: {sensitivity: confidental}

                """,
            [
                "policy.yaml:5:25: found `confidental`, did you mean `confidential`? expected one of `public`, "
                    + "`internal`, `confidential`, `restricted`"
            ]),
        BadPolicy(
            "offsets that are none",
            adding: """
                defaults: {utc_offset: 8}

                """,
            [
                "policy.yaml:5:24: found `8`, expected a distance from UTC between -12:00 and +14:00, as in "
                    + "`+08:00`"
            ]),
        BadPolicy(
            "an offset beyond the earth",
            adding: """
                defaults: {utc_offset: "+15:00"}

                """,
            [
                "policy.yaml:5:24: found `+15:00`, expected a distance from UTC between -12:00 and +14:00, as in "
                    + "`+08:00`"
            ]),
        BadPolicy(
            "a time zone by name",
            adding: """
                defaults: {utc_offset: Asia/Shanghai}

                """,
            [
                "policy.yaml:5:24: found `Asia/Shanghai`, expected a distance from UTC between -12:00 and +14:00, "
                    + "as in `+08:00`"
            ]),
        BadPolicy(
            "defaults of later",
            adding: """
                defaults: {on_scan_error: deny, on_scan_timeout: deny, on_audit_error: deny, scan_budget_ms: 50}

                """,
            [
                "policy.yaml:5:12: `on_scan_error` is not there in this version: what is in a request is not "
                    + "looked at yet",
                "policy.yaml:5:33: `on_scan_timeout` is not there in this version: what is in a request is not "
                    + "looked at yet",
                "policy.yaml:5:56: `on_audit_error` is not there in this version: nothing ever leaves while the "
                    + "audit chain cannot be written",
                "policy.yaml:5:78: `scan_budget_ms` is not there in this version: what is in a request is not "
                    + "looked at yet",
            ]),
        BadPolicy(
            "tags that are no list",
            adding: """
                sensitivity: {by_tag: {marketing: internal}}

                """,
            [
                "policy.yaml:5:23: found keys and values, expected a list, one `- ` line for each item"
            ]),
        BadPolicy(
            "a tag for everybody",
            adding: """
                sensitivity: {by_tag: [{is: internal}]}

                """,
            [
                "policy.yaml:5:24: this entry names no `key`, `project` or `feature`; what holds for everybody is "
                    + "`defaults.sensitivity`"
            ]),
        BadPolicy(
            "a tag that says nothing",
            adding: """
                sensitivity: {by_tag: [{project: marketing}]}

                """,
            [
                "policy.yaml:5:24: key `is` is missing"
            ]),
        BadPolicy(
            "a tag with a word of nobody",
            adding: """
                sensitivity: {by_tag: [{project: marketing, is: open}]}

                """,
            [
                "policy.yaml:5:49: found `open`, expected one of `public`, `internal`, `confidential`, `restricted`"
            ]),
        BadPolicy(
            "a tag of a person",
            adding: """
                sensitivity: {by_tag: [{principal: alice, is: internal}]}

                """,
            [
                "policy.yaml:5:25: unknown key `principal`, accepted here: `key`, `project`, `feature`, `is`"
            ]),
        BadPolicy(
            "what detectors will do",
            adding: """
                sensitivity: {raise: [{entities: [EMAIL], min: 1, to: restricted}]}

                """,
            [
                "policy.yaml:5:15: `raise` is not there in this version: what is in a request is not looked at yet"
            ]),
    ]
}
