import CLinux
import Glibc
import Subprocess
import SystemPackage

// A run, from the start to the last of its processes
//
// The program leads a session and a process group of its own. Three tasks attend to its pipes
// while the run waits for the leader's end. The end comes by itself, or by one of three reasons:
// its seconds are over, it wrote too much, the caller's task was cancelled. Each sends SIGTERM to
// the group and, where the leader has not ended after a grace, SIGKILL.
//
// With the leader's end the run is over, whoever else may hold the pipes: what the pipes hold is
// read, and what is left of the group gets SIGTERM, a grace, SIGKILL. The first signal goes out
// while the leader is a zombie that nobody has waited for, so the group's number cannot be
// another's. A program that leaves the group by setsid(2) leaves our reach, but not the pipes'
// bound.

/// Runs commands: no shell, no descriptor but the three standard ones, no process left behind.
package enum CommandRunner {
    /// How much of the end of standard error is kept, bytes.
    package static let errorBytesMax = 8_192
    /// How long a group has between SIGTERM and SIGKILL, milliseconds.
    package static let graceMilliseconds = 500

    /// Runs a command to its end, which its limits bound.
    ///
    /// A program that fails, or does not read its input, is a result and no error.
    ///
    /// - Throws: `WorkerError` where the program cannot be started, the machine fails, or the
    ///   task is cancelled (`WorkerError.cancelled`; the program is ended first).
    package static func run(_ command: Command) async throws(WorkerError) -> CommandResult {
        guard !Task.isCancelled else { throw .cancelled }
        _ = brokenPipesAreErrors
        let run: ExecutionResult<Attendance, SequenceOutput, SequenceOutput>
        do {
            run = try await Subprocess.run(
                try configuration(of: command),
                input: .inputWriter,
                output: .sequence,
                error: .sequence
            ) { execution in
                await attend(execution, command)
            }
        } catch {
            throw Task.isCancelled ? .cancelled : WorkerError(error, running: command)
        }
        await endStrays(of: run.processIdentifier.value)
        guard !Task.isCancelled else { throw .cancelled }
        return CommandResult(
            run.closureResult,
            status: run.terminationStatus,
            limits: command.limits
        )
    }

    /// Writing to a program that has closed its input is `EPIPE`, not the end of this process.
    ///
    /// It holds for the whole process; the programs that are started get the default back.
    private static let brokenPipesAreErrors: Void = {
        _ = signal(SIGPIPE, SIG_IGN)
    }()

    private static func configuration(
        of command: Command
    ) throws(WorkerError) -> Configuration {
        guard let program = command.words.first, !program.isEmpty else {
            throw WorkerError(
                message: "the command has no words",
                hint: "give the program and its arguments as a list of words"
            )
        }
        guard !command.words.contains(where: { $0.utf8.contains(0) }) else {
            throw WorkerError(
                message: "a word of the command has a NUL character in it",
                hint: "take it out: no program can be given one"
            )
        }
        let executable: Executable =
            if !program.contains("/") {
                .name(program)
            } else if program.hasPrefix("/") {
                .path(FilePath(program))
            } else {
                .path(FilePath("\(command.folder)/\(program)"))
            }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.endGroup]
        return Configuration(
            executable: executable,
            arguments: Arguments(Array(command.words.dropFirst())),
            environment: .custom(
                ProcessEnvironment.entries(for: command, inherited: ProcessEnvironment.own)
            ),
            workingDirectory: FilePath(command.folder),
            platformOptions: options
        )
    }
}

// MARK: - While it runs

/// What was seen of a program while it ran.
private struct Attendance: Sendable {
    var output: [UInt8] = []
    var isOutputCut = false
    var errors: [UInt8] = []
    /// From the start to the leader's end.
    var elapsed: Duration = .zero
}

private typealias Running = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

extension CommandRunner {
    /// What one of the tasks around a program came back with.
    private enum Part: Sendable {
        case input
        case output([UInt8], isCut: Bool)
        case errors([UInt8])
    }

    /// Feeds a program and reads from it until its leader has ended.
    private static func attend(_ program: Running, _ command: Command) async -> Attendance {
        let start = ContinuousClock.now
        let leader = program.processIdentifier.value
        if let bytes = command.limits.memoryBytes { limitMemory(of: leader, to: bytes) }
        if command.isInBackground { _ = clinux_lower_priority(leader, backgroundSteps) }
        return await withTaskGroup(of: Part.self) { tasks in
            tasks.addTask {
                await feed(command.input, to: program.standardInputWriter)
                return .input
            }
            tasks.addTask { await readOutput(of: program, upTo: command.limits.outputBytes) }
            tasks.addTask { await readErrors(of: program) }
            await program.teardown(using: [.wait(seconds: command.limits.seconds), .endGroup])
            var attendance = Attendance(elapsed: start.duration(to: .now))
            kill(-leader, SIGTERM)
            tasks.cancelAll()
            for await part in tasks {
                switch part {
                case .input: break
                case .output(let bytes, let isCut):
                    attendance.output = bytes
                    attendance.isOutputCut = isCut
                case .errors(let bytes): attendance.errors = bytes
                }
            }
            return attendance
        }
    }

    /// Writes the input; a program that does not want it, or no more of it, does no harm.
    private static func feed(_ input: [UInt8], to writer: StandardInputWriter) async {
        if !input.isEmpty { _ = try? await writer.write(input) }
        try? await writer.finish()
    }

    /// Keeps the first bytes of standard output, and ends a program that writes more.
    private static func readOutput(of program: Running, upTo bytesMax: Int) async -> Part {
        var output: [UInt8] = []
        let isWhole = await read(program.standardOutput) { bytes in
            let kept = bytes.prefix(max(0, bytesMax - output.count))
            output.append(contentsOf: kept)
            return kept.count == bytes.count
        }
        if !isWhole { await program.teardown(using: [.endGroup]) }
        return .output(output, isCut: !isWhole)
    }

    /// Keeps the last bytes of standard error.
    private static func readErrors(of program: Running) async -> Part {
        var errors: [UInt8] = []
        var isCut = false
        _ = await read(program.standardError) { bytes in
            isCut = isCut || errors.count + bytes.count > errorBytesMax
            errors.append(contentsOf: bytes.suffix(errorBytesMax))
            errors.removeFirst(max(0, errors.count - errorBytesMax))
            return true
        }
        // The word at the cut may be half a secret, which nobody would know for one.
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        return .errors(isCut ? Array(errors.drop { !blanks.contains($0) }) : errors)
    }

    /// Reads a pipe to its end, which the leader's end is, too; false where `accepts` stopped it.
    private static func read(
        _ pipe: SubprocessOutputSequence,
        _ accepts: (UnsafeRawBufferPointer) -> Bool
    ) async -> Bool {
        // A process that has left the group can write on for ever: after the leader's end no more
        // is read than a pipe can hold.
        var bytesAfterEnd = 0
        do {
            for try await buffer in pipe {
                guard buffer.withUnsafeBytes(accepts) else { return false }
                if Task.isCancelled { bytesAfterEnd += buffer.count }
                guard bytesAfterEnd < pipeBytesMax else { break }
            }
        } catch {
            // A pipe that cannot be read any more has nothing more to say.
        }
        return true
    }

    /// The largest pipe that Linux gives to a user, by default (pipe(7)).
    private static let pipeBytesMax = 1_048_576

    /// As nice(1) does by itself.
    private static let backgroundSteps: Int32 = 10

    private static func limitMemory(of process: pid_t, to bytes: Int64) {
        // It fails only for a process that has ended, which needs no limit.
        _ = clinux_limit_data(process, UInt64(max(0, bytes)))
    }
}

extension TeardownStep {
    /// Signal 0 tells nobody anything: the step only waits for the end.
    fileprivate static func wait(seconds: Double) -> TeardownStep {
        let bounded = seconds.isNaN ? 0 : min(max(seconds, 0), 86_400 * 365)
        return .send(
            signal: Signal(rawValue: 0),
            allowedDurationToNextStep: .seconds(bounded)
        )
    }

    /// SIGTERM to the group and a grace; the SIGKILL that follows goes to the group, too.
    fileprivate static var endGroup: TeardownStep {
        .send(
            signal: .terminate,
            toProcessGroup: true,
            allowedDurationToNextStep: .milliseconds(CommandRunner.graceMilliseconds)
        )
    }
}

// MARK: - After its end

extension CommandRunner {
    /// How often a group that should end is looked at, milliseconds.
    private static let strayCheckMilliseconds: Int32 = 10

    /// Waits for the end of a group that has got SIGTERM and whose leader is gone, with SIGKILL
    /// after the grace.
    ///
    /// Linux tells nobody of the end of a stranger's child, so a thread of its own looks every few
    /// milliseconds. Nearly always the group is empty, and there is no thread.
    private static func endStrays(of group: pid_t) async {
        guard hasMembers(group) else { return }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isStarted = startThread {
                for _ in 0..<(Int32(graceMilliseconds) / strayCheckMilliseconds) {
                    guard hasMembers(group) else { break }
                    poll(nil, 0, strayCheckMilliseconds)
                }
                kill(-group, SIGKILL)
                continuation.resume()
            }
            if !isStarted {
                kill(-group, SIGKILL)
                continuation.resume()
            }
        }
    }

    private static func hasMembers(_ group: pid_t) -> Bool { kill(-group, 0) == 0 }

    /// Runs `body` on a new detached thread; false where there can be none.
    private static func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
        let box = Unmanaged.passRetained(ThreadBody(run: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            box.toOpaque()
        )
        guard code == 0 else {
            box.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private final class ThreadBody: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}

extension CommandResult {
    fileprivate init(
        _ attendance: Attendance,
        status: TerminationStatus,
        limits: Command.Limits
    ) {
        let seconds = attendance.elapsed / .seconds(1)
        let ending: Ending =
            switch status {
            case _ where seconds >= limits.seconds: .timedOut
            case .exited(let code): .exited(code)
            case .signaled(let number): .signalled(number)
            }
        self.init(
            ending: ending,
            output: attendance.output,
            isOutputCut: attendance.isOutputCut,
            errors: attendance.errors,
            seconds: seconds
        )
    }
}

// MARK: - Errors

extension WorkerError {
    /// Why a command could not be started, or could not be followed to its end.
    fileprivate init(_ error: any Error, running command: Command) {
        let program = command.words.first ?? ""
        switch error {
        case let error as WorkerError: self = error
        case let error as SubprocessError where error.code == .executableNotFound:
            self.init(
                message: "cannot run \(program): no such program",
                hint: program.contains("/")
                    ? "check that the file is there and executable (chmod +x)"
                    : "install it, or write its whole path in the command"
            )
        case let error as SubprocessError where error.code == .failedToChangeWorkingDirectory:
            self.init(
                message: "cannot run \(program) in \(command.folder): no such folder",
                hint: "check that the folder is there and may be entered"
            )
        case let error as SubprocessError where error.code == .spawnFailed:
            let reason = error.underlyingError.map { ": \($0)" } ?? ""
            self.init(
                message: "cannot start \(program)\(reason)",
                hint: "a script needs a first line such as #!/bin/sh; "
                    + "if the machine is out of processes or memory, run fewer workers"
            )
        default:
            self.init(
                message: "lost track of \(program): \(error)",
                hint: "look at the limits of open files and processes (ulimit -a)"
            )
        }
    }
}
