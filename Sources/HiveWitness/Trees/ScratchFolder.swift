import Glibc

/// A private folder for what must not lie in a repository, gone when its user is.
///
/// Its name carries the process and when that started, and it is locked: a run that was killed
/// leaves a folder whose lock is free and whose process is gone, which the next run removes. The
/// lock is what holds across containers, whose numbers of processes differ.
struct ScratchFolder: Sendable {
    static let prefix = "hive-room-"
    /// Absolute, without symbolic links; 0700.
    let path: String
    private let lock: Int32

    /// Makes it in a folder, which is absolute.
    init(in parent: String) throws(WitnessError) {
        let start = Self.startTicks(of: getpid()) ?? 0
        var template = Array("\(parent)/\(Self.prefix)\(getpid())-\(start)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .failed(to: "make a private folder in", parent)
        }
        let made = template.withUnsafeBufferPointer { buffer in
            String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        path = Self.resolved(made) ?? made
        lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let error = WitnessError.failed(to: "lock", path)
            FolderRemoval.remove(path)
            throw error
        }
    }

    /// The path of something in it.
    func at(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a folder in it.
    func makeFolder(_ name: String) throws(WitnessError) -> String {
        guard mkdir(at(name), 0o700) == 0 else { throw .failed(to: "make", at(name)) }
        return at(name)
    }

    /// Removes it with all that is in it; false where something is left.
    @discardableResult
    func remove() -> Bool {
        let isGone = FolderRemoval.remove(path)
        close(lock)
        return isGone
    }

    // MARK: Where

    /// `TMPDIR` where it is a folder, else `/tmp`; never inside `excluded`, whose files would
    /// count for a tree that lies below them.
    static func parent(
        _ environment: [String: String],
        outside excluded: String? = nil
    ) throws(WitnessError) -> String {
        let candidates = [environment["TMPDIR"], "/tmp"].compactMap { $0 }
        for candidate in candidates where candidate.hasPrefix("/") {
            guard let folder = resolved(candidate), isFolder(folder) else { continue }
            if let excluded, isInside(folder, excluded) { continue }
            return folder
        }
        throw WitnessError(
            .missing,
            "there is no temporary folder outside of the repository",
            hint: "set TMPDIR to a folder outside of it"
        )
    }

    /// True for the folder itself, too; both without links.
    static func isInside(_ path: String, _ folder: String) -> Bool {
        path == folder || path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
    }

    static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    // MARK: Leftovers

    /// Names looked at in one sweep.
    private static let namesMax = 100_000

    /// Removes what killed runs of this user have left in a folder.
    static func sweep(_ parent: String) {
        for name in names(in: parent, max: namesMax) where name.hasPrefix(prefix) {
            let fields = name.dropFirst(prefix.count).split(separator: "-")
            guard fields.count == 3, let process = pid_t(fields[0]), process > 0,
                let start = UInt64(fields[1]), startTicks(of: process) != start
            else { continue }
            removeLeftover("\(parent)/\(name)")
        }
    }

    private static func removeLeftover(_ path: String) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { return }
        defer { close(folder) }
        var status = stat()
        guard fstat(folder, &status) == 0, status.st_uid == geteuid(),
            flock(folder, LOCK_EX | LOCK_NB) == 0
        else { return }
        FolderRemoval.remove(path)
    }

    /// The names in a folder that are text, at most so many.
    static func names(in folder: String, max: Int) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < max, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// When a process started, in the clock ticks of proc(5), field 22; nil where there is none.
    static func startTicks(of process: pid_t) -> UInt64? {
        guard let file = fopen("/proc/\(process)/stat", "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = fread(&bytes, 1, bytes.count, file)
        // The program's name, in brackets, may have brackets and blanks.
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        guard let bracket = text.lastIndex(of: ")") else { return nil }
        let fields = text[bracket...].split(separator: " ")
        return fields.count > 20 ? UInt64(fields[20]) : nil
    }
}
