/// A passphrase while it is typed, key by key; nothing of it is ever shown.
struct HiddenInput {
    enum Next: Equatable {
        case more
        /// Enter: `bytes` is all of it.
        case done
        /// Ctrl-C, or Ctrl-D before anything was typed.
        case cancelled
    }

    /// What is longer is cut off; no passphrase is.
    static let bytesMax = 4_096

    private(set) var bytes: [UInt8] = []

    /// Takes one byte of what the terminal sends for a key.
    mutating func take(_ byte: UInt8) -> Next {
        switch byte {
        case 0x0A, 0x0D: return .done
        case 0x03: return .cancelled
        case 0x04: return bytes.isEmpty ? .cancelled : .more
        case 0x08, 0x7F: removeLast()
        case 0x15: bytes.removeAll()
        case 0..<0x20: break
        default: if bytes.count < Self.bytesMax { bytes.append(byte) }
        }
        return .more
    }

    /// Backspace takes a whole character of UTF-8.
    private mutating func removeLast() {
        while let byte = bytes.popLast(), byte & 0xC0 == 0x80 {}
    }
}
