import Glibc
import HiveControl
import Synchronization

/// A person at a prompt, or a script through a pipe.
///
/// `run` blocks the thread it is called on, which owns the terminal meanwhile; `stop` may be called
/// from any other.
package final class Repl: Sendable {
    /// Where the REPL runs.
    package enum Place: Sendable {
        /// In a process of its own.
        case ownProcess
        /// In the daemon's process: leaving stops the daemon.
        case daemonProcess
    }

    private let access: HiveAccess
    private let place: Place
    private let isMuted: Bool
    private let wake = Wake()
    private let isStopped = StopFlag()

    /// - `isMuted`: no news is printed until the person asks for it.
    package init(access: HiveAccess, place: Place, isMuted: Bool = false) {
        self.access = access
        self.place = place
        self.isMuted = isMuted
    }

    /// Runs until the person leaves, the input ends, or `stop`.
    ///
    /// Returns the exit code: at a terminal 0, through a pipe the last command's.
    package func run() -> Int32 {
        let session = Session(
            link: Link(access: access),
            signer: access.signer,
            isMuted: isMuted
        )
        do throws(CommandError) {
            if isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 {
                try Interactive(
                    session: session,
                    access: access,
                    place: place,
                    wake: wake,
                    isStopped: isStopped
                ).run()
                return 0
            }
            _ = try session.link.attach()
            return pipe(session)
        } catch {
            error.report()
            return error.exitCode
        }
    }

    /// Ends `run` at the next prompt: at once where one is waiting.
    package func stop() {
        isStopped.set()
        wake.signal()
    }

    /// One command a line; no prompt, no news, no colours.
    private func pipe(_ session: Session) -> Int32 {
        let input = PipedLines(wake: wake)
        while !isStopped.isSet, let line = input.next() {
            if session.run(line) == .leave { break }
        }
        return session.exitCode
    }
}

/// Lines of standard input, until its end or until the waiting is called off.
private final class PipedLines {
    private let wake: Wake
    private var buffer = LineBuffer()
    private var hasEnded = false

    init(wake: Wake) { self.wake = wake }

    /// The next line that is not empty.
    func next() -> String? {
        while true {
            if let line = try? buffer.next() { return String(decoding: line, as: UTF8.self) }
            if hasEnded { return nil }
            guard readMore() else {
                hasEnded = true
                return buffer.finish().map { String(decoding: $0, as: UTF8.self) }
            }
        }
    }

    /// False at the end.
    private func readMore() -> Bool {
        var files = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&files, nfds_t(files.count), -1) < 0 && errno == EINTR {}
        guard files[1].revents == 0 else { return false }
        var chunk = [UInt8](repeating: 0, count: ControlLimits.readBytes)
        return chunk.withUnsafeMutableBytes { chunk in
            let count = read(STDIN_FILENO, chunk.baseAddress, chunk.count)
            if count > 0 { buffer.append(UnsafeRawBufferPointer(rebasing: chunk[..<count])) }
            return count > 0
        }
    }
}

/// Set once, from any thread.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}
