/// Why a worker, be it a program, a tool or a model, could not be put to work.
package struct WorkerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What happened, on one line; never a secret, never what a program printed.
    package var message: String
    /// What to do about it; empty where there is nothing to do.
    package var hint: String

    package init(message: String, hint: String) {
        self.message = message
        self.hint = hint
    }

    /// The task that waited for the work was cancelled.
    package static let cancelled = WorkerError(message: "the work was cancelled", hint: "")

    package var description: String { hint.isEmpty ? message : "\(message); \(hint)" }
}
