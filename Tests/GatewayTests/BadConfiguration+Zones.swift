extension BadConfiguration {
    /// `zones` of `gatehouse.yaml`.
    static let zones = [
        BadConfiguration(
            "networks that are none",
            gatehouse: """
                schema: 1
                state: run
                zones: {lan: [10.0.0.0/33, 10.0.0.1/8, gpu-room, 10.0.0]}
                backends:
                  a: {url: http://10.0.0.5:11434, zone: lan}

                """,
            [
                "gatehouse.yaml:3:15: `10.0.0.0/33` has no valid prefix, expected a number from 0 to 32 "
                    + "after the `/`",
                "gatehouse.yaml:3:28: `10.0.0.1/8` has bits set after its prefix, the network is `10.0.0.0/8`",
                "gatehouse.yaml:3:40: `gpu-room` is not a network, expected an address in its usual form "
                    + "and a prefix, as in `10.20.0.0/16`",
                "gatehouse.yaml:3:50: `10.0.0` is not a network, expected an address in its usual form and "
                    + "a prefix, as in `10.20.0.0/16`",
            ]),
        BadConfiguration(
            "no list of networks",
            gatehouse: """
                schema: 1
                state: run
                zones: {lan: 10.0.0.0/8}
                backends:
                  a: {url: http://10.0.0.5:11434, zone: lan}

                """,
            [
                "gatehouse.yaml:3:14: found `10.0.0.0/8`, expected a list, one `- ` line for each item"
            ]),
        BadConfiguration(
            "a zone of which only a part is known",
            gatehouse: """
                schema: 1
                state: run
                zones: {lan: [10.1.0.0/16, 10.0.0]}
                backends:
                  a: {url: http://10.0.0.5:11434, zone: lan}

                """,
            [
                "gatehouse.yaml:3:28: `10.0.0` is not a network, expected an address in its usual form and "
                    + "a prefix, as in `10.20.0.0/16`"
            ]),
        BadConfiguration(
            "an empty zone",
            gatehouse: """
                schema: 1
                state: run
                zones: {lan: []}
                backends:
                  a: {url: http://10.0.0.5:11434, zone: lan}

                """,
            [
                "gatehouse.yaml:3:9: no network is listed, expected at least one, as in `10.20.0.0/16`"
            ]),
        BadConfiguration(
            "zones that are no mapping",
            gatehouse: """
                schema: 1
                state: run
                zones: [10.0.0.0/8]
                backends:
                  a: {url: http://10.0.0.5:11434, zone: lan}

                """,
            [
                "gatehouse.yaml:3:8: found a list, expected names and what they stand for"
            ]),
        BadConfiguration(
            "names that are kept",
            gatehouse: """
                schema: 1
                state: run
                zones:
                  loopback: [127.0.0.0/8]
                  external: [8.8.8.0/24]
                backends:
                  a: {url: http://127.0.0.1:11434, zone: loopback}

                """,
            [
                "gatehouse.yaml:4:3: this zone is built in, leave it out of the configuration",
                "gatehouse.yaml:5:3: this name is kept for backends outside, whose networks are listed in "
                    + "the policy",
            ]),
        BadConfiguration(
            "the whole internet",
            gatehouse: """
                schema: 1
                state: run
                zones:
                  lan: [0.0.0.0/0, "::/0"]
                backends:
                  a: {url: http://10.0.0.5:11434, zone: lan}

                """,
            [
                "gatehouse.yaml:4:3: `0.0.0.0/0` is wider than any organisation's own network, list the "
                    + "networks in use, with a prefix of /8 or longer",
                "gatehouse.yaml:4:3: `::/0` is wider than any organisation's own network, list the "
                    + "networks in use, with a prefix of /16 or longer",
            ]),
        BadConfiguration(
            "networks where nothing can stand",
            gatehouse: """
                schema: 1
                state: run
                zones:
                  lan: [127.0.0.0/8, 169.254.0.0/16, 224.0.0.0/4, 10.0.0.0/8]
                backends:
                  a: {url: http://10.0.0.5:11434, zone: lan}

                """,
            [
                "gatehouse.yaml:4:3: `127.0.0.0/8` is loopback, give the backend the built-in zone "
                    + "`loopback` instead",
                "gatehouse.yaml:4:3: `169.254.0.0/16` lies in `169.254.0.0/16` (link local, RFC 3927; "
                    + "metadata at 169.254.169.254), where no backend can stand",
                "gatehouse.yaml:4:3: `224.0.0.0/4` lies in `224.0.0.0/4` (multicast, RFC 5771), where no "
                    + "backend can stand",
            ]),
    ]
}
