import HiveKernel
import HiveSignal

/// A board in memory: lines go in, judgements come out.
struct Board {
    var state: KernelState
    var context: JudgingContext
    private var scanner = SignalScanner()
    private var line = ScannedLine()
    private var bytes: [UInt8] = []
    private var judgement = Judgement()
    /// Where the next line stands.
    private(set) var offset: Int64 = 0

    init(
        _ mode: Mode = .paired,
        rules: Rules = Rules(),
        generation: Int64 = 87,
        state: KernelState = KernelState()
    ) {
        var rules = rules
        rules.mode = mode
        self.state = state
        context = JudgingContext(
            rules: rules,
            generation: generation,
            traceOfGeneration: Board.sharedTrace
        )
    }

    /// Stands for the digest that the daemon computes.
    static func sharedTrace(of generation: Int64) -> TraceID {
        TraceID(high: 0x6E61_7265, low: UInt64(bitPattern: generation))
    }

    /// Judges a line and takes it in.
    @discardableResult
    mutating func append(_ draft: Draft) -> Judgement { append(Array(draft.text.utf8)) }

    @discardableResult
    mutating func append(_ text: [UInt8]) -> Judgement {
        scan(text)
        judgement = bytes.withUnsafeBytes {
            state.step(line, bytes: $0, offset: offset, context: context)
        }
        offset += Int64(bytes.count) + 1
        return judgement
    }

    /// Judges a line and leaves the state as it is.
    mutating func judge(_ draft: Draft) -> Judgement {
        scan(Array(draft.text.utf8))
        judgement = bytes.withUnsafeBytes { state.judge(line, bytes: $0, context: context) }
        return judgement
    }

    /// Takes in signals of these phases from ports that own them.
    mutating func walk(_ phases: [Phase], trace: TraceID? = nil) {
        for phase in phases {
            let draft = Draft.signal(phase)
            append(trace.map(draft.trace) ?? draft)
        }
    }

    /// What the last judgement is explained with; `changed` may stand in for it.
    func explanations(of changed: Judgement? = nil) -> [Explanation] {
        bytes.withUnsafeBytes {
            Explanation.list(
                line: line,
                bytes: $0,
                judgement: changed ?? judgement,
                rules: context.rules
            )
        }
    }

    private mutating func scan(_ text: [UInt8]) {
        bytes = text
        line = bytes.withUnsafeBytes { scanner.scan($0, atFileStart: false) }
    }
}

extension Judgement {
    /// All that was found, as on the wire: gates, then violations.
    var findings: [String] { gates.names + violations.map(\.rawValue) }
}

/// A trace told apart from others by its number, from 1.
func trace(_ number: UInt64) -> TraceID { TraceID(high: 0, low: number) }
