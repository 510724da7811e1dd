import Glibc

/// Reads what a run left in its report folder, which it may have filled with anything.
enum ReportFolder {
    static let filesMax = 256
    static let bytesMax = 64 << 20
    /// Folders in it, one in the other.
    static let depthMax = 8
    /// Names of any kind that are looked at.
    static let namesMax = 4_096

    /// The regular files by their paths in the folder; links, pipes and the like are left out.
    ///
    /// Throws `tooLarge` where there is more than the bounds allow: a part of a report would say
    /// something else than the whole.
    static func read(_ path: String) throws(WitnessError) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        var folders = [(name: "", depth: 0)]
        var bytesLeft = bytesMax
        var namesLeft = namesMax
        while let folder = folders.popLast() {
            let names = ScratchFolder.names(in: path + folder.name, max: namesLeft + 1)
            namesLeft -= names.count
            guard namesLeft >= 0, folder.depth <= depthMax else { throw tooLarge }
            for name in names.sorted() {
                let inner = "\(folder.name)/\(name)"
                var status = stat()
                guard lstat(path + inner, &status) == 0 else { continue }
                switch status.st_mode & S_IFMT {
                case S_IFDIR: folders.append((inner, folder.depth + 1))
                case S_IFREG:
                    let bytes = try contents(path + inner, bytesMax: bytesLeft)
                    bytesLeft -= bytes.count
                    files[String(inner.dropFirst())] = bytes
                    guard files.count <= filesMax else { throw tooLarge }
                default: break
                }
            }
        }
        return files
    }

    private static func contents(
        _ path: String,
        bytesMax: Int
    ) throws(WitnessError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw .failed(to: "read", path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .failed(to: "read", path) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= bytesMax else { throw tooLarge }
        }
    }

    private static var tooLarge: WitnessError {
        WitnessError(
            .tooLarge,
            "the run left more than \(filesMax) files or \(bytesMax >> 20) MiB of reports",
            hint: "a test writes into the folder that is the runner's, or there are too many tests"
        )
    }
}
