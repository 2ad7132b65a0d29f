import Testing
import Vocabulary

@testable import Residency

@Suite struct ConversationBookTests {
    private func id(_ number: Int, key: KeyID = "k") -> ConversationID {
        ConversationID("c\(number)", of: PolicyCaller(key: key))
    }

    private func at(_ seconds: Int) -> Instant { now + .seconds(seconds) }

    @Test func `a conversation stays as sensitive as it ever was`() {
        var book = ConversationBook()
        #expect(book.note(self.id(1), .internal, at: self.at(0)) == .internal)
        #expect(book.note(self.id(1), .restricted, at: self.at(1)) == .restricted)
        #expect(book.note(self.id(1), .public, at: self.at(2)) == .restricted)
        #expect(book.note(self.id(2), .public, at: self.at(3)) == .public)
    }

    @Test func `conversations belong to the key, else to the project`() {
        let names = [
            ConversationID("c", of: PolicyCaller(key: "k")), ConversationID("c", of: PolicyCaller(key: "l")),
            ConversationID("c", of: PolicyCaller(project: "k")), ConversationID("c", of: PolicyCaller()),
            ConversationID("d", of: PolicyCaller(key: "k")),
        ]
        #expect(Set(names).count == names.count)
        #expect(
            ConversationID("c", of: PolicyCaller(key: "k", project: "p"))
                == ConversationID("c", of: PolicyCaller(key: "k", keyName: "n", project: "q", feature: "f")))
    }

    @Test func `of a long name both ends and the length count`() {
        let ends = 2 * ConversationID.endBytes
        let name = [UInt8](repeating: 1, count: ends + 2)
        let names = [0, ConversationID.endBytes - 1, ConversationID.endBytes + 2, ends + 1].map { place in
            var other = name
            other[place] = 2
            return other
        }
        let ids = ([name, Array(name.dropLast())] + names).map {
            ConversationID($0[...], of: PolicyCaller(key: "k"))
        }
        #expect(Set(ids).count == ids.count)
        #expect(ids[0] == ConversationID(([9] + name)[1...], of: PolicyCaller(key: "k")))
    }

    @Test func `it is forgotten a day after its last turn, not after its first`() {
        var book = ConversationBook()
        _ = book.note(self.id(1), .restricted, at: self.at(0))
        #expect(book.note(self.id(1), .internal, at: self.at(80_000)) == .restricted)
        #expect(book.note(self.id(1), .internal, at: self.at(80_000 + 86_400)) == .restricted)
        #expect(book.note(self.id(1), .internal, at: self.at(80_000 + 2 * 86_400 + 1)) == .internal)
        #expect(book.count == 1)
    }

    @Test func `what is public takes no place`() {
        var book = ConversationBook(countMax: 2)
        _ = book.note(self.id(0), .restricted, at: self.at(0))
        for number in 1..<100 { _ = book.note(self.id(number), .public, at: self.at(number)) }
        #expect(book.count == 1)
        #expect(book.note(self.id(0), .public, at: self.at(100)) == .restricted)
    }

    @Test func `when it is full the one goes that was silent longest`() {
        var book = ConversationBook(countMax: 3)
        for number in 0..<3 { _ = book.note(self.id(number), .restricted, at: self.at(number)) }
        _ = book.note(self.id(0), .internal, at: self.at(3))
        _ = book.note(self.id(3), .internal, at: self.at(4))
        #expect(book.count == 3)
        #expect(book.note(self.id(0), .public, at: self.at(5)) == .restricted)
        #expect(book.note(self.id(1), .public, at: self.at(6)) == .public)
        #expect(book.note(self.id(2), .public, at: self.at(7)) == .restricted)
    }

    @Test func `it holds as many as its bound says`() {
        var book = ConversationBook()
        for number in 0...Bounds.conversations { _ = book.note(self.id(number), .internal, at: self.at(0)) }
        #expect(book.count == Bounds.conversations)
    }

    /// The same book as a plain list.
    private struct PlainBook {
        var turns: [(id: ConversationID, sensitivity: Sensitivity, at: Instant)] = []
        let countMax: Int

        mutating func note(_ id: ConversationID, _ sensitivity: Sensitivity, at now: Instant) -> Sensitivity {
            self.turns.removeAll { now - $0.at > Bounds.conversationMemory }
            let place = self.turns.firstIndex { $0.id == id }
            let highest = place.map { max(self.turns[$0].sensitivity, sensitivity) } ?? sensitivity
            if let place { self.turns.remove(at: place) }
            if place != nil || highest > .public { self.turns.append((id, highest, now)) }
            if self.turns.count > self.countMax { self.turns.removeFirst() }
            return highest
        }
    }

    @Test func `it remembers what a plain list would`() {
        for seed in 0..<40 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var book = ConversationBook(countMax: 5)
            var plain = PlainBook(countMax: 5)
            var moment = 0
            for step in 0..<400 {
                moment += Int.random(in: 0..<(step % 50 == 0 ? 90_000 : 900), using: &generator)
                let id = self.id(Int.random(in: 0..<9, using: &generator))
                let sensitivity = Sensitivity.allCases[Int.random(in: 0..<4, using: &generator)]
                #expect(
                    book.note(id, sensitivity, at: self.at(moment)) == plain.note(id, sensitivity, at: self.at(moment)),
                    "seed \(seed), step \(step)")
                #expect(book.count == plain.turns.count, "seed \(seed), step \(step)")
            }
        }
    }
}
