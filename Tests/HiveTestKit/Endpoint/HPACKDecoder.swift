// HPACK (RFC 7541), the reading half. The dynamic table is kept too: a client may fill it before
// it has read any setting of ours, so a setting could not do away with it.

/// Reads the header blocks of one HTTP/2 connection, in their order.
struct HPACKDecoder {
    typealias Field = (name: String, value: String)

    /// The size of the dynamic table that HTTP/2 begins with (RFC 9113 §6.5.2), and that we keep.
    private static let tableBytesMax = 4_096
    /// What an entry costs besides its text (RFC 7541 §4.1).
    private static let entryOverheadBytes = 32

    /// The newest first.
    private var table: [Field] = []
    private var tableBytes = 0
    private var tableLimit = tableBytesMax

    /// The fields of one block; nil: the block is broken, and with it the connection.
    mutating func decode(_ block: [UInt8]) -> [Field]? {
        var reader = HPACKReader(bytes: block)
        var fields: [Field] = []
        var bytesSoFar = 0
        while let first = reader.peek() {
            guard let field = self.field(first, &reader) else {
                // A new size of the table is no field.
                guard first & 0xE0 == 0x20, let limit = reader.integer(prefixBits: 5),
                    limit <= Self.tableBytesMax
                else { return nil }
                tableLimit = limit
                evict()
                continue
            }
            // One indexed byte can stand for a whole field of the table.
            bytesSoFar += field.name.utf8.count + field.value.utf8.count
            guard bytesSoFar <= EndpointMessage.headBytesMax else { return nil }
            fields.append(field)
        }
        return fields
    }

    /// One field; nil: there is none at hand, or it is broken.
    private mutating func field(_ first: UInt8, _ reader: inout HPACKReader) -> Field? {
        if first & 0x80 != 0 { return reader.integer(prefixBits: 7).flatMap(entry) }
        if first & 0xE0 == 0x20 { return nil }
        let isIndexed = first & 0x40 != 0
        guard let index = reader.integer(prefixBits: isIndexed ? 6 : 4) else { return nil }
        let name = index == 0 ? reader.string() : entry(at: index)?.name
        guard let name, let value = reader.string() else { return nil }
        if isIndexed {
            table.insert((name, value), at: 0)
            tableBytes += Self.size(of: (name, value))
            evict()
        }
        return (name, value)
    }

    private func entry(at index: Int) -> Field? {
        let statics = HPACKTables.statics
        guard index > 0, index <= statics.count + table.count else { return nil }
        return index <= statics.count ? statics[index - 1] : table[index - statics.count - 1]
    }

    private mutating func evict() {
        while tableBytes > tableLimit, let oldest = table.popLast() {
            tableBytes -= Self.size(of: oldest)
        }
    }

    private static func size(of field: Field) -> Int {
        field.name.utf8.count + field.value.utf8.count + entryOverheadBytes
    }
}

/// Integers and strings of a header block (RFC 7541 §5).
private struct HPACKReader {
    let bytes: [UInt8]
    private var place = 0
    /// Bytes that follow an integer's prefix; three are more than any length here needs.
    private static let continuationBytesMax = 3

    init(bytes: [UInt8]) { self.bytes = bytes }

    func peek() -> UInt8? { place < bytes.count ? bytes[place] : nil }

    mutating func integer(prefixBits: Int) -> Int? {
        guard let first = peek() else { return nil }
        place += 1
        let mask = 1 << prefixBits - 1
        var value = Int(first) & mask
        guard value == mask else { return value }
        for step in 0..<Self.continuationBytesMax {
            guard let byte = peek() else { return nil }
            place += 1
            value += Int(byte & 0x7F) << (7 * step)
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    mutating func string() -> String? {
        guard let first = peek(), let count = integer(prefixBits: 7),
            count <= bytes.count - place
        else { return nil }
        let text = bytes[place..<place + count]
        place += count
        guard first & 0x80 != 0 else { return String(decoding: text, as: UTF8.self) }
        return HPACKHuffman.decode(text).map { String(decoding: $0, as: UTF8.self) }
    }
}
