extension BadConfiguration {
    /// `backends` of `gatehouse.yaml`.
    static let backends = [
        BadConfiguration(
            "no backends",
            gatehouse: """
                schema: 1
                state: run
                backends: {}

                """,
            [
                "gatehouse.yaml:3:11: no backend is configured, expected at least one; `gatehouse init` "
                    + "writes this file"
            ]),
        BadConfiguration(
            "backends without a value",
            gatehouse: """
                schema: 1
                state: run
                backends:

                """,
            [
                "gatehouse.yaml:3:1: key `backends` has no value, write one or leave the key out"
            ]),
        BadConfiguration(
            "backends that are a list",
            gatehouse: """
                schema: 1
                state: run
                backends:
                  - url: http://127.0.0.1:11434

                """,
            [
                "gatehouse.yaml:4:3: found a list, expected names and what they stand for"
            ]),
        BadConfiguration(
            "a backend without anything",
            gatehouse: """
                schema: 1
                state: run
                backends:
                  a: {}

                """,
            [
                "gatehouse.yaml:4:6: key `url` is missing",
                "gatehouse.yaml:4:6: key `zone` is missing",
            ]),
        BadConfiguration(
            "a backend without a zone",
            gatehouse: """
                schema: 1
                state: run
                backends:
                  a: {url: http://10.0.0.5:11434}

                """,
            [
                "gatehouse.yaml:4:6: key `zone` is missing"
            ]),
        BadConfiguration(
            "a backend that is a text",
            gatehouse: """
                schema: 1
                state: run
                backends:
                  a: http://127.0.0.1:11434

                """,
            [
                "gatehouse.yaml:4:6: found `http://127.0.0.1:11434`, expected keys and values"
            ]),
        BadConfiguration(
            "a kind of a later day",
            gatehouse: """
                schema: 1
                state: run
                backends:
                  a: {kind: mistral, url: http://127.0.0.1:8080, zone: loopback}

                """,
            [
                "gatehouse.yaml:4:13: found `mistral`, expected one of `ollama`, `openai`, `anthropic`, `gemini`"
            ]),
        BadConfiguration(
            "names that fit no header",
            gatehouse: """
                schema: 1
                state: run
                backends:
                  "gpu 1": {url: http://127.0.0.1:11434, zone: loopback}
                  "gpü": {url: http://127.0.0.1:11435, zone: loopback}
                  "ggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg": {url: http://127.0.0.1:11436, zone: loopback}

                """,
            [
                "gatehouse.yaml:4:3: a backend's name has 1 to 64 letters, digits, `-`, `_` and `.`: it "
                    + "stands in headers and metrics",
                "gatehouse.yaml:5:3: a backend's name has 1 to 64 letters, digits, `-`, `_` and `.`: it "
                    + "stands in headers and metrics",
                "gatehouse.yaml:6:3: a backend's name has 1 to 64 letters, digits, `-`, `_` and `.`: it "
                    + "stands in headers and metrics",
            ]),
        BadConfiguration(
            "addresses in strange spellings",
            gatehouse: """
                schema: 1
                state: run
                backends:
                  a: {url: http://127.1:11434, zone: loopback}
                  b: {url: http://2130706433, zone: loopback}
                  c: {url: http://0x7f000001:1, zone: loopback}
                  d: {url: http://127.0.0.01, zone: loopback}
                  e: {url: http://localhost.:11434, zone: loopback}

                """,
            [
                "gatehouse.yaml:4:12: host `127.1` is an unusual spelling of an address, write `127.0.0.1`",
                "gatehouse.yaml:5:12: host `2130706433` is an unusual spelling of an address, write `127.0.0.1`",
                "gatehouse.yaml:6:12: host `0x7f000001` is an unusual spelling of an address, write `127.0.0.1`",
                "gatehouse.yaml:7:12: host `127.0.0.01` is an unusual spelling of an address, write `127.0.0.1`",
                "gatehouse.yaml:8:12: host `localhost.` ends in a dot, write `localhost`",
            ]),
        BadConfiguration(
            "URLs that say too much",
            gatehouse: """
                schema: 1
                state: run
                backends:
                  a: {url: http://127.0.0.1:11434/v1, zone: loopback}
                  b: {url: http://user:pw@127.0.0.1, zone: loopback}
                  c: {url: ftp://127.0.0.1, zone: loopback}
                  d: {url: http://127.0.0.1:99999, zone: loopback}
                  e: {url: http://fd00::1:11434, zone: loopback}

                """,
            [
                "gatehouse.yaml:4:12: `http://127.0.0.1:11434/v1` has a path or a query, expected a host "
                    + "and a port only",
                "gatehouse.yaml:5:12: the host has a user before its `@`, write the name or address alone",
                "gatehouse.yaml:6:12: scheme `ftp` is not known, expected `http` or `https`",
                "gatehouse.yaml:7:12: `http://127.0.0.1:99999` has no valid port, expected a number from 1 "
                    + "to 65535",
                "gatehouse.yaml:8:12: `http://fd00::1:11434` has more than one colon, write an IPv6 "
                    + "address in brackets: `[fd12::5]:11434`",
            ]),
        BadConfiguration(
            "a zone that is not configured",
            gatehouse: """
                schema: 1
                state: run
                zones: {gpu-room: [10.0.0.0/8]}
                backends:
                  a: {url: http://10.0.0.5:11434, zone: lan}

                """,
            [
                "gatehouse.yaml:5:3: its zone `lan` is not configured, the zones are `gpu-room`, `loopback`"
            ]),
        BadConfiguration(
            "the zone outside",
            gatehouse: """
                schema: 1
                state: run
                backends:
                  a: {url: https://api.example.com, zone: external}

                """,
            [
                "gatehouse.yaml:4:3: its zone is `external`, where no backend of kind `ollama` stands"
            ]),
        BadConfiguration(
            "an address outside its zone",
            gatehouse: """
                schema: 1
                state: run
                zones: {lan: [10.0.0.0/16]}
                backends:
                  a: {url: http://10.9.0.5:11434, zone: lan}
                  b: {url: http://8.8.8.8:11434, zone: lan}
                  c: {url: http://127.0.0.1:11434, zone: lan}
                  d: {url: http://10.0.0.5:11434, zone: loopback}

                """,
            [
                "gatehouse.yaml:5:3: `10.9.0.5:11434` of backend `a` is refused: 10.9.0.5 is a private "
                    + "address outside the zone `lan` (10.0.0.0/16)",
                "gatehouse.yaml:6:3: `8.8.8.8:11434` of backend `b` is refused: 8.8.8.8 is a public "
                    + "address outside the zone `lan` (10.0.0.0/16)",
                "gatehouse.yaml:7:3: `127.0.0.1:11434` of backend `c` is refused: 127.0.0.1 is a loopback "
                    + "address, which only a backend in the zone `loopback` may have",
                "gatehouse.yaml:8:3: `10.0.0.5:11434` of backend `d` is refused: 10.0.0.5 is a private "
                    + "address, the zone `loopback` is this host alone",
            ]),
        BadConfiguration(
            "addresses that no backend has",
            gatehouse: """
                schema: 1
                state: run
                zones: {lan: [10.0.0.0/16]}
                backends:
                  a: {url: http://0.0.0.0:11434, zone: lan}
                  b: {url: http://169.254.169.254:80, zone: lan}
                  c: {url: "http://[ff02::1]:11434", zone: lan}

                """,
            [
                "gatehouse.yaml:5:3: `0.0.0.0:11434` of backend `a` is refused: 0.0.0.0 is an unspecified "
                    + "address, which no backend may have",
                "gatehouse.yaml:6:3: `169.254.169.254:80` of backend `b` is refused: 169.254.169.254 is a "
                    + "link-local address, which no backend may have",
                "gatehouse.yaml:7:3: `[ff02::1]:11434` of backend `c` is refused: ff02::1 is a multicast "
                    + "address, which no backend may have",
            ]),
        BadConfiguration(
            "sockets in the wrong place",
            gatehouse: """
                schema: 1
                state: run
                zones: {lan: [10.0.0.0/16]}
                backends:
                  a: {url: unix:run/ollama.sock, zone: loopback}
                  b: {url: unix:/run/ollama.sock, zone: lan}

                """,
            [
                "gatehouse.yaml:5:12: the Unix socket `run/ollama.sock` has a relative path, expected one "
                    + "that begins with `/`",
                "gatehouse.yaml:6:3: a Unix socket is on this host, its zone is `loopback`, not `lan`",
            ]),
        BadConfiguration(
            "slots that are none",
            gatehouse: """
                schema: 1
                state: run
                backends:
                  a: {url: http://127.0.0.1:11434, zone: loopback, slots: 0}
                  b: {url: http://127.0.0.1:11435, zone: loopback, slots: many}

                """,
            [
                "gatehouse.yaml:4:59: found `0`, expected a whole number from 1 to 4096",
                "gatehouse.yaml:5:59: found `many`, expected a whole number from 1 to 4096",
            ]),
        BadConfiguration(
            "Gatehouse itself",
            gatehouse: """
                schema: 1
                state: run
                backends:
                  a: {url: http://127.0.0.1:11430, zone: loopback}

                """,
            [
                "gatehouse.yaml:4:3: `127.0.0.1:11430` of backend `a` is refused: 127.0.0.1:11430 is this "
                    + "process itself"
            ]),
        BadConfiguration(
            "a mistake of its own beside one with its zone",
            gatehouse: """
                schema: 1
                state: run
                backends:
                  a: {url: http://10.0.0.5:11434, zone: lan, slot: 4}
                  b: {url: http://10.0.0.6:11434, zone: lan}

                """,
            [
                "gatehouse.yaml:4:3: its zone `lan` is not configured, the zones are `loopback`",
                "gatehouse.yaml:4:46: unknown key `slot`, did you mean `slots`?",
                "gatehouse.yaml:5:3: its zone `lan` is not configured, the zones are `loopback`",
            ]),
    ]
}
