import Glibc
import HiveBlackboard
import HiveLedger
import HiveSignal

/// `archive/` beside the board: `gen-N.jsonl`, the board of each generation that ended, and
/// `gen-N.json`, what it came to.
struct ArchiveFolder {
    let path: String

    init(_ settings: Settings) { path = settings.archive }

    func board(of generation: Int64) -> String { "\(path)/gen-\(generation).jsonl" }

    func manifest(of generation: Int64) -> String { "\(path)/gen-\(generation).json" }

    /// True where the generation's board has its archive's name already.
    func holds(_ flip: AuditEvent.Flip) throws(HiveError) -> Bool {
        let path = board(of: flip.generation)
        guard FileProbe.exists(path) else { return false }
        return try HiveError.wrap { try BoardFile(path: path).identity.inode } == flip.inode
    }

    /// What the newest manifest says, for a board whose audit is gone: which board it was, and the
    /// generation that came next.
    func newest() -> (boardID: String, next: Int64)? {
        let manifests = ProjectFolder.names(of: path)
            .filter { $0.hasPrefix("gen-") && $0.hasSuffix(".json") }
            .compactMap { name -> (boardID: String, next: Int64)? in
                let file = BoundedFile.read("\(path)/\(name)", bytesMax: Self.manifestBytesMax)
                guard case .bytes(let bytes) = file,
                    let manifest = try? JSONValue(parsing: bytes),
                    let boardID = manifest["boardId"]?.stringValue,
                    let next = manifest["next"]?.integerValue
                else { return nil }
                return (boardID, next)
            }
        return manifests.max { $0.next < $1.next }
    }

    /// A summary has at most `Engine.summaryBytesMax` bytes, which escapes may make six times more.
    private static let manifestBytesMax = 64 << 10

    /// Writes a generation's manifest where it is not as it should be, the whole file or nothing.
    func write(_ row: GenerationRow, boardID: String) throws(HiveError) {
        let target = manifest(of: row.generation)
        var writer = JSONWriter()
        writer.value(Self.manifest(row, boardID: boardID))
        writer.newline()
        guard !Self.stands(writer.bytes, at: target) else { return }
        let part = target + ".part"
        unlink(part)
        let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failed(part) }
        let bytes = writer.bytes
        let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        let isWhole = written == bytes.count && fsync(descriptor) == 0
        let code = isWhole ? 0 : errno
        close(descriptor)
        guard isWhole, rename(part, target) == 0 else {
            if code != 0 { errno = code }
            defer { unlink(part) }
            throw Self.failed(target)
        }
    }

    /// True where a file holds exactly these bytes.
    private static func stands(_ bytes: [UInt8], at path: String) -> Bool {
        guard let file = try? BoardFile(path: path), (try? file.size()) == Int64(bytes.count) else {
            return false
        }
        var window = FileWindow(board: file, bytes: bytes.count)
        return (try? window.holds(bytes, at: 0)) ?? false
    }

    private static func failed(_ path: String) -> HiveError {
        .machine(
            "cannot write \(path): \(String(cString: strerror(errno)))",
            hint:
                "make room and the archive folder writable; the daemon writes it at its next start"
        )
    }

    /// What `gen-N.json` holds: `chain`, counts and `bytes` are as far as the archive is judged.
    static func manifest(_ row: GenerationRow, boardID: String) -> JSONValue {
        [
            "gen": .integer(row.generation),
            "next": .integer(row.next),
            "boardId": .string(boardID),
            "summary": .string(row.summary),
            "forced": .bool(row.isForced),
            "endedAt": .string(Timestamp(milliseconds: row.endedMilliseconds).rfc3339),
            "lines": .integer(row.lines),
            "accepted": .integer(row.accepted),
            "quarantined": .integer(row.quarantined),
            "blank": .integer(row.blank),
            "bytes": .integer(row.offset),
            "chain": .string(Hex.encode(row.chain)),
            "firstSequence": .integer(row.start + 1),
            "lastSequence": .integer(row.sequence),
            "late": [
                "bytes": .integer(row.offset - row.flippedAt),
                "copied": .integer(row.copied),
            ],
        ]
    }
}
