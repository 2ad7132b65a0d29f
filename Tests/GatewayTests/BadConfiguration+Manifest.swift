extension BadConfiguration {
    /// `models.manifest`.
    static let manifest = [
        BadConfiguration(
            "an empty manifest",
            manifest: "",
            [
                "models.manifest: file is empty, expected at least `schema: 1`"
            ]),
        BadConfiguration(
            "misspelt keys of a manifest",
            manifest: """
                schema: 1
                model: {}
                models: {a: {keepalive: 5m, outputs: 3}}
                default: {}

                """,
            [
                "models.manifest:2:1: unknown key `model`, `models` is already there",
                "models.manifest:3:14: unknown key `keepalive`, did you mean `keep_alive`?",
                "models.manifest:3:29: unknown key `outputs`, accepted here: `digest`, `context`, "
                    + "`capabilities`, `backends`, `output_tokens_max`, `keep_alive`, `slots`, `smaller`, "
                    + "`external`, `fallback_reply`",
                "models.manifest:4:1: unknown key `default`, did you mean `defaults`?",
            ]),
        BadConfiguration(
            "values beyond their bounds",
            manifest: """
                schema: 1
                defaults: {output_tokens_max: 0, keep_alive: long}
                models:
                  a: {context: 0, slots: 5000, output_tokens_max: 99999999, keep_alive: 31d}
                  b: {keep_alive: -1s}

                """,
            [
                "models.manifest:2:31: found `0`, expected a whole number from 1 to 10000000",
                "models.manifest:2:46: found `long`, expected a time with its unit, from 0s to 30d, as in `5s`",
                "models.manifest:4:16: found `0`, expected a whole number from 1 to 100000000",
                "models.manifest:4:26: found `5000`, expected a whole number from 1 to 4096",
                "models.manifest:4:51: found `99999999`, expected a whole number from 1 to 10000000",
                "models.manifest:4:73: found `31d`, expected a time with its unit, from 0s to 30d, as in `5s`",
                "models.manifest:5:19: found `-1s`, expected a time with its unit, from 0s to 30d, as in `5s`",
            ]),
        BadConfiguration(
            "models of Ollama's cloud",
            manifest: """
                schema: 1
                models:
                  gpt-oss:120b-cloud: {}
                  qwen3:cloud: {}
                tiers: {t: [qwen3:cloud]}

                """,
            [
                "models.manifest:3:3: model `gpt-oss:120b-cloud` would be answered by Ollama's cloud, "
                    + "which no policy allows; ask for a model that is installed here",
                "models.manifest:4:3: model `qwen3:cloud` would be answered by Ollama's cloud, which no "
                    + "policy allows; ask for a model that is installed here",
                "models.manifest:5:9: the manifest has no model \"qwen3:cloud\"",
            ]),
        BadConfiguration(
            "names that are none",
            manifest: """
                schema: 1
                models:
                  "a b": {}
                  "/x": {}
                  "é": {}

                """,
            [
                "models.manifest:3:3: `a b` cannot be the name of an Ollama model, expected letters, "
                    + "digits and `._-/:`",
                "models.manifest:4:3: `/x` cannot be the name of an Ollama model, expected letters, digits "
                    + "and `._-/:`",
                "models.manifest:5:3: `é` cannot be the name of an Ollama model, expected letters, digits "
                    + "and `._-/:`",
            ]),
        BadConfiguration(
            "a digest that is none",
            manifest: """
                schema: 1
                models: {a: {digest: xyz}, b: {digest: abc}}

                """,
            [
                "models.manifest:2:10: \"xyz\" is not 12 to 64 hexadecimal digits, as `ollama list` shows them",
                "models.manifest:2:28: \"abc\" is not 12 to 64 hexadecimal digits, as `ollama list` shows them",
            ]),
        BadConfiguration(
            "faulty models, which tiers and aliases name all the same",
            manifest: """
                schema: 1
                models:
                  a: {digest: xyz}
                  b: text
                tiers: {t: [a, b]}
                aliases: {x: b}

                """,
            [
                "models.manifest:3:3: \"xyz\" is not 12 to 64 hexadecimal digits, as `ollama list` shows them",
                "models.manifest:4:6: found `text`, expected keys and values",
            ]),
        BadConfiguration(
            "unknown capabilities",
            manifest: """
                schema: 1
                models: {a: {capabilities: [complete, tool]}}

                """,
            [
                "models.manifest:2:10: unknown capability \"complete\"; known are completion, tools, insert, "
                    + "vision, embedding, thinking, image, audio",
                "models.manifest:2:10: unknown capability \"tool\"; known are completion, tools, insert, "
                    + "vision, embedding, thinking, image, audio; did you mean tools?",
            ]),
        BadConfiguration(
            "a model in two spellings",
            manifest: """
                schema: 1
                models: {a: {}, "a:latest": {}}

                """,
            [
                "models.manifest:2:17: the model a:latest is named twice (\"a\" is the same name)"
            ]),
        BadConfiguration(
            "a model for unknown backends",
            manifest: """
                schema: 1
                models: {a: {backends: [gpu9, here]}, b: {backends: []}}

                """,
            [
                "models.manifest:2:25: backend `gpu9` is not configured in gatehouse.yaml, which has `here`",
                "models.manifest:2:39: the list is empty, so nothing may serve it; leave it out to allow all",
            ]),
        BadConfiguration(
            "tiers that lead nowhere",
            manifest: """
                schema: 1
                models: {llama3.2:3b: {}}
                tiers:
                  general: [llama3.2:3]
                  empty: []
                  twice: [llama3.2:3b, llama3.2:3b]
                  llama3.2:3b: [llama3.2:3b]
                  "any*": [llama3.2:3b]
                  text: llama3.2:3b

                """,
            [
                "models.manifest:4:3: the manifest has no model \"llama3.2:3\"; did you mean \"llama3.2:3b\"?",
                "models.manifest:5:3: the tier has no models; name at least one, or leave it out",
                "models.manifest:6:3: the model llama3.2:3b stands twice in this tier",
                "models.manifest:7:3: \"llama3.2:3b\" is a model's name already; a name leads to one thing only",
                "models.manifest:8:3: a tier's name holds no \"*\"",
                "models.manifest:9:9: found `llama3.2:3b`, expected a list, one `- ` line for each item",
            ]),
        BadConfiguration(
            "aliases that lead nowhere",
            manifest: """
                schema: 1
                models: {llama3.2:3b: {}}
                tiers: {general: [llama3.2:3b]}
                aliases:
                  a: generl
                  b: b
                  c: d
                  d: general
                  general: llama3.2:3b
                  llama3.2:3b: general
                  "x y": general
                  gpt:cloud: general
                  e: [general]

                """,
            [
                "models.manifest:5:3: the manifest has no model or tier \"generl\"; did you mean \"general\"?",
                "models.manifest:6:3: the alias leads to itself",
                "models.manifest:7:3: \"d\" is an alias itself; name the model or tier it leads to",
                "models.manifest:9:3: this is a model's or tier's name already; the alias would never be used",
                "models.manifest:10:3: this is a model's or tier's name already; the alias would never be used",
                "models.manifest:11:3: the name holds a blank or a control character",
                "models.manifest:12:3: requests for a name of Ollama's cloud are always refused",
                "models.manifest:13:6: found a list, expected a text",
            ]),
        BadConfiguration(
            "all mistakes of a manifest at once",
            manifest: """
                schema: 1
                models:
                  a: {keep_alive: soon}
                tiers:
                  t: [a, b]
                aliases:
                  x: t
                  y: a
                  z: nothing

                """,
            [
                "models.manifest:3:19: found `soon`, expected a time with its unit, from 0s to 30d, as in `5s`",
                "models.manifest:5:3: the manifest has no model \"b\"; did you mean \"a\"?",
                "models.manifest:9:3: the manifest has no model or tier \"nothing\"",
            ]),
        BadConfiguration(
            "mistakes in the rules of `auto`",
            manifest: """
                schema: 1
                models: {a: {}}
                tiers: {simple: [a], general: [a]}
                auto:
                  standard: simple
                  rules:
                    - {tier: simple, if: {tools: true}}
                    - {when: {tool: true}}
                    - {tier: simple, when: {prompt_tokens_over: 0, tools: "true", images: yes, features: code}}
                    - general

                """,
            [
                "models.manifest:5:3: unknown key `standard`, accepted here: `default`, `rules`",
                "models.manifest:7:22: unknown key `if`, accepted here: `tier`, `when`",
                "models.manifest:8:7: key `tier` is missing",
                "models.manifest:8:15: unknown key `tool`, did you mean `tools`?",
                "models.manifest:9:49: found `0`, expected a whole number from 1 to 100000000",
                "models.manifest:9:59: found `true`, expected `true` or `false`",
                "models.manifest:9:75: found `yes`, expected `true` or `false`",
                "models.manifest:9:90: found `code`, expected a list, one `- ` line for each item",
                "models.manifest:10:7: found `general`, expected keys and values",
            ]),
        BadConfiguration(
            "rules of `auto` that lead nowhere",
            manifest: """
                schema: 1
                models: {a: {}}
                tiers: {simple: [a], general: [a]}
                auto:
                  default: generl
                  rules:
                    - {tier: simple, when: {features: []}}
                    - {tier: smple, when: {tools: true}}
                    - {tier: simple}
                    - {tier: simple, when: {}}

                """,
            [
                "models.manifest:5:12: the manifest has no tier \"generl\"; did you mean \"general\"?",
                "models.manifest:7:39: the list is empty, so that the rule never holds",
                "models.manifest:8:14: the manifest has no tier \"smple\"; did you mean \"simple\"?",
                "models.manifest:9:7: the rule has no conditions; name its tier as `default` of `auto`",
                "models.manifest:10:7: the rule has no conditions; name its tier as `default` of `auto`",
            ]),
        BadConfiguration(
            "`auto` with a meaning already",
            manifest: """
                schema: 1
                models: {a: {}}
                tiers: {auto: [a]}
                auto: {default: auto}

                """,
            [
                "models.manifest:4:7: \"auto\" is a name of this manifest already, and would never be looked up here"
            ]),
        BadConfiguration(
            "two names for one model outside",
            gatehouse: Installation.gatehouse
                + "  euai: {kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU}\n",
            manifest: """
                schema: 1
                external:
                  a: {backend: euai, model: m}
                  m: {backend: euai}

                """,
            [
                "models.manifest:4:3: \"a\" is the model m of euai already; use that name, or an alias for it"
            ]),
    ]
}
