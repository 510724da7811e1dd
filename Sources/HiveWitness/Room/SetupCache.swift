import Glibc
import HiveProcess

/// What set-ups left, by key: a folder `KEY/` with `tree` and `home` in it.
///
/// An entry is made beside its place and renamed into it, so that it is whole or not there. Who
/// copies from one holds a shared lock on it; who removes one needs the lock for itself, and takes
/// the entry out of its place first. No sandbox sees the folder.
struct SetupCache: Sendable {
    /// The newest are kept; an entry is new again when it is used.
    static let entriesMax = 8
    static let copySecondsMax = 900.0

    /// Absolute.
    let folder: String

    /// Copies an entry into a tree and a home that are empty.
    ///
    /// - Returns: false where there is no such entry.
    /// - Throws: `WitnessError` where it cannot be copied.
    func restore(_ key: String, tree: String, home: String) async throws(WitnessError) -> Bool {
        let entry = "\(folder)/\(key)"
        let lock = open(entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard lock >= 0 else { return false }
        defer { close(lock) }
        guard flock(lock, LOCK_SH | LOCK_NB) == 0, Self.isSame(lock, entry) else { return false }
        futimens(lock, nil)
        try await Self.copy("\(entry)/tree", into: tree)
        try await Self.copy("\(entry)/home", into: home)
        return true
    }

    /// Keeps what a set-up left, but for the tree's own files.
    func store(
        _ key: String,
        tree: String,
        home: String,
        but own: GitTree
    ) async throws(WitnessError) {
        try OwnFile.makeFolder(folder)
        ScratchFolder.sweep(folder)
        let stage = try ScratchFolder(in: folder)
        defer { stage.remove() }
        try await Self.copy(tree, into: try stage.makeFolder("tree"))
        try await Self.copy(home, into: try stage.makeFolder("home"))
        let top = Array(stage.at("tree/").utf8)
        for file in own.files {
            unlink((top + file.path + [0]).map { CChar(bitPattern: $0) })
        }
        // Another run may have been faster: its entry is as good.
        let entry = "\(folder)/\(key)"
        guard rename(stage.path, entry) == 0 || errno == EEXIST || errno == ENOTEMPTY else {
            throw .failed(to: "keep a set-up in", folder)
        }
        prune()
    }

    private static func copy(_ source: String, into target: String) async throws(WitnessError) {
        let command = Command(
            words: ["/bin/cp", "-a", "--reflink=auto", "--", source + "/.", target + "/"],
            folder: "/",
            limits: Command.Limits(seconds: copySecondsMax, outputBytes: 65_536)
        )
        let result: CommandResult
        do {
            result = try await CommandRunner.run(command)
        } catch {
            throw WitnessError(error)
        }
        guard result.ending == .exited(0) else {
            throw WitnessError(
                .io,
                "what a set-up left cannot be copied from \(WitnessError.shown(source)): "
                    + PlainText.lastLine(result.errors),
                hint: "free some space; the folder of kept set-ups may be removed at any time"
            )
        }
    }

    /// Removes all but the newest entries.
    private func prune() {
        var entries: [(path: String, seconds: Int, nanoseconds: Int)] = []
        for name in ScratchFolder.names(in: folder, max: 10_000)
        where name.utf8.count == 64 && !name.hasPrefix(ScratchFolder.prefix) {
            var status = stat()
            guard lstat("\(folder)/\(name)", &status) == 0 else { continue }
            entries.append(("\(folder)/\(name)", status.st_mtim.tv_sec, status.st_mtim.tv_nsec))
        }
        entries.sort { ($0.seconds, $0.nanoseconds) > ($1.seconds, $1.nanoseconds) }
        for entry in entries.dropFirst(Self.entriesMax) { remove(entry.path) }
    }

    private func remove(_ entry: String) {
        let lock = open(entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard lock >= 0 else { return }
        defer { close(lock) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0, let grave = try? ScratchFolder(in: folder) else {
            return
        }
        defer { grave.remove() }
        _ = rename(entry, grave.path)
    }

    private static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
        var own = stat()
        var other = stat()
        return fstat(descriptor, &own) == 0 && lstat(path, &other) == 0
            && own.st_dev == other.st_dev && own.st_ino == other.st_ino
    }
}
