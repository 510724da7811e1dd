/// Why a well-formed signal is not allowed now (SPEC §3); the raw value is the wire name.
package enum Violation: String, Sendable, Hashable, CaseIterable {
    case skippedHunt = "SKIPPED_HUNT"
    case skippedInterlock = "SKIPPED_INTERLOCK"
    case skippedValidate = "SKIPPED_VALIDATE"
    /// Green without a prior red, or without the receipt of one.
    case rewardHack = "REWARD_HACK"
    /// Back to H, or a flip, before E.
    case prematureFlip = "PREMATURE_FLIP"
    case backwardJump = "BACKWARD_JUMP"
    case incompleteCycle = "INCOMPLETE_CYCLE"
    /// Green, then no refactor.
    case lazyAI = "LAZY_AI"
    case portOutOfPhase = "PORT_OUT_OF_PHASE"
    case wrongGeneration = "WRONG_GENERATION"
    /// A claim without its receipt.
    case unwitnessed = "UNWITNESSED"
    /// An X that no person signed.
    case emergency = "EMERGENCY"
    case duplicateID = "DUPLICATE_ID"
    /// G0: further in the future than the rules allow.
    case fakeTimestamp = "G0_FAKE_TIMESTAMP"
    /// G0: older than the rules allow.
    case staleTimestamp = "G0_STALE_TIMESTAMP"
    /// Whoever has the signal finds it wrong; no rule says so.
    case declared = "DECLARED"
}

extension Violation {
    /// Those that depend on when a line arrived, and on nothing that stays.
    package static let ofTheClock: Set<Violation> = [.fakeTimestamp, .staleTimestamp]
}

/// What is worth knowing about an accepted line; the raw value is the wire code.
package enum Warning: String, Sendable, Hashable, CaseIterable {
    /// G10: `parent` names no id among those remembered.
    case unknownParent = "UNKNOWN_PARENT"
    /// Paired: an H while its cycle is past H and short of E belongs to that cycle.
    case huntInOpenCycle = "HUNT_IN_OPEN_CYCLE"
    /// The id is too long to be remembered: its repetition goes unnoticed.
    case identifierTooLong = "ID_TOO_LONG"
    case badIdentifier = "BAD_ID"
    case badParent = "BAD_PARENT"
    case badAgent = "BAD_AGENT"
    case badTask = "BAD_TASK"
    case badEvidence = "BAD_EVIDENCE"
    /// `task` names no task that a remembered signal asked of this port in this trace: the signal
    /// is judged as any other.
    case unknownTask = "UNKNOWN_TASK"
    /// The task has its answer: this signal is judged as any other.
    case taskAnswered = "TASK_ANSWERED"
}
