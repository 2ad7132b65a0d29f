import Testing

@testable import Dialects

/// An answer put together from its events.
@Suite struct ChatAnswerTests {
    /// Where the words of the last block lie that may grow, as a number.
    private func place(_ answer: ChatAnswer) -> Int {
        switch answer.blocks.last {
        case .text(let text), .thinking(let text, nil), .refusal(let text), .thinking(_, let text?):
            text.utf8.withContiguousStorageIfAvailable { Int(bitPattern: $0.baseAddress) } ?? 0
        case .toolCall(let call): call.arguments.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }
        case .sealedThinking, nil: 0
        }
    }

    @Test(arguments: [
        AnswerEvent.text("0123456789"), .thinking("0123456789"), .thinkingSignature("0123456789"),
        .refusal("0123456789"), .toolArguments(index: 0, bytes("0123456789")),
    ])
    func `words grow where they are`(event: AnswerEvent) {
        var answer = ChatAnswer()
        answer.add(.toolCallBegan(index: 0, id: "c", name: "f"))
        var moves = 0
        var last = 0
        for _ in 0..<10_000 {
            answer.add(event)
            let place = self.place(answer)
            if place != last { moves += 1 }
            last = place
        }
        // Room doubles, from a few bytes to 100,000.
        #expect(moves < 40, "moved \(moves) times")
    }

    @Test func `words of another kind begin a block of their own`() {
        var answer = ChatAnswer()
        for event: AnswerEvent in [
            .thinkingSignature("s"), .thinking("a"), .thinking("b"), .thinkingSignature("1"), .thinkingSignature("2"),
            .thinking("c"), .text("d"), .text("e"), .refusal("f"), .refusal("g"), .text("h"),
        ] {
            answer.add(event)
        }
        #expect(
            answer.blocks == [
                .thinking("", signature: "s"), .thinking("ab", signature: "12"), .thinking("c", signature: nil),
                .text("de"), .refusal("fg"), .text("h"),
            ])
    }
}
