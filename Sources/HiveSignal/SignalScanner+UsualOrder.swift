// Most lines have the eight keys in one order: that of SPEC §1, in which `hive emit` and most
// agents write them. As far as a line keeps to it, a member costs one comparison of eight bytes
// where the general loop has to find the name's end, look the key up and jump to its case. The loop
// goes on from wherever a line leaves the order, so nothing is judged in two ways.

extension SignalScanner {
    /// Reads the members that stand in the usual order, without white space between them.
    ///
    /// - `start`: the index of the first name's quote.
    /// - `seen`: gets the bits of the keys read; none where the first is another.
    ///
    /// Returns: the index behind the last value read (`start` where none was), or a packed failure.
    @inline(__always)
    mutating func readUsualOrder(
        _ text: JSONBytes,
        at start: Int,
        seen: inout UInt32,
        into fields: inout SignalFields
    ) -> Int {
        guard text.has(UsualName.ts, bytes: 5, at: start) else { return start }
        var index = readTimestamp(text, at: start &+ 5, into: &fields.timestamp)
        seen = SignalKey.ts.bit
        guard text.has(UsualName.mark, bytes: 8, at: index) else { return index }
        index = readMark(text, at: index &+ 8, into: &fields.mark)
        seen |= SignalKey.mark.bit
        guard text.has(UsualName.pull, bytes: 8, at: index) else { return index }
        index = readPull(text, at: index &+ 8, into: &fields.pull)
        seen |= SignalKey.pull.bit
        guard text.has(UsualName.msg, bytes: 7, at: index) else { return index }
        index = readMessage(text, at: index &+ 7, into: &fields.message)
        seen |= SignalKey.msg.bit
        guard text.has(UsualName.type, bytes: 8, at: index) else { return index }
        index = readType(text, at: index &+ 8, into: &fields.type)
        seen |= SignalKey.type.bit
        guard text.has(UsualName.hive, bytes: 8, at: index) else { return index }
        index = readPhase(text, at: index &+ 8, into: &fields.phase)
        seen |= SignalKey.hive.bit
        guard text.has(UsualName.gen, bytes: 7, at: index) else { return index }
        index = readGeneration(text, at: index &+ 7, into: &fields.generation)
        seen |= SignalKey.gen.bit
        guard text.has(UsualName.port, bytes: 8, at: index) else { return index }
        index = readPort(text, at: index &+ 8, into: &fields.port)
        seen |= SignalKey.port.bit
        return index
    }
}

/// The names with the comma before and the colon behind them, as zero-padded little-endian words.
///
/// A test holds each against its text.
enum UsualName {
    static let ts: UInt64 = 0x0000_003A_2273_7422
    static let mark: UInt64 = 0x3A22_6B72_616D_222C
    static let pull: UInt64 = 0x3A22_6C6C_7570_222C
    static let msg: UInt64 = 0x003A_2267_736D_222C
    static let type: UInt64 = 0x3A22_6570_7974_222C
    static let hive: UInt64 = 0x3A22_6576_6968_222C
    static let gen: UInt64 = 0x003A_226E_6567_222C
    static let port: UInt64 = 0x3A22_7472_6F70_222C
}

extension JSONBytes {
    /// True where `bytes` (at most eight) bytes at `index` are this word, and a value follows at
    /// once.
    ///
    /// False for a negative index, which is a failure.
    @inline(__always)
    fileprivate func has(_ name: UInt64, bytes: Int, at index: Int) -> Bool {
        guard index >= 0, index &+ 8 < count, base[index &+ bytes] > 0x20 else { return false }
        let mask = ~UInt64(0) &>> UInt64(truncatingIfNeeded: 64 &- bytes &* 8)
        return word(at: index) & mask == name
    }
}
