import HiveDaemon
import HiveKernel
import HiveSignal

extension Bench {
    private static let passes = 5

    /// Scan and gates, then the phase rules, then the chain: one thread, the corpus in memory.
    func measureScan(_ table: inout Table) throws {
        let bytes = try load(corpus.lines)
        let labels = try load(corpus.labels)
        let gates = Measure.best(of: Self.passes) { ScanPass(gatesOnly: true).run(bytes) }
        let missed = zip(gates.answer, labels).count { $0 != $1 }
        let rules = Measure.best(of: Self.passes) { ScanPass(gatesOnly: false).run(bytes) }
        let chain = Measure.best(of: 2) { ScanPass.chain(bytes) }
        let lines = Double(labels.count)
        var rival: Double?
        if let program = program(.scan, &table) {
            let figures = try Rivals.run(program, [corpus.lines], within: 300)
            rival = figures.number("rate")
            table.note("simdjson: \(figures.text("kernel") ?? "?") kernel, DOM, the same checks")
        }
        table.add(
            Table.Row(
                figure: "scan and gates",
                unit: .perSecond,
                hive: lines / gates.seconds,
                rival: rival,
                target: "≥ 1.2 × simdjson"
            )
        )
        table.add(
            Table.Row(
                figure: "  with phase rules",
                unit: .perSecond,
                hive: lines / rules.seconds,
                rival: lines / gates.seconds,
                target: "≥ 0.8 × gates alone"
            )
        )
        table.note("verdicts that differ from the labels: \(missed)")
        table.note("hash chain: \(Table.fixed(chain.seconds / lines * 1e9, 0)) ns a line")
    }
}

/// One pass over the corpus, as the fold does it, without rows.
struct ScanPass {
    var gatesOnly: Bool

    /// `1` for each accepted line, `0` for each other.
    func run(_ bytes: [UInt8]) -> [UInt8] {
        var context = JudgingContext(
            rules: Rules(),
            generation: 87,
            traceOfGeneration: GenerationTrace.of
        )
        context.gatesOnly = gatesOnly
        var state = KernelState()
        var scanner = SignalScanner()
        var scanned = ScannedLine()
        var offset: Int64 = 0
        var verdicts: [UInt8] = []
        verdicts.reserveCapacity(bytes.count / 100)
        Self.forEachLine(bytes) { line, isFirst in
            scanner.scan(line, atFileStart: isFirst, into: &scanned)
            let judgement = state.step(scanned, bytes: line, offset: offset, context: context)
            offset += Int64(line.count) + 1
            verdicts.append(judgement.isAccepted ? UInt8(ascii: "1") : UInt8(ascii: "0"))
        }
        return verdicts
    }

    static func chain(_ bytes: [UInt8]) -> [UInt8] {
        var chain = HashChain(boardID: "bench")
        forEachLine(bytes) { line, _ in chain.add(line, accepted: true) }
        return chain.head
    }

    @inline(__always)
    private static func forEachLine(
        _ bytes: [UInt8],
        _ body: (UnsafeRawBufferPointer, Bool) -> Void
    ) {
        bytes.withUnsafeBytes { all in
            var framer = LineFramer()
            var start = 0
            while case .line(let frame, let consumed) = framer.next(
                in: UnsafeRawBufferPointer(rebasing: all[start...])
            ) {
                let from = start + (frame.start ?? 0)
                let line = UnsafeRawBufferPointer(rebasing: all[from..<from + Int(frame.length)])
                body(line, frame.offset == 0)
                start += consumed
            }
        }
    }
}
