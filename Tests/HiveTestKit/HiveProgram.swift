import CLinux
import Foundation

/// The real `hive` binary, run as a user would.
package enum HiveProgram {
    /// What a finished run left.
    package struct Output: Sendable {
        package var exitCode: Int32
        package var standardOutput: String
        package var standardError: String

        /// The lines of standard output.
        package var lines: [String] { standardOutput.split(separator: "\n").map(String.init) }
    }

    /// Beside the test binary, or where `HIVE_BINARY` says.
    package static let path: String = {
        if let path = ProcessInfo.processInfo.environment["HIVE_BINARY"] { return path }
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return URL(fileURLWithPath: tests ?? "").deletingLastPathComponent()
            .appendingPathComponent("hive").path
    }()

    /// Runs the binary to its end.
    ///
    /// - `folder`: the working directory.
    /// - `input`: standard input.
    package static func run(
        _ arguments: [String],
        in folder: String,
        environment: [String: String] = [:],
        input: [UInt8] = []
    ) throws -> Output {
        try Spawned.run(path, arguments, in: folder, environment: environment, input: input)
    }
}

/// A process started with posix_spawn, its output in files.
package final class Spawned {
    package let pid: Int32
    private var status: Int32?
    /// The read end of its standard output, where that is a pipe.
    private var outputPipe: Int32 = -1
    /// The write end of its standard input, where that is a pipe.
    private var inputPipe: Int32 = -1
    private var buffer: [UInt8] = []

    private init(pid: pid_t, outputPipe: Int32) {
        self.pid = pid
        self.outputPipe = outputPipe
    }

    deinit {
        if status == nil {
            kill(pid, SIGKILL)
            wait()
        }
        if outputPipe >= 0 { close(outputPipe) }
        endInput()
    }

    /// Starts a program whose standard output is read line by line.
    ///
    /// - `errors`: a file for its standard error; nil: it goes with the output.
    /// - `keepsInput`: its standard input lasts until `endInput`; else it is empty.
    package static func start(
        _ path: String,
        _ arguments: [String],
        in folder: String,
        environment: [String: String] = [:],
        errors: String? = nil,
        keepsInput: Bool = false
    ) throws -> Spawned {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw TestKitError("pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        let (input, inputPipe) = try input(isKept: keepsInput)
        let errorFile =
            errors.map { open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644) } ?? ends[1]
        defer {
            close(input)
            if errorFile != ends[1] { close(errorFile) }
        }
        let pid = try spawn(path, arguments, folder, environment, [input, ends[1], errorFile])
        let spawned = Spawned(pid: pid, outputPipe: ends[0])
        spawned.inputPipe = inputPipe
        return spawned
    }

    /// What the program reads, and the write end of that where it is kept.
    private static func input(isKept: Bool) throws -> (Int32, Int32) {
        guard isKept else { return (open("/dev/null", O_RDONLY | O_CLOEXEC), -1) }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw TestKitError("pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Writes to its standard input.
    ///
    /// - Returns: how many bytes it took; fewer than all where it is gone.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Int {
        // Where the program is gone this thread is not to die of it.
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipe, nil)
        defer {
            var now = timespec()
            while sigtimedwait(&pipe, nil, &now) == SIGPIPE {}
            pthread_sigmask(SIG_UNBLOCK, &pipe, nil)
        }
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                Foundation.write(inputPipe, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            done += count
        }
        return done
    }

    /// Stops to read its standard output for good.
    package func endOutput() {
        guard outputPipe >= 0 else { return }
        close(outputPipe)
        outputPipe = -1
    }

    /// Ends its standard input.
    package func endInput() {
        guard inputPipe >= 0 else { return }
        close(inputPipe)
        inputPipe = -1
    }

    /// Runs a program to its end.
    package static func run(
        _ path: String,
        _ arguments: [String],
        in folder: String,
        environment: [String: String] = [:],
        input: [UInt8] = []
    ) throws -> HiveProgram.Output {
        let files = try (0..<3).map { _ in try anonymousFile() }
        defer { for file in files { close(file) } }
        if !input.isEmpty {
            _ = input.withUnsafeBytes { pwrite(files[0], $0.baseAddress, $0.count, 0) }
        }
        let pid = try spawn(path, arguments, folder, environment, files)
        let spawned = Spawned(pid: pid, outputPipe: -1)
        let code = spawned.wait()
        return HiveProgram.Output(
            exitCode: code,
            standardOutput: String(decoding: contents(files[1]), as: UTF8.self),
            standardError: String(decoding: contents(files[2]), as: UTF8.self)
        )
    }

    /// Waits for the end; the exit code, or 128 and the signal.
    @discardableResult
    package func wait() -> Int32 {
        if let status { return status }
        var raw: Int32 = 0
        while waitpid(pid, &raw, 0) < 0 && errno == EINTR {}
        let code = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
        status = code
        return code
    }

    package func signal(_ number: Int32) { if status == nil { kill(pid, number) } }

    /// The next line of standard output, awaited; nil at its end.
    package func readLine() -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeFirst(end + 1)
                return line
            }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = read(outputPipe, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            buffer += chunk[..<count]
        }
    }

    /// Reads lines until one that `accepts`; nil where the output ends before.
    package func readLine(where accepts: (String) -> Bool) -> String? {
        while let line = readLine() { if accepts(line) { return line } }
        return nil
    }

    // MARK: The machinery

    private static func spawn(
        _ path: String,
        _ arguments: [String],
        _ folder: String,
        _ environment: [String: String],
        _ files: [Int32]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in files.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, file, Int32(number))
        }
        // A thread of the test's pool holds signals back, and a program would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var merged = ["PATH": "/usr/bin:/bin", "HOME": folder, "LANG": "C.UTF-8"]
        // Under the thread sanitizer its options are the programs' too.
        merged["TSAN_OPTIONS"] = ProcessInfo.processInfo.environment["TSAN_OPTIONS"]
        merged.merge(environment) { _, given in given }
        // env(1) changes the folder and becomes the program: the pid is the program's.
        let words = (["env", "-C", folder, path] + arguments).map { strdup($0) } + [nil]
        let variables = merged.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/usr/bin/env", &actions, &attributes, words, variables)
        guard code == 0 else { throw TestKitError("cannot start \(path): errno \(code)") }
        return pid
    }

    private static func anonymousFile() throws -> Int32 {
        var template = Array("/tmp/hive-test-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else { throw TestKitError("no anonymous file: errno \(errno)") }
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        unlink(template)
        return file
    }

    private static func contents(_ file: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(file, &chunk, chunk.count, off_t(bytes.count))
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}
