import Glibc

// The board is sacred: it is read, appended to and overwritten in place, and nothing else. It is
// never truncated, never replaced, never mapped (a truncation by another process would kill the
// reader). Three descriptors on one file do it: one reads; one appends, with O_APPEND, so that the
// kernel finds the end and two writers never share a place; one masks, without O_APPEND, because on
// Linux a pwrite through O_APPEND appends whatever its offset says. The writers are opened when
// first needed, through /proc/self/fd: they mean the file that is being read, even where the
// path has come to mean another.

/// One open board file, owned by one thread; another thread or process has its own.
package final class BoardFile {
    package let path: String
    /// The file that is open, whatever the path means by now.
    package let identity: FileIdentity

    let calls: SystemCalls
    private let reader: Descriptor
    private var appender: Descriptor?
    private var masker: Descriptor?

    /// Opens the board for reading; the right to write is asked for at the first write.
    ///
    /// - Throws: `missing`, `danglingLink`, `isDirectory`, `isFifo`, `notRegular`, `unreadable`, ….
    package init(path: String, calls: SystemCalls = .live) throws(BoardError) {
        self.path = path
        self.calls = calls
        reader = try calls.openRegular(path, O_RDONLY)
        identity = try calls.status(reader, .open, path: path).identity
    }

    /// Makes an empty board, 0644 less the umask, and the folders above it.
    ///
    /// - Returns: false where something already stands at the path; it is left alone.
    @discardableResult
    package static func create(at path: String, calls: SystemCalls = .live)
        throws(BoardError) -> Bool
    {
        try calls.makeFile(path)
    }

    /// The file's length in bytes, now.
    package func size() throws(BoardError) -> Int64 {
        try calls.status(reader, .look, path: path).size
    }

    /// Which file the path means now; nil for none.
    ///
    /// Where it is unequal to `identity`, the board was replaced.
    package func identityAtPath() throws(BoardError) -> FileIdentity? {
        try calls.status(path, .look)?.identity
    }

    /// Reads at a byte offset until `buffer` is full or the file ends.
    ///
    /// - Returns: the bytes read; fewer than asked only at the end of the file.
    package func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer)
        throws(BoardError) -> Int
    {
        let count = calls.readWhole(reader.number, buffer, at: offset)
        guard count >= 0 else {
            throw BoardError(answer: count, .read, path: path, offset: offset)
        }
        return count
    }

    /// True where the next append starts a line: the last byte is LF, or there is none yet.
    package func endsInLineFeed() throws(BoardError) -> Bool {
        let size = try size()
        guard size > 0 else { return true }
        var last: UInt8 = 0
        let count = try withUnsafeMutableBytes(of: &last) { buffer throws(BoardError) in
            try read(at: size - 1, into: buffer)
        }
        return count == 1 && last == .lineFeed
    }

    /// Appends in one write, so that no other writer's bytes come in between.
    ///
    /// A write cut short is not carried on: by then another line may follow the torn one.
    /// - Returns: the offset at which the bytes stand.
    /// - Throws: `shortWrite` where a part stands; with any other code nothing does, unless
    ///   `offset` and the hint say that the bytes stand.
    @discardableResult
    package func append(_ bytes: [UInt8]) throws(BoardError) -> Int64 {
        guard !bytes.isEmpty else { return try size() }
        let descriptor = try writer(&appender, O_WRONLY | O_APPEND, .append)
        let written = bytes.withUnsafeBytes { buffer in
            calls.retrying { calls.write(descriptor, buffer) }
        }
        guard written >= 0 else { throw BoardError(answer: written, .append, path: path) }
        // The descriptor is ours alone: its position is where our own write ended.
        let end = calls.retrying { calls.lseek(descriptor, 0, SEEK_CUR) }
        let offset = end >= 0 ? Int64(end - written) : nil
        guard written == bytes.count else {
            let code = BoardError.Code.shortWrite(standing: written, of: bytes.count)
            throw BoardError(code, .append, path: path, offset: offset)
        }
        guard let offset else {
            let hint = "the line was written, but where is not known: read the end of the board"
            throw BoardError(answer: end, .append, path: path, hint: hint)
        }
        return offset
    }

    /// Overwrites bytes in place where they are still those expected: a mask, or its undoing.
    ///
    /// A byte that already is as in `replacement` counts as expected, so that an overwrite which a
    /// crash cut in the middle can be done again. The file's length does not change.
    /// - Parameters:
    ///   - offset: where the bytes stand in the file.
    ///   - expected: what should stand there.
    ///   - replacement: what shall stand there; as many bytes.
    /// - Returns: false where other bytes stand there, or fewer: nothing was written.
    /// - Throws: a part may be overwritten; the same call made again finishes it.
    package func overwrite(at offset: Int64, expecting expected: [UInt8], with replacement: [UInt8])
        throws(BoardError) -> Bool
    {
        precondition(expected.count == replacement.count, "a mask keeps the length")
        let descriptor = try writer(&masker, O_RDWR, .mask)
        var found = [UInt8](repeating: 0, count: expected.count)
        let count = found.withUnsafeMutableBytes {
            calls.readWhole(descriptor, $0, at: offset)
        }
        guard count >= 0 else { throw BoardError(answer: count, .mask, path: path, offset: offset) }
        guard count == expected.count else { return false }
        for index in found.indices
        where found[index] != expected[index] && found[index] != replacement[index] {
            return false
        }
        if found == replacement { return true }
        let written = replacement.withUnsafeBytes {
            calls.overwriteWhole(descriptor, $0, at: offset)
        }
        guard written >= 0 else {
            throw BoardError(answer: written, .mask, path: path, offset: offset)
        }
        return true
    }

    /// Returns once what was written to the board is on the disk (fdatasync).
    package func sync() throws(BoardError) {
        let answer = calls.retrying { calls.fdatasync(reader.number) }
        guard answer >= 0 else { throw BoardError(answer: answer, .sync, path: path) }
    }

    /// Takes the lock that makes this process the board's only daemon; see `FileLock`.
    package func lock() throws(BoardError) -> FileLock {
        // A lock on a network filesystem needs a descriptor that may write.
        let descriptor = try calls.reopen(reader, O_RDWR, .lock, path: path)
        return try FileLock(descriptor, path: path, calls: calls)
    }

    /// Hands out `length` bytes from `offset` on in bounded pieces, for what is too large to hold.
    ///
    /// - Returns: the bytes handed out; fewer where the file ends before.
    @discardableResult
    package func forEachChunk(
        offset: Int64,
        length: Int64,
        _ body: (UnsafeRawBufferPointer) throws(BoardError) -> Void
    ) throws(BoardError) -> Int64 {
        let bytesMax = Int(min(length, Int64(Self.chunkBytesMax)))
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: bytesMax, alignment: 64)
        defer { chunk.deallocate() }
        var done: Int64 = 0
        while done < length {
            let wanted = Int(min(length - done, Int64(bytesMax)))
            let piece = UnsafeMutableRawBufferPointer(rebasing: chunk[..<wanted])
            let count = try read(at: offset + done, into: piece)
            if count == 0 { break }
            try body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
            done += Int64(count)
        }
        return done
    }

    /// The largest piece `forEachChunk` hands out: 1 MiB.
    package static let chunkBytesMax = 1 << 20

    /// The number of a writing descriptor, opened on first use.
    private func writer(
        _ slot: inout Descriptor?,
        _ flags: Int32,
        _ action: BoardError.Action
    ) throws(BoardError) -> Int32 {
        if let open = slot { return open.number }
        let opened = try calls.reopen(reader, flags, action, path: path)
        slot = opened
        return opened.number
    }
}

extension UInt8 {
    /// LF, the end of a line.
    static let lineFeed = UInt8(ascii: "\n")
}
