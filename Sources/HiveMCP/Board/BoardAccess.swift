package import HiveControl
package import HiveSignal

/// How the server reaches the board: what it needs of the rest of hive, given by who composes it.
package struct BoardAccess: Sendable {
    /// Why a call gave nothing.
    package typealias Failure = ControlError

    /// Told while a call goes on: the name of a notification of the control protocol, and its
    /// parameters.
    package typealias Notify = @Sendable (String, JSONValue) -> Void

    /// What becomes of a call.
    package typealias Call =
        @Sendable (String, JSONValue) async throws(Failure) -> JSONValue

    /// A call that takes as long as others' work; ends when its task is cancelled.
    package typealias LongCall =
        @Sendable (String, JSONValue, @escaping Notify) async throws(Failure) -> JSONValue

    /// One method of the control protocol, of the daemon that runs or of the same engine here.
    package var call: Call
    /// `ask` or `gather` with its notifications; or `scatter`, which is gathered at once.
    ///
    /// The answer to a scatter is that of `gather`; what `scatter` itself answered is told as a
    /// notification of that name.
    package var swarm: LongCall
    /// Runs the project's tests on a tree; told in words what is being done.
    package var witness:
        @Sendable (WitnessOrder, @escaping @Sendable (String) -> Void)
            async throws(Failure) -> JSONValue
    /// Puts results together: `concat`, `vote` or `best`.
    package var aggregate: @Sendable (String, [JSONValue]) async throws(Failure) -> JSONValue
    /// Begins to tell what happens on the board, and returns.
    package var follow: @Sendable (@escaping @Sendable (BoardNews) -> Void) -> Void
    /// The eight, by port.
    package var personas: [Persona]
    package var now: @Sendable () -> Timestamp
    /// A random traceparent.
    package var newTraceparent: @Sendable () -> Traceparent

    package init(
        call: @escaping Call,
        swarm: @escaping LongCall,
        witness:
            @escaping @Sendable (WitnessOrder, @escaping @Sendable (String) -> Void)
            async throws(Failure) -> JSONValue,
        aggregate:
            @escaping @Sendable (String, [JSONValue])
            async throws(Failure) -> JSONValue,
        follow: @escaping @Sendable (@escaping @Sendable (BoardNews) -> Void) -> Void,
        personas: [Persona],
        now: @escaping @Sendable () -> Timestamp,
        newTraceparent: @escaping @Sendable () -> Traceparent
    ) {
        self.call = call
        self.swarm = swarm
        self.witness = witness
        self.aggregate = aggregate
        self.follow = follow
        self.personas = personas
        self.now = now
        self.newTraceparent = newTraceparent
    }
}

/// What is to be witnessed.
package struct WitnessOrder: Sendable, Hashable {
    /// I, V or E; nil: what the change looks like.
    package var phase: Phase?
    /// The folder as it is, in place of what would be committed now.
    package var isOfWorkingTree: Bool
    /// The trace that the receipt is told in.
    package var traceparent: String

    package init(phase: Phase?, isOfWorkingTree: Bool, traceparent: String) {
        self.phase = phase
        self.isOfWorkingTree = isOfWorkingTree
        self.traceparent = traceparent
    }
}

/// Something that happened on the board.
package enum BoardNews: Sendable {
    /// A line was judged: a LogLine.
    case judged(JSONValue)
    /// A generation ended, as HiveControl's `Method.flipped` has it.
    case flipped(JSONValue)
    /// A line went to the quarantine that never was on the board.
    case refused
    /// A daemon was joined, or is gone.
    case daemon(isThere: Bool)
}
