import HiveBlackboard
import HiveKernel
import HiveLedger
import HiveSignal

/// `hive replay`: folds a board from its start, as it was judged and as other rules would have
/// judged it.
///
/// The verdicts that stand come from the quarantine (an entry is authoritative) under the rules the
/// audit has for each offset; beside them runs a fold of the same lines, in their original bytes,
/// under the rules asked for. Nothing is written.
struct Replay {
    let settings: Settings
    var ledger: Ledger?

    /// How many changed lines are listed; all are counted.
    static let changedMax = 10_000

    /// HiveControl's `Method.replay`.
    func run(_ params: JSONValue) throws(HiveError) -> JSONValue {
        let history = try AuditHistory(
            source: HiveError.wrap { try JournalView(path: settings.audit) }
        )
        var run = try ReplayRun(settings: settings, history: history, params: params)
        try run.foldBoard()
        return run.report(live: try live(run.generation))
    }

    /// How far the ledger has a generation judged, and its chain's head there.
    struct Live {
        var offset: Int64
        var chain: [UInt8]
    }

    private func live(_ generation: Int64) throws(HiveError) -> Live? {
        guard ledger != nil || FileProbe.exists(settings.ledger) else { return nil }
        let (path, open) = (settings.ledger, ledger)
        return try HiveError.wrap {
            let ledger = try open ?? Ledger(path: path, readOnly: true)
            if let position = try ledger.position(), position.generation == generation {
                return Live(offset: position.offset, chain: position.chain)
            }
            return try ledger.generations().first { $0.generation == generation }
                .map { Live(offset: $0.offset, chain: $0.chain) }
        }
    }
}

/// One replay under way.
struct ReplayRun {
    private let settings: Settings
    private let journal: JournalView
    private var known = EntryLookup()
    /// As it was judged.
    private(set) var standing: Fold
    /// As the rules asked for would have it, once that is not how it was judged.
    private var other: KernelState
    private(set) var context: JudgingContext
    /// False: each line is judged by the rules that held for it, as the audit has them.
    private let asksForRules: Bool
    /// True from the first line on which the two may differ: until then one fold is both.
    private var isApart = false
    /// The rule changes still ahead when the two sets of rules were last compared.
    private var changesAhead: Int?
    /// Called after each line that the rules asked for have judged; false ends the walk.
    var onLine: ((_ line: ReplayedLine, _ state: KernelState) -> Bool)?
    private var until: Int64
    /// The board, or the archive of a generation that ended.
    private let path: String
    private var changed: [JSONValue] = []
    private var changedCount: Int64 = 0
    /// How many lines got or lost each gate and violation by the rules asked for.
    private var byCode: [String: (gained: Int64, lost: Int64)] = [:]

    init(settings: Settings, history: AuditHistory, params: JSONValue) throws(HiveError) {
        self.settings = settings
        let book = params["rules"]?.stringValue ?? settings.rulesPath
        asksForRules = params["rules"] != nil || params["mode"] != nil
        var rules = settings.rules(of: try RuleBook.load(path: book))
        if let word = params["mode"]?.stringValue {
            guard let mode = Mode(rawValue: word) else {
                throw .usage("no mode \(word)", hint: "strict, paired or observe")
            }
            rules.mode = mode
        }
        until = params["until"]?.integerValue ?? .max
        let present = try settings.generation(history, rules)
        let generation = params["gen"]?.integerValue ?? present
        guard
            generation == present || history.flips.contains(where: { $0.generation == generation })
        else {
            throw .usage(
                "the board had no generation \(generation)",
                hint: "it is in \(present); its archives are in \(settings.archive)"
            )
        }
        guard !history.lossy.contains(generation) else {
            throw .refused(
                "the board was TAMPERED with: judged lines are no longer in it",
                hint: "hive doctor --repair puts them back from the ledger"
            )
        }
        path =
            generation == present
            ? settings.board : ArchiveFolder(settings).board(of: generation)
        standing = try Fold.start(
            of: generation,
            history,
            rules: rules,
            boardID: history.boardID ?? ""
        )
        standing.verifyOverrides(Engine.pinnedKey(settings))
        context = JudgingContext(
            rules: rules,
            generation: generation,
            traceOfGeneration: GenerationTrace.of
        )
        other = KernelState(after: standing.state.sequence)
        journal = try HiveError.wrap { try JournalView(path: settings.quarantine) }
        let journal = self.journal
        known = try HiveError.wrap {
            var known = EntryLookup()
            _ = try known.load(from: journal, after: 0, generation: generation)
            return known
        }
    }

    mutating func foldBoard() throws(HiveError) {
        let path = self.path
        let board = try HiveError.wrap { try BoardFile(path: path) }
        let tail = BoardTail()
        var run = self
        do throws(BoardError) {
            try tail.walk(board) { frame, bytes throws(BoardError) in
                try run.take(frame, bytes, board, tail)
                return run.standing.state.sequence < run.until
            }
        } catch {
            throw HiveError(error)
        }
        self = run
    }

    private mutating func take(
        _ frame: FramedLine,
        _ bytes: UnsafeRawBufferPointer?,
        _ board: BoardFile,
        _ tail: BoardTail
    ) throws(BoardError) {
        guard standing.state.sequence < until else { return }
        standing.takeScheduled(at: frame.offset)
        guard standing.state.sequence < until else { return }
        other.count(to: standing.state.sequence)
        if standing.schedule.count != changesAhead {
            changesAhead = standing.schedule.count
            if !asksForRules { context.rules = standing.context.rules }
            if standing.context.rules != context.rules { part() }
        }
        guard let bytes else { return try take(giant: frame, board, tail) }
        if let entry = try known.entry(for: frame, bytes: bytes, in: journal) {
            take(entry, frame, bytes)
        } else if let before = standing.step(frame, bytes) {
            var after = before
            if isApart {
                // Who signed a line, and what it lets pass, are no matter of rules.
                context.override = standing.context.override
                context.receipt = standing.context.receipt
                context.isReleased = standing.context.isReleased
                after = other.step(
                    standing.scanned,
                    bytes: bytes,
                    offset: frame.offset,
                    context: context
                )
                if !after.isSameVerdict(as: before) {
                    note(frame, before: Verdict(before), after: Verdict(after))
                }
            }
            tell(ReplayedLine(frame: frame, bytes: bytes, judgement: after))
        }
    }

    /// A line that the quarantine has an entry for: that is its verdict, whatever the rules were.
    private mutating func take(
        _ entry: StoredEntry,
        _ frame: FramedLine,
        _ bytes: UnsafeRawBufferPointer
    ) {
        let before = Verdict(entry)
        // What only the clock refused cannot be asked of other rules.
        guard !before.isOfTheClock else {
            if isApart { other.stepKnownQuarantined() }
            return standing.pass(entry, frame)
        }
        let judge = { (run: inout ReplayRun, original: UnsafeRawBufferPointer) in
            let after = run.judgeAnew(frame, original)
            run.standing.pass(entry, frame)
            run.note(frame, before: before, after: Verdict(after))
            run.tell(
                ReplayedLine(
                    frame: frame,
                    bytes: original,
                    judgement: after,
                    entry: entry.identifier
                )
            )
        }
        if let original = entry.raw {
            original.withUnsafeBytes { judge(&self, $0) }
        } else {
            judge(&self, bytes)
        }
    }

    /// Always F1, by any rules.
    private mutating func take(
        giant frame: FramedLine,
        _ board: BoardFile,
        _ tail: BoardTail
    ) throws(BoardError) {
        _ = try standing.judge(
            frame,
            nil,
            of: board,
            tail,
            known: &known,
            in: journal,
            now: Timestamp(seconds: 0)
        )
        if isApart { other.stepKnownQuarantined() }
    }

    /// The rules asked for on a line whose standing verdict is not theirs.
    private mutating func judgeAnew(
        _ frame: FramedLine,
        _ bytes: UnsafeRawBufferPointer
    ) -> Judgement {
        standing.scan(frame, bytes)
        context.override = nil
        context.receipt = nil
        context.isReleased = false
        if !isApart {
            let judgement = standing.state.judge(standing.scanned, bytes: bytes, context: context)
            guard judgement.isAccepted else { return judgement }
            part()
        }
        return other.step(standing.scanned, bytes: bytes, offset: frame.offset, context: context)
    }

    /// From here on the two are folded apart.
    private mutating func part() {
        guard !isApart else { return }
        isApart = true
        other = standing.state
    }

    /// The state as the rules asked for have it.
    private var asked: KernelState { isApart ? other : standing.state }

    private mutating func tell(_ line: ReplayedLine) {
        guard let onLine else { return }
        let goesOn = isApart ? onLine(line, other) : onLine(line, standing.state)
        if !goesOn { until = standing.state.sequence }
    }

    private mutating func note(_ frame: FramedLine, before: Verdict, after: Verdict) {
        guard before != after else { return }
        changedCount += 1
        for code in after.codes.subtracting(before.codes) {
            byCode[code, default: (0, 0)].gained += 1
        }
        for code in before.codes.subtracting(after.codes) {
            byCode[code, default: (0, 0)].lost += 1
        }
        guard changed.count < Replay.changedMax else { return }
        changed.append(
            [
                "line": .integer(frame.number),
                "offset": .integer(frame.offset),
                "before": before.json,
                "after": after.json,
            ]
        )
    }

    /// The generation that is replayed.
    var generation: Int64 { standing.position.generation }

    /// HiveControl's `Method.replay`; chains are compared where the ledger stands at the same byte.
    func report(live: Replay.Live?) -> JSONValue {
        let isWhole = live?.offset == standing.position.offset
        let matches = isWhole ? live.map { $0.chain == standing.chain.head } : nil
        return [
            "gen": .integer(generation),
            "lines": .integer(asked.accepted + asked.quarantined),
            "accepted": .integer(asked.accepted),
            "quarantined": .integer(asked.quarantined),
            "chain": StateReport.chain(standing.settledPosition),
            "chainMatches": matches.map { .bool($0) } ?? .null,
            "changed": .array(changed),
            "changedCount": .integer(changedCount),
            "byCode": .array(codes),
        ]
    }

    /// The codes whose lines changed, the one with the most first.
    private var codes: [JSONValue] {
        byCode.sorted { left, right in
            let counts = (
                left.value.gained + left.value.lost, right.value.gained + right.value.lost
            )
            return counts.0 == counts.1 ? left.key < right.key : counts.0 > counts.1
        }.map { code, lines in
            [
                "code": .string(code),
                "gained": .integer(lines.gained),
                "lost": .integer(lines.lost),
            ]
        }
    }
}

/// A line as the rules asked for judged it.
struct ReplayedLine {
    var frame: FramedLine
    /// As it was written, whatever stands on the board now.
    var bytes: UnsafeRawBufferPointer
    var judgement: Judgement
    /// The id of its entry, where it was quarantined.
    var entry: String?
}

/// A verdict to compare.
private struct Verdict: Hashable {
    var isAccepted: Bool
    var gates: [String] = []
    var violations: [String] = []

    init(_ judgement: Judgement) {
        isAccepted = judgement.isAccepted
        guard !isAccepted else { return }
        gates = judgement.gates.names
        violations = judgement.violations.map(\.rawValue)
    }

    init(_ entry: StoredEntry) {
        isAccepted = false
        gates = entry.value["gates"]?.arrayValue?.compactMap(\.stringValue) ?? []
        violations = entry.value["violations"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    /// All that the line failed.
    var codes: Set<String> { Set(gates + violations) }

    /// The line failed by the time at which it arrived.
    var isOfTheClock: Bool {
        violations.contains { Violation(rawValue: $0).map(Violation.ofTheClock.contains) ?? false }
    }

    var json: JSONValue {
        [
            "verdict": isAccepted ? "accepted" : "quarantined",
            "gates": .array(gates.map { .string($0) }),
            "violations": .array(violations.map { .string($0) }),
        ]
    }
}
