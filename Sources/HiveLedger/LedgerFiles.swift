import Glibc

/// The files behind a ledger: what SQLite's own open cannot say.
enum LedgerFiles {
    /// The database, its write-ahead log and that log's index.
    static let suffixes = ["", "-wal", "-shm"]

    /// Make an empty file for its owner alone, where there is none.
    ///
    /// SQLite gives its log and index the mode of the database.
    ///
    /// A file that is there is not opened: closing a second descriptor of it would drop the locks
    /// that SQLite holds on it in this process (POSIX record locks belong to the process).
    static func createPrivately(_ path: String) throws(LedgerError) {
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
        } else if errno != EEXIST {
            throw failure(errno, action: "create the ledger", path: path)
        }
    }

    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// True where files can be made beside this one.
    static func hasWritableFolder(_ path: String) -> Bool {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        return access(folder, W_OK | X_OK) == 0
    }

    /// Delete the file; one that is not there is fine.
    static func remove(_ path: String) throws(LedgerError) {
        guard unlink(path) != 0, errno != ENOENT else { return }
        throw failure(errno, action: "delete the ledger", path: path)
    }

    private static func failure(_ code: Int32, action: String, path: String) -> LedgerError {
        let kind: LedgerError.Code =
            switch code {
            case ENOSPC, EDQUOT: .diskFull
            case EROFS, EACCES, EPERM: .readOnly
            case EIO: .inputOutput
            default: .cannotOpen
            }
        let reason = strerror(code).map { String(cString: $0) } ?? "error"
        let detail = "\(reason) (errno \(code))"
        return LedgerError(kind, action: action, path: path, detail: detail)
    }
}
