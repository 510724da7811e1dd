import HiveControl
import HiveDaemon

/// Why a command could not answer: what people read on standard error, and the exit code.
struct CommandError: Error {
    /// What the process ends with: 1 the rules say no, 2 usage, 3 the machine failed.
    var exitCode: Int32
    var message: String
    /// What to do next; empty where there is nothing to advise.
    var hint: String

    init(exitCode: Int32, _ message: String, hint: String) {
        self.exitCode = exitCode
        self.message = message
        self.hint = hint
    }

    init(_ error: HiveError) {
        self.init(exitCode: error.exitCode, error.message, hint: error.hint)
    }

    init(_ error: ControlError) {
        var hint = error.hint
        if error.code == .methodNotFound && hint.isEmpty {
            hint = "the daemon is another version: restart it with hive down and hive up --detach"
        }
        self.init(exitCode: error.exitCode, error.message, hint: hint)
    }

    /// Writes `hive: what happened` and `  → what to do` to standard error.
    func report() {
        let terminal = Terminal.errors
        var first = Line()
        first.add("hive:", .red)
        first.add(" " + message)
        terminal.write(line: first)
        if !hint.isEmpty { terminal.write(line: .advice(hint, on: terminal)) }
    }
}
