/// The Huffman code of header strings (RFC 7541, appendix B).
///
/// It is canonical: codes of one length are consecutive and in the order of their symbols, and
/// start where twice the end of the shorter ones is. So the lengths say all.
enum HPACKHuffman {
    private static let lengthMax = 30
    /// The symbol that is only ever padding.
    private static let endSymbol = 256

    /// Of the codes of each symbol, 0…256, in bits.
    private static let lengths: [UInt8] = [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ]

    /// The symbols in the order of their codes.
    private static let symbols = lengths.indices.sorted {
        (lengths[$0], $0) < (lengths[$1], $1)
    }

    /// For each length: its first code, how many there are, and where their symbols begin.
    private static let rows: [(first: Int, count: Int, start: Int)] = {
        var rows: [(first: Int, count: Int, start: Int)] = [(0, 0, 0)]
        for length in 1...lengthMax {
            let shorter = rows[length - 1]
            let count = lengths.count { Int($0) == length }
            rows.append(((shorter.first + shorter.count) * 2, count, shorter.start + shorter.count))
        }
        return rows
    }()

    /// The text; nil: it is not such a code, or its padding is not the start of the last symbol.
    static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var text: [UInt8] = []
        var code = 0
        var length = 0
        for byte in bytes {
            for bit in (0..<8).reversed() {
                code = code << 1 | Int(byte >> bit & 1)
                length += 1
                guard length <= lengthMax else { return nil }
                let row = rows[length]
                guard code - row.first < row.count else { continue }
                let symbol = symbols[row.start + code - row.first]
                guard symbol != endSymbol else { return nil }
                text.append(UInt8(symbol))
                code = 0
                length = 0
            }
        }
        return length < 8 && code == 1 << length - 1 ? text : nil
    }
}

/// The fields that both sides know from the start.
enum HPACKTables {
    /// RFC 7541, appendix A; the first has index 1.
    static let statics: [HPACKDecoder.Field] = [
        (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"),
        (":path", "/index.html"), (":scheme", "http"), (":scheme", "https"), (":status", "200"),
        (":status", "204"), (":status", "206"), (":status", "304"), (":status", "400"),
        (":status", "404"), (":status", "500"), ("accept-charset", ""),
        ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""),
        ("accept", ""), ("access-control-allow-origin", ""), ("age", ""), ("allow", ""),
        ("authorization", ""), ("cache-control", ""), ("content-disposition", ""),
        ("content-encoding", ""), ("content-language", ""), ("content-length", ""),
        ("content-location", ""), ("content-range", ""), ("content-type", ""), ("cookie", ""),
        ("date", ""), ("etag", ""), ("expect", ""), ("expires", ""), ("from", ""), ("host", ""),
        ("if-match", ""), ("if-modified-since", ""), ("if-none-match", ""), ("if-range", ""),
        ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""), ("location", ""),
        ("max-forwards", ""), ("proxy-authenticate", ""), ("proxy-authorization", ""),
        ("range", ""), ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""),
        ("set-cookie", ""), ("strict-transport-security", ""), ("transfer-encoding", ""),
        ("user-agent", ""), ("vary", ""), ("via", ""), ("www-authenticate", ""),
    ]
}

/// Writes header blocks: literal fields without Huffman codes and without the dynamic table.
enum HPACKEncoder {
    /// The block of an answer's headers.
    static func block(status: Int, _ fields: [(name: String, value: String)]) -> [UInt8] {
        // `:status` is the static table's entry 8; 0x08 is a literal with that name (§6.2.2).
        var block: [UInt8] = status == 200 ? [0x88] : [0x08] + string("\(status)")
        for field in fields { block += literal(field.name, field.value) }
        return block
    }

    /// A field that no table remembers.
    static func literal(_ name: String, _ value: String) -> [UInt8] {
        [0] + string(name) + string(value)
    }

    private static func string(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
        var length: [UInt8] = [127]
        var rest = bytes.count - 127
        while rest >= 128 {
            length.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return length + [UInt8(rest)] + bytes
    }
}
