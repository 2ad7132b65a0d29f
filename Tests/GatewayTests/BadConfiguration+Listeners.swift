extension BadConfiguration {
    /// `listeners` of `gatehouse.yaml`.
    static let listeners = [
        BadConfiguration(
            "a name to listen on",
            adding: """
                listeners: {data: [localhost:11430]}

                """,
            [
                "gatehouse.yaml:5:20: found `localhost:11430`, expected an address, not a name: write "
                    + "`127.0.0.1:11430` or `[::1]:11430`"
            ]),
        BadConfiguration(
            "proxies that are no networks, or everybody",
            adding: """
                listeners: {proxies: [lb1, 10.20.0.1/24, 0.0.0.0/0, "::/0"]}

                """,
            [
                "gatehouse.yaml:5:23: `lb1` is not a network, expected an address in its usual form and a prefix, as in "
                    + "`10.20.0.0/16`",
                "gatehouse.yaml:5:28: `10.20.0.1/24` has bits set after its prefix, the network is `10.20.0.0/24`",
                "gatehouse.yaml:5:42: this is every address, so that anybody could speak for anybody: name the proxies alone",
                "gatehouse.yaml:5:53: this is every address, so that anybody could speak for anybody: name the proxies alone",
            ]),
        BadConfiguration(
            "the PROXY protocol with nobody who speaks it",
            adding: """
                listeners: {proxy_protocol: true}

                """,
            [
                "gatehouse.yaml:5:29: nobody could connect: name the proxies that speak it in `listeners.proxies`"
            ]),
        BadConfiguration(
            "a port alone",
            adding: """
                listeners: {data: [":11430", "11430", "*:11430"]}

                """,
            [
                "gatehouse.yaml:5:20: found `:11430`, write `0.0.0.0:11430` to listen on every IPv4 "
                    + "address of this host, `127.0.0.1:11430` for this host alone",
                "gatehouse.yaml:5:30: found `11430`, expected an address and a port, as in `127.0.0.1:11430`",
                "gatehouse.yaml:5:39: found `*:11430`, write `0.0.0.0:11430` to listen on every IPv4 "
                    + "address of this host, `127.0.0.1:11430` for this host alone",
            ]),
        BadConfiguration(
            "a Unix socket",
            adding: """
                listeners: {operations: ["unix:/run/ops.sock"]}

                """,
            [
                "gatehouse.yaml:5:26: a Unix socket is not served here, expected an address and a port"
            ]),
        BadConfiguration(
            "IPv6 without brackets, IPv4 with",
            adding: """
                listeners: {data: ["::1:11430", "[127.0.0.1]:11430"]}

                """,
            [
                "gatehouse.yaml:5:20: found `::1:11430`, an IPv6 address has brackets, write `[::1]:11430`",
                "gatehouse.yaml:5:33: found `[127.0.0.1]:11430`, an IPv4 address has no brackets, write "
                    + "`127.0.0.1:11430`",
            ]),
        BadConfiguration(
            "no list",
            adding: """
                listeners: {data: 127.0.0.1:11430}

                """,
            [
                "gatehouse.yaml:5:19: found `127.0.0.1:11430`, expected a list, one `- ` line for each item"
            ]),
        BadConfiguration(
            "nothing to listen on",
            adding: """
                listeners: {data: []}

                """,
            [
                "gatehouse.yaml:5:19: found an empty list, expected at least one address to serve the "
                    + "model APIs on"
            ]),
        BadConfiguration(
            "one address twice",
            adding: """
                listeners: {data: [127.0.0.1:8080], operations: [127.0.0.1:8080]}

                """,
            [
                "gatehouse.yaml:5:50: `127.0.0.1:8080` is listened on already, each address can be used once"
            ]),
        BadConfiguration(
            "the address that the other key has by itself",
            adding: """
                listeners: {data: [127.0.0.1:11432]}

                """,
            [
                "gatehouse.yaml:5:12: `127.0.0.1:11432` is what `operations` listens on unless it says "
                    + "otherwise, and is taken already"
            ]),
        BadConfiguration(
            "an agent where others listen, and no balancer",
            adding: """
                listeners: {agent: [127.0.0.1:11432], balancers: 0}

                """,
            [
                "gatehouse.yaml:5:21: `127.0.0.1:11432` is listened on already, each address can be used once",
                "gatehouse.yaml:5:50: found `0`, expected a whole number from 1 to 64",
            ]),
        BadConfiguration(
            "origins that no browser sends",
            adding: """
                listeners: {origins: [chat.example.org, https://chat.example.org/, https://Chat.example.org, "*", "https:/x/y"]}

                """,
            [
                "gatehouse.yaml:5:23: found `chat.example.org`, expected an origin as a browser sends it, "
                    + "as in `https://app.example.org`",
                "gatehouse.yaml:5:41: found `https://chat.example.org/`, expected an origin as a browser "
                    + "sends it, as in `https://app.example.org`",
                "gatehouse.yaml:5:68: found `https://Chat.example.org`, expected an origin as a browser "
                    + "sends it, as in `https://app.example.org`",
                "gatehouse.yaml:5:94: found `*`, expected an origin as a browser sends it, as in "
                    + "`https://app.example.org`",
                "gatehouse.yaml:5:99: found `https:/x/y`, expected an origin as a browser sends it, as in "
                    + "`https://app.example.org`",
            ]),
    ]
}
