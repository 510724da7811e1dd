import Glibc

/// Binds a state folder to its board: the file `board` in it holds the board's path.
///
/// A ledger judged for one board must not be gone on with for another.
enum StateOwner {
    /// Takes the folder for this board, or finds that it has it already.
    ///
    /// Throws: exit code 3 where the folder belongs to a board that is still there.
    static func claim(_ settings: Settings) throws(HiveError) {
        let board = ResolvedPath.of(settings.board)
        let path = settings.stateDirectory + "/board"
        if let owner = read(path), owner != board, FileProbe.exists(owner) {
            throw .machine(
                "the state folder \(settings.stateDirectory) belongs to the board \(owner)",
                hint: "give each board a state folder of its own (--state-dir)"
            )
        }
        guard read(path) != board else { return }
        guard let file = fopen(path, "w") else { return }
        fputs(board + "\n", file)
        fclose(file)
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        let line = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").first
        return line.map(String.init)
    }
}
