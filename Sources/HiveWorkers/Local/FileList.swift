import HiveProcess
import Glibc

/// The files of a repository that the tools may read.
struct FileList: Sendable {
    /// Tracked and untracked regular files up to `Git.fileBytesMax`, in order.
    var paths: [RepositoryPath]
    /// Larger ones, the largest first.
    var large: [RepositoryPath]
    /// True: the repository has more files than are listed.
    var isCut: Bool

    /// Lists them: tracked or not, but not the ignored ones.
    static func list(_ repository: Repository) async throws(WorkerError) -> FileList {
        let output = try await repository.git.run(
            ["ls-files", "-z", "--full-name", "--cached", "--others", "--exclude-standard", "--"]
                + repository.pathspecs
        )
        var paths: Set<RepositoryPath> = []
        var large: [(path: RepositoryPath, size: Int64)] = []
        for path in Set(output.fields.map { RepositoryPath($0) }) {
            guard let size = WorkFile.size(of: path, in: repository) else { continue }
            if size > Git.fileBytesMax {
                large.append((path, size))
            } else {
                paths.insert(path)
            }
        }
        large.sort { ($1.size, $0.path) < ($0.size, $1.path) }
        return FileList(
            paths: paths.sorted(),
            large: large.map(\.path),
            isCut: output.isCut
        )
    }
}

/// A file of the work tree, read whole.
struct WorkFile {
    let path: RepositoryPath
    let bytes: [UInt8]

    /// How far into a file a NUL makes it binary; git looks as far.
    private static let binaryProbeBytes = 8_000

    /// Reads a regular file of at most `Git.fileBytesMax` bytes; nil for anything else.
    init?(_ path: RepositoryPath, in repository: Repository) {
        let descriptor = Self.withName(path, repository) {
            // Nothing is waited for, and no link is followed, whatever the name means by now.
            open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        }
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= Git.fileBytesMax
        else { return nil }
        let size = Int(status.st_size)
        var isWhole = true
        bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
                if got < 0 && errno == EINTR { continue }
                isWhole = got >= 0
                guard got > 0 else { break }
                count += got
            }
        }
        guard isWhole else { return nil }
        self.path = path
    }

    var isBinary: Bool { bytes.prefix(Self.binaryProbeBytes).contains(0) }

    /// Its lines without their LF; a last one without LF counts, too.
    var lines: [ArraySlice<UInt8>] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// The bytes of a regular file; nil where there is none.
    static func size(of path: RepositoryPath, in repository: Repository) -> Int64? {
        var status = stat()
        guard withName(path, repository, { lstat($0, &status) }) == 0,
            status.st_mode & S_IFMT == S_IFREG
        else { return nil }
        return Int64(status.st_size)
    }

    /// Names are bytes, which a `String` might change.
    private static func withName(
        _ path: RepositoryPath,
        _ repository: Repository,
        _ body: (UnsafePointer<CChar>) -> Int32
    ) -> Int32 {
        let name = Array(repository.top.utf8) + [UInt8(ascii: "/")] + path.bytes + [0]
        return name.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                characters.baseAddress.map(body) ?? -1
            }
        }
    }
}
