import HiveConsole
import HiveDaemon
import HiveWitness

extension CommandError {
    init(_ error: HiveError) {
        self.init(exitCode: error.exitCode, error.message, hint: error.hint)
    }

    /// A wrong passphrase is a no; one that is missing, a mistake of the caller's.
    init(_ error: WitnessError) {
        let exitCode: Int32 =
            switch error.code {
            case .wrongPassphrase, .unwitnessable: 1
            case .sealed, .unnamed: 2
            case .homeless, .missing, .exists, .exposed, .malformed, .io: 3
            case .unfit, .tooLarge, .contended, .cancelled: 3
            }
        self.init(exitCode: exitCode, error.message, hint: error.hint)
    }
}

extension HiveError {
    /// The same story, for what asks through a closure.
    init(_ error: CommandError) {
        self.init(exitCode: error.exitCode, message: error.message, hint: error.hint)
    }
}
