import HiveLedger

extension Position {
    /// Where a byte of the file as written stands in the file now; nil for a byte that is lost.
    package func place(of offset: Int64) -> Int64? {
        var shift: Int64 = 0
        for span in lost where span.offset <= offset {
            guard offset >= span.offset + span.length else { return nil }
            shift += span.length
        }
        return offset - shift
    }

    /// How far the bytes still to come stand before their offsets.
    package var shift: Int64 { lost.reduce(0) { $0 + $1.length } }

    /// Notes that the judged bytes from `start` on are no longer in the file.
    mutating func lose(from start: Int64) {
        lost.removeAll { $0.offset >= start }
        lost.append(LostSpan(offset: start, length: offset - start))
    }
}
