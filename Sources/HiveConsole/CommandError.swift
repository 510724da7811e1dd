package import HiveControl

/// Why a command could not answer: what people read on standard error, and the exit code.
package struct CommandError: Error {
    /// What the process ends with: 1 the rules say no, 2 usage, 3 the machine failed.
    package var exitCode: Int32
    package var message: String
    /// What to do next; empty where there is nothing to advise.
    package var hint: String

    package init(exitCode: Int32, _ message: String, hint: String) {
        self.exitCode = exitCode
        self.message = message
        self.hint = hint
    }

    /// Does what may fail as a control call does.
    package static func wrap(
        _ work: () throws(ControlError) -> Void
    ) throws(CommandError) {
        do {
            try work()
        } catch {
            throw CommandError(error)
        }
    }

    package init(_ error: ControlError) {
        var hint = error.hint
        if error.code == .methodNotFound && hint.isEmpty {
            hint = "the daemon is another version: restart it with hive down and hive up --detach"
        }
        self.init(exitCode: error.exitCode, error.message, hint: hint)
    }

    /// Writes `hive: what happened` and `  → what to do` to standard error.
    package func report() {
        let terminal = Terminal.errors
        lines(on: terminal).forEach { terminal.write(line: $0) }
    }

    /// `hive: what happened`, and `  → what to do` where there is something to do.
    func lines(on terminal: Terminal) -> [Line] {
        var first = Line()
        first.add("hive:", .red)
        first.add(" " + message)
        first.wrapIndent = 2
        return [first] + (hint.isEmpty ? [] : [.advice(hint, on: terminal)])
    }
}
