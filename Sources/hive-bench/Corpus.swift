import HiveKernel

/// A seeded board of any size: JSONL lines, good and bad, with a label for each.
///
/// The same shape gives the same bytes on every machine. The good lines, in order, also pass the
/// `paired` phase rules; each bad line fails one frame check or gate on purpose, so that whoever
/// counts other than `Summary.good` accepted lines has missed something. The mean length is held by
/// feedback: each line aims at the mean plus a spread, corrected by what the lines before were too
/// long or too short.
struct Corpus {
    /// How large and how wild.
    ///
    /// Shares are in percent of all lines.
    struct Shape {
        var lines = 1_000_000
        var seed: UInt64 = 87
        /// Bytes of a line on average, LF included; 150 or more, as the eight keys alone take 115.
        var meanBytes = 184
        var shuffledPercent = 20
        var extraPercent = 10
        var badPercent = 5
    }

    /// What was written.
    struct Summary {
        var lines = 0
        var good = 0
        var bad = 0
        var bytes = 0
        var shuffled = 0
        var withExtras = 0
    }

    /// Where it is written.
    struct Files {
        /// The JSONL lines.
        let lines: String
        /// A byte for each line: `1` good, `0` bad.
        let labels: String
        /// The good lines as `CorpusRow` records, for who inserts rows without a JSON parser; nil:
        /// none.
        let rows: String?
    }

    /// Writes the corpus, line by line, in constant memory.
    static func write(_ shape: Shape, to files: Files) throws(BenchError) -> Summary {
        var generator = CorpusGenerator(shape)
        var lines = try FileSink(path: files.lines)
        var labels = try FileSink(path: files.labels)
        var rows = try FileSink(path: files.rows ?? "/dev/null")
        var line: [UInt8] = []
        var record: [UInt8] = []
        while let label = generator.next(into: &line) {
            try lines.append(line)
            guard case .good(let row) = label else {
                try labels.append([UInt8(ascii: "0")])
                continue
            }
            try labels.append([UInt8(ascii: "1")])
            row.encode(into: &record)
            try rows.append(record)
        }
        try lines.close()
        try labels.close()
        try rows.close()
        return generator.summary
    }
}

/// What a judge must find a line to be.
enum CorpusLabel {
    case good(CorpusRow)
    case bad
}

/// The lines of a corpus, one after another.
struct CorpusGenerator {
    private let shape: Corpus.Shape
    private var random: SplitMix64
    private var story: CorpusStory
    /// Unix milliseconds; always in the past, so that a live daemon takes the lines too.
    private var clock: Int64 = 1_736_121_600_000
    private(set) var summary = Corpus.Summary()

    init(_ shape: Corpus.Shape) {
        self.shape = shape
        self.random = SplitMix64(seed: shape.seed)
        self.story = CorpusStory(&random)
    }

    /// Puts the next line, with its line end, into `bytes`; nil after the last.
    mutating func next(into bytes: inout [UInt8]) -> CorpusLabel? {
        guard summary.lines < shape.lines else { return nil }
        clock += Int64(random.below(10_000))
        let isShuffled = random.chance(shape.shuffledPercent)
        let hasExtras = random.chance(shape.extraPercent)
        let fault = random.chance(shape.badPercent) ? pickFault() : nil

        var (draft, row) = compose(hasExtras: hasExtras, isShuffled: isShuffled)
        fault?.mend(&draft)
        let messageStart = draft.render(into: &bytes)
        fault?.mangle(&bytes, messageStart: messageStart)
        row.offset = Int64(summary.bytes)
        row.line = Int64(summary.lines + 1)
        row.raw = bytes
        terminate(&bytes, draft: draft, fault: fault)

        summary.lines += 1
        summary.bytes += bytes.count
        summary.shuffled += isShuffled ? 1 : 0
        summary.withExtras += hasExtras ? 1 : 0
        guard fault == nil else {
            summary.bad += 1
            return .bad
        }
        summary.good += 1
        story.tell(row.scene, identifier: row.identifier)
        return .good(row)
    }

    private mutating func pickFault() -> CorpusFault {
        let fault = random.pick(random.pick(CorpusFault.families))
        // The last NUL of a UTF-16 line would be a line of its own at the end of the file.
        if case .damage(.utf16) = fault, summary.lines + 1 == shape.lines { return .missing("ts") }
        return fault
    }

    private func terminate(_ bytes: inout [UInt8], draft: CorpusDraft, fault: CorpusFault?) {
        if case .damage(.utf16) = fault {
            bytes.append(contentsOf: [UInt8(ascii: "\n"), 0])
            return
        }
        if draft.isCarriageReturned { bytes.append(UInt8(ascii: "\r")) }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// A good line that aims at the length which keeps the mean.
    private mutating func compose(hasExtras: Bool, isShuffled: Bool) -> (CorpusDraft, CorpusRow) {
        let roll = random.below(100)
        let type = roll < 70 ? 0 : roll < 90 ? 1 : roll < 93 ? 2 : 3
        let isTraced = hasExtras && random.chance(50)
        let scene = story.propose(isTraced: isTraced, isMetric: type == 3, &random)
        let pull = random.below(3)
        let timestamp = CorpusText.timestamp(milliseconds: clock, &random)
        let mark = random.pick(CorpusText.marks)

        var row = CorpusRow(scene: scene, trace: story.threads[scene.thread].trace)
        row.timestampSeconds = timestamp.decoded
        row.mark = mark.decoded
        row.pull = UInt8(pull)
        row.type = UInt8(type)

        var draft = CorpusDraft()
        draft.dress = random.chance(4) ? .spaced : .compact
        draft.isCarriageReturned = random.chance(2)
        draft.add("ts", timestamp.token)
        draft.add("mark", mark.token)
        draft.add("pull", [#""upstream""#, #""downstream""#, #""lateral""#][pull])
        draft.add("msg", "")
        draft.add("type", [#""signal""#, #""event""#, #""error""#, #""metric""#][type])
        draft.add("hive", "\"\(scene.letter)\"")
        draft.add("gen", String(CorpusRow.generation))
        draft.add("port", String(scene.port))
        if hasExtras { addExtras(to: &draft, row: &row, isTraced: isTraced) }

        let debt = (summary.lines + 1) * shape.meanBytes - summary.bytes - shape.meanBytes
        let target = shape.meanBytes - 30 + random.below(61) + max(-60, min(60, debt))
        let message = CorpusText.message(bytes: target - draft.length, &random)
        draft.replace("msg", with: message.token)
        row.message = message.decoded
        if isShuffled { random.shuffle(&draft.members) }
        return (draft, row)
    }

    /// One to four members that are not among the required eight.
    private mutating func addExtras(
        to draft: inout CorpusDraft,
        row: inout CorpusRow,
        isTraced: Bool
    ) {
        let thread = story.threads[row.scene.thread]
        if isTraced {
            draft.add("traceparent", "\"00-\(thread.trace)-\(random.hex(16))-01\"")
        }
        if random.chance(30) {
            let identifier = "s-\(summary.lines)-\(random.hex(4))"
            draft.add("id", "\"\(identifier)\"")
            row.identifier = identifier
            if let parent = thread.lastIdentifier, random.chance(60) {
                draft.add("parent", "\"\(parent)\"")
                row.parent = parent
            }
        }
        if random.chance(25) {
            let agent = random.pick(["scout-1", "scout-2", "weaver", "pyre", "gpt-5-mini"])
            draft.add("agent", "\"\(agent)\"")
            row.agent = agent
        }
        if draft.members.count == 8 || random.chance(30) {
            draft.members.append(random.pick(Self.freeMembers))
        }
    }

    /// Members that hive does not know, and keeps: nesting, escapes, UTF-8, numbers of all kinds.
    ///
    /// No comma
    /// or colon inside a string: `CorpusFault.Damage` looks for the first of each.
    private static let freeMembers: [CorpusDraft.Member] = [
        (#""tags""#, #"["red","w3c",""]"#),
        (#""meta""#, #"{"file":"src/adapter.ts","lines":[1,40],"ok":true}"#),
        (#""meta""#, #"{"a":{"b":[1,2,{"c":null,"a":{}}]},"b":[]}"#),
        (#""meta""#, #"[{"x":1},{"x":1}]"#),
        (#""note""#, #""gr\u00f6\u00dfer \ud83d\udc1d \"ok\"""#),
        (#""n\u00f6te""#, #""検証 → 🐝""#),
        (#""größe""#, "-1.5e-7"),
        (#""tokens""#, "9007199254740993"),
        (#""ratio""#, "1E+2"),
        (#""cost""#, "-0.0"),
        (#""done""#, "false"),
        (#""Mark""#, "null"),
        ("\"\"", "0"),
        (#""\ud83d\udd78""#, #"{"ms":12.75,"us":0}"#),
        (
            #""deep""#,
            String(repeating: "[", count: 63) + "1" + String(repeating: "]", count: 63)
        ),
    ].map { CorpusDraft.Member(key: $0.0, value: $0.1) }
}
