import Glibc

/// Copies a file as it is at one moment, which for a file that is replaced whole is no mixture.
enum FileCopy {
    /// An index of ten million files.
    static let bytesMax = 1 << 30
    private static let chunkBytes = 1 << 20

    /// Nothing is made where there is nothing to copy.
    static func copy(_ path: String, to copy: String) throws(WitnessError) {
        let source = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard source >= 0 else {
            if errno == ENOENT { return }
            throw .failed(to: "read", path)
        }
        defer { close(source) }
        var status = stat()
        guard fstat(source, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= bytesMax
        else {
            throw WitnessError(
                .malformed,
                "\(WitnessError.shown(path)) is no file, or one of more than \(bytesMax) bytes",
                hint: "git fsck may tell more"
            )
        }
        let target = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw .failed(to: "write", copy) }
        defer { close(target) }
        var chunk = [UInt8](repeating: 0, count: chunkBytes)
        while true {
            let count = read(source, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .failed(to: "read", path) }
            guard count > 0 else { return }
            try write(chunk[..<count], to: target, copy)
        }
    }

    static func write(
        _ bytes: ArraySlice<UInt8>,
        to descriptor: Int32,
        _ path: String
    ) throws(WitnessError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .failed(to: "write", path) }
            rest = rest.dropFirst(count)
        }
    }

    /// Writes a small file anew.
    static func write(_ text: String, to path: String) throws(WitnessError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .failed(to: "write", path) }
        defer { close(file) }
        try write(Array(text.utf8)[...], to: file, path)
    }
}
