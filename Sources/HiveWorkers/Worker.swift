package import HiveProcess
package import HiveSignal

/// What answers assignments: a tool, a program, a model.
package protocol Worker: Sendable {
    /// Answers one assignment.
    ///
    /// Work that was done badly is an outcome with `isFailure`, not an error.
    ///
    /// - Throws: `WorkerError` where the work could not be tried at all, or was cancelled.
    func answer(_ assignment: Assignment) async throws(WorkerError) -> Outcome
}
