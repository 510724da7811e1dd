import Foundation

/// A program in a terminal of its own, and what a person would see there.
///
/// The program leads a new session whose controlling terminal is the slave side; the test is the
/// master side.
package final class PseudoTerminal {
    package let pid: Int32
    package private(set) var screen: TerminalScreen
    /// Every byte that the program wrote.
    package private(set) var transcript: [UInt8] = []

    /// What must not go before it: a daemon, a folder.
    package var kept: Any?

    private let master: Int32
    private var status: Int32?
    /// How long something may take to show before the test fails.
    private static let millisecondsMax = 30_000

    /// Starts a program; the environment is `TERM=xterm`, a UTF-8 locale, and what is given.
    package init(
        program path: String = HiveProgram.path,
        _ arguments: [String],
        in folder: String,
        environment: [String: String] = [:],
        columns: Int = 80,
        rows: Int = 24
    ) throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var lock: Int32 = 0
        var number: Int32 = 0
        guard master >= 0, ioctl(master, Self.setLock, &lock) == 0,
            ioctl(master, Self.getNumber, &number) == 0
        else { throw TestKitError("no pseudo-terminal: errno \(errno)") }
        Self.setSize(of: master, columns: columns, rows: rows)
        screen = TerminalScreen(columns: columns, rows: rows)

        var merged = [
            "PATH": "/usr/bin:/bin", "HOME": folder, "LANG": "C.UTF-8", "TERM": "xterm",
        ]
        // Under the thread sanitizer its options are the programs' too.
        merged["TSAN_OPTIONS"] = ProcessInfo.processInfo.environment["TSAN_OPTIONS"]
        merged.merge(environment) { _, given in given }
        pid = try Self.spawn(path, arguments, folder, merged, terminal: "/dev/pts/\(number)")
    }

    deinit {
        if status == nil {
            kill(pid, SIGKILL)
            waitForEnd()
        }
        close(master)
    }

    /// Types.
    package func type(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard write(master, bytes, bytes.count) == bytes.count else {
            throw TestKitError("cannot type: errno \(errno)")
        }
    }

    /// Waits until the text stands somewhere, at present or scrolled off.
    package func wait(for text: String) throws {
        try wait(until: "\(text.debugDescription) shows") { $0.text.contains(text) }
    }

    /// Waits until the row with the cursor is as wanted.
    package func wait(forCursorLine wanted: @escaping (String) -> Bool) throws {
        try wait(until: "the line is as wanted") { wanted($0.cursorLine) }
    }

    /// Reads what the program writes until the screen is as wanted.
    package func wait(until what: String, _ holds: (TerminalScreen) -> Bool) throws {
        let deadline = ContinuousClock.now + .milliseconds(Self.millisecondsMax)
        while !holds(screen) {
            guard readMore(before: deadline) else {
                throw TestKitError("waited until \(what); the screen:\n\(screen.text)")
            }
        }
    }

    /// Makes the window another size; the program is told by SIGWINCH.
    package func resize(columns: Int, rows: Int) {
        screen.resize(columns: columns, rows: rows)
        Self.setSize(of: master, columns: columns, rows: rows)
    }

    /// Reads to the end of the program; its exit code, or 128 and the signal.
    @discardableResult
    package func waitForExit() throws -> Int32 {
        let deadline = ContinuousClock.now + .milliseconds(Self.millisecondsMax)
        while readMore(before: deadline) {}
        guard ContinuousClock.now < deadline else {
            throw TestKitError("it does not end; the screen:\n\(screen.text)")
        }
        return waitForEnd()
    }

    package func signal(_ number: Int32) { if status == nil { kill(pid, number) } }

    // MARK: The machinery

    /// `TIOCSPTLCK` and `TIOCGPTN` of ioctl_tty(2), which Swift does not import.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    private static func setSize(of terminal: Int32, columns: Int, rows: Int) {
        var window = winsize()
        window.ws_col = UInt16(columns)
        window.ws_row = UInt16(rows)
        _ = ioctl(terminal, UInt(TIOCSWINSZ), &window)
    }

    /// Reads once; false at the end, or where nothing comes in time.
    private func readMore(before deadline: ContinuousClock.Instant) -> Bool {
        var file = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
        guard left > 0, poll(&file, 1, Int32(left)) == 1 else { return false }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(master, &chunk, chunk.count)
        // The master side of a terminal that nobody has open any more fails with EIO.
        guard count > 0 else { return count < 0 && errno == EINTR }
        transcript += chunk[..<count]
        screen.feed(chunk[..<count])
        return true
    }

    @discardableResult
    private func waitForEnd() -> Int32 {
        if let status { return status }
        var raw: Int32 = 0
        while waitpid(pid, &raw, 0) < 0 && errno == EINTR {}
        let code = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
        status = code
        return code
    }

    /// `POSIX_SPAWN_SETSID` of spawn.h, which Swift does not import.
    private static let spawnInNewSession: Int16 = 0x80

    private static func spawn(
        _ path: String,
        _ arguments: [String],
        _ folder: String,
        _ environment: [String: String],
        terminal: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The leader of a session without a terminal gets the first one that it opens.
        posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, spawnInNewSession)

        let words = (["env", "-C", folder, path] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/usr/bin/env", &actions, &attributes, words, variables)
        guard code == 0 else { throw TestKitError("cannot start \(path): errno \(code)") }
        return pid
    }
}
