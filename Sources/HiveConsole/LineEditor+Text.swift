import Glibc

extension String {
    /// Calls `body` with the text as libedit takes it, ended by 0.
    func withWide<Value>(_ body: (UnsafePointer<wchar_t>) -> Value) -> Value {
        let wide = unicodeScalars.map { wchar_t(truncatingIfNeeded: $0.value) } + [0]
        return wide.withUnsafeBufferPointer { buffer in
            // An array with an element has an address.
            guard let start = buffer.baseAddress else { preconditionFailure("an empty array") }
            return body(start)
        }
    }

    init(wide: UnsafeBufferPointer<wchar_t>) {
        var scalars = String.UnicodeScalarView()
        for character in wide {
            scalars.append(Unicode.Scalar(UInt32(truncatingIfNeeded: character)) ?? "\u{FFFD}")
        }
        self.init(scalars)
    }
}

/// Bytes from a terminal as characters, however they are split.
struct KeyDecoder {
    private let isUnicode: Bool
    private var bytes: [UInt8] = []
    private var scalars: ArraySlice<Unicode.Scalar> = []

    /// - `isUnicode`: false: only ASCII can be typed; other bytes are left out.
    init(isUnicode: Bool) { self.isUnicode = isUnicode }

    mutating func next() -> Unicode.Scalar? { scalars.popFirst() }

    mutating func take(_ chunk: some Collection<UInt8>) {
        bytes += chunk
        let whole = bytes.count - unfinished
        for scalar in String(decoding: bytes[..<whole], as: UTF8.self).unicodeScalars
        where isUnicode ? scalar != "\u{FFFD}" : scalar.isASCII {
            scalars.append(scalar)
        }
        bytes.removeFirst(whole)
    }

    /// How many bytes at the end begin a character whose other bytes have not come yet.
    private var unfinished: Int {
        guard isUnicode else { return 0 }
        for count in 1..<4 where count <= bytes.count {
            let byte = bytes[bytes.count - count]
            if byte & 0xC0 == 0x80 { continue }
            let needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return needed > count ? count : 0
        }
        return 0
    }
}

/// A prompt with its colours marked: libedit counts the columns of what is not.
enum PromptText {
    static let mark: Unicode.Scalar = "\u{1}"

    /// Puts marks around each run of escape sequences.
    ///
    /// libedit ties a run to the character after it, so two runs side by side are one, and the
    /// prompt must not end in one.
    static func marked(_ text: String) -> String {
        var marked = String.UnicodeScalarView()
        var isInside = false
        var rest = Substring(text).unicodeScalars[...]
        while let scalar = rest.first {
            if scalar == "\u{1B}" {
                if !isInside { marked.append(mark) }
                isInside = true
                let end =
                    rest.firstIndex { $0.properties.isAlphabetic }
                    ?? rest.index(before: rest.endIndex)
                marked.append(contentsOf: rest[...end])
                rest = rest[rest.index(after: end)...]
                continue
            }
            if isInside { marked.append(mark) }
            isInside = false
            marked.append(scalar)
            rest.removeFirst()
        }
        return String(marked)
    }
}

/// Text laid out by columns.
enum Columns {
    /// Candidates in as many columns as fit, filled downwards.
    static func lines(_ words: [String], width: Int) -> [Line] {
        let widest = (words.map(SafeText.columns).max() ?? 0) + 2
        let perLine = max(1, (width + 1) / widest)
        let rows = (words.count + perLine - 1) / perLine
        return (0..<rows).map { row in
            var line = Line()
            line.isCut = true
            for (column, place) in stride(from: row, to: words.count, by: rows).enumerated() {
                line.pad(toColumns: column * widest)
                line.add(words[place])
            }
            return line
        }
    }

    /// How many rows below where `columns` began the cursor is after the text, in a window that
    /// wraps at `width`.
    static func rows(of text: String, after columns: Int, width: Int) -> Int {
        var row = columns / width
        var column = columns % width
        for scalar in text.unicodeScalars {
            // libedit shows a control character as ^X.
            let size = scalar.value < 0x20 ? 2 : SafeText.columns(String(scalar))
            if column + size > width {
                row += 1
                column = 0
            }
            column += size
            if column >= width {
                row += 1
                column = 0
            }
        }
        return row
    }
}
