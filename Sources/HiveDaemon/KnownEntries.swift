import Crypto
import HiveBlackboard
import HiveSignal

/// Quarantine entries whose lines the fold has still to meet: after a crash those that were written
/// before their batch was committed, in a rebuild all of them.
///
/// An entry is authoritative: its line is quarantined, and where the board shows a mask, the entry
/// has the bytes.
///
/// Only places in the journal are held; an entry is read when its line comes.
struct EntryLookup {
    private struct Place {
        var length: Int64
        var journal: Range<Int64>
    }

    private var places: [Int64: Place] = [:]
    /// Entries whose bytes a person put back on the board.
    var restored: Set<String> = []

    /// The entry that stands for this line, or nil: its span and its bytes must both be the
    /// entry's.
    mutating func entry(
        for frame: FramedLine,
        bytes: UnsafeRawBufferPointer,
        in source: some EntrySource
    ) throws(BoardError) -> StoredEntry? {
        guard let entry = try find(frame, in: source), entry.matches(bytes) else { return nil }
        return take(entry, frame)
    }

    /// The same for a line too large to hold, known by its digest.
    mutating func entry(
        forGiant frame: FramedLine,
        sha256: [UInt8],
        in source: some EntrySource
    ) throws(BoardError) -> StoredEntry? {
        guard let entry = try find(frame, in: source), entry.sha256 == Hex.encode(sha256) else {
            return nil
        }
        return take(entry, frame)
    }

    /// Notes the entries that the journal holds from this byte on.
    ///
    /// - Returns: the entries of refused emits, which have no line to wait for.
    mutating func load(
        from source: some EntrySource,
        after start: Int64,
        generation: Int64
    ) throws(BoardError) -> [StoredEntry] {
        var refused: [StoredEntry] = []
        var found = self
        try source.forEachEntry(from: start) { offset, line in
            guard let entry = StoredEntry(json: Array(line)) else { return }
            guard let place = entry.offset else { return refused.append(entry) }
            guard entry.generation == generation else { return }
            found.places[place] = Place(
                length: entry.length,
                journal: offset..<offset + Int64(line.count)
            )
        }
        self = found
        return refused
    }

    private func find(
        _ frame: FramedLine,
        in source: some EntrySource
    ) throws(BoardError) -> StoredEntry? {
        guard !places.isEmpty, let place = places[frame.offset], place.length == frame.length
        else { return nil }
        return StoredEntry(json: try source.entryBytes(place.journal))
    }

    private mutating func take(_ entry: StoredEntry, _ frame: FramedLine) -> StoredEntry {
        places[frame.offset] = nil
        var entry = entry
        entry.isRestored = restored.contains(entry.identifier)
        return entry
    }
}

/// Where entries are read from: the journal its writer holds, or the file for those who only look.
protocol EntrySource {
    func forEachEntry(
        from start: Int64,
        _ body: (_ offset: Int64, _ line: UnsafeRawBufferPointer) -> Void
    ) throws(BoardError)

    func entryBytes(_ range: Range<Int64>) throws(BoardError) -> [UInt8]
}

extension Journal: EntrySource {
    func forEachEntry(
        from start: Int64,
        _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BoardError) {
        try forEachLine(from: start) { offset, line throws(BoardError) in body(offset, line) }
    }

    func entryBytes(_ range: Range<Int64>) throws(BoardError) -> [UInt8] {
        try read(from: range.lowerBound, to: range.upperBound)
    }
}

/// A journal that is only looked at; one that is not there is empty.
struct JournalView: EntrySource {
    private let file: BoardFile?

    init(path: String) throws(BoardError) {
        do throws(BoardError) {
            file = try BoardFile(path: path)
        } catch {
            guard error.code == .missing else { throw error }
            file = nil
        }
    }

    func forEachEntry(
        from start: Int64,
        _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BoardError) {
        guard let file else { return }
        let tail = BoardTail(offset: start, keptBytesMax: .max)
        try tail.walk(file) { frame, bytes throws(BoardError) in
            if let bytes { body(frame.offset, bytes) }
            return true
        }
    }

    func entryBytes(_ range: Range<Int64>) throws(BoardError) -> [UInt8] {
        guard let file else { return [] }
        var bytes: [UInt8] = []
        _ = try file.forEachChunk(
            offset: range.lowerBound,
            length: range.upperBound - range.lowerBound
        ) { chunk throws(BoardError) in bytes += chunk }
        return bytes
    }
}

/// An entry as read back from the journal.
struct StoredEntry {
    var json: [UInt8]
    var value: JSONValue
    var isRestored = false

    init?(json: [UInt8]) {
        guard let value = JSONValue(entry: json), value["id"]?.stringValue != nil else {
            return nil
        }
        self.json = json
        self.value = value
    }

    var identifier: String { value["id"]?.stringValue ?? "" }
    var generation: Int64 { value["gen"]?.integerValue ?? 0 }
    var line: Int64? { value["line"]?.integerValue }
    var offset: Int64? { value["offset"]?.integerValue }
    var length: Int64 { value["length"]?.integerValue ?? 0 }
    var sha256: String { value["sha256"]?.stringValue ?? "" }
    var violation: String { value["violation"]?.stringValue ?? "" }

    /// The line's exact bytes; nil where it was too large to be copied.
    var raw: [UInt8]? {
        value["raw"]?.stringValue.flatMap { Base64.decode(Array($0.utf8)) }
    }

    /// True where these bytes of the board are the entry's line: its mask, or the line itself.
    func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let mask = Mask.bytes(entry: identifier, length: bytes.count)
        if bytes.elementsEqual(mask) { return true }
        return Hex.encode(Array(SHA256.hash(bufferPointer: bytes))) == sha256
    }
}

extension JSONValue {
    /// A line of the quarantine, around the signal that it holds; nil where it is none.
    init?(entry json: [UInt8]) {
        guard let value = try? JSONValue(parsing: json, depthMax: Self.depthMaxAroundLine) else {
            return nil
        }
        self = value
    }
}

extension SHA256 {
    /// The digest of borrowed bytes.
    static func hash(bufferPointer bytes: UnsafeRawBufferPointer) -> SHA256Digest {
        var hasher = SHA256()
        hasher.update(bufferPointer: bytes)
        return hasher.finalize()
    }
}
