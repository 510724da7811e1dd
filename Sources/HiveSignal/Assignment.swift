/// Work for one port: a signal that asks, and all that a worker needs to answer it (SPEC §5).
///
/// A worker sees nothing else: neither the board nor the ledger.
package struct Assignment: Sendable, Hashable {
    package var task: TaskName
    /// Set: it is a question of a scatter, known by this name, and no signal on a board asks it.
    package var scatterTask: String?
    /// The phase the port is asked in.
    package var phase: Phase
    /// 0 for the reaction to a signal, 1 for the reaction to its outcome, and so on.
    package var depth: Int
    package var trace: TraceID
    /// The signal to answer.
    package var signal: AssignedSignal
    /// What led to the signal: its parent, the parent's parent, …; the nearest first.
    package var causes: [AssignedSignal]
    package var persona: Persona
    /// Earlier signals that share words with this one, the best match first.
    package var recalled: [AssignedSignal]
    package var state: AssignedState

    package init(
        task: TaskName,
        phase: Phase,
        depth: Int,
        trace: TraceID,
        signal: AssignedSignal,
        causes: [AssignedSignal],
        persona: Persona,
        recalled: [AssignedSignal],
        state: AssignedState
    ) {
        self.task = task
        self.phase = phase
        self.depth = depth
        self.trace = trace
        self.signal = signal
        self.causes = causes
        self.persona = persona
        self.recalled = recalled
        self.state = state
    }

    package var port: Port { task.port }

    /// What the worker calls the task.
    package var name: String { scatterTask ?? task.text }

    /// What an `exec` worker reads on its standard input; the keys are fixed.
    package var json: JSONValue {
        [
            "task": .string(name),
            "port": .integer(Int64(port.rawValue)),
            "commander": .string(port.commander),
            "verb": .string(port.verb),
            "phase": .string(phase.letter),
            "depth": .integer(Int64(depth)),
            "traceId": .string(trace.hex),
            "signal": signal.json,
            "causes": .array(causes.map(\.json)),
            "persona": persona.json,
            "recalled": .array(recalled.map(\.json)),
            "state": state.json,
        ]
    }
}

/// A judged signal as an assignment carries it.
package struct AssignedSignal: Sendable, Hashable {
    /// Its `id`, or `s-GEN-OFFSET` where it has none.
    package var reference: String
    /// Its number among all judged lines.
    package var sequence: Int64
    package var timestamp: Timestamp
    package var phase: Phase
    package var port: Port
    package var type: SignalType
    package var pull: Pull
    /// 0…1.
    package var mark: Double
    package var message: String
    package var agent: String?

    package init(
        reference: String,
        sequence: Int64,
        timestamp: Timestamp,
        phase: Phase,
        port: Port,
        type: SignalType,
        pull: Pull,
        mark: Double,
        message: String,
        agent: String?
    ) {
        self.reference = reference
        self.sequence = sequence
        self.timestamp = timestamp
        self.phase = phase
        self.port = port
        self.type = type
        self.pull = pull
        self.mark = mark
        self.message = message
        self.agent = agent
    }

    package var json: JSONValue {
        [
            "id": .string(reference),
            "sequence": .integer(sequence),
            "ts": .string(timestamp.rfc3339),
            "hive": .string(phase.letter),
            "port": .integer(Int64(port.rawValue)),
            "type": .string(type.word),
            "pull": .string(pull.word),
            "mark": .double(mark),
            "msg": .string(message),
            "agent": agent.map { .string($0) } ?? .null,
        ]
    }
}

/// Where the hive stood when the assignment was handed out.
package struct AssignedState: Sendable, Hashable {
    package var generation: Int64
    /// `strict`, `paired` or `observe`.
    package var mode: String
    /// The signal's trace: its cycle from 1, and the phases reached in it.
    package var cycle: Int64
    package var reached: PhaseSet
    package var accepted: Int64
    package var quarantined: Int64
    /// Quarantine entries that nobody has looked at.
    package var unseen: Int64
    package var openTasks: Int64
    /// What the rules allow next in the signal's trace, in the order of a cycle.
    package var moves: [Move]

    /// A phase that a signal may name next, and who may say it.
    package struct Move: Sendable, Hashable {
        package var phase: Phase
        package var ports: [Port]
        /// True: it opens the trace's next cycle.
        package var opensCycle: Bool

        package init(phase: Phase, ports: [Port], opensCycle: Bool) {
            self.phase = phase
            self.ports = ports
            self.opensCycle = opensCycle
        }
    }

    package init(
        generation: Int64,
        mode: String,
        cycle: Int64,
        reached: PhaseSet,
        accepted: Int64,
        quarantined: Int64,
        unseen: Int64,
        openTasks: Int64,
        moves: [Move]
    ) {
        self.generation = generation
        self.mode = mode
        self.cycle = cycle
        self.reached = reached
        self.accepted = accepted
        self.quarantined = quarantined
        self.unseen = unseen
        self.openTasks = openTasks
        self.moves = moves
    }

    package var json: JSONValue {
        [
            "gen": .integer(generation),
            "mode": .string(mode),
            "cycle": .integer(cycle),
            "reached": .array(reached.phases.map { .string($0.letter) }),
            "accepted": .integer(accepted),
            "quarantined": .integer(quarantined),
            "unseen": .integer(unseen),
            "openTasks": .integer(openTasks),
            "moves": .array(
                moves.map { move in
                    [
                        "hive": .string(move.phase.letter),
                        "ports": .array(move.ports.map { .integer(Int64($0.rawValue)) }),
                        "opensCycle": .bool(move.opensCycle),
                    ]
                }
            ),
        ]
    }
}
