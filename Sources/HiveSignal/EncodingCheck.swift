/// The search for an encoding fault (F0) in a line that is no JSON: F0 wins over F2.
///
/// A line that passes the grammar has none, so only lines that fail are looked at again.
enum EncodingCheck {
    /// The first encoding fault at or behind `start`, or nil.
    ///
    /// Strings are told from what is between them by their quotes alone, as well as that can be
    /// done in a line that is broken.
    static func firstFault(in text: JSONBytes, from start: Int) -> FrameFailure? {
        let isWide = looksLikeUTF16(text, from: start)
        var index = start
        var isInString = false
        while index < text.count {
            let byte = text.base[index]
            if byte == 0 {
                return FrameFailure(fault: isWide ? .utf16 : .nul, position: index)
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
                index += 1
            } else if byte == UInt8(ascii: "\\"), isInString {
                let end = text.escape(at: index)
                if end < 0, JSONBytes.failure(end).fault == .loneSurrogate {
                    return JSONBytes.failure(end)
                }
                index = max(end, index + 1)
            } else {
                let length = text.sequenceLength(at: index)
                if length == 0 {
                    return FrameFailure(fault: isWide ? .utf16 : .invalidUTF8, position: index)
                }
                if !isInString, isByteOrderMark(text, at: index) {
                    return FrameFailure(fault: .byteOrderMark, position: index)
                }
                index += length
            }
        }
        return nil
    }

    /// True where U+FEFF stands at `index`, in UTF-8.
    static func isByteOrderMark(_ text: JSONBytes, at index: Int) -> Bool {
        index + 3 <= text.count && text.base[index] == 0xEF && text.base[index + 1] == 0xBB
            && text.base[index + 2] == 0xBF
    }

    /// True for a UTF-16 byte order mark, or where every other of the first bytes is NUL.
    private static func looksLikeUTF16(_ text: JSONBytes, from start: Int) -> Bool {
        let count = min(text.count - start, 8)
        guard count >= 2 else { return false }
        let first = text.base[start]
        let second = text.base[start + 1]
        if (first == 0xFF && second == 0xFE) || (first == 0xFE && second == 0xFF) { return true }
        guard (first == 0) != (second == 0) else { return false }
        return (2..<count).allSatisfy { place in
            (text.base[start + place] == 0) == (text.base[start + place - 2] == 0)
        }
    }
}
