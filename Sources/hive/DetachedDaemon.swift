import Glibc
import HiveConsole
import HiveControl
import HiveDaemon
import HiveSignal

/// `hive up --detach`: this binary again, in a session of its own.
///
/// There is no fork in Swift: threads that run at the fork would be gone in the child, locks and
/// all. So the child is executed anew by `posix_spawn`, with the same options and environment.
struct DetachedDaemon {
    let settings: Settings
    /// The board's options as they were given.
    let options: [String]

    /// A start may have a long board to catch up with.
    private static let startMillisecondsMax = 60_000
    /// How much of the log's end is read for the child's error.
    private static let logBytesMax = 16 << 10

    /// `POSIX_SPAWN_SETSID` of spawn.h, which Swift does not import (glibc 2.26 and newer).
    private static let spawnInNewSession: Int16 = 0x80

    private var logPath: String { settings.stateDirectory + "/daemon.log" }

    /// Starts the daemon, waits until it answers, and prints where it is.
    func start(asJSON: Bool) throws(CommandError) {
        try refuseSecond()
        try makeFolders(settings.stateDirectory)
        let logStart = fileSize(logPath)
        let pid = try spawn()
        var exitStatus: Int32 = 0
        var hasEnded = false
        let answers = try Wait.until(millisecondsMax: Self.startMillisecondsMax) {
            () throws(CommandError) in
            hasEnded = waitpid(pid, &exitStatus, WNOHANG) == pid
            return hasEnded || daemonPID() == pid
        }
        if hasEnded { throw endedError(exitStatus, since: logStart) }
        guard answers else {
            throw CommandError(
                exitCode: 3,
                "the daemon (pid \(pid)) does not answer yet",
                hint: "it may be catching up: see hive status, and \(logPath)"
            )
        }
        try report(pid: pid, asJSON: asJSON)
    }

    private func report(pid: pid_t, asJSON: Bool) throws(CommandError) {
        let out = StandardOutput()
        if asJSON {
            let answer: JSONValue = [
                "pid": .integer(Int64(pid)), "board": .string(settings.board),
                "socket": .string(settings.socketPath), "log": .string(logPath),
            ]
            out.line(answer.text)
        } else {
            var table = Table()
            table.add("daemon", "running, pid \(pid)", .green)
            table.add("board", settings.board)
            table.add("log", logPath)
            table.lines.forEach { out.line($0) }
            out.line(.advice("stop it: hive down", on: .output))
        }
        try out.finish()
    }

    private func refuseSecond() throws(CommandError) {
        guard let pid = daemonPID() else { return }
        throw CommandError(
            exitCode: 3,
            "a daemon already runs for this board (pid \(pid))",
            hint: "stop it first: hive down"
        )
    }

    /// The pid of the daemon that answers on the socket, or nil.
    private func daemonPID() -> pid_t? {
        guard let client = try? ControlClient.connectIfRunning(path: settings.socketPath)
        else { return nil }
        client.limitWaits(toMilliseconds: Self.startMillisecondsMax)
        let status = try? client.call(Method.status)
        return status?["daemon"]?.integer("pid").flatMap { pid_t(exactly: $0) }
    }
}

// MARK: - The child

extension DetachedDaemon {
    private func spawn() throws(CommandError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        let logFlags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, logPath, logFlags, 0o644)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Self.spawnInNewSession)

        let arguments = ["hive", "up", "--quiet"] + options
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        pointers.append(nil)

        var pid: pid_t = 0
        let code = posix_spawn(&pid, binaryPath(), &actions, &attributes, pointers, environ)
        guard code == 0 else {
            throw CommandError(
                exitCode: 3,
                "cannot start the daemon: \(String(cString: strerror(code)))",
                hint: "check that \(logPath) can be written, or run it in the foreground: hive up"
            )
        }
        return pid
    }

    /// Where this binary is; through `/proc`, so that `PATH` and the working folder do not matter.
    private func binaryPath() -> String {
        let link = "/proc/self/exe"
        guard let path = realpath(link, nil) else { return link }
        defer { free(path) }
        return String(cString: path)
    }

    /// Makes the folder and those above it.
    private func makeFolders(_ path: String) throws(CommandError) {
        var prefix = ""
        for part in path.split(separator: "/") {
            prefix += "/" + part
            // The state folder is its owner's alone, whoever makes it.
            let mode: mode_t = prefix == path ? 0o700 : 0o755
            guard mkdir(prefix, mode) != 0, errno != EEXIST, errno != EROFS else { continue }
            if access(prefix, F_OK) == 0 { continue }
            throw CommandError(
                exitCode: 3,
                "cannot make the folder \(prefix): \(String(cString: strerror(errno)))",
                hint: "choose another with --state-dir"
            )
        }
    }
}

// MARK: - Its log

extension DetachedDaemon {
    /// What the child said before it ended, with its exit code.
    private func endedError(_ exitStatus: Int32, since start: Int) -> CommandError {
        let isUsage = exitStatus & 0x7F == 0 && (exitStatus >> 8) & 0xFF == 2
        let lines = logText(since: start).split(separator: "\n").map(String.init)
        let label = "hive: "
        guard let index = lines.lastIndex(where: { $0.hasPrefix(label) }) else {
            let last = lines.last.map { ": \($0)" } ?? ""
            return CommandError(
                exitCode: 3,
                "the daemon ended before it answered\(last)",
                hint: "see \(logPath), or run it in the foreground: hive up"
            )
        }
        let hint = lines[(index + 1)...].lazy.compactMap { line -> String? in
            let arrow = ["  → ", "  -> "].first { line.hasPrefix($0) }
            return arrow.map { String(line.dropFirst($0.count)) }
        }.first
        return CommandError(
            exitCode: isUsage ? 2 : 3,
            String(lines[index].dropFirst(label.count)),
            hint: hint ?? "see \(logPath)"
        )
    }

    private func logText(since start: Int) -> String {
        let descriptor = open(logPath, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        let from = max(start, fileSize(logPath) - Self.logBytesMax)
        var bytes = [UInt8](repeating: 0, count: Self.logBytesMax)
        let count = bytes.withUnsafeMutableBytes {
            pread(descriptor, $0.baseAddress, $0.count, off_t(from))
        }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// 0 where there is no such file.
    private func fileSize(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
