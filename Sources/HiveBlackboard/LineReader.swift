import HiveSignal

/// A framer and the bytes it works on: what both the board's tail and a journal read with.
///
/// Each byte of the file is read once. What is left of a chunk, a torn line, stays in the buffer
/// and the next chunk is read behind it; the buffer grows for a long line and shrinks after it.
final class LineReader {
    /// The smallest and the largest piece read at once; doubled while the file has more.
    static let chunkBytesMin = 64 << 10
    static let chunkBytesMax = 1 << 20

    private(set) var framer: LineFramer
    private var buffer: UnsafeMutableRawBufferPointer
    private var chunkBytes = LineReader.chunkBytesMin
    /// The bytes in the buffer that are not yet in a line handed out: `start..<end`.
    private var start = 0
    private var end = 0

    init(_ framer: LineFramer) {
        self.framer = framer
        buffer = .allocate(byteCount: Self.chunkBytesMin, alignment: 64)
    }

    deinit { buffer.deallocate() }

    /// The offset of the next byte to be read.
    var readOffset: Int64 { framer.offset + framer.discarded + Int64(end - start) }

    /// The next whole line in the buffer; nil asks for `fill`.
    ///
    /// A line too long to keep has no bytes. Others have them until the next `fill`.
    @inline(__always)
    func next() -> (line: FramedLine, bytes: UnsafeRawBufferPointer?)? {
        let pending = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
        switch framer.next(in: pending) {
        case .line(let line, let consumed):
            start += consumed
            guard let first = line.start else { return (line, nil) }
            let range = first..<first + Int(line.length)
            return (line, UnsafeRawBufferPointer(rebasing: pending[range]))
        case .incomplete(let discard):
            start += discard
            return nil
        }
    }

    /// Reads one more chunk behind what is there.
    ///
    /// - Parameter read: fills its buffer with the file's bytes at an offset, as far as it can.
    /// - Returns: the bytes read; 0 at the end of the file.
    /// - Throws: what `read` throws; nothing is lost, and the same bytes are asked for next time.
    func fill(
        _ read: (UnsafeMutableRawBufferPointer, Int64) throws(BoardError) -> Int
    ) throws(BoardError) -> Int {
        makeRoom()
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[end..<end + chunkBytes])
        let count = try read(room, readOffset)
        end += count
        if count == chunkBytes { chunkBytes = min(chunkBytes * 2, Self.chunkBytesMax) }
        return count
    }

    /// Makes room for a chunk behind `end`: by moving what is pending to the front, in a larger
    /// buffer where this one is too small, in a smaller one where a giant is gone.
    private func makeRoom() {
        let pending = end - start
        let needed = pending + chunkBytes
        let isLarge = buffer.count > 4 * Self.chunkBytesMax && pending == 0
        if needed > buffer.count || isLarge {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: isLarge ? chunkBytes : max(needed, 2 * pending),
                alignment: 64
            )
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
            buffer.deallocate()
            buffer = larger
        } else if end + chunkBytes > buffer.count {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
        } else if pending > 0 {
            return
        }
        start = 0
        end = pending
    }
}
