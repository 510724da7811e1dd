import Glibc
import HiveConsole
import Testing

/// A terminal of this many columns, for as long as `body` runs.
func withTerminal(columns: UInt16, _ body: (Terminal) -> Void) throws {
    let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(terminal >= 0)
    defer { close(terminal) }
    var window = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    try #require(ioctl(terminal, UInt(TIOCSWINSZ), &window) == 0)
    body(Terminal(descriptor: terminal))
}

/// The text without colours: a pseudo-terminal may have them or not (`NO_COLOR`, `TERM`).
func uncoloured(_ text: String) -> String {
    var plain = ""
    var rest = text[...]
    while let start = rest.firstIndex(of: "\u{1B}") {
        plain += rest[..<start]
        rest = rest[start...].drop { $0 != "m" }.dropFirst()
    }
    return plain + rest
}
