internal import Glibc

/// A client's configuration file: read whole, replaced whole.
package struct ClientFile: Sendable {
    /// Where it is; of a link where it leads.
    package let path: String

    /// A longer one is no configuration.
    static let bytesMax = 4 << 20

    /// Why a file cannot be read or written.
    package struct Failure: Error, Sendable {
        /// What happened, without a full stop.
        package var message: String
        package var hint: String
    }

    package init(path: String) {
        guard let resolved = realpath(path, nil) else {
            self.path = path
            return
        }
        defer { free(resolved) }
        self.path = String(cString: resolved)
    }

    /// Its text; nil where there is none.
    package func read() throws(Failure) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("read", errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", errno) }
            guard count > 0 else { break }
            bytes += chunk[..<count]
            guard bytes.count <= Self.bytesMax else {
                throw Failure(
                    message: "\(path) is longer than \(Self.bytesMax) bytes",
                    hint: "add hive by hand: --print shows what"
                )
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(
                message: "\(path) is not UTF-8",
                hint: "add hive by hand: --print shows what"
            )
        }
        return text
    }

    /// Puts a text in its place, whole or not at all; keeps its mode, makes its folder.
    package func write(_ text: String) throws(Failure) {
        try makeFolder()
        var facts = stat()
        let mode = stat(path, &facts) == 0 ? facts.st_mode & 0o777 : 0o644
        let temporary = "\(path).hive-\(getpid())"
        unlink(temporary)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = open(temporary, flags, 0o600)
        guard descriptor >= 0 else { throw failure("write", errno) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw discard(temporary, errno) }
            rest = rest.dropFirst(count)
        }
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0,
            rename(temporary, path) == 0
        else { throw discard(temporary, errno) }
    }

    private func discard(_ temporary: String, _ code: Int32) -> Failure {
        unlink(temporary)
        return failure("write", code)
    }

    /// Only the last folder is made: those above are the person's, or the client is not there.
    private func makeFolder() throws(Failure) {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
        let folder = String(path[..<slash])
        guard mkdir(folder, 0o755) != 0, errno != EEXIST else { return }
        throw Failure(
            message: "cannot make \(folder): \(String(cString: strerror(errno)))",
            hint: "is the client installed? --print shows what to add"
        )
    }

    private func failure(_ doing: String, _ code: Int32) -> Failure {
        Failure(
            message: "cannot \(doing) \(path): \(String(cString: strerror(code)))",
            hint: "add hive by hand: --print shows what"
        )
    }
}
