import Vocabulary

/// Reads a streamed answer record by record. The first records are read in full; once the answer is under way, a
/// record is read only if `EventMarks` or its event name say that it is more than the next word.
struct StreamReader: Sendable {
    /// What becomes of one record.
    enum Verdict {
        case pass
        case hide
        /// Passed with this member's comma and bytes cut out.
        case cut(Range<Int>)
    }

    let endpoint: Endpoint
    let hidesUsage: Bool
    var facts = AnswerFacts()
    var edit: ModelEdit?
    private var lines = NDJSONSplitter()
    private var events = SSESplitter()
    private let isLines: Bool
    /// The number of the next event of a Responses stream: servers count them from 0.
    private(set) var nextNumber = 0
    /// Nothing more is read or passed.
    private var hasEnded = false
    /// The last record ended in a CR: an LF that follows belongs to it and shares its fate.
    private var lineFeedFate: Fate?

    private enum Fate {
        case passed
        case hidden
    }

    init(endpoint: Endpoint, options: AnswerReader.Options) {
        self.endpoint = endpoint
        self.hidesUsage = options.hidesUsage
        self.edit = ModelEdit(sent: options.sentModel, shown: options.shownModel)
        self.isLines = endpoint.dialect == .ollama
    }

    var bytesHeld: Int { self.isLines ? self.lines.bytesHeld : self.events.bytesHeld }

    mutating func consume(_ bytes: [UInt8], into out: inout [UInt8]) -> AnswerSigns {
        if self.hasEnded || bytes.isEmpty {
            if self.lineFeedFate == .passed, bytes.first == 0x0A { out.append(0x0A) }
            if !bytes.isEmpty { self.lineFeedFate = nil }
            return []
        }
        let before = self.facts.signs
        if self.isLines { self.lines.append(bytes) } else { self.events.append(bytes) }
        // Records passed unchanged are handed on together: `run` is where they lie in the splitter's buffer.
        var run = 0..<0
        do throws(StreamProblem) {
            while !self.hasEnded, let record = try self.isLines ? self.lines.next() : self.events.next() {
                let verdict = self.judge(record)
                let model = self.modelRange(in: record, verdict)
                if case .pass = verdict, model == nil {
                    run = (run.isEmpty ? record.startIndex : run.lowerBound)..<record.endIndex
                    continue
                }
                self.flush(&run, into: &out)
                Self.emit(record, verdict, model, self.edit, into: &out)
            }
        } catch {
            self.facts.signs.insert(.malformed)
            self.hasEnded = true
        }
        self.flush(&run, into: &out)
        return self.facts.signs.subtracting(before)
    }

    mutating func finish(into out: inout [UInt8]) -> AnswerSigns {
        guard !self.hasEnded else { return [] }
        let before = self.facts.signs
        let rest = self.isLines ? self.lines.rest() : self.events.rest()
        // The last record may lack its line end; half a record is worth nothing.
        if !rest.allSatisfy({ $0 <= 0x20 }), self.isWhole(rest) {
            let verdict = self.judge(rest)
            Self.emit(rest, verdict, self.modelRange(in: rest, verdict), self.edit, into: &out)
            if case .hide = verdict {} else { out += Array((self.isLines ? "\n" : "\n\n").utf8) }
        }
        self.hasEnded = true
        return self.facts.signs.subtracting(before)
    }

    private func isWhole(_ rest: ArraySlice<UInt8>) -> Bool {
        let data = self.isLines ? rest : SSEEvent(rest).data
        return data.equals("[DONE]") || (try? JSONView(data)) != nil
    }

    private mutating func flush(_ run: inout Range<Int>, into out: inout [UInt8]) {
        defer { run = 0..<0 }
        if run.isEmpty { return }
        let held = self.isLines ? self.lines.held : self.events.held
        if out.isEmpty, run == held.indices {
            out = held
        } else {
            out.append(contentsOf: held[run])
        }
    }

    private mutating func modelRange(in record: ArraySlice<UInt8>, _ verdict: Verdict) -> Range<Int>? {
        if case .hide = verdict { return nil }
        return self.edit?.find(in: record)
    }

    private static func emit(
        _ record: ArraySlice<UInt8>, _ verdict: Verdict, _ model: Range<Int>?, _ edit: ModelEdit?,
        into out: inout [UInt8]
    ) {
        var changes: [(range: Range<Int>, with: [UInt8])] = []
        switch verdict {
        case .hide: return
        case .pass: break
        case .cut(let range): changes.append((range, []))
        }
        if let model, let edit { changes.append((model, edit.replacement)) }
        var at = record.startIndex
        for change in changes.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            guard change.range.lowerBound >= at else { continue }  // A model within what is cut.
            out.append(contentsOf: record[at..<change.range.lowerBound])
            out.append(contentsOf: change.with)
            at = change.range.upperBound
        }
        out.append(contentsOf: record[at...])
    }

    // MARK: Judging

    /// Reads one record as far as needed and notes what it shows.
    private mutating func judge(_ record: ArraySlice<UInt8>) -> Verdict {
        let verdict = self.isLines ? self.judgeLine(record) : self.judgeEvent(record)
        if !self.facts.signs.isDisjoint(with: [.error, .remoteModel, .malformed]) {
            self.hasEnded = true
            self.lineFeedFate = nil
            // What is hidden has no number.
            self.nextNumber = max(0, self.nextNumber - 1)
            return .hide
        }
        if self.facts.signs.contains(.terminal) { self.hasEnded = true }
        if record.last == 0x0D {
            if case .hide = verdict { self.lineFeedFate = .hidden } else { self.lineFeedFate = .passed }
        } else {
            self.lineFeedFate = nil
        }
        return verdict
    }

    private mutating func judgeLine(_ record: ArraySlice<UInt8>) -> Verdict {
        let line = record.trimmedEnd
        if line.isEmpty { return .pass }
        guard line.first == UInt8(ascii: "{"), line.last == UInt8(ascii: "}") else { return self.malformed() }
        if self.facts.signs.contains(.content),
            !EventMarks.found(in: line, EventMarks.done, EventMarks.error, EventMarks.remote)
        {
            return .pass
        }
        guard let members = try? JSONMembers(checking: line, opening: self.endpoint.opened) else {
            return self.malformed()
        }
        self.facts.readNative(members, self.edit)
        return .pass
    }

    private mutating func judgeEvent(_ record: ArraySlice<UInt8>) -> Verdict {
        let isOpenAIStream = self.endpoint == .openAIChat || self.endpoint == .openAICompletions
        let isUnderWay = self.facts.signs.contains(.content)
        if isUnderWay, isOpenAIStream, self.events.linesHanded == 1, EventMarks.isNextWord(record) { return .pass }
        let event = SSEEvent(record)
        guard event.hasData else {
            return self.lineFeedFate == .hidden && record.elementsEqual([0x0A]) ? .hide : .pass
        }
        self.nextNumber += 1
        let data = event.data
        if data.equals("[DONE]") {
            self.facts.signs.insert(.terminal)
            return .pass
        }
        guard data.first == UInt8(ascii: "{"), data.last == UInt8(ascii: "}") else { return self.malformed() }
        if isUnderWay {
            let isNextWord =
                isOpenAIStream
                ? !event.name.equals("error")
                    && !EventMarks.found(in: data, EventMarks.usage, EventMarks.error, EventMarks.error)
                : event.name.isDelta
            if isNextWord { return .pass }
        }
        if self.hidesUsage, isUnderWay, let zeros = EventMarks.zeroUsage(in: data),
            record.indices.contains(data.startIndex)
        {
            return .cut(zeros)
        }
        guard let view = try? JSONView(data) else { return self.malformed() }
        if isOpenAIStream, event.name.equals("error") {
            // Some servers name the event so and leave the member out.
            self.facts.fail(view["error"] ?? view)
            return .hide
        }
        if isOpenAIStream { return self.judgeChunk(view, isInRecord: record.indices.contains(data.startIndex)) }
        if self.endpoint == .anthropicMessages {
            self.facts.readAnthropic(view, self.edit)
        } else {
            self.facts.readResponses(view, self.edit)
        }
        return .pass
    }

    private mutating func judgeChunk(_ chunk: JSONView, isInRecord: Bool) -> Verdict {
        let read = self.facts.readChunk(chunk, self.edit)
        guard read.hasUsage, self.hidesUsage else { return .pass }
        guard read.hasChoice else { return .hide }
        guard isInRecord, let object = Container(chunk.bytes),
            let item = object.items.last(where: { chunk.bytes[$0.key].equals("usage") }), item.index > 0
        else { return .hide }
        return .cut((item.segment.lowerBound - 1)..<item.segment.upperBound)
    }

    private mutating func malformed() -> Verdict {
        self.facts.signs.insert(.malformed)
        return .hide
    }
}

extension ArraySlice<UInt8> {
    /// Without white space and line ends behind it.
    var trimmedEnd: ArraySlice<UInt8> {
        // An index, since `removeLast` on a slice of a shared array copies it.
        var end = self.endIndex
        while end > self.startIndex, self[end - 1] <= 0x20 { end -= 1 }
        return self[..<end]
    }

    /// Is this the name of an event that carries the next words of an answer?
    fileprivate var isDelta: Bool {
        self.equals("content_block_delta") || self.suffix(6).equals(".delta")
    }
}
