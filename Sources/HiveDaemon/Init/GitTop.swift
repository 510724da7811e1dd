import Glibc

/// Where a folder's git repository begins, found without asking git.
enum GitTop {
    /// The top level of the working tree that a folder stands in; nil where it is in none.
    ///
    /// The folder is an absolute path without symbolic links.
    static func of(_ folder: String) -> String? {
        var folder = folder[...]
        while true {
            if isTop(folder) { return folder.isEmpty ? "/" : String(folder) }
            guard let slash = folder.lastIndex(of: "/") else { return nil }
            folder = folder[..<slash]
        }
    }

    /// `.git` is a folder with a HEAD, or the file that a worktree or submodule has.
    private static func isTop(_ folder: Substring) -> Bool {
        var status = stat()
        guard stat("\(folder)/.git", &status) == 0 else { return false }
        if status.st_mode & S_IFMT == S_IFREG { return true }
        return FileProbe.exists("\(folder)/.git/HEAD")
    }
}
