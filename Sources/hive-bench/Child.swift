import Glibc

/// A program started by the bench, its standard output at the other end of a pipe.
///
/// Not shared between threads. Whoever lets go of a child that has not ended kills and reaps it.
final class Child {
    /// How a child ended.
    struct Ending {
        /// The exit code, or 128 plus the number of the signal that killed it.
        let code: Int32
        /// What it printed and nobody had read.
        let output: String
    }

    let pid: pid_t
    private let name: String
    private let pipeEnd: Int32
    /// The other end of its standard input; -1: it has none.
    private var inputEnd: Int32 = -1
    private var pending: [UInt8] = []
    private var isAtEnd = false
    private var isReaped = false

    /// Starts `program` (looked up in PATH where it has no slash), without a shell.
    ///
    /// - Parameters:
    ///   - program: A path or a name.
    ///   - arguments: Without the program's own name.
    ///   - mergesErrors: Its standard error goes to the pipe too; otherwise to ours.
    ///   - holdsInput: Its standard input stays open until nobody holds the child; otherwise it is
    ///     empty.
    /// - Throws: Where there is no such program.
    init(
        _ program: String,
        _ arguments: [String],
        mergesErrors: Bool = false,
        holdsInput: Bool = false
    ) throws(BenchError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw BenchError("make a pipe", errno: errno) }
        // Another child must not hold this one's pipe open. (Swift does not see pipe2; between the
        // two calls nothing else starts a program, for the bench has one thread.)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var input: [Int32] = [-1, -1]
        if holdsInput, pipe(&input) == 0 {
            for end in input { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        defer { if input[0] >= 0 { close(input[0]) } }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        if mergesErrors { posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO) }

        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var started: pid_t = 0
        let failure = posix_spawnp(&started, program, &actions, nil, words, environ)
        guard failure == 0 else {
            close(ends[0])
            if input[1] >= 0 { close(input[1]) }
            throw BenchError("start \(program)", errno: failure)
        }
        name = program
        pid = started
        pipeEnd = ends[0]
        inputEnd = input[1]
    }

    deinit {
        if !isReaped {
            kill(pid, SIGKILL)
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        }
        close(pipeEnd)
        if inputEnd >= 0 { close(inputEnd) }
    }

    /// Waits for the next line it prints.
    ///
    /// - Parameter seconds: How long to wait; after that the child is killed.
    /// - Returns: The line without its LF; nil where it closed its output first.
    /// - Throws: When the time is over.
    func readLine(within seconds: Int) throws(BenchError) -> String? {
        let deadline = Measure.now() + Int64(seconds) * 1_000_000_000
        while true {
            if let newline = pending.firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending.removeSubrange(...newline) }
                return String(decoding: pending[..<newline], as: UTF8.self)
            }
            if isAtEnd { return nil }
            try fill(until: deadline, seconds)
        }
    }

    /// Waits for its end and takes what it still prints.
    ///
    /// - Parameter seconds: How long to wait; after that the child is killed.
    /// - Returns: Its exit code and the rest of its output.
    /// - Throws: When the time is over.
    func finish(within seconds: Int) throws(BenchError) -> Ending {
        let deadline = Measure.now() + Int64(seconds) * 1_000_000_000
        while !isAtEnd { try fill(until: deadline, seconds) }
        return Ending(code: reap(), output: String(decoding: pending, as: UTF8.self))
    }

    /// Reads what is there, or waits for it.
    private func fill(until deadline: Int64, _ seconds: Int) throws(BenchError) {
        let left = max(0, (deadline - Measure.now()) / 1_000_000)
        var ready = pollfd(fd: pipeEnd, events: Int16(POLLIN), revents: 0)
        let count = poll(&ready, 1, Int32(clamping: left))
        if count < 0 && errno == EINTR { return }
        guard count > 0 else {
            kill(pid, SIGKILL)
            _ = reap()
            throw BenchError(
                "\(name) did not finish in \(seconds) s",
                hint: "run it by hand to see why"
            )
        }
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        let got = read(pipeEnd, &chunk, chunk.count)
        if got < 0 && errno == EINTR { return }
        guard got >= 0 else { throw BenchError("read from \(name)", errno: errno) }
        isAtEnd = got == 0
        pending.append(contentsOf: chunk[..<got])
    }

    private func reap() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        isReaped = true
        // wait(2): the low seven bits are the signal, 0 for an exit with the code in the next
        // eight.
        let unixSignal = status & 0x7F
        return unixSignal == 0 ? (status >> 8) & 0xFF : 128 + unixSignal
    }
}
