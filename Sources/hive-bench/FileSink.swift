import Glibc

/// A file written from its start through one buffer.
///
/// Call `close()`; without it the tail is lost.
struct FileSink: ~Copyable {
    private static let bufferBytes = 1 << 20

    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Bytes given to `append` so far.
    private(set) var length = 0

    init(path: String) throws(BenchError) {
        let opened = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw BenchError("open \(path)", errno: errno) }
        self.path = path
        self.descriptor = opened
        buffer.reserveCapacity(Self.bufferBytes + 4096)
    }

    mutating func append(_ bytes: [UInt8]) throws(BenchError) {
        buffer.append(contentsOf: bytes)
        length += bytes.count
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    consuming func close() throws(BenchError) { try flush() }

    private mutating func flush() throws(BenchError) {
        var done = 0
        while done < buffer.count {
            let written = buffer.withUnsafeBytes { bytes in
                write(
                    descriptor,
                    UnsafeRawBufferPointer(rebasing: bytes[done...]).baseAddress,
                    bytes.count - done
                )
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw BenchError("write \(path)", errno: errno) }
            done += written
        }
        buffer.removeAll(keepingCapacity: true)
    }

    deinit { _ = Glibc.close(descriptor) }
}
