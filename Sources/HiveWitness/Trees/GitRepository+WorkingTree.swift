import Glibc
import HiveProcess

extension GitRepository {
    /// The tree of what is in the folder now: tracked files as they are, and untracked ones that
    /// are not ignored.
    ///
    /// Flags in the index (assume-unchanged, skip-worktree) change nothing: every file is read.
    /// What is marked skip-worktree and not there counts as the index has it, for so a sparse
    /// checkout leaves it out. A file in the middle of a conflict counts as it lies there.
    package func workingTree() async throws(WitnessError) -> GitTree {
        try requireWorkTree()
        let untracked = try await ask(
            ["ls-files", "--others", "--exclude-standard", "-z", "--full-name"]
        ).fields
        let entries = try await indexEntries(Asker(git: git))
        let scratch = try ScratchFolder(in: scratchParent)
        defer { scratch.remove() }
        let asker = asker(withIndex: scratch.at("index"))
        var look = WorkingFolder(top: folder)
        var paths = Set<[UInt8]>()
        var kept: [TreeFile] = []
        for entry in entries {
            switch look.find(entry.file.path) {
            case .file: paths.insert(entry.file.path)
            case .folder where entry.file.mode == .submodule:
                // Given to the new index first: git then looks at what its folder is at.
                kept.append(entry.file)
                paths.insert(entry.file.path)
            case .nothing where entry.isSkipped && entry.stage == 0: kept.append(entry.file)
            case .folder, .nothing: break
            }
        }
        // A repository in the folder that is no submodule has a slash at its end.
        for path in untracked where path.last != UInt8(ascii: "/") { paths.insert(Array(path)) }
        try await asker.ask(
            ["update-index", "-z", "--index-info"],
            input: Self.indexInformation(kept)
        )
        try await asker.ask(
            ["update-index", "--add", "--remove", "--replace", "-z", "--stdin"],
            input: paths.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 + [0] }
        )
        return try await listed(try await asker.ask(["write-tree"]).text, asker)
    }
}

/// What is at the paths of a work tree, links not followed.
private struct WorkingFolder {
    enum Finding {
        /// A file or a link.
        case file
        case folder
        /// Nothing, or something that git does not keep, or it is behind a link.
        case nothing
    }

    let top: String
    /// Whether the folders looked at are folders of this tree.
    private var folders: [ArraySlice<UInt8>: Bool] = [:]

    init(top: String) { self.top = top }

    mutating func find(_ path: [UInt8]) -> Finding {
        guard isBelowFolders(path[...]) else { return .nothing }
        switch kind(path[...]) {
        case S_IFREG, S_IFLNK: return .file
        case S_IFDIR: return .folder
        default: return .nothing
        }
    }

    private mutating func isBelowFolders(_ path: ArraySlice<UInt8>) -> Bool {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return true }
        let above = path[..<slash]
        if let known = folders[above] { return known }
        // Each level once: as deep as the path has slashes, which PATH_MAX bounds.
        let isFolder = path.count < Int(PATH_MAX) && isBelowFolders(above) && kind(above) == S_IFDIR
        folders[above] = isFolder
        return isFolder
    }

    private func kind(_ path: ArraySlice<UInt8>) -> mode_t {
        var status = stat()
        let whole = (Array(top.utf8) + [UInt8(ascii: "/")] + path + [0]).map {
            CChar(bitPattern: $0)
        }
        return lstat(whole, &status) == 0 ? status.st_mode & S_IFMT : 0
    }
}
