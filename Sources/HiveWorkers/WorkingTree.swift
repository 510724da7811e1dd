import HiveProcess
import Glibc

/// The state of a folder's files, as git sees it.
struct WorkingTree: Sendable, Hashable {
    /// More files that differ from the commit than this are not looked at.
    static let changesMax = 20_000

    /// What git says and the size, time and mode of what it names; equal only for equal trees.
    private var content: [UInt8]
    /// The commit's id, or `none` before the first; `+` and a fingerprint where files differ.
    let name: String

    /// Reads the tree around a folder; hive's own files are no part of it.
    ///
    /// Nil without git, outside of a repository, and where no sure answer is to be had: too many
    /// changes, or submodules, which git is never let into (see `Git`).
    static func read(_ folder: String, ownPaths: [String] = []) async -> WorkingTree? {
        do {
            guard
                case .found(let repository) =
                    try await Repository.find(in: folder, ownPaths: ownPaths),
                access("\(repository.top)/.gitmodules", F_OK) != 0
            else { return nil }
            let status = try await repository.git.run(
                [
                    "status", "--porcelain=v2", "--branch", "-z", "--no-renames",
                    "--untracked-files=all", "--ignore-submodules=dirty", "--",
                ] + repository.pathspecs
            )
            guard !status.isCut else { return nil }
            return WorkingTree(status: status.bytes, root: Array(repository.top.utf8))
        } catch {
            return nil
        }
    }

    /// - `status`: what `git status --porcelain=v2 --branch -z --no-renames` prints.
    /// - `root`: the folder that its paths start at.
    private init?(status: [UInt8], root: [UInt8]) {
        var commit = "none"
        var changes: [UInt8] = []
        var changeCount = 0
        for record in status.split(separator: 0) {
            let text = String(decoding: record.prefix(256), as: UTF8.self)
            if text.hasPrefix("# ") {
                let id = text.split(separator: " ").last.map(String.init) ?? ""
                if text.hasPrefix("# branch.oid "), id != "(initial)" { commit = id }
                continue
            }
            changeCount += 1
            guard changeCount <= Self.changesMax, let path = Self.path(in: record) else {
                return nil
            }
            changes += record + [0]
            changes += Self.metadata(of: root + [UInt8(ascii: "/")] + path)
        }
        content = Array("\(commit)\n".utf8) + changes
        name = changes.isEmpty ? commit : "\(commit)+\(Fingerprint.text(of: changes))"
    }

    /// The path behind the fields of a record (git-status(1), "Changed Tracked Entries"); nil for
    /// a submodule that is dirty inside, and for what is no record.
    private static func path(in record: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let fieldCount: Int
        switch record.first {
        case UInt8(ascii: "1"): fieldCount = 8
        case UInt8(ascii: "2"): fieldCount = 9
        case UInt8(ascii: "u"): fieldCount = 10
        case UInt8(ascii: "?"): fieldCount = 1
        default: return nil
        }
        let fields = record.split(
            separator: UInt8(ascii: " "),
            maxSplits: fieldCount,
            omittingEmptySubsequences: false
        )
        guard fields.count == fieldCount + 1 else { return nil }
        if fieldCount > 1 {
            // `N...`, or `S` and three flags: another commit, changes inside, new files inside.
            let submodule = String(decoding: fields[2], as: UTF8.self)
            guard !submodule.hasPrefix("S") || submodule.hasSuffix("..") else { return nil }
        }
        return fields[fieldCount]
    }

    /// Size, time of the last change in nanoseconds, and mode; `gone` for what is not there.
    private static func metadata(of path: [UInt8]) -> [UInt8] {
        var status = stat()
        let code = (path + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { path in
                path.baseAddress.map { lstat($0, &status) } ?? -1
            }
        }
        guard code == 0 else { return Array("gone\n".utf8) }
        let time = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        return Array("\(status.st_size) \(time) \(status.st_mode)\n".utf8)
    }
}
