import HiveBlackboard
import HiveLedger
import HiveSignal

/// Compares the judged part of the board with what the ledger recorded of it.
///
/// An accepted line must stand as it was; a quarantined one as its mask or as it was; between lines
/// only blanks. Lines known to be lost are passed over.
struct PrefixCheck {
    let ledger: Ledger
    let position: Position
    /// Asked now and then; true ends the check early.
    var isCancelled: () -> Bool = { false }

    enum Result: Hashable {
        case intact
        /// The first byte, as written, from which the file is not what was judged: the start of a
        /// line.
        case differs(at: Int64)
        case cancelled

        /// How far the file is what was judged, as written.
        var reach: Int64 {
            switch self {
            case .intact: .max
            case .differs(let offset): offset
            case .cancelled: 0
            }
        }
    }

    private static let windowBytes = 1 << 20

    /// Checks the judged bytes from `start` on (as written; the start of a line).
    func run(on board: BoardFile, from start: Int64 = 0) throws -> Result {
        var walk = Walk(window: FileWindow(board: board, bytes: Self.windowBytes), intactTo: start)
        let (end, generation) = (position.offset, position.generation)
        try ledger.judged(from: start, to: end, generation: generation) { line in
            do {
                return try step(line, &walk)
            } catch {
                walk.failure = error
                return false
            }
        }
        if let failure = walk.failure { throw failure }
        guard walk.result == .intact else { return walk.result }
        let rest = walk.intactTo..<max(walk.intactTo, end)
        return try isBlank(rest, &walk.window) ? .intact : .differs(at: walk.intactTo)
    }

    private struct Walk {
        var window: FileWindow
        /// Everything before is as it was judged.
        var intactTo: Int64
        var result = Result.intact
        var lines = 0
        var failure: (any Error)?
    }

    /// Takes one judged line; false ends the walk.
    private func step(_ line: JudgedLine, _ walk: inout Walk) throws -> Bool {
        walk.lines += 1
        if walk.lines % 4_096 == 0 && isCancelled() {
            walk.result = .cancelled
            return false
        }
        guard let place = position.place(of: line.offset) else { return true }
        let gap = walk.intactTo..<max(walk.intactTo, line.offset)
        guard try isBlank(gap, &walk.window), try stands(line, at: place, &walk.window) else {
            walk.result = .differs(at: walk.intactTo)
            return false
        }
        walk.intactTo = line.offset + line.length + 1
        return true
    }

    /// True where the line and its LF stand in the file.
    private func stands(
        _ line: JudgedLine,
        at place: Int64,
        _ window: inout FileWindow
    ) throws -> Bool {
        guard try window.byte(at: place + line.length) == UInt8(ascii: "\n") else { return false }
        switch line {
        case .accepted(_, let raw): return try window.holds(raw, at: place)
        case .quarantined(_, _, let identifier, _, let entry):
            guard let raw = StoredEntry(json: entry)?.raw else { return true }
            if try window.holds(raw, at: place) { return true }
            return try window.holds(Mask.bytes(entry: identifier, length: raw.count), at: place)
        }
    }

    /// True where these bytes, as written, are all there and hold no more than blank lines.
    private func isBlank(_ range: Range<Int64>, _ window: inout FileWindow) throws -> Bool {
        var offset = range.lowerBound
        while offset < range.upperBound {
            if let span = position.lost.first(where: {
                $0.offset <= offset && offset < $0.offset + $0.length
            }) {
                offset = span.offset + span.length
                continue
            }
            guard let place = position.place(of: offset), let byte = try window.byte(at: place),
                [0x00, 0x09, 0x0A, 0x0D, 0x20].contains(byte)
                    || (offset < 3 && [0xEF, 0xBB, 0xBF].contains(byte))
            else { return false }
            offset += 1
        }
        return true
    }
}

/// A file read forward through one buffer.
struct FileWindow {
    private let board: BoardFile
    private let bytesMax: Int
    private var bytes: [UInt8] = []
    private var start: Int64 = 0

    init(board: BoardFile, bytes: Int) {
        self.board = board
        self.bytesMax = bytes
    }

    /// The byte at this place; nil past the end of the file.
    mutating func byte(at place: Int64) throws -> UInt8? {
        guard try load(place, count: 1) else { return nil }
        return bytes[Int(place - start)]
    }

    /// True where exactly these bytes stand there.
    mutating func holds(_ expected: [UInt8], at place: Int64) throws -> Bool {
        guard try load(place, count: expected.count) else { return false }
        let from = Int(place - start)
        return bytes[from..<from + expected.count].elementsEqual(expected)
    }

    private mutating func load(_ place: Int64, count: Int) throws -> Bool {
        if place >= start && place + Int64(count) <= start + Int64(bytes.count) { return true }
        start = place
        let wanted = max(bytesMax, count)
        let board = self.board
        bytes = try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            filled = try board.read(at: place, into: UnsafeMutableRawBufferPointer(buffer))
        }
        return bytes.count >= count
    }
}
