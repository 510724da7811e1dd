import HiveConsole
import HiveDaemon

extension CommandError {
    init(_ error: HiveError) {
        self.init(exitCode: error.exitCode, error.message, hint: error.hint)
    }
}
