/// The check of gzip (RFC 1952 §8).
struct CRC32 {
    private var state: UInt32 = .max

    var value: UInt32 { ~state }

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes { state = Self.next(state, byte) }
    }

    /// Adds a byte so many times, in as many steps as the number has bits.
    ///
    /// A step is linear over GF(2) but for a constant: maps of that kind can be composed, and so
    /// squared.
    mutating func addRun(of byte: UInt8, count: Int) {
        var left = max(0, count)
        var power = AffineMap { Self.next($0, byte) }
        while left > 0 {
            if left & 1 == 1 { state = power(state) }
            power = AffineMap { power(power($0)) }
            left >>= 1
        }
    }

    private static func next(_ state: UInt32, _ byte: UInt8) -> UInt32 {
        state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ byte)]
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
        }
    }
}

/// A map that takes `x` to `Ax ^ c`, by what it does to each bit.
private struct AffineMap {
    private let constant: UInt32
    private let columns: [UInt32]

    init(_ map: (UInt32) -> UInt32) {
        let constant = map(0)
        self.constant = constant
        columns = (0..<32).map { map(1 << $0) ^ constant }
    }

    func callAsFunction(_ value: UInt32) -> UInt32 {
        var result = constant
        for (place, column) in columns.enumerated() where value >> place & 1 == 1 {
            result ^= column
        }
        return result
    }
}
