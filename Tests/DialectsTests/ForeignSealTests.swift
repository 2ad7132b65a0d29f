import Testing
import Vocabulary

@testable import Dialects

/// Seals that one provider has made on thinking, in a conversation that goes on with another.
@Suite struct ForeignSealTests {
    @Test func `a response names the maker of each seal, and takes back its own alone`() throws {
        for (seal, shown) in [("EqQB", "anthropic:EqQB"), ("gemini:AA==", "gemini:AA==")] {
            #expect(ResponsesSeal.shown(seal) == shown)
            #expect(ResponsesSeal.neutral(shown) == seal)
        }
        for other in ["gAAAAABo", "First I look at the towns: there are two.", ""] {
            #expect(ResponsesSeal.neutral(other) == nil)
        }
        let body =
            #"{"input":[{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"gAAAAABo"}]}"#
        var losses = Losses()
        let (request, _) = try OpenAIResponses.decode(JSONView(bytes(body)), &losses)
        #expect(request.turns == [ChatTurn(.assistant, [.thinking("hm", signature: nil)])])
        #expect(losses.hints == ["input[].encrypted_content"])
    }

    @Test func `Ollama is not shown a seal, which it would take for the thinking`() throws {
        let item = { (seal: String) in #"{"type":"reasoning","summary":[],"encrypted_content":\#(seal)}"# }
        let source = { (seals: [String]) in #"{"model":"m","input":[\#(seals.map(item).joined(separator: ", "))]}"# }
        let plan = RewritePlan(servedModel: "m")
        let seals = [#""anthropic:EqQB""#, #""gemini:AA==""#, #""I think: so""#, "null"]
        let sent = try body(source(seals), .openAIResponses).outgoing(for: plan)
        #expect(text(sent.bytes) == source([#""""#, #""""#, #""I think: so""#, "null"]))
        #expect(sent.dropped == ["input[].encrypted_content"])
    }

    @Test func `Anthropic is not sent thinking that it has not sealed`() throws {
        let thought = { (seal: String) in #"{"type":"thinking","thinking":"t"\#(seal)}"# }
        let own = thought(#","signature":"EqQB""#)
        let words = #"{"type":"text","text":"so"}"#
        let foreign = [thought(#","signature":"gemini:AA==""#), thought(#","signature":"""#), thought("")]
        let turn = { (blocks: [String]) in #"{"role":"assistant","content":[\#(blocks.joined(separator: ","))]}"# }
        let source = { (turns: [String]) in
            #"{"model":"m","max_tokens":9,"messages":[\#(turns.joined(separator: ","))]}"#
        }
        let user = #"{"role":"user","content":"a"}"#
        let given = [user, turn([own, words]), user] + foreign.map { turn([$0, words]) } + [turn(foreign), user]
        let wanted = [user, turn([own, words]), user] + foreign.map { _ in turn([words]) } + [user]
        let plan = RewritePlan(outside: "m", api: .anthropic)
        let sent = try body(source(given), .anthropicMessages).outgoing(for: plan)
        #expect(text(sent.bytes) == source(wanted))
        #expect(sent.dropped == ["messages[].thinking"])
        let plain = source([user, turn([own, words]), user])
        #expect(try text(body(plain, .anthropicMessages).outgoing(for: plan).bytes) == plain)
    }
}
