extension String {
    /// The text, or its beginning and `…`, in at most so many bytes of UTF-8.
    package func cut(toBytes bytesMax: Int) -> String {
        guard utf8.count > bytesMax else { return self }
        let mark = "…"
        var end = utf8.index(startIndex, offsetBy: max(0, bytesMax - mark.utf8.count))
        // Back to the beginning of a character.
        while end > startIndex, end.samePosition(in: self) == nil { end = utf8.index(before: end) }
        return self[..<end] + mark
    }
}
