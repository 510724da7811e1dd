import HiveBlackboard
import HiveControl
import HiveLedger
import HiveWitness

extension HiveError {
    /// Runs work of the rooms below and turns their errors into what a user is told: exit code 3.
    static func wrap<Value>(_ work: () throws -> Value) throws(HiveError) -> Value {
        do {
            return try work()
        } catch {
            throw HiveError(error)
        }
    }

    /// The same story with the exit code; an error that says its own code keeps it.
    init(_ error: any Error) {
        switch error {
        case let error as HiveError: self = error
        case let error as BoardError: self = .machine(error.summary, hint: error.hint)
        case let error as LedgerError: self = .machine(error.summary, hint: error.hint)
        case let error as WitnessError where error.code == .unwitnessable:
            self = .refused(error.message, hint: error.hint)
        case let error as WitnessError where error.code == .unnamed:
            self = .usage(error.message, hint: error.hint)
        case let error as WitnessError: self = .machine(error.message, hint: error.hint)
        case let error as ControlError:
            self.init(exitCode: error.exitCode, message: error.message, hint: error.hint)
        default: self = .machine("\(error)", hint: "")
        }
    }
}
