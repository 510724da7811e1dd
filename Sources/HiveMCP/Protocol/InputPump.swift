internal import Glibc
import HiveControl

/// Reads the client's lines on a thread of its own, no faster than they are taken.
///
/// What is held is bounded: `linesAheadMax` lines, each of at most `InputLines.lineBytesMax` bytes.
final class InputPump: Sendable {
    /// Lines read and not yet taken.
    private static let linesAheadMax: UInt32 = 2
    /// Bytes asked of the pipe at a time.
    private static let readBytes = 64 << 10

    /// Ends with the input.
    let lines: AsyncStream<InputLines.Line>
    private let feed: AsyncStream<InputLines.Line>.Continuation
    private let room = Permits(linesAheadMax)

    init() { (lines, feed) = AsyncStream.makeStream() }

    /// Starts to read; the descriptor stays the caller's.
    func start(_ descriptor: Int32) throws(ControlError) {
        try OwnThread.start { [feed, room] in
            var split = InputLines()
            let give: (InputLines.Line) -> Void = { line in
                room.take()
                feed.yield(line)
            }
            withUnsafeTemporaryAllocation(byteCount: Self.readBytes, alignment: 1) { buffer in
                while true {
                    let count = read(descriptor, buffer.baseAddress, buffer.count)
                    if count < 0 && errno == EINTR { continue }
                    guard count > 0 else { break }
                    split.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]), give)
                }
            }
            split.finish(give)
            feed.finish()
        }
    }

    /// One line was taken: there is room for another.
    func took() { room.give() }
}
