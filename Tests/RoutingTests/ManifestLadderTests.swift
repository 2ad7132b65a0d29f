import Testing
import Vocabulary

@testable import Routing

@Suite struct ManifestLadderTests {
    private func problems(_ make: () throws -> Void) -> [String] {
        do {
            try make()
            return []
        } catch let problems as ManifestProblems {
            return problems.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `a model outside has its name here for its name there, and bounds that are told`() {
        let plain = ExternalModel(name: "m-large", backend: "cloud")
        #expect(plain.model == "m-large" && plain.outputTokensMax == Tokens(4096))
        #expect(plain.context == nil && plain.capabilities == nil)
        let other = ExternalModel(name: "large", backend: "cloud", model: "vendor/m-large-2", context: Tokens(8))
        #expect(other.model == "vendor/m-large-2" && other.context == Tokens(8))
    }

    @Test func `every mistake in a name outside is told at its place`() throws {
        let found = self.problems {
            _ = try Manifest(
                models: [model("taken")], tiers: [.init(name: "both", models: ["taken"])],
                aliases: [.init(pattern: "large", target: "taken")],
                external: [
                    ExternalModel(name: "large", backend: "cloud"), ExternalModel(name: "large", backend: "far"),
                    ExternalModel(name: "taken:latest", backend: "cloud"), ExternalModel(name: "", backend: "cloud"),
                    ExternalModel(name: "m *", backend: "cloud"), ExternalModel(name: "m*", backend: "cloud"),
                    ExternalModel(name: "m:cloud", backend: "cloud"), ExternalModel(name: "both", backend: "cloud"),
                    ExternalModel(name: String(repeating: "m", count: 256), backend: "cloud"),
                ])
        }
        #expect(
            found == [
                "external.large: the model is named twice",
                "external.taken:latest: \"taken\" is a model's name already; a name leads to one thing only",
                "external.: the name is empty",
                "external.m *: the name holds a blank or a control character",
                "external.m*: a model's name holds no \"*\"",
                "external.m:cloud: requests for a name of Ollama's cloud are always refused",
                "external.\(String(repeating: "m", count: 256)): the name is longer than 255 bytes",
                "tiers.both: \"both\" is the name of a model outside; a name leads to one thing only",
                "aliases.large: this is a model's or tier's name already; the alias would never be used",
            ])
    }

    @Test func `every rung that leads nowhere is told at its place`() throws {
        let found = self.problems {
            _ = try Manifest(
                models: [
                    ManifestModel(
                        name: "big",
                        ladder: LadderNames(
                            smaller: ["smal", "big:latest"], external: ["larg", "large", "large"])),
                    model("small"),
                ],
                tiers: [.init(name: "all", models: ["big"], ladder: LadderNames(external: ["nobody"]))],
                external: [ExternalModel(name: "large", backend: "cloud")])
        }
        #expect(
            found == [
                "tiers.all.external.0: `external` has no model \"nobody\"",
                "models.big.smaller.0: the manifest has no model \"smal\"; did you mean \"small\"?",
                "models.big.smaller.1: the model is its own stand-in",
                "models.big.external.0: `external` has no model \"larg\"; did you mean \"large\"?",
                "models.big.external.2: the model large stands twice in this ladder",
            ])
    }

    @Test func `an alias may lead outside, and one that nearly does is corrected`() throws {
        let external = [ExternalModel(name: "m-large", backend: "cloud")]
        let manifest = try Manifest(
            models: [], aliases: [.init(pattern: "gpt-*", target: "m-large")], external: external)
        #expect(manifest.external["m-large"]?.backend == "cloud")
        let found = self.problems {
            _ = try Manifest(models: [], aliases: [.init(pattern: "gpt", target: "m-larg")], external: external)
        }
        #expect(found == ["aliases.gpt: the manifest has no model or tier \"m-larg\"; did you mean \"m-large\"?"])
    }

    @Test func `smaller models are known under every spelling`() throws {
        let manifest = try Manifest(
            models: [ManifestModel(name: "big", ladder: LadderNames(smaller: ["small:latest"])), model("small")])
        #expect(manifest.models["big:latest"]?.ladder.smaller == ["small:latest"])
    }

    @Test func `a model stands once on a ladder, and a tier's smaller models are its own last ones`() {
        let found = self.problems {
            _ = try Manifest(
                models: [
                    ManifestModel(name: "big", ladder: LadderNames(smaller: ["small", "small:latest"])), model("small"),
                ],
                tiers: [.init(name: "all", models: ["big"], ladder: LadderNames(smaller: ["small"]))])
        }
        #expect(
            found == [
                "tiers.all.smaller: a tier has no smaller models; name them last in the tier itself",
                "models.big.smaller.1: the model small:latest stands twice in this ladder",
            ])
    }
}
