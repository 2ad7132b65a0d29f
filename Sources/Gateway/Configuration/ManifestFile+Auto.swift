import Configuration
import Routing
import Vocabulary

extension ManifestFile {
    /// `auto`: `default`, and `rules` in order. What is left out is the program's.
    static func auto(_ section: inout Section, _ names: inout Names) -> Manifest.Auto {
        let path = [AutoRules.name]
        let standard = section.readIfPresent("default") { $0.text() }
        names.places[path + ["default"]] = section.position(of: "default")
        names.places[path + ["rules"]] = section.position(of: "rules")
        let rules = section.readIfPresent("rules") { value in
            var count = 0
            return value.list { value in
                let rule = Self.autoRule(value, path + ["rules", String(count)], &names)
                // One with a mistake is not handed on, and has no number.
                if rule != nil { count += 1 }
                return rule
            }
        }
        return Manifest.Auto(rules: rules, standard: standard)
    }

    /// One of `rules`: `tier`, and `when` it is that.
    private static func autoRule(_ value: Value, _ path: [String], _ names: inout Names) -> AutoRule? {
        let before = value.problemCount
        let rule = value.section { section in
            names.places[path] = value.position
            names.places[path + ["tier"]] = section.position(of: "tier")
            let tier = section.read("tier") { $0.text() }
            return section.section("when") { Self.conditions(&$0, tier ?? "", path, &names) }
        }
        return value.problemCount > before ? nil : rule
    }

    /// `when`: `features`, `prompt_tokens_over`, `tools`, `images`.
    private static func conditions(
        _ section: inout Section, _ tier: String, _ path: [String], _ names: inout Names
    ) -> AutoRule {
        names.places[path + ["features"]] = section.position(of: "features")
        return AutoRule(
            tier: tier,
            features: section.readIfPresent("features") { value in
                value.list { $0.text().map { NamePattern($0) } }
            },
            promptTokensOver: section.readIfPresent("prompt_tokens_over") { value in
                value.int(in: 1...100_000_000).map { .tokens(Tokens($0)) }
            },
            tools: section.readIfPresent("tools") { $0.bool() },
            images: section.readIfPresent("images") { $0.bool() })
    }
}
