import Glibc

/// What a person is told who ends a command with Ctrl-C, before it ends as SIGINT ends programs.
///
/// The words are written by the signal's handler, which may do nothing but write(2): they are made
/// ready before.
enum Interruption {
    /// Has a line said on standard error, where Ctrl-C is not ignored.
    static func tell(_ words: String) {
        // A background job of a shell ignores it, and goes on doing so.
        var before = sigaction()
        guard sigaction(SIGINT, nil, &before) == 0, !isIgnored(before) else { return }
        let bytes = Array("\nhive: interrupted; \(printable(words))\n".utf8)
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = copy.initialize(from: bytes)
        // Told once a process: what it said before is left to the process's end.
        interruptionText = UnsafePointer(copy.baseAddress)
        interruptionBytes = copy.count
        signal(SIGINT) { number in
            if let text = interruptionText { _ = write(STDERR_FILENO, text, interruptionBytes) }
            signal(number, SIG_DFL)
            raise(number)
        }
    }

    /// Nothing is left to go on with.
    static func tellNothing() {
        var before = sigaction()
        guard sigaction(SIGINT, nil, &before) == 0, !isIgnored(before) else { return }
        signal(SIGINT, SIG_DFL)
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// An id or a path of the command line's: a terminal must not obey it.
    private static func printable(_ words: String) -> String {
        String(
            String.UnicodeScalarView(
                words.unicodeScalars.filter { $0.properties.generalCategory != .control }
            )
        )
    }
}

// Safe because both are set before the handler is, and only by the one command that runs; the
// handler reads them only. Globals, for a handler has no context.
private nonisolated(unsafe) var interruptionText: UnsafePointer<UInt8>?
private nonisolated(unsafe) var interruptionBytes = 0
