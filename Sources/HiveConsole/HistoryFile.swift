import Glibc

/// The lines typed in earlier sessions: plain text, one a line, readable by its owner alone.
///
/// Lines are appended whole, so that sessions side by side lose nothing of each other's. Nothing
/// here ever fails a session: a history that cannot be kept is not kept.
struct HistoryFile {
    /// Lines kept from one session to the next.
    static let linesMax = 2000
    /// What is longer (a mended line of a megabyte) is not kept.
    static let lineBytesMax = 16 << 10

    private static let fileBytesMax = 8 << 20

    let path: String
    private var last: String?

    init(path: String) { self.path = path }

    /// Where the history is kept; nil where neither variable is set.
    ///
    /// `$XDG_STATE_HOME/hive/history`, else `~/.local/state/hive/history`. Relative folders count
    /// as none (XDG Base Directory Specification).
    static func standardPath(environment: (String) -> String?) -> String? {
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") {
            return state + "/hive/history"
        }
        guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
        return home + "/.local/state/hive/history"
    }

    /// The kept lines, oldest first; a file that has grown too long is cut to them.
    mutating func load() -> [String] {
        let bytes = contents()
        let all = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        var lines: [String] = []
        for line in all where line != lines.last && Self.isPlain(line) { lines.append(line) }
        let kept = Array(lines.suffix(Self.linesMax))
        if all.count > Self.linesMax { rewrite(kept) }
        last = kept.last
        return kept
    }

    /// Appends a line, unless it equals the one before it.
    mutating func add(_ line: String) {
        guard line != last, Self.isPlain(line), line.utf8.count <= Self.lineBytesMax else { return }
        last = line
        makeFolder()
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        _ = writeAll(line + "\n", to: file)
    }

    /// A history is shown on a terminal: a line with control characters is none.
    private static func isPlain(_ line: String) -> Bool {
        !line.isEmpty && !line.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    private func contents() -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return [] }
        let from = max(0, Int(status.st_size) - Self.fileBytesMax)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) - from)
        let count = bytes.withUnsafeMutableBytes {
            pread(file, $0.baseAddress, $0.count, off_t(from))
        }
        return Array(bytes.prefix(max(0, count)))
    }

    /// Puts a file with these lines in the place of the old one.
    private func rewrite(_ lines: [String]) {
        let fresh = path + ".new"
        unlink(fresh)
        let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        let isWhole = writeAll(lines.map { $0 + "\n" }.joined(), to: file)
        close(file)
        if !isWhole || rename(fresh, path) != 0 { unlink(fresh) }
    }

    private func writeAll(_ text: String, to file: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == bytes.count
    }

    /// Makes the folders above the file, 0700.
    private func makeFolder() {
        var prefix = ""
        for part in path.split(separator: "/").dropLast() {
            prefix += "/" + part
            mkdir(prefix, 0o700)
        }
    }
}
