/// What a command tells its caller when it cannot answer: the exit code, what happened, the cure.
package struct HiveError: Error, Sendable, Hashable, CustomStringConvertible {
    /// 1, 2 or 3: the rules say no, the caller asked for what cannot be, the machine failed.
    package var exitCode: Int32
    /// What happened and where, on one line; never a secret, never a signal's text.
    package var message: String
    /// What to do next; empty where there is nothing to do.
    package var hint: String

    package init(exitCode: Int32, message: String, hint: String) {
        self.exitCode = exitCode
        self.message = message
        self.hint = hint
    }

    /// A refusal by the rules: exit code 1.
    package static func refused(_ message: String, hint: String) -> HiveError {
        HiveError(exitCode: 1, message: message, hint: hint)
    }

    /// A mistake in a flag, a setting or the rule book: exit code 2.
    package static func usage(_ message: String, hint: String) -> HiveError {
        HiveError(exitCode: 2, message: message, hint: hint)
    }

    /// A file, a socket or the network failed: exit code 3.
    package static func machine(_ message: String, hint: String) -> HiveError {
        HiveError(exitCode: 3, message: message, hint: hint)
    }

    package var description: String { hint.isEmpty ? message : "\(message); \(hint)" }
}
