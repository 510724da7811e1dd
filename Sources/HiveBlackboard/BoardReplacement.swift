import Glibc

/// Makes a file that takes the board's place: what `hive doctor --repair` uses, and nothing else
/// does.
///
/// The bytes are written beside the board, made durable, and moved over it in one rename, so that
/// the path names a whole board at every moment. What writers append to the old file meanwhile is
/// carried over behind the rest; one who keeps the old file open after that writes into a file
/// without a name.
package final class BoardReplacement {
    private let old: BoardFile
    /// The board itself, where the path is a link to it.
    private let target: String
    private let path: String
    private var descriptor: Int32
    private var pending: [UInt8] = []
    private static let pendingBytesMax = 1 << 20

    /// Starts an empty file beside the board.
    package init(of board: BoardFile) throws(BoardError) {
        old = board
        var resolved = board.path
        if let real = realpath(board.path, nil) {
            resolved = String(cString: real)
            free(real)
        }
        target = resolved
        path = resolved + ".repair"
        unlink(path)
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw BoardError(answer: -Int(errno), .create, path: path) }
        var status = stat()
        if stat(resolved, &status) == 0 {
            // Another owner can only be given by root; mode and group matter to the writers.
            fchown(descriptor, status.st_uid, status.st_gid)
            fchmod(descriptor, status.st_mode & 0o7777)
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(path)
    }

    package func append(_ bytes: [UInt8]) throws(BoardError) {
        pending += bytes
        if pending.count >= Self.pendingBytesMax { try flush() }
    }

    /// Appends as many spaces.
    package func append(blanks count: Int64) throws(BoardError) {
        var left = count
        while left > 0 {
            let step = min(left, Int64(Self.pendingBytesMax))
            try append(Array(repeating: UInt8(ascii: " "), count: Int(step)))
            left -= step
        }
    }

    /// Appends the old board's bytes between two places.
    package func copy(from start: Int64, to end: Int64) throws(BoardError) {
        try old.forEachChunk(offset: start, length: end - start) { chunk throws(BoardError) in
            try append(Array(chunk))
        }
    }

    /// Appends the rest of the old board and puts the new file in its place.
    ///
    /// - `place`: the first byte of the old board not copied yet.
    ///
    /// Returns: the board that the path now names.
    package func finish(copyingFrom place: Int64) throws(BoardError) -> BoardFile {
        var copied = try old.size()
        try copy(from: place, to: copied)
        try flush()
        guard fsync(descriptor) == 0 else {
            throw BoardError(answer: -Int(errno), .sync, path: path)
        }
        guard rename(path, target) == 0 else {
            throw BoardError(answer: -Int(errno), .create, path: target)
        }
        close(descriptor)
        descriptor = -1
        let fresh = try BoardFile(path: old.path)
        var late: [UInt8] = []
        let size = try old.size()
        copied += try old.forEachChunk(offset: copied, length: size - copied) {
            chunk throws(BoardError) in late += chunk
        }
        if !late.isEmpty { _ = try fresh.append(late) }
        return fresh
    }

    private func flush() throws(BoardError) {
        var done = 0
        while done < pending.count {
            let count = pending.withUnsafeBytes { bytes in
                write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw BoardError(answer: -Int(errno), .append, path: path) }
            done += count
        }
        pending.removeAll(keepingCapacity: true)
    }
}
