import CEdit
import Glibc

/// The person at the process's controlling terminal, for commands that ask.
///
/// It is asked whatever standard input and output are: a passphrase comes from a person's keys and
/// goes to no file.
package final class ControllingTerminal {
    private let descriptor: Int32

    /// Nil where the process has none: it was started by cron, by a daemon, by a test.
    package init?() {
        descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// What is written where questions are asked.
    package var terminal: Terminal { Terminal(descriptor: descriptor) }

    /// A line; nil where the terminal is gone, or Ctrl-D was all.
    package func line(_ question: String) -> String? {
        terminal.write(question + " ")
        var bytes: [UInt8] = []
        while let byte = next() {
            guard byte != 0x0A else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        terminal.write("\n")
        return nil
    }

    /// A line that is not shown; nil for Ctrl-C, Ctrl-D, or a terminal that is gone.
    package func hidden(_ question: String) -> [UInt8]? {
        var saved = termios()
        guard tcgetattr(descriptor, &saved) == 0 else { return nil }
        var raw = saved
        cfmakeraw(&raw)
        raw.c_oflag = saved.c_oflag
        // What was typed before the question was meant for something else: it is thrown away.
        cedit_guard_terminal(descriptor, &saved)
        defer { cedit_unguard_terminal() }
        guard tcsetattr(descriptor, TCSAFLUSH, &raw) == 0 else { return nil }
        defer {
            tcsetattr(descriptor, TCSADRAIN, &saved)
            terminal.write("\n")
        }
        terminal.write(question + " ")
        var input = HiddenInput()
        while let byte = next() {
            switch input.take(byte) {
            case .more: continue
            case .done: return input.bytes
            case .cancelled: return nil
            }
        }
        return nil
    }

    /// One byte at a time, so that nothing behind the line is taken from whoever reads next.
    private func next() -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = read(descriptor, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            return count == 1 ? byte : nil
        }
    }
}
