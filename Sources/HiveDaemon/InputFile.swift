import Glibc
import HiveSignal

/// A file or standard input, read forward line by line in bounded memory.
enum InputFile {
    private static let readBytes = 256 << 10

    /// Gives every line to `body`, the last without LF too; a line too large to hold without its
    /// bytes.
    static func forEachLine(
        path: String,
        _ body: (FramedLine, UnsafeRawBufferPointer?) -> Void
    ) throws(HiveError) {
        let descriptor = try open(path)
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var framer = LineFramer()
        var pending: [UInt8] = []
        while true {
            let count = try read(descriptor, path, into: &pending)
            cut(&pending, &framer, body)
            guard count == 0 else { continue }
            pending.withUnsafeBytes { buffer in
                guard let last = framer.finish(in: buffer) else { return }
                body(last, bytes(of: last, in: buffer))
            }
            return
        }
    }

    /// Hands out the whole lines in the buffer and keeps the rest.
    private static func cut(
        _ pending: inout [UInt8],
        _ framer: inout LineFramer,
        _ body: (FramedLine, UnsafeRawBufferPointer?) -> Void
    ) {
        let used = pending.withUnsafeBytes { buffer in
            var used = 0
            while true {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[used...])
                switch framer.next(in: rest) {
                case .line(let frame, let consumed):
                    body(frame, bytes(of: frame, in: rest))
                    used += consumed
                case .incomplete(let discard): return used + discard
                }
            }
        }
        pending.removeFirst(used)
    }

    private static func bytes(
        of frame: FramedLine,
        in buffer: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        frame.start.map { UnsafeRawBufferPointer(rebasing: buffer[$0..<$0 + Int(frame.length)]) }
    }

    private static func open(_ path: String) throws(HiveError) -> Int32 {
        guard path != "-" else { return STDIN_FILENO }
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw .machine(
                "\(path) is a folder",
                hint: "name a JSONL file, or - for standard input"
            )
        }
        return descriptor
    }

    private static func read(
        _ descriptor: Int32,
        _ path: String,
        into pending: inout [UInt8]
    ) throws(HiveError) -> Int {
        let old = pending.count
        pending.append(contentsOf: repeatElement(0, count: readBytes))
        while true {
            let count = pending.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress.map { $0 + old }, readBytes)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, errno) }
            pending.removeLast(readBytes - count)
            return count
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> HiveError {
        .machine(
            "cannot read \(path): \(String(cString: strerror(code)))",
            hint: "check the path and its permissions"
        )
    }
}

/// A file that a command line names, whole.
package enum WholeFile {
    private static let chunkBytes = 64 << 10

    /// Reads a file; `-` is standard input.
    ///
    /// - Throws: exit code 2 for one that is too large, 3 for one that cannot be read.
    package static func read(_ path: String, bytesMax: Int) throws(HiveError) -> [UInt8] {
        // Standard input may be a socket, which cannot be opened by a path: node makes it one.
        let outcome =
            path == "-"
            ? BoundedFile.read(STDIN_FILENO, bytesMax: bytesMax)
            : BoundedFile.read(path, bytesMax: bytesMax)
        switch outcome {
        case .bytes(let bytes): return bytes
        case .tooLarge:
            throw .usage("\(path): larger than \(bytesMax) bytes", hint: "split it")
        case .failed(let code):
            throw .machine(
                "cannot read \(path): \(BoundedFile.reason(code))",
                hint: "check the path"
            )
        }
    }
}
