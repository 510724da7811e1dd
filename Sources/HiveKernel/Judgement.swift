package import HiveSignal

/// The verdict on one line and all that is needed to explain and record it.
package struct Judgement: Sendable, Hashable {
    /// The frame checks and gates that failed.
    package var gates: GateSet = []
    /// What the rules have against it.
    var violationList: ViolationList = []
    /// In `observe`: violations that only warn.
    var observed: ViolationList = []
    var warningSet = WarningSet()
    /// The trace the signal speaks in; meaningful where `gates` is empty.
    package var trace: TraceID = .zero
    /// The cycle the signal counts in, from 1.
    ///
    /// Where it counts in none, the trace's present one; 0 where the trace has none yet, or a gate
    /// failed.
    package var cycle: Int64 = 0
    /// Where the cycle stood before the line: nil where it had not begun, or a gate failed.
    package var phaseBefore: Phase?
    /// The task it answers, where it is an outcome.
    package var answers: AnsweredTask?
    /// What an accepted signal asks.
    package var reaction = Reaction.none
    /// True where the rules have it ask now; a task that is not asked is known all the same.
    package var wantsAnswers = false

    /// True for an X that forces what the context's override says.
    package var isOverride = false
    /// The board's generation, where the line gives another.
    package var generation: Int64?
    /// Why an X is refused.
    var overrideFault: OverrideFault?
    /// True where the receipt that a metric carries counts, and proves a phase.
    package var provesPhase = false
    /// True where a person muted the port.
    var isMuted = false

    package init() {}

    /// What the rules have against it, the primary violation first.
    package var violations: [Violation] {
        get { violationList.array }
        set { violationList = ViolationList(newValue) }
    }

    /// Codes: `Warning`s, then in `observe` the names of violations that only warn.
    package var warnings: [String] {
        guard hasWarnings else { return [] }
        return warningSet.array.map(\.rawValue) + observed.array.map(\.rawValue)
    }

    package var hasWarnings: Bool { !warningSet.isEmpty || !observed.isEmpty }

    /// One verdict for every line: quarantined where anything failed.
    package var isAccepted: Bool {
        @inline(__always) get { gates.isEmpty && violationList.isEmpty }
    }

    /// True where the two lines failed by the same gates and violations.
    package func isSameVerdict(as other: Judgement) -> Bool {
        gates == other.gates && violationList == other.violationList
    }

    /// `accepted` or `quarantined`.
    package var verdict: String { isAccepted ? "accepted" : "quarantined" }

    /// The violation a person is told first: the first of the violations, else the first gate.
    package var primary: String {
        violations.first?.rawValue ?? gates.names.first ?? ""
    }
}

/// A known task that an outcome answers.
package struct AnsweredTask: Sendable, Hashable {
    package var name: TaskName
    /// The sequence of the signal that asked.
    package var sequence: Int64
    /// The depth of the reaction that the task belongs to.
    package var depth: UInt8

    /// How many reactions led to the answer; chains that others spin on for ever stay at the most.
    var depthOfAnswer: UInt8 { depth == .max ? .max : depth + 1 }
}

/// What besides the line a judgement depends on.
///
/// Time comes in as a value.
package struct JudgingContext: Sendable {
    package var rules: Rules
    /// The clock, for lines judged as they arrive; nil for bytes found at start, check, replay,
    /// rebuild.
    package var now: Timestamp?
    /// The board's generation, or the one taken as such.
    package let generation: Int64
    /// True: a signal of another generation is WRONG_GENERATION.
    package var judgesGeneration = true
    /// True: frame checks and gates only, no violations.
    package var gatesOnly = false
    /// What the line was found to be, where it is an X that claims to be a person's.
    package var override: OverrideFinding?
    /// What the line's receipt was found to be, where it is a metric that carries one.
    package var receipt: ReceiptFinding?
    /// True for the very line that the override before it lets pass: phase rules only warn.
    package var isReleased = false
    /// True: hive's own signature stands in the line, byte for byte, and takes an envelope's place.
    var isSigned: Bool {
        if case .verified = override { return true }
        if case .verified = receipt { return true }
        return false
    }
    /// The trace of signals without `traceparent` in `generation`.
    package let generationTrace: TraceID
    /// The same for any other generation: the kernel computes no digests.
    private let traceOfGeneration: @Sendable (Int64) -> TraceID

    package init(
        rules: Rules,
        generation: Int64,
        traceOfGeneration: @escaping @Sendable (Int64) -> TraceID
    ) {
        self.rules = rules
        self.generation = generation
        self.generationTrace = traceOfGeneration(generation)
        self.traceOfGeneration = traceOfGeneration
    }

    /// The trace that signals of this generation share; the board's own where it is none.
    func sharedTrace(of field: Field<Int64>) -> TraceID {
        guard field.state.isGood, field.value != generation else { return generationTrace }
        return traceOfGeneration(field.value)
    }
}
