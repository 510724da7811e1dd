import Glibc
import HiveBlackboard
import HiveKernel
import HiveSignal

/// What `hive check` may be told.
package struct CheckOptions: Sendable {
    package var rulesPath: String?
    /// `strict`, `paired` or `observe`.
    package var mode: String?
    /// Nil: WRONG_GENERATION is not judged.
    package var generation: Int64?
    package var gatesOnly = false

    package init() {}
}

/// What a check came to.
package struct CheckSummary: Sendable {
    package var lines: Int64 = 0
    package var blank: Int64 = 0
    package var accepted: Int64 = 0
    package var quarantined: Int64 = 0
    /// How many lines each gate and violation had, the most frequent first.
    package var byCode: [(String, Int)] = []
}

/// `hive check`: folds a file from an empty state and touches nothing.
package enum CheckCommand {
    /// Judges every line of a file, the last without LF too.
    ///
    /// - `file`: a path, or `-` for standard input.
    /// - `output`: takes whole lines of JSON, one for each judged line.
    ///
    /// Throws: exit code 2 for rules that make no sense, 3 for a file that cannot be read.
    package static func run(
        file: String,
        options: CheckOptions,
        output: ([UInt8]) -> Void
    ) throws(HiveError) -> CheckSummary {
        let book = try RuleBook.load(path: options.rulesPath)
        var rules = book.rules
        if let mode = options.mode {
            guard let mode = Mode(rawValue: mode) else {
                throw .usage("no mode \(mode)", hint: "strict, paired or observe")
            }
            rules.mode = mode
        }
        let generation = options.generation
        var check = LineCheck(rules: rules, generation: generation, gatesOnly: options.gatesOnly)
        try InputFile.forEachLine(path: file) { frame, bytes in
            check.take(frame, bytes)
            if check.output.count > LineCheck.flushBytes {
                output(check.output)
                check.output.removeAll(keepingCapacity: true)
            }
        }
        output(check.output)
        return check.summary()
    }
}

/// One check under way: lines in, JSON out.
struct LineCheck {
    static let flushBytes = 64 << 10

    var output: [UInt8] = []
    private var counts = CheckSummary()
    private var codes: [String: Int] = [:]
    private var state = KernelState()
    private var scanner = SignalScanner()
    private var scanned = ScannedLine()
    private var context: JudgingContext

    init(rules: Rules, generation: Int64?, gatesOnly: Bool) {
        var rules = rules
        // A file has neither keys nor an audit: its receipts are taken at their word, and what
        // rests on a word alone is worth a warning and no more.
        if case .required = rules.evidence { rules.evidence = .warn }
        var context = JudgingContext(
            rules: rules,
            generation: generation ?? rules.minimumGeneration,
            traceOfGeneration: GenerationTrace.of
        )
        context.judgesGeneration = generation != nil
        context.gatesOnly = gatesOnly
        self.context = context
    }

    mutating func take(_ frame: FramedLine, _ bytes: UnsafeRawBufferPointer?) {
        counts.lines += 1
        let line = bytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
        if bytes == nil {
            scanned = ScannedLine()
            scanned.failure = FrameFailure(fault: .oversize, position: LineFramer.lineBytesMax)
        } else {
            scanner.scan(line, atFileStart: frame.offset == 0, into: &scanned)
        }
        guard !scanned.isBlank else {
            counts.blank += 1
            return
        }
        context.receipt = finding(line)
        let judgement = state.step(
            scanned,
            bytes: line,
            offset: frame.offset,
            context: context
        )
        _ = state.takeForgotten()
        for code in judgement.gates.names + judgement.violations.map(\.rawValue) {
            codes[code, default: 0] += 1
        }
        write(frame, judgement, line)
    }

    /// What a metric says of the receipt it carries.
    private func finding(_ bytes: UnsafeRawBufferPointer) -> ReceiptFinding? {
        guard scanned.failure == nil, scanned.carriesEvidence, context.rules.asksForEvidence else {
            return nil
        }
        return switch SignedWitness.read(Array(bytes)) {
        case .plain: nil
        case .unreadable: .refused
        case .signed(let signed): signed.claim.isProven ? .verified(signed.claim.proof) : nil
        }
    }

    func summary() -> CheckSummary {
        var summary = counts
        summary.accepted = state.accepted
        summary.quarantined = state.quarantined
        summary.byCode = codes.map { ($0.key, $0.value) }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
        return summary
    }

    private mutating func write(
        _ frame: FramedLine,
        _ judgement: Judgement,
        _ bytes: UnsafeRawBufferPointer
    ) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("line")
        writer.integer(frame.number)
        writer.key("offset")
        writer.integer(frame.offset)
        writer.key("verdict")
        writer.string(judgement.verdict)
        writer.strings("gates", judgement.gates.names)
        writer.strings("violations", judgement.violations.map(\.rawValue))
        writer.strings("warnings", judgement.warnings)
        writer.key("reason")
        writer.string(reason(judgement, bytes))
        writer.endObject()
        writer.newline()
        output += writer.bytes
    }

    private func reason(_ judgement: Judgement, _ bytes: UnsafeRawBufferPointer) -> String {
        guard !judgement.isAccepted else { return "" }
        return Explanation.list(
            line: scanned,
            bytes: bytes,
            judgement: judgement,
            rules: context.rules
        ).map(\.sentence).joined(separator: "; ")
    }
}
