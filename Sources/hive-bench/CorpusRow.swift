/// A good line as a ledger keeps it: what `rivals/insert_sqlite.c` inserts.
struct CorpusRow {
    /// The generation of every good line.
    static let generation: Int64 = 87

    let scene: CorpusScene
    /// 32 hex digits.
    let trace: String
    /// From 1.
    var line: Int64 = 0
    /// Bytes before the line.
    var offset: Int64 = 0
    var timestampSeconds: Int64 = 0
    var mark = 0.0
    /// 0 upstream, 1 downstream, 2 lateral.
    var pull: UInt8 = 0
    /// 0 signal, 1 event, 2 error, 3 metric.
    var type: UInt8 = 0
    var message = ""
    var identifier: String?
    var parent: String?
    var agent: String?
    /// The line without its line end.
    var raw: [UInt8] = []

    init(scene: CorpusScene, trace: String) {
        self.scene = scene
        self.trace = trace
    }

    /// One record, all numbers little-endian: line, offset, timestamp seconds, mark (IEEE 754),
    /// generation and cycle, 8 bytes each; trace, 16 bytes; pull, type, phase, port, a byte each;
    /// then message, id, parent, agent and raw, each a 4-byte length (0xFFFFFFFF: none) and its
    /// bytes.
    func encode(into record: inout [UInt8]) {
        record.removeAll(keepingCapacity: true)
        for number in [line, offset, timestampSeconds, Int64(bitPattern: mark.bitPattern)] {
            Self.put(UInt64(bitPattern: number), into: &record)
        }
        Self.put(UInt64(Self.generation), into: &record)
        Self.put(UInt64(scene.cycle), into: &record)
        for half in [trace.prefix(16), trace.suffix(16)] {
            Self.put((UInt64(half, radix: 16) ?? 0).byteSwapped, into: &record)
        }
        record.append(contentsOf: [pull, type, UInt8(scene.phase), UInt8(scene.port)])
        Self.put(Array(message.utf8), into: &record)
        for text in [identifier, parent, agent] {
            Self.put(text.map { Array($0.utf8) }, into: &record)
        }
        Self.put(raw, into: &record)
    }

    private static func put(_ number: UInt64, into record: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { record.append(contentsOf: $0) }
    }

    private static func put(_ bytes: [UInt8]?, into record: inout [UInt8]) {
        let length = bytes.map { UInt32($0.count) } ?? UInt32.max
        withUnsafeBytes(of: length.littleEndian) { record.append(contentsOf: $0) }
        if let bytes { record.append(contentsOf: bytes) }
    }
}
