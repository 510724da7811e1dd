import Glibc

/// A standard stream: what it can show, and writing to it.
package struct Terminal: Sendable {
    package let descriptor: Int32
    /// Colours are for terminals only, and never where `NO_COLOR` is set (no-color.org).
    package let hasColour: Bool
    /// False where the locale is `C` or any other that is not UTF-8.
    package let hasUnicode: Bool
    /// Columns of the window; nil where this is no terminal: nothing is cut then.
    package let width: Int?

    package static let output = Terminal(descriptor: STDOUT_FILENO)
    package static let errors = Terminal(descriptor: STDERR_FILENO)

    private static let widthDefault = 80
    /// Below this a cut line tells nothing.
    private static let widthMin = 20

    package init(descriptor: Int32) {
        self.descriptor = descriptor
        let isTerminal = isatty(descriptor) == 1
        let isDumb = Self.environment("TERM") == "dumb"
        hasColour = isTerminal && !isDumb && Self.environment("NO_COLOR") == nil
        hasUnicode = Self.localeIsUnicode()
        width = isTerminal ? Self.windowWidth(descriptor) : nil
    }

    /// The sign of a verdict.
    package func sign(accepted: Bool) -> String {
        switch (accepted, hasUnicode) {
        case (true, true): "✓"
        case (false, true): "✗"
        case (true, false): "+"
        case (false, false): "x"
        }
    }

    /// Before an answer to what was asked further up.
    package var reply: String { hasUnicode ? "↳" : "->" }
    package var arrow: String { hasUnicode ? "→" : "->" }
    package var ellipsis: String { hasUnicode ? "…" : "..." }
    package func quoted(_ text: String) -> String { hasUnicode ? "«\(text)»" : "\"\(text)\"" }

    package func write(line: Line) { write(line.text(for: self) + "\n") }

    /// Writes all of it; what cannot be written is lost (see `StandardOutput` for answers).
    package func write(_ text: String) { _ = writeWhole(Array(text.utf8), to: descriptor) }

    private static func windowWidth(_ descriptor: Int32) -> Int {
        var window = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0 && window.ws_col > 0
        return max(isKnown ? Int(window.ws_col) : widthDefault, widthMin)
    }

    /// As POSIX looks: the first of three that is set and not empty.
    private static func localeIsUnicode() -> Bool {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"]
        guard let locale = names.lazy.compactMap(environment).first else { return false }
        let lower = locale.lowercased()
        return lower.contains("utf-8") || lower.contains("utf8")
    }

    /// A variable's value; an empty one counts as none.
    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        return String(cString: value)
    }
}

/// Buffered standard output for answers: a full disk or a closed pipe is no silent success.
package final class StandardOutput {
    private static let bufferBytesMax = 64 << 10

    private var buffer: [UInt8] = []
    /// The first `errno`; nothing is written after it.
    private var failure: Int32 = 0

    package init() {}

    package func write(_ bytes: some Collection<UInt8>) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytesMax { flush() }
    }

    package func line(_ text: String) {
        write(text.utf8)
        write(CollectionOfOne(0x0A))
    }

    package func line(_ line: Line) { self.line(line.text(for: .output)) }

    package func flush() {
        if failure == 0 { failure = writeWhole(buffer, to: STDOUT_FILENO) }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Flushes; throws where anything could not be written.
    package func finish() throws(CommandError) {
        flush()
        guard failure != 0 else { return }
        let reason = strerror(failure).map { String(cString: $0) } ?? "error \(failure)"
        throw CommandError(
            exitCode: 3,
            "cannot write to standard output: \(reason)",
            hint: "check where it is directed to"
        )
    }
}

/// Writes all bytes; 0, or the `errno` of the write that failed.
private func writeWhole(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { raw in
        var rest = raw[...]
        while !rest.isEmpty {
            let slice = UnsafeRawBufferPointer(rebasing: rest)
            let written = Glibc.write(descriptor, slice.baseAddress, slice.count)
            if written < 0 {
                if errno == EINTR { continue }
                return errno
            }
            rest = rest.dropFirst(written)
        }
        return 0
    }
}
