import Dialects
import Health
import Testing
import Vocabulary

@testable import Gateway

/// What a server inside with OpenAI's API is sent.
@Suite struct CompatiblePlanTests {
    private static let name: ModelName = "meta-llama/Llama-3.1-8B:latest"

    private func plan(_ inventory: Inventory?, bound: Int? = 4096, promptTokens: Int = 1000) -> RewritePlan {
        RewritePlan(
            compatible: Self.name, in: inventory, outputTokensMax: bound, promptTokens: promptTokens,
            losses: .refuse)
    }

    private func inventory(served context: Int? = nil, made contextMax: Int? = nil) -> Inventory {
        Inventory(
            models: [
                InventoryModel(
                    name: Self.name, spelling: "meta-llama/Llama-3.1-8B", digest: "", size: Bytes(0),
                    contextMax: contextMax.map { Tokens($0) })
            ],
            loaded: [
                LoadedModel(name: Self.name, size: Bytes(0), sizeVRAM: Bytes(0), context: context.map { Tokens($0) })
            ])
    }

    @Test func `the model is named as its server spells it`() {
        let plan = self.plan(self.inventory())
        #expect(plan.sentModel == "meta-llama/Llama-3.1-8B" && plan.servedModel == plan.sentModel)
        #expect(plan.api == .openAI && !plan.isOutside && !plan.appendsLocal)
        #expect(plan.outputTokensMax == 4096 && plan.losses == .refuse)
        #expect(self.plan(nil).sentModel == "meta-llama/Llama-3.1-8B:latest", "a reload has just brought it")
    }

    @Test(arguments: [
        (6096, nil, true), (6095, nil, false), (nil, 6096, true), (nil, 6095, false), (nil, nil, false),
        (2048, 131_072, false),
    ])
    func `a bound is added only where it leaves room for twice the prompt`(served: Int?, made: Int?, isAdded: Bool) {
        #expect(self.plan(self.inventory(served: served, made: made)).addsBound == isAdded)
    }

    @Test func `without a bound none is added`() {
        #expect(!self.plan(self.inventory(served: 131_072), bound: nil).addsBound)
    }
}
