/// Reads what `git ls-tree -r -z` and `git ls-files --stage -z` say.
enum TreeListing {
    /// Larger trees are not witnessed.
    static let filesMax = 2_000_000

    /// A line of `git ls-files --stage -t -z`.
    struct IndexEntry {
        var file: TreeFile
        /// Not 0: one side of a conflict.
        var stage: UInt8
        /// `git update-index --skip-worktree`, which a sparse checkout sets, too.
        var isSkipped: Bool
    }

    /// The files of records, each `MODE TYPE ID`, a tab and the path.
    ///
    /// Throws `malformed` for a path or a mode that no tree may have.
    static func files(_ records: [ArraySlice<UInt8>]) throws(WitnessError) -> [TreeFile] {
        var files: [TreeFile] = []
        files.reserveCapacity(records.count)
        for record in records {
            let (words, path) = try split(record)
            guard words.count == 3 else { throw torn(record) }
            files.append(try file(mode: words[0], id: words[2], path: path))
        }
        try requireOrder(files)
        return files
    }

    /// The entries of records, each a tag, `MODE ID STAGE`, a tab and the path.
    static func entries(_ records: [ArraySlice<UInt8>]) throws(WitnessError) -> [IndexEntry] {
        var entries: [IndexEntry] = []
        entries.reserveCapacity(records.count)
        for record in records {
            let (words, path) = try split(record)
            guard words.count == 4, let stage = words[3].first else { throw torn(record) }
            entries.append(
                IndexEntry(
                    file: try file(mode: words[1], id: words[2], path: path),
                    stage: stage &- UInt8(ascii: "0"),
                    isSkipped: words[0].first == UInt8(ascii: "S")
                )
            )
        }
        return entries
    }

    private static func split(
        _ record: ArraySlice<UInt8>
    ) throws(WitnessError) -> ([ArraySlice<UInt8>], [UInt8]) {
        guard let tab = record.firstIndex(of: UInt8(ascii: "\t")) else { throw torn(record) }
        return (
            record[..<tab].split(separator: UInt8(ascii: " ")),
            Array(record[(tab + 1)...])
        )
    }

    private static func file(
        mode: ArraySlice<UInt8>,
        id: ArraySlice<UInt8>,
        path: [UInt8]
    ) throws(WitnessError) -> TreeFile {
        guard isAllowed(path) else {
            throw WitnessError(
                .malformed,
                "the tree has a file of the name \(WitnessError.shown(path)), which none may have",
                hint: "git fsck tells which commits have it; take it out of them"
            )
        }
        let text = String(decoding: mode, as: UTF8.self)
        // Git once told files apart that a group may write.
        guard let mode = TreeFile.Mode(rawValue: text == "100664" ? "100644" : text) else {
            throw WitnessError(
                .malformed,
                "the tree has \(WitnessError.shown(path)) with the mode "
                    + WitnessError.shown(text),
                hint: "git fsck tells more; commit the file again"
            )
        }
        return TreeFile(path: path, mode: mode, blob: String(decoding: id, as: UTF8.self))
    }

    /// A path that can neither leave the tree nor pass for git's own files.
    static func isAllowed(_ path: [UInt8]) -> Bool {
        var start = 0
        for (place, byte) in path.enumerated() {
            if byte == 0 { return false }
            guard byte == UInt8(ascii: "/") else { continue }
            guard isAllowed(part: path[start..<place]) else { return false }
            start = place + 1
        }
        return isAllowed(part: path[start...])
    }

    private static func isAllowed(part: ArraySlice<UInt8>) -> Bool {
        switch part.count {
        case 0: false
        case 1, 2: part.contains { $0 != UInt8(ascii: ".") }
        case 4: !part.lazy.map { $0 | 0x20 }.elementsEqual(".git".utf8)
        default: true
        }
    }

    /// Git sorts by the bytes of whole paths; what is not sorted, or there twice, is not git's.
    private static func requireOrder(_ files: [TreeFile]) throws(WitnessError) {
        guard files.count <= filesMax else {
            throw WitnessError(
                .tooLarge,
                "the tree has more than \(filesMax) files",
                hint: "hive does not witness trees that large"
            )
        }
        for (one, next) in zip(files, files.dropFirst())
        where !one.path.lexicographicallyPrecedes(next.path) {
            throw WitnessError(
                .malformed,
                "the tree has \(WitnessError.shown(next.path)) twice, or out of order",
                hint: "git fsck tells more"
            )
        }
    }

    private static func torn(_ record: ArraySlice<UInt8>) -> WitnessError {
        WitnessError(
            .malformed,
            "git lists a file in words that hive does not know: "
                + WitnessError.shown(Array(record.prefix(200))),
            hint: "is git older than 2.36? git --version"
        )
    }
}
