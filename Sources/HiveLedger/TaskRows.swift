package import HiveSignal

/// One accepted signal as the kernel remembers it: what it asks, and who has answered.
package struct ReactionRow: Sendable, Hashable {
    package var sequence: Int64
    package var place: SignalPlace
    package var trace: TraceID
    /// The ports asked, a bit a port.
    package var asked: UInt8
    /// The phase they are asked in.
    package var phase: Phase
    /// How many reactions led to the signal.
    package var depth: UInt8
    /// The ports that have answered, a bit a port.
    package var answered: UInt8

    package init(
        sequence: Int64,
        place: SignalPlace,
        trace: TraceID,
        asked: UInt8,
        phase: Phase,
        depth: UInt8,
        answered: UInt8 = 0
    ) {
        self.sequence = sequence
        self.place = place
        self.trace = trace
        self.asked = asked
        self.phase = phase
        self.depth = depth
        self.answered = answered
    }
}

/// How far a task has come.
package enum TaskState: Int64, Sendable, Hashable, CaseIterable {
    /// Assigned; no worker has it.
    case waiting = 0
    /// A worker has it.
    case running = 1
    /// The worker has answered; its line is not known to be on the board.
    case answered = 2
    /// Its outcome is an accepted line.
    case done = 3
    /// Its mark faded below the minimum before a worker was free.
    case lapsed = 4
    /// Its outcome was judged and refused.
    case refused = 5
    /// Given up: the budget in dollars is spent, or reactions were switched off.
    case dropped = 6

    /// The word in `hive tasks`.
    package var word: String { "\(self)" }

    /// True while an outcome may still come.
    package var isOpen: Bool { rawValue < TaskState.done.rawValue }
}

/// One task: what one port was asked by one signal.
package struct TaskRow: Sendable, Hashable {
    package var name: TaskName
    /// The sequence of the signal that asks.
    package var sequence: Int64
    package var phase: Phase
    package var depth: UInt8
    /// The mark of the signal that asks, 0…1.
    package var mark: Double
    package var trace: TraceID
    /// Unix milliseconds.
    package var assignedMilliseconds: Int64
    package var state: TaskState
    /// How often a worker was given it.
    package var attempts: Int64
    package var startedMilliseconds: Int64?
    package var finishedMilliseconds: Int64?
    /// The outcome's line as it was or will be appended, without its LF.
    package var answer: [UInt8]?
    /// The sequence of the line that completed it.
    package var outcome: Int64?
    package var dollars: Double?
    /// Why it ended without an outcome.
    package var note: String?

    package init(
        name: TaskName,
        sequence: Int64,
        phase: Phase,
        depth: UInt8,
        mark: Double,
        trace: TraceID,
        assignedMilliseconds: Int64
    ) {
        self.name = name
        self.sequence = sequence
        self.phase = phase
        self.depth = depth
        self.mark = mark
        self.trace = trace
        self.assignedMilliseconds = assignedMilliseconds
        self.state = .waiting
        self.attempts = 0
    }
}

/// A task that an accepted line completes.
package struct TaskCompletion: Sendable, Hashable {
    package var name: TaskName
    /// The sequence of the signal that asked.
    package var asked: Int64
    /// The sequence of the line that answers.
    package var outcome: Int64
    /// Unix milliseconds.
    package var milliseconds: Int64

    package init(name: TaskName, asked: Int64, outcome: Int64, milliseconds: Int64) {
        self.name = name
        self.asked = asked
        self.outcome = outcome
        self.milliseconds = milliseconds
    }
}

/// What was assigned and spent lately, and what is open.
package struct TaskTotals: Sendable, Hashable {
    package var waiting: Int64 = 0
    package var running: Int64 = 0
    package var done: Int64 = 0
    /// Ended without an outcome: lapsed, refused, dropped.
    package var unanswered: Int64 = 0

    package init() {}

    package var open: Int64 { waiting + running }
}
