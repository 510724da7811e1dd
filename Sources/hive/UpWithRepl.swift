import ArgumentParser
import Glibc
import HiveConsole
import HiveControl
import HiveDaemon

/// `hive up --repl`: daemon and REPL in one process, speaking over the socket like any two.
///
/// The terminal is the REPL's, so what the daemon logs goes to daemon.log meanwhile.
struct UpWithRepl {
    let settings: Settings
    /// No verdicts are printed until the person asks for them.
    let isQuiet: Bool

    func run() async throws {
        let settings = settings
        let host = ReplHost(settings: settings, place: .daemonProcess, isMuted: isQuiet)
        let log = LogFile(path: settings.stateDirectory + "/daemon.log")
        let started = SharedCode()
        do throws(HiveError) {
            try await DaemonRunner.run(
                settings: settings,
                started: { _ in
                    log.take()
                    started.set(1)
                    do throws(CommandError) {
                        try host.start { Self.stopDaemon(settings) }
                    } catch {
                        log.giveBack()
                        error.report()
                        Self.stopDaemon(settings)
                        started.set(0)
                    }
                },
                follow: nil
            )
        } catch {
            if started.get() == 1 {
                host.stop()
                _ = await host.ended()
            }
            log.giveBack()
            throw CommandError(error)
        }
        guard started.get() == 1 else { throw ExitCode(3) }
        host.stop()
        let code = await host.ended()
        log.giveBack()
        if code != 0 { throw ExitCode(code) }
    }

    /// As `hive down` does; a daemon that has stopped already is fine.
    private static func stopDaemon(_ settings: Settings) {
        let client = try? ControlClient.connectIfRunning(path: settings.socketPath)
        _ = try? client?.call(Method.stop)
    }
}

/// Standard error, sent to a file for a while.
private struct LogFile: Sendable {
    let path: String
    /// Standard error as it was.
    private let saved: Int32

    init(path: String) {
        self.path = path
        saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    }

    /// Where the file cannot be opened, standard error stays what it is.
    func take() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { return }
        dup2(file, STDERR_FILENO)
        close(file)
    }

    func giveBack() { dup2(saved, STDERR_FILENO) }
}
