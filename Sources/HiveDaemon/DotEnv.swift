/// A `.env` file: `KEY=VALUE` lines that stand in for the environment.
///
/// As shells read such files: `export` before the key is passed over, `#` begins a comment where a
/// word could begin, single quotes keep everything, double quotes know `\n`, `\r`, `\t`, `\"`,
/// `\\` and `\$`, and of two lines with one key the later holds. Nothing is expanded: a value is
/// what stands there. A line that cannot be read is passed over with a warning, for one bad line
/// must not stop a daemon; values are secrets and never part of a warning.
package struct DotEnv: Sendable {
    package private(set) var values: [String: String] = [:]
    /// `FILE:LINE: what is wrong`, without any text of the line.
    package private(set) var warnings: [String] = []

    /// A file larger than this is passed over with a warning.
    static let bytesMax = 1 << 20

    /// Reads the file; one that is not there is empty.
    package static func load(path: String) -> DotEnv {
        switch BoundedFile.read(path, bytesMax: bytesMax) {
        case .bytes(let bytes):
            return DotEnv(parsing: bytes, file: path)
        case .tooLarge:
            return DotEnv(warning: "\(path): larger than \(bytesMax) bytes; not read")
        case .failed(let code):
            guard !BoundedFile.isMissing(code) else { return DotEnv() }
            return DotEnv(warning: "\(path): \(BoundedFile.reason(code)); not read")
        }
    }

    /// Reads the bytes; `file` is the name that warnings give.
    package init(parsing bytes: [UInt8], file: String) {
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: byteOrderMark) ? bytes[3...] : bytes[...]
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            do {
                guard let (key, value) = try Self.assignment(in: line) else { continue }
                values[key] = value
            } catch {
                warnings.append("\(file):\(index + 1): \(error.rawValue); line ignored")
            }
        }
    }

    private init() {}

    private init(warning: String) { self.warnings = [warning] }
}

// MARK: - One line

extension DotEnv {
    private enum Fault: String, Error {
        case encoding = "not UTF-8 text"
        case controlCharacter = "a control character"
        case noAssignment = "expected KEY=VALUE"
        case badKey = "a key is letters, digits and `_`, and begins with no digit"
        case openQuote = "a quote is not closed on its line"
        case afterQuote = "text after the closing quote"
    }

    /// The key and value of a line; nil for a blank one and a comment.
    private static func assignment(
        in line: ArraySlice<UInt8>
    ) throws(Fault) -> (key: String, value: String)? {
        guard let whole = String(validating: line, as: UTF8.self) else { throw .encoding }
        var text = trimmed(whole.unicodeScalars[...])
        guard let first = text.first, first != "#" else { return nil }
        guard text.allSatisfy({ $0 == "\t" || !isControl($0) }) else { throw .controlCharacter }
        let export = "export".unicodeScalars
        if text.starts(with: export), text.dropFirst(export.count).first.map(isBlank) == true {
            text = trimmed(text.dropFirst(export.count))
        }
        guard let equals = text.firstIndex(of: "=") else { throw .noAssignment }
        let key = trimmed(text[..<equals])
        guard isKey(key) else { throw .badKey }
        let value = trimmed(text[text.index(after: equals)...])
        return (String(key), try unquoted(value))
    }

    /// The value without quotes and comment.
    private static func unquoted(
        _ text: Substring.UnicodeScalarView
    ) throws(Fault) -> String {
        switch text.first {
        case "'":
            let body = text.dropFirst()
            guard let end = body.firstIndex(of: "'") else { throw .openQuote }
            try refuseText(after: end, in: body)
            return String(body[..<end])
        case "\"":
            return try doubleQuoted(text.dropFirst())
        default:
            return plain(text)
        }
    }

    /// Up to a `#` at the start or after a blank.
    private static func plain(_ text: Substring.UnicodeScalarView) -> String {
        var isAtWordStart = true
        for index in text.indices {
            let scalar = text[index]
            if scalar == "#" && isAtWordStart { return String(trimmed(text[..<index])) }
            isAtWordStart = isBlank(scalar)
        }
        return String(text)
    }

    private static func doubleQuoted(_ body: Substring.UnicodeScalarView) throws(Fault) -> String {
        var value = String.UnicodeScalarView()
        var index = body.startIndex
        while index < body.endIndex {
            let scalar = body[index]
            if scalar == "\"" {
                try refuseText(after: index, in: body)
                return String(value)
            }
            index = body.index(after: index)
            guard scalar == "\\", index < body.endIndex else {
                value.append(scalar)
                continue
            }
            switch body[index] {
            case "n": value.append("\n")
            case "r": value.append("\r")
            case "t": value.append("\t")
            case "\"", "\\", "$": value.append(body[index])
            default: value.append(contentsOf: [scalar, body[index]])
            }
            index = body.index(after: index)
        }
        throw .openQuote
    }

    /// After a closing quote only blanks and a comment may stand.
    private static func refuseText(
        after end: Substring.UnicodeScalarView.Index,
        in body: Substring.UnicodeScalarView
    ) throws(Fault) {
        guard plain(body[body.index(after: end)...]).isEmpty else { throw .afterQuote }
    }

    private static func trimmed(
        _ text: Substring.UnicodeScalarView
    ) -> Substring.UnicodeScalarView {
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\r"
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || scalar.value == 0x7F
    }

    private static func isKey(_ key: Substring.UnicodeScalarView) -> Bool {
        guard let first = key.first, !("0"..."9").contains(first) else { return false }
        return key.allSatisfy { scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
                || ("0"..."9").contains(scalar) || scalar == "_"
        }
    }
}
