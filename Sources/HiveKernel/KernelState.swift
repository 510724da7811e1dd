package import HiveSignal

/// All that a verdict depends on besides the line and the rules: the fold's state.
///
/// `step` is the only way on. Equal states give equal verdicts on equal lines; the state after a
/// line depends on the lines before it and the rules alone (and, for live lines, the clock passed
/// in).
package struct KernelState: Sendable, Equatable {
    /// Judged lines so far, accepted and quarantined: the number of the last one.
    package private(set) var sequence: Int64 = 0
    package private(set) var accepted: Int64 = 0
    package private(set) var quarantined: Int64 = 0
    /// The trace of the last accepted signal that counts, and its phase.
    package private(set) var lastTrace: TraceID?
    package private(set) var lastPhase: Phase?
    package private(set) var traces = TraceTable()
    package private(set) var identifiers = RecentIdentifiers()
    package private(set) var signals = RecentSignals()
    package private(set) var forced = ForcedState()
    /// What proves phases of the traces' cycles; `KernelState+Evidence` adds to it.
    package internal(set) var proofs = ProofTable()
    /// Traces that the last steps forgot; taken by whoever keeps them elsewhere.
    package private(set) var forgotten: [TraceID] = []

    package init() {}

    /// The state that a generation begins with: nothing known, the lines counted on.
    package init(after sequence: Int64) { self.sequence = sequence }

    /// A state put together again from what was saved.
    package init(
        sequence: Int64,
        accepted: Int64,
        quarantined: Int64,
        lastTrace: TraceID?,
        lastPhase: Phase?,
        traces: some Sequence<(TraceID, TraceState)>,
        identifiers: RecentIdentifiers,
        signals: RecentSignals,
        forced: ForcedState = ForcedState(),
        proofs: ProofTable = ProofTable()
    ) {
        self.sequence = sequence
        self.accepted = accepted
        self.quarantined = quarantined
        self.lastTrace = lastTrace
        self.lastPhase = lastPhase
        for (trace, state) in traces { self.traces[trace] = state }
        self.identifiers = identifiers
        self.signals = signals
        self.forced = forced
        self.proofs = proofs
    }

    /// Passes over the numbers that lines of another generation took.
    package mutating func count(to sequence: Int64) {
        self.sequence = max(self.sequence, sequence)
    }

    /// Judges the next line and takes it in.
    ///
    /// A blank line is none: do not pass it.
    ///
    /// - Parameters:
    ///   - line: what the scanner made of it.
    ///   - bytes: the line as scanned; empty for one too large to be kept.
    ///   - offset: where the line stands on its generation's board; higher than the last one's.
    ///   - context: the rules, the generation and, for a live line, the clock.
    /// - Returns: the one verdict the line gets.
    package mutating func step(
        _ line: borrowing ScannedLine,
        bytes: UnsafeRawBufferPointer,
        offset: Int64,
        context: JudgingContext
    ) -> Judgement {
        guard line.hasReferences else {
            return step(line, references: SignalReferences(), offset: offset, context: context)
        }
        let line = copy line
        return line.withReferences(in: bytes) {
            step(line, references: $0, offset: offset, context: context)
        }
    }

    /// The judgement that `step` would give, the state left as it is.
    package func judge(
        _ line: borrowing ScannedLine,
        bytes: UnsafeRawBufferPointer,
        context: JudgingContext
    ) -> Judgement {
        let line = copy line
        return line.withReferences(in: bytes) {
            var place: Int?
            return judge(line, references: $0, context: context, place: &place)
        }
    }

    private mutating func step(
        _ line: borrowing ScannedLine,
        references: SignalReferences,
        offset: Int64,
        context: JudgingContext
    ) -> Judgement {
        var place: Int?
        let judgement = judge(line, references: references, context: context, place: &place)
        sequence += 1
        // A pass is for the next line alone.
        if forced.pass != nil { forced.pass = nil }
        guard judgement.isAccepted else {
            quarantined += 1
            return judgement
        }
        accepted += 1
        if let identifier = references.identifier, !context.gatesOnly || !isKnown(identifier) {
            identifiers.insert(identifier, trace: judgement.trace, sequence: sequence)
        }
        guard !context.gatesOnly else { return judgement }
        remember(line, judgement, at: offset)
        if judgement.provesPhase, let place {
            take(context.receipt, in: traces.value(at: place), judgement.trace)
        }
        let isMetric = line.fields.type.value == .metric
        if line.fields.phase.value == .handoff {
            if judgement.isOverride, case .verified(let override) = context.override {
                take(override, judgement, at: place)
            }
        } else if !isMetric && judgement.answers == nil {
            advance(line, judgement, at: place)
        }
        return judgement
    }

    /// Counts a line whose verdict stands already in the quarantine: it changes nothing else.
    package mutating func stepKnownQuarantined() {
        sequence += 1
        forced.pass = nil
        quarantined += 1
    }

    /// Hands over the traces forgotten since the last call, but for those that have spoken again.
    package mutating func takeForgotten() -> [TraceID] {
        guard !forgotten.isEmpty else { return [] }
        defer { forgotten = [] }
        return forgotten.filter { traces[$0] == nil }
    }

    // MARK: Judging

    private func judge(
        _ line: borrowing ScannedLine,
        references: SignalReferences,
        context: JudgingContext,
        place: inout Int?
    ) -> Judgement {
        var judgement = Judgement()
        judgement.gates = Gates.judge(line, context: context)
        guard line.failure == nil else { return judgement }
        judgement.trace =
            line.trace.state.isGood
            ? line.trace.trace : context.sharedTrace(of: line.fields.generation)
        if line.fields.timestamp.state.isGood,
            let violation = Gates.judgeTime(line.fields.timestamp.value, context: context)
        {
            judgement.gates.insert(.gate(0))
            judgement.violationList.append(violation)
        }
        if let parent = references.parent { judgeParent(line, parent, &judgement) }
        place = context.gatesOnly ? nil : traces.find(judgement.trace)
        guard judgement.gates.isEmpty else {
            judgement.phaseBefore = place.flatMap {
                traces.value(at: $0).standing(context.rules.mode)
            }
            return judgement
        }
        if line.fields.hasIllTypedReference { judgement.warnOfTypes(line.fields) }
        let identifierBytes = references.identifier?.count ?? 0
        if identifierBytes > RecentIdentifiers.identifierBytesMax {
            judgement.warningSet.insert(.identifierTooLong)
        }
        guard !context.gatesOnly else { return judgement }
        let trace = place.map(traces.value) ?? TraceState()
        judgement.cycle = trace.cycle
        judgement.phaseBefore = trace.standing(context.rules.mode)
        if let identifier = references.identifier, isKnown(identifier) {
            judgement.violationList.append(.duplicateID)
            return judgement
        }
        if let task = references.task { judgeTask(line, task, &judgement) }
        judgePlace(line, references.evidence, in: trace, context: context, &judgement)
        if judgement.isAccepted {
            let stimulus = Stimulus(line.fields, depth: judgement.answers?.depthOfAnswer)
            judgement.reaction = Reaction.to(stimulus, rules: context.rules)
            judgement.reaction.mask &= ~forced.mutedPorts
            judgement.wantsAnswers = stimulus.isHeard(by: context.rules.reactions)
        }
        return judgement
    }

    private func isKnown(_ identifier: UnsafeRawBufferPointer) -> Bool {
        identifiers.find(identifier) != nil
    }

    /// G10: a known parent's trace is the signal's.
    private func judgeParent(
        _ line: borrowing ScannedLine,
        _ parent: UnsafeRawBufferPointer,
        _ judgement: inout Judgement
    ) {
        // A place is nobody's to take as an id.
        let known = place(named: parent)?.trace ?? identifiers.find(parent)?.trace
        guard let known else {
            judgement.warningSet.insert(.unknownParent)
            return
        }
        // A signal without `traceparent` speaks in its generation's trace: no generation, no trace.
        let isInTrace =
            line.trace.state.isGood
            || line.trace.state.isAbsent && line.fields.generation.state.isGood
        if isInTrace && known != judgement.trace { judgement.gates.insert(.gate(10)) }
    }

    /// A parent without an id of its own, called by its place.
    private func place(named name: UnsafeRawBufferPointer) -> RecentSignals.Entry? {
        SignalPlace(utf8: name).flatMap(signals.find)
    }

    /// An outcome answers a task that a signal of its trace asked of its port, the first time.
    private func judgeTask(
        _ line: borrowing ScannedLine,
        _ task: UnsafeRawBufferPointer,
        _ judgement: inout Judgement
    ) {
        guard let task = TaskName(utf8: task), task.port.rawValue == line.fields.port.value,
            let asked = signals.find(task.signal), asked.reaction.asks(task.port),
            asked.trace == judgement.trace, asked.reaction.phase == line.fields.phase.value
        else {
            judgement.warningSet.insert(.unknownTask)
            return
        }
        guard asked.answered & (1 << task.port.rawValue) == 0 else {
            judgement.warningSet.insert(.taskAnswered)
            return
        }
        judgement.answers = AnsweredTask(
            name: task,
            sequence: asked.sequence,
            depth: asked.reaction.depth
        )
    }

    /// The generation, the phase and the port.
    private func judgePlace(
        _ line: borrowing ScannedLine,
        _ evidence: NamedEvidence,
        in trace: TraceState,
        context: JudgingContext,
        _ judgement: inout Judgement
    ) {
        let observes = context.rules.mode == .observe || context.isReleased
        if context.judgesGeneration && line.fields.generation.value != context.generation {
            judgement.generation = context.generation
            guard observes else {
                judgement.violationList = [.wrongGeneration]
                return
            }
            judgement.observed.append(.wrongGeneration)
        }
        let phase = line.fields.phase.value
        guard phase != .handoff else {
            return judgeHandoff(context.override, in: trace, context: context, &judgement)
        }
        let isExempt = line.fields.type.value == .metric || judgement.answers != nil
        guard !isExempt else {
            if let finding = context.receipt {
                judgeReceipt(finding, in: trace, rules: context.rules, &judgement)
            }
            return
        }
        guard let port = Port(rawValue: line.fields.port.value) else { return }
        let ruling = ruling(on: phase, port: port, in: trace, rules: context.rules)
        judgement.cycle = ruling.placement.cycle(of: trace)
        judgement.isMuted = forced.isMuted(port.rawValue)
        if ruling.isHuntInOpenCycle {
            judgement.warningSet.insert(.huntInOpenCycle)
        }
        if observes {
            judgement.observed.append(contentsOf: ruling.violations)
        } else {
            judgement.violationList = ruling.violations
        }
        if context.rules.asksForEvidence && ruling.violations.isEmpty {
            judgeEvidence(line, evidence, rules: context.rules, observes: observes, &judgement)
        }
    }

    /// Notes where the accepted signal stands and what it asks, and the task it answers.
    private mutating func remember(
        _ line: borrowing ScannedLine,
        _ judgement: Judgement,
        at offset: Int64
    ) {
        if let answered = judgement.answers {
            signals.noteAnswer(to: answered.name.signal, by: answered.name.port)
        }
        let generation = line.fields.generation.value
        signals.append(
            RecentSignals.Entry(
                place: SignalPlace(generation: generation, offset: offset),
                sequence: sequence,
                trace: judgement.trace,
                reaction: judgement.reaction
            )
        )
    }

    /// Does what a person forces.
    private mutating func take(_ override: Override, _ judgement: Judgement, at place: Int?) {
        switch override {
        case .phase(let phase):
            var trace = place.map(traces.value) ?? TraceState()
            trace.force(phase, sequence: sequence)
            proofs.force(phase, of: trace.cycle, in: judgement.trace)
            store(trace, of: judgement.trace, at: place, phase: phase)
        case .release(let sha256): forced.pass = sha256
        case .generation(let next): forced.nextGeneration = next
        case .port(let port, isMuted: true): forced.mutedPorts |= 1 << port.rawValue
        case .port(let port, isMuted: false): forced.mutedPorts &= ~(1 << port.rawValue)
        // The board's file is not the kernel's.
        case .tampering: break
        }
    }

    /// Moves the trace on by an accepted signal that counts.
    ///
    /// - `place`: where the trace was found.
    private mutating func advance(
        _ line: borrowing ScannedLine,
        _ judgement: Judgement,
        at place: Int?
    ) {
        var trace = place.map(traces.value) ?? TraceState()
        let before = max(1, trace.cycle)
        let placement: Placement =
            judgement.cycle > before
            ? .nextCycle : judgement.cycle < before ? .previousCycle : .currentCycle
        trace.take(line.fields.phase.value, as: placement, sequence: sequence)
        store(trace, of: judgement.trace, at: place, phase: line.fields.phase.value)
    }

    @inline(__always)
    private mutating func store(
        _ state: TraceState,
        of trace: TraceID,
        at place: Int?,
        phase: Phase
    ) {
        traces.update(trace, at: place, to: state)
        if traces.count > TraceTable.countMax {
            let evicted = traces.evict()
            proofs.forget(evicted)
            forgotten += evicted
        }
        lastTrace = trace
        lastPhase = phase
    }
}

extension TraceState {
    /// Where the trace's cycle stands; nil where none has begun.
    @inline(__always)
    package func standing(_ mode: Mode) -> Phase? {
        guard cycle > 0 else { return nil }
        return mode == .strict ? phase : reached.highest
    }
}

// Patterns compile to one comparison in any room; `==` of another room's enum is a call.
extension FieldState {
    @inline(__always)
    var isGood: Bool { if case .good = self { true } else { false } }

    @inline(__always)
    var isAbsent: Bool { if case .absent = self { true } else { false } }

    @inline(__always)
    var isWrongType: Bool { if case .wrongType = self { true } else { false } }
}
