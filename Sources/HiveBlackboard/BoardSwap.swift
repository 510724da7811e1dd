import CLinux
import Glibc

/// Puts an empty board in the place of a full one, which becomes its archive: a generation's end.
///
/// Both names change at once (renameat2 with RENAME_EXCHANGE, rename(2)), so the path names a board
/// at every moment: whoever opens it before writes into the archive, whoever opens it after into
/// the new board, and nobody into neither. Where the filesystem cannot exchange names, the board is
/// moved away and an empty one put there, unless somebody who opened the path between has made it.
package enum BoardSwap {
    /// Makes the empty file where the archive shall be, with the board's mode and group.
    ///
    /// One that is there already and empty is taken: a crash left it.
    ///
    /// - Parameters:
    ///   - archive: the path that the full board will have.
    ///   - board: the board that is to be archived.
    /// - Throws: `exists` where an archive is there already, `otherFilesystem` where the two names
    ///   cannot change places, or what the folder refuses.
    package static func prepare(_ archive: String, for board: BoardFile) throws(BoardError) {
        let made = try SystemCalls.live.makeFile(archive)
        guard let status = try SystemCalls.live.status(archive, .create) else {
            throw BoardError(.missing, .create, path: archive)
        }
        guard made || status.size == 0, status.identity != board.identity else {
            throw BoardError(.exists, .create, path: archive)
        }
        guard status.identity.device == board.identity.device else {
            unlink(archive)
            throw BoardError(.otherFilesystem, .create, path: archive)
        }
        var mode = stat()
        if stat(board.path, &mode) == 0 {
            // Another owner can only be given by root; mode and group matter to the writers.
            chown(archive, mode.st_uid, mode.st_gid)
            chmod(archive, mode.st_mode & 0o7777)
        }
    }

    /// Changes the two names; on the disk when it returns.
    ///
    /// - Parameters:
    ///   - board: the path of the full board; where it is a link, the file it leads to moves.
    ///   - archive: the path of the empty file that `prepare` made.
    /// - Throws: what the kernel refuses; then both names are as before.
    package static func exchange(_ board: String, _ archive: String) throws(BoardError) {
        var target = board
        if let real = realpath(board, nil) {
            target = String(cString: real)
            free(real)
        }
        if clinux_rename_exchange(archive, target) != 0 {
            guard [EINVAL, ENOSYS, EOPNOTSUPP].contains(errno) else {
                throw BoardError(answer: -Int(errno), .create, path: archive)
            }
            try move(target, to: archive)
        }
        for path in [archive, target] { try sync(folderOf: path) }
    }

    /// In two steps, for filesystems without the one.
    private static func move(_ target: String, to archive: String) throws(BoardError) {
        let empty = archive + ".next"
        guard rename(archive, empty) == 0, rename(target, archive) == 0 else {
            throw BoardError(answer: -Int(errno), .create, path: archive)
        }
        // A link never replaces what another has made meanwhile.
        guard link(empty, target) == 0 || errno == EEXIST else {
            throw BoardError(answer: -Int(errno), .create, path: target)
        }
        unlink(empty)
    }

    private static func sync(folderOf path: String) throws(BoardError) {
        let calls = SystemCalls.live
        let folder = try calls.openPath(Path.folder(of: path), O_RDONLY | O_DIRECTORY, .sync)
        let answer = calls.retrying { calls.fsync(folder.number) }
        // Some filesystems refuse to sync a folder; they have nothing to promise there.
        guard answer >= 0 || answer == -Int(EINVAL) else {
            throw BoardError(answer: answer, .sync, path: path)
        }
    }
}
