import Subprocess
import SystemPackage

/// Runs a program as a part of this one: on the same terminal, with the same variables.
package enum PassThrough {
    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - program: its path; absolute.
    ///   - arguments: what follows its name.
    ///   - input: what it reads; nil: what this process would.
    /// - Returns: its exit code; 128 and the signal's number where a signal ended it.
    /// - Throws: `WorkerError` where it cannot be started.
    package static func run(
        _ program: String,
        _ arguments: [String],
        input: [UInt8]?
    ) async throws(WorkerError) -> Int32 {
        let executable = Executable.path(FilePath(program))
        let arguments = Arguments(arguments)
        let status: TerminationStatus
        do {
            if let input {
                status = try await Subprocess.run(
                    executable,
                    arguments: arguments,
                    input: .array(input),
                    output: .fileDescriptor(.standardOutput, closeAfterSpawningProcess: false),
                    error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
                ).terminationStatus
            } else {
                status = try await Subprocess.run(
                    executable,
                    arguments: arguments,
                    input: .fileDescriptor(.standardInput, closeAfterSpawningProcess: false),
                    output: .fileDescriptor(.standardOutput, closeAfterSpawningProcess: false),
                    error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
                ).terminationStatus
            }
        } catch {
            throw WorkerError(
                message: "cannot run \(PlainText.oneLine(program)): \(error)",
                hint: "is it there, and may it be run?"
            )
        }
        switch status {
        case .exited(let code): return Int32(code)
        case .signaled(let number): return 128 + Int32(number)
        }
    }
}
