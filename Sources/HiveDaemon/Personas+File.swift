import Glibc
import HiveSignal

// A persona's file is YAML between two `---` lines, then the system prompt in Markdown.
//
// It is read in three steps. The bytes become lines of clean text; the first lines go to Yams,
// opening `---` and all, so that its marks are the file's own line numbers; each node is then given
// the one meaning its key allows. The file is a user's, but may have come from anywhere: it is
// bounded, its anchors are refused before they can unfold, and what a message quotes of it is
// short and escaped.

/// One `*.agent.md` file, read.
struct PersonaFile {
    /// A larger file is refused.
    static let bytesMax = 256 << 10

    var persona: Persona
    /// The line that names the port, from 1.
    var portLine: Int

    static let hint =
        "mend the file (the shipped agents/ folder shows every key), or take it away: "
        + "the built-in persona then holds"

    /// Reads a file; symbolic links are followed.
    ///
    /// - Throws: exit code 2 for what is no persona, 3 for what cannot be read.
    static func read(_ path: String) throws(HiveError) -> PersonaFile {
        let file = shown(path)
        // Asked before opening: to open a named pipe would wait for its writer.
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            throw .usage("\(file): found no regular file; expected a persona", hint: hint)
        }
        switch BoundedFile.read(path, bytesMax: bytesMax) {
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .usage(
                    "\(file): the persona is not UTF-8",
                    hint: "save it as UTF-8; PowerShell's `>` writes UTF-16"
                )
            }
            return try parse(text: text, file: file)
        case .tooLarge:
            throw .usage("\(file): the persona is larger than \(bytesMax) bytes", hint: hint)
        case .failed(let code):
            let message = "cannot read the persona \(file): \(BoundedFile.reason(code))"
            if BoundedFile.isMissing(code) || code == ELOOP {
                throw .usage(message, hint: "mend the link or take it away")
            }
            throw .machine(message, hint: "make the file readable for this user")
        }
    }

    /// Reads a persona's text; `file` is the name that errors give.
    ///
    /// - Throws: exit code 2, `FILE:LINE: KEY: found …; expected …`.
    static func parse(text: String, file: String) throws(HiveError) -> PersonaFile {
        let lines = try lines(of: text, file: file)
        guard isFence(lines[0]) else {
            throw .usage(
                "\(file):1: found no front matter; expected a line `---`, "
                    + "the keys, and a second line `---`",
                hint: hint
            )
        }
        guard let end = lines.dropFirst().firstIndex(where: isFence) else {
            throw .usage(
                "\(file):1: found front matter without an end; expected a second line `---`",
                hint: hint
            )
        }
        let front = try FrontMatter(lines: lines[..<end], file: file)
        let prompt = trimmed(lines[(end + 1)...]).joined(separator: "\n")
        guard !prompt.isEmpty else {
            throw .usage(
                "\(file):\(end + 1): found no prompt; expected the system prompt after the "
                    + "front matter",
                hint: hint
            )
        }
        return PersonaFile(
            persona: Persona(
                port: front.port,
                name: front.name,
                verb: front.verb,
                model: front.model,
                tools: front.tools,
                temperature: front.temperature,
                prompt: prompt
            ),
            portLine: front.portLine
        )
    }

    // MARK: Lines

    private static let byteOrderMark: Unicode.Scalar = "\u{FEFF}"

    /// The lines without their LF or CRLF; at least one.
    private static func lines(of text: String, file: String) throws(HiveError) -> [Substring] {
        let start = text.unicodeScalars.first == byteOrderMark ? 1 : 0
        let scalars = text.unicodeScalars.dropFirst(start)
        var lines: [Substring] = []
        for line in scalars.split(separator: "\n", omittingEmptySubsequences: false) {
            let content = line.last == "\r" ? line.dropLast() : line
            if let control = content.first(where: isForbidden) {
                let code = String(control.value, radix: 16, uppercase: true)
                throw .usage(
                    "\(file):\(lines.count + 1): found the control character U+\(code); "
                        + "expected text",
                    hint: "save the file as plain UTF-8 text"
                )
            }
            lines.append(Substring(content))
        }
        return lines
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control && scalar != "\t"
    }

    private static func isFence(_ line: Substring) -> Bool {
        line.hasPrefix("---") && isBlank(line.dropFirst(3))
    }

    private static func isBlank(_ line: Substring) -> Bool {
        line.allSatisfy { $0 == " " || $0 == "\t" }
    }

    /// Without blank lines before and after.
    private static func trimmed(_ lines: ArraySlice<Substring>) -> ArraySlice<Substring> {
        let tail = lines.drop(while: isBlank)
        guard let last = tail.lastIndex(where: { !isBlank($0) }) else { return [] }
        return tail[...last]
    }

    // MARK: Messages

    /// A path as it may stand in a message: on one line, and nothing that a terminal would obey.
    static func shown(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                let code = String(scalar.value, radix: 16, uppercase: true)
                shown.append(contentsOf: "\\u{\(code)}".unicodeScalars)
            default: shown.append(scalar)
            }
        }
        return String(shown)
    }

    private static let quotedCharactersMax = 60

    /// A text of the file as it may stand in a message: in quotes, short and escaped.
    static func quoted(_ text: String) -> String {
        let short = text.unicodeScalars.prefix(quotedCharactersMax)
        let isWhole = short.endIndex == text.unicodeScalars.endIndex
        return "\"" + shown(String(short)) + "\"" + (isWhole ? "" : "…")
    }
}
