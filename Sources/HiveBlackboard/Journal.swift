import Glibc
import HiveSignal

// quarantine.jsonl and pyre_audit.jsonl: files of ours alone, one writer, whole lines only. An
// append that fails in the middle is taken back by cutting the file to the length it had, so that
// no half line is ever followed by another. Where even the cut fails, the next append tries it
// again before it writes. A failed fdatasync is different: Linux then drops the pages it could not
// write and answers the next call with success, so a journal that failed to sync takes no more
// until it is opened again.

/// An append-only JSON Lines file with one writer, owned by one thread.
package final class Journal {
    /// The longest line that is read back: 64 MiB.
    ///
    /// The longest that is written holds a kept line of the board (`LineFramer.keptBytesMax`) in
    /// base64, and its text.
    package static let lineBytesMax = 64 << 20

    package let path: String
    /// Length in bytes, of whole lines and of a torn tail that was there when it was opened.
    package private(set) var size: Int64
    /// The file that is open, whatever the path means by now.
    package let identity: FileIdentity

    private let calls: SystemCalls
    private let descriptor: Descriptor
    /// Bytes beyond `size` may stand there, left by an append that could not be taken back.
    private var hasRemains = false
    private var syncFailure: BoardError?

    /// Opens the file, or makes it (0644 less the umask) with the folders above it.
    package init(path: String, calls: SystemCalls = .live) throws(BoardError) {
        self.path = path
        self.calls = calls
        _ = try calls.makeFile(path)
        descriptor = try calls.openRegular(path, O_RDWR | O_APPEND)
        let status = try calls.status(descriptor, .open, path: path)
        identity = status.identity
        size = status.size
    }

    /// Which file the path means now; nil for none.
    ///
    /// Where it is unequal to `identity`, what is appended here is not found under the name.
    package func identityAtPath() throws(BoardError) -> FileIdentity? {
        try calls.status(path, .look)?.identity
    }

    /// Cuts what follows the last LF: the half line of a writer that died.
    ///
    /// - Returns: the bytes cut.
    @discardableResult
    package func cutTornTail() throws(BoardError) -> Int64 {
        let whole = try wholeLinesEnd()
        let torn = size - whole
        guard torn > 0 else { return 0 }
        try cut(to: whole)
        size = whole
        return torn
    }

    /// Appends whole lines, each with its LF; all of them or none.
    ///
    /// - Returns: the offset at which they stand.
    /// - Throws: nothing was appended, whatever the code.
    @discardableResult
    package func append(lines: [UInt8]) throws(BoardError) -> Int64 {
        precondition(lines.isEmpty || lines.last == .lineFeed, "a journal holds whole lines")
        if let syncFailure { throw syncFailure }
        if hasRemains {
            try cut(to: size)
            hasRemains = false
        }
        let offset = size
        let answer = lines.withUnsafeBytes { calls.appendWhole(descriptor.number, $0) }
        guard answer >= 0 else {
            hasRemains = true
            // The error to tell is the append's; a cut that fails too is tried again next time.
            if (try? cut(to: offset)) != nil { hasRemains = false }
            throw BoardError(answer: answer, .append, path: path, offset: offset)
        }
        size += Int64(lines.count)
        return offset
    }

    /// Returns once everything appended is on the disk (fdatasync).
    ///
    /// - Throws: the journal then takes no more; open it again and judge again what followed the
    ///   last sync that succeeded.
    package func sync() throws(BoardError) {
        if let syncFailure { throw syncFailure }
        let answer = calls.retrying { calls.fdatasync(descriptor.number) }
        guard answer < 0 else { return }
        let hint =
            "look at the disk and the kernel log, then start hive again: "
            + "what may not have reached the disk is then judged once more"
        let failure = BoardError(answer: answer, .sync, path: path, hint: hint)
        syncFailure = failure
        throw failure
    }

    /// The bytes from one offset to another; fewer where the file ends before.
    package func read(from start: Int64, to end: Int64) throws(BoardError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(max(0, min(end, size) - start)))
        let answer = bytes.withUnsafeMutableBytes {
            calls.readWhole(descriptor.number, $0, at: start)
        }
        bytes.removeLast(bytes.count - (try demandRead(answer, at: start)))
        return bytes
    }

    /// Hands out each whole line from an offset on, which must be a line's start.
    ///
    /// - Parameters:
    ///   - start: the first line's offset.
    ///   - body: gets the line's offset and its bytes without LF, valid only inside.
    /// - Returns: the offset behind the last whole line.
    /// - Throws: what `body` throws; `io` where reading fails or a line is over `lineBytesMax`.
    @discardableResult
    package func forEachLine(
        from start: Int64 = 0,
        _ body: (_ offset: Int64, _ line: UnsafeRawBufferPointer) throws(BoardError) -> Void
    ) throws(BoardError) -> Int64 {
        let reader = LineReader(LineFramer(offset: start, keptBytesMax: Self.lineBytesMax))
        while true {
            while let (line, bytes) = reader.next() {
                guard let bytes else {
                    let hint = "a line over 64 MiB is none of ours: move the file aside"
                    throw BoardError(.io, .read, path: path, offset: line.offset, hint: hint)
                }
                try body(line.offset, bytes)
            }
            let count = try reader.fill { buffer, offset throws(BoardError) in
                try demandRead(calls.readWhole(descriptor.number, buffer, at: offset), at: offset)
            }
            if count == 0 { return reader.framer.offset }
        }
    }

    private func demandRead(_ answer: Int, at offset: Int64) throws(BoardError) -> Int {
        guard answer >= 0 else {
            throw BoardError(answer: answer, .read, path: path, offset: offset)
        }
        return answer
    }

    private func cut(to length: Int64) throws(BoardError) {
        let answer = calls.retrying { calls.ftruncate(descriptor.number, length) }
        guard answer >= 0 else {
            throw BoardError(answer: answer, .cut, path: path, offset: length)
        }
    }

    /// The offset behind the last LF, searched from the end.
    private func wholeLinesEnd() throws(BoardError) -> Int64 {
        var end = size
        while end > 0 {
            let start = max(0, end - Int64(LineReader.chunkBytesMin))
            let bytes = try read(from: start, to: end)
            if let last = bytes.lastIndex(of: .lineFeed) { return start + Int64(last) + 1 }
            end = start
        }
        return 0
    }
}
