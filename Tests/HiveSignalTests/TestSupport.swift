import HiveSignal

/// A small generator that replays from its seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// Scans bytes as a line in the middle of a file.
func scan(_ bytes: [UInt8], atFileStart: Bool = false) -> ScannedLine {
    var scanner = SignalScanner()
    return bytes.withUnsafeBytes { scanner.scan($0, atFileStart: atFileStart) }
}

/// Scans text as a line in the middle of a file.
func scan(_ text: String, atFileStart: Bool = false) -> ScannedLine {
    scan(Array(text.utf8), atFileStart: atFileStart)
}

/// The text of a field of a line without payload.
func text(_ field: TextField, in line: String) -> String {
    Array(line.utf8).withUnsafeBytes { field.text(in: $0) }
}

/// Bytes as readable ASCII, for messages.
func printable(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
        byte >= 0x20 && byte < 0x7F
            ? String(Unicode.Scalar(byte)) : "<\(Hex.encode([byte]))>"
    }.joined()
}

/// The text in UTF-16LE.
func utf16LittleEndian(_ text: String) -> [UInt8] {
    text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
}

/// The text in UTF-16BE.
func utf16BigEndian(_ text: String) -> [UInt8] {
    text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
}
