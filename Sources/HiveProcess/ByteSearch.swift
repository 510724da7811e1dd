import Glibc

extension [UInt8] {
    /// Where `needle` starts, from the front, without overlaps, at most `max` times.
    package func offsets(of needle: [UInt8], max: Int) -> [Int] {
        guard !needle.isEmpty else { return [] }
        var offsets: [Int] = []
        withUnsafeBytes { bytes in
            var from = 0
            while offsets.count < max, let found = bytes.firstOffset(of: needle, from: from) {
                offsets.append(found)
                from = found + needle.count
            }
        }
        return offsets
    }

    /// True where `needle` is in it.
    package func contains(_ needle: [UInt8]) -> Bool {
        withUnsafeBytes { $0.firstOffset(of: needle, from: 0) != nil }
    }
}

extension UnsafeRawBufferPointer {
    /// Where `needle` starts first, at or after `from`; an empty one is nowhere.
    ///
    /// memmem(3) would do it, but Swift's Glibc does not show it.
    package func firstOffset(of needle: [UInt8], from: Int) -> Int? {
        guard let base = baseAddress, let first = needle.first else { return nil }
        var start = from
        while count - start >= needle.count {
            let candidates = count - start - needle.count + 1
            guard let found = memchr(base + start, Int32(first), candidates) else { return nil }
            if memcmp(found, needle, needle.count) == 0 {
                return base.distance(to: UnsafeRawPointer(found))
            }
            start = base.distance(to: UnsafeRawPointer(found)) + 1
        }
        return nil
    }
}
