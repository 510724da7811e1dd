/// Violations in order, the primary one first, held without allocation.
///
/// Eight bytes, one a violation: its ordinal plus one, the first in the lowest byte. More than
/// eight do not fit and no ruling has so many.
struct ViolationList: Sendable, Hashable, ExpressibleByArrayLiteral {
    private var word: UInt64 = 0

    init(arrayLiteral violations: Violation...) {
        for violation in violations { append(violation) }
    }

    init(_ violations: [Violation]) {
        for violation in violations { append(violation) }
    }

    @inline(__always)
    var isEmpty: Bool { word == 0 }

    mutating func append(_ violation: Violation) {
        let count = (64 - word.leadingZeroBitCount + 7) / 8
        guard count < 8 else { return }
        word |= UInt64(violation.ordinal + 1) << UInt64(count * 8)
    }

    mutating func append(contentsOf other: ViolationList) {
        for violation in other.array { append(violation) }
    }

    var array: [Violation] {
        var array: [Violation] = []
        var rest = word
        while rest != 0 {
            array.append(Violation.allCases[Int(rest & 0xFF) - 1])
            rest >>= 8
        }
        return array
    }
}

/// Warnings as bits, held without allocation.
struct WarningSet: Sendable, Hashable {
    private var bits: UInt16 = 0

    @inline(__always)
    var isEmpty: Bool { bits == 0 }

    @inline(__always)
    mutating func insert(_ warning: Warning) { bits |= 1 << UInt16(warning.ordinal) }

    /// In the order of `Warning`'s cases.
    var array: [Warning] {
        Warning.allCases.filter { bits & (1 << UInt16($0.ordinal)) != 0 }
    }
}

extension Violation {
    /// The place among `allCases`.
    ///
    /// Safe: an enum without payloads of at most 256 cases is one byte, its case's place. A test
    /// holds it against `allCases`.
    var ordinal: UInt8 { unsafeBitCast(self, to: UInt8.self) }
}

extension Warning {
    /// The place among `allCases`; see `Violation.ordinal`.
    var ordinal: UInt8 {
        @inline(__always) get { unsafeBitCast(self, to: UInt8.self) }
    }
}
