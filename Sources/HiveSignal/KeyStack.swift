/// The keys of the objects that are being read, innermost last: finds a key that is there twice.
///
/// Keys are compared as decoded bytes. Few keys are compared one by one as they come. Many are
/// sorted when their object ends, so that no choice of keys makes a line quadratic; a hash table
/// would need a secret for that, and this module has no randomness.
struct KeyStack: Sendable {
    private struct Key {
        /// The first eight decoded bytes.
        var prefix: UInt64
        /// Where the bytes start: in the text or, for a key with escapes, in `decoded`.
        var start: Int32
        var length: Int32
        /// The place of the key in the text.
        var position: Int32
        var isDecoded: Bool
    }

    private var keys: [Key] = []
    private var decoded: [UInt8] = []
    /// Up to this many keys an object is searched one by one.
    private static let linearKeysMax = 16

    /// Forgets everything, and keeps the memory.
    @inline(__always)
    mutating func reset() {
        if !keys.isEmpty { clear() }
    }

    @inline(never)
    private mutating func clear() {
        keys.removeAll(keepingCapacity: true)
        decoded.removeAll(keepingCapacity: true)
    }

    /// Where an object that begins now has its first key.
    var top: Int {
        @inline(__always) get { keys.count }
    }

    /// Adds a key (the text between its quotes) to the object whose keys start at `frame`.
    ///
    /// False where the key is a repeated one; in an object with many keys `close` says so.
    @inline(never)
    mutating func insert(
        _ text: JSONBytes,
        _ range: Range<Int>,
        isEscaped: Bool,
        frame: Int
    ) -> Bool {
        var start = range.lowerBound
        var length = range.count
        if isEscaped {
            start = decoded.count
            text.decode(range, into: &decoded)
            length = decoded.count - start
        }
        let key = withBytes(of: text, isDecoded: isEscaped) { bytes in
            Key(
                prefix: bytes.prefix(at: start, length: length),
                start: Int32(truncatingIfNeeded: start),
                length: Int32(truncatingIfNeeded: length),
                position: Int32(truncatingIfNeeded: range.lowerBound - 1),
                isDecoded: isEscaped
            )
        }
        if keys.count - frame < KeyStack.linearKeysMax {
            for other in keys[frame...]
            where other.prefix == key.prefix && other.length == key.length {
                if !isLess(other, key, text), !isLess(key, other, text) { return false }
            }
        }
        keys.append(key)
        return true
    }

    /// Ends the object whose keys start at `frame`: the place of a repeated key, or nil.
    @inline(__always)
    mutating func close(frame: Int, _ text: JSONBytes) -> Int? {
        keys.count == frame ? nil : pop(to: frame, text)
    }

    @inline(never)
    private mutating func pop(to frame: Int, _ text: JSONBytes) -> Int? {
        defer { keys.removeSubrange(frame...) }
        guard keys.count - frame > KeyStack.linearKeysMax else { return nil }
        let sorted = keys[frame...].sorted { isLess($0, $1, text) }
        return zip(sorted, sorted.dropFirst())
            .filter { !isLess($0, $1, text) }
            .map { Int(max($0.position, $1.position)) }
            .min()
    }

    private func isLess(_ left: Key, _ right: Key, _ text: JSONBytes) -> Bool {
        if left.prefix != right.prefix { return left.prefix < right.prefix }
        if left.length != right.length { return left.length < right.length }
        return withBytes(of: text, isDecoded: left.isDecoded) { leftBytes in
            withBytes(of: text, isDecoded: right.isDecoded) { rightBytes in
                var index = 8
                while index < Int(left.length) {
                    let leftByte = leftBytes.base[Int(left.start) &+ index]
                    let rightByte = rightBytes.base[Int(right.start) &+ index]
                    if leftByte != rightByte { return leftByte < rightByte }
                    index &+= 1
                }
                return false
            }
        }
    }

    private func withBytes<Result>(
        of text: JSONBytes,
        isDecoded: Bool,
        _ body: (JSONBytes) -> Result
    ) -> Result {
        guard isDecoded else { return body(text) }
        return decoded.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return body(text) }
            return body(JSONBytes(base: base, count: buffer.count))
        }
    }
}
