/// Bytes that are to go out, in pieces; a long run costs no memory.
struct BytePieces: Sendable {
    enum Piece: Sendable {
        case bytes([UInt8])
        /// A pattern, again and again, up to so many bytes.
        case run([UInt8], count: Int)

        var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .run(_, let count): count
            }
        }
    }

    private(set) var pieces: [Piece] = []
    /// The piece that is next, and how much of it has gone out.
    private var index = 0
    private var offset = 0
    /// Bytes that have not gone out.
    private(set) var count = 0

    init() {}

    init(_ pieces: [[UInt8]]) {
        for piece in pieces { append(.bytes(piece)) }
    }

    init(_ text: String) { append(.bytes(Array(text.utf8))) }

    var isEmpty: Bool { count == 0 }

    mutating func append(_ piece: Piece) {
        guard piece.count > 0 else { return }
        pieces.append(piece)
        count += piece.count
    }

    /// Nothing more goes out than the next `limit` bytes.
    mutating func truncate(to limit: Int) { count = min(count, max(0, limit)) }

    /// Moves the next bytes to the end of `output`: of one piece, and no more than `limit`.
    mutating func take(upTo limit: Int, into output: inout [UInt8]) {
        guard index < pieces.count else { return }
        let piece = pieces[index]
        let taken = min(limit, count, piece.count - offset)
        switch piece {
        case .bytes(let bytes):
            output.append(contentsOf: bytes[offset..<offset + taken])
        case .run(let pattern, _):
            for place in offset..<offset + taken { output.append(pattern[place % pattern.count]) }
        }
        offset += taken
        count -= taken
        guard offset == piece.count else { return }
        // What has gone out needs no memory while the rest waits.
        pieces[index] = .bytes([])
        index += 1
        offset = 0
    }
}
