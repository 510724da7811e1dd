/// Why bytes are no JSON text, and where: the one error that HiveSignal throws.
package struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    package let fault: FrameFault
    /// The byte at which it was seen, from 0.
    package let position: Int

    package init(fault: FrameFault, position: Int) {
        self.fault = fault
        self.position = position
    }

    package var description: String { "not JSON: \(fault.summary) at byte \(position)" }

    /// What to do about it.
    package var hint: String { fault.hint }
}

extension FrameFault {
    /// What is wrong, in a few words that fit in a sentence.
    package var summary: String {
        switch self {
        case .invalidUTF8: "bytes that are not UTF-8"
        case .byteOrderMark: "a byte order mark inside the file"
        case .utf16: "UTF-16 text"
        case .nul: "a NUL byte"
        case .loneSurrogate: "half of a surrogate pair"
        case .oversize: "more bytes than a line may have"
        case .notAnObject: "no JSON object"
        case .syntax: "a JSON syntax error"
        case .trailingData: "more after the end of the value"
        case .duplicateKey: "a key that is there twice"
        case .tooDeep: "nesting deeper than \(JSONBytes.depthMax)"
        }
    }

    /// What its writer can do about it.
    package var hint: String {
        switch self {
        case .invalidUTF8: "write UTF-8"
        case .byteOrderMark: "write UTF-8 without a byte order mark"
        case .utf16: "write UTF-8 (PowerShell: Add-Content -Encoding utf8)"
        case .nul: "take the NUL bytes out"
        case .loneSurrogate: "escape a character beyond U+FFFF as a pair, \\uD8xx\\uDCxx"
        case .oversize: "put the text in a file and its name in the signal"
        case .notAnObject: "write one object, {…}, on the line"
        case .syntax: "let a JSON encoder write it (hive emit does)"
        case .trailingData: "write one object a line, each ended by a line feed"
        case .duplicateKey: "keep one of the two"
        case .tooDeep: "write a flatter value"
        }
    }
}

extension JSONBytes {
    /// How deep arrays and objects may nest; the outermost is depth 1.
    static let depthMax = 64
}
