// Writings of one character
//
// A small table in place of Unicode's compatibility forms (NFKC), which the standard library does
// not have: what keyboards, phones and East Asian input put where others put ASCII. Letters of
// other scripts that only look alike stay what they are.

extension String {
    /// Full-width forms (U+FF01…U+FF5E) and typographic quotes as ASCII writes them.
    var withPlainForms: String { mapped(Self.plainForm) }

    /// Hyphens, dashes and the minus sign as `-`.
    ///
    /// Apart from the rest, for `yes—it is` says yes and `yes-man` does not.
    var withPlainDashes: String {
        mapped { Self.dashes.contains($0.value) ? "-" : $0 }
    }

    private func mapped(_ plain: (Unicode.Scalar) -> Unicode.Scalar) -> String {
        guard !utf8.allSatisfy({ $0 < 0x80 }) else { return self }
        return String(UnicodeScalarView(unicodeScalars.map(plain)))
    }

    private static func plainForm(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
        case 0x2018, 0x2019, 0x201B, 0x02BC: "'"
        case 0x201C...0x201F: "\""
        default: scalar
        }
    }

    /// Hyphens (U+2010, U+2011), figure dash, en dash, em dash, bar, minus, small hyphen.
    private static let dashes: Set<UInt32> = [
        0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFE63,
    ]
}
