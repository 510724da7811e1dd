/// A key that the scanner knows; the raw value numbers its bit in the set of keys seen.
enum SignalKey: UInt8 {
    case other
    case ts, mark, pull, msg, type, hive, gen, port
    case id, parent, agent, task, evidence, traceparent, tracestate, specversion

    /// The key whose whole text is these bytes, given as the first eight and, behind them, up to
    /// four more, each zero-padded and little-endian.
    @inline(__always)
    static func named(_ word: UInt64, _ rest: UInt64, length: Int) -> SignalKey {
        if length < 8 { return short(word) }
        switch (length, word, rest) {
        case (8, Word.evidence, _): return .evidence
        case (10, Word.tracesta, Word.te): return .tracestate
        case (11, Word.tracepar, Word.ent): return .traceparent
        case (11, Word.specvers, Word.ion): return .specversion
        default: return .other
        }
    }

    /// The key of less than eight bytes, none of them NUL.
    ///
    /// A perfect hash, so that a key costs one unpredictable jump (to its case) and no search.
    @inline(__always)
    static func short(_ word: UInt64) -> SignalKey {
        let slot = Int(truncatingIfNeeded: (word &* hashFactor) &>> 60)
        let words = UnsafeRawPointer(wordsBySlot.utf8Start)
        let found = words.loadUnaligned(fromByteOffset: slot &* 8, as: UInt64.self)
        guard UInt64(littleEndian: found) == word else { return .other }
        // Safe: the table holds raw values only, as a test shows. `init(rawValue:)` is a call.
        return unsafeBitCast(keysBySlot.utf8Start[slot], to: SignalKey.self)
    }

    /// Found by trial: sends the twelve short keys to twelve of sixteen slots.
    private static let hashFactor: UInt64 = 0x5DFB_D3D1_2C4A_3699

    /// Eight bytes a slot: its key, zero-padded.
    private static let wordsBySlot: StaticString = """
        parent\0\0\
        \0\0\0\0\0\0\0\0\
        gen\0\0\0\0\0\
        mark\0\0\0\0\
        \0\0\0\0\0\0\0\0\
        msg\0\0\0\0\0\
        port\0\0\0\0\
        agent\0\0\0\
        \0\0\0\0\0\0\0\0\
        task\0\0\0\0\
        hive\0\0\0\0\
        ts\0\0\0\0\0\0\
        type\0\0\0\0\
        pull\0\0\0\0\
        id\0\0\0\0\0\0\
        \0\0\0\0\0\0\0\0
        """

    /// A byte a slot: the raw value of its key.
    private static let keysBySlot: StaticString =
        "\u{A}\0\u{7}\u{2}\0\u{4}\u{8}\u{B}\0\u{C}\u{6}\u{1}\u{5}\u{3}\u{9}\0"

    /// The set of this key alone.
    var bit: UInt32 {
        @inline(__always) get { 1 &<< UInt32(rawValue) }
    }
}

/// Texts of up to eight bytes as little-endian words, to be compared at once.
///
/// A test holds each against its text.
enum Word {
    static let evidence: UInt64 = 0x6563_6E65_6469_7665
    static let tracesta: UInt64 = 0x6174_7365_6361_7274
    static let te: UInt64 = 0x6574
    static let tracepar: UInt64 = 0x7261_7065_6361_7274
    static let ent: UInt64 = 0x74_6E65
    static let specvers: UInt64 = 0x7372_6576_6365_7073
    static let ion: UInt64 = 0x6E_6F69
    // Values.
    static let upstream: UInt64 = 0x6D61_6572_7473_7075
    static let downstre: UInt64 = 0x6572_7473_6E77_6F64
    static let am: UInt64 = 0x6D61
    static let al: UInt64 = 0x6C61
    static let lateral: UInt64 = 0x6C_6172_6574_616C
    static let signal: UInt64 = 0x6C61_6E67_6973
    static let event: UInt64 = 0x74_6E65_7665
    static let error: UInt64 = 0x72_6F72_7265
    static let metric: UInt64 = 0x6369_7274_656D
}

extension JSONBytes {
    /// The `length` bytes at `start`, at most eight of them, as a zero-padded little-endian word.
    @inline(__always)
    func prefix(at start: Int, length: Int) -> UInt64 {
        if start &+ 8 <= count {
            let word = word(at: start)
            return length >= 8 ? word : word & ~(~0 &<< UInt64(truncatingIfNeeded: length &* 8))
        }
        var word: UInt64 = 0
        var place = 0
        while place < min(length, 8) {
            word |= UInt64(base[start &+ place]) &<< UInt64(truncatingIfNeeded: place &* 8)
            place &+= 1
        }
        return word
    }
}
